"""Kept for somebody who is still thinking: a hold blocks like a booking and ends by itself."""

from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.kit.spans import Span
from quartier.spaces import actions, queries, record
from quartier.spaces.words import Booking, HoldOver, NoHolds
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

HELD = frozenset({"held"})


@action("spaces:book")
async def hold_space(
    desk: Desk,
    space_id: UUID,
    span: Span,
    *,
    title: str = "",
    units: int = 1,
    persons: int | None = None,
    organisation: UUID | None = None,
    for_person: UUID | None = None,
    beyond: bool = False,
) -> Booking:
    """Keep the space for as long as it is kept for anybody (`space.hold`). Refuses NO_HOLDS, and as `book_space`."""
    async with desk.transaction() as ledger:
        made = await actions.book_space(
            desk, space_id, span, title=title, units=units, persons=persons,
            organisation=organisation, for_person=for_person, beyond=beyond,
        )  # fmt: skip
        space = await queries.space(desk, space_id)
        if not space.hold or space.approval:
            refuse([NoHolds(path=("space",))])
        await record.step(desk, made, "held", held_until=desk.now + space.hold)
        ledger.note("space.held", made.id, space=space_id, state="held")
        return await queries.booking(desk, made.id)


@action("spaces:book")
async def confirm_hold(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Make a booking of a hold. Refuses NOT_FOUND (also: not yours), STALE_VERSION, STEP_NOT_POSSIBLE, HOLD_OVER."""
    async with desk.transaction() as ledger:
        seen, _ = await actions.demand_booking(desk, booking_id, version, HELD)
        assert seen.held_until is not None
        if seen.held_until <= desk.now:
            refuse([HoldOver(held_until=seen.held_until)])
        await record.step(desk, seen, "confirmed")
        ledger.note("space.hold_confirmed", seen.id, space=seen.space, before="held", state="confirmed")
        return await queries.booking(desk, seen.id)
