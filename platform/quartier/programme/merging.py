"""Seats of an organisation, and workshops it holds, when it becomes part of another one."""

from uuid import UUID

from quartier.members.merging.moving import count, move
from quartier.members.merging.words import Held
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

HELD = (
    Held("app.registration", "organisation_id", "registrations"),
    Held("app.workshop", "partner_id", "workshops"),
)


async def held(desk: Desk, organisation: UUID) -> dict[str, int]:
    """How many rows of this room belong to an organisation, by kind."""
    return await count(desk, HELD, organisation)


@action("members:merge")
async def hand_over(desk: Desk, kept: UUID, other: UUID) -> dict[str, int]:
    """Give the organisation that stays all that belongs to the other; how many rows of each kind."""
    async with desk.transaction():
        return await move(desk, HELD, other, kept)
