"""A session takes its room: the programme and the spaces, in one transaction."""

from collections.abc import Mapping
from uuid import UUID

from quartier.kit.refusal import NotFound, Refusal, Refused, refuse
from quartier.programme import actions as programme
from quartier.programme import queries as programme_queries
from quartier.programme.words import Workshop, WorkshopPlan
from quartier.spaces import actions as spaces
from quartier.spaces import queries as spaces_queries
from quartier.spaces.words import Visibility
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

# Whoever sees the workshop reads in the house's calendar what its room is for.
READ_BY: Mapping[str, Visibility] = {"public": "public", "members": "members", "invited": "private"}


@action("programme:plan")
async def plan_workshop(desk: Desk, plan: WorkshopPlan) -> Workshop:
    """Draft a workshop whose sessions may wish for rooms of this site.

    Refuses what programme.plan_workshop refuses, and NOT_FOUND for a room nobody here knows.
    """
    async with desk.transaction():
        wished = {session.space_id for session in plan.sessions if session.space_id}
        if wished - set(await spaces_queries.spaces(desk, wished)):
            raise Refused([NotFound(path=("sessions",))])
        return await programme.plan_workshop(desk, plan)


@action("programme:plan")
async def publish_workshop(desk: Desk, workshop_id: UUID, *, version: int | None = None) -> Workshop:
    """Book the rooms that a draft's sessions wish for, then publish it; all or nothing.

    Refuses what programme.publish_workshop refuses, and for every session whose room cannot be booked all
    the refusals of the spaces, their path beginning with `sessions` and the session's number.
    """
    async with desk.transaction():
        workshop = await programme_queries.workshop(desk, workshop_id)
        if workshop.state == "draft":
            await _take_rooms(desk, workshop)
        return await programme.publish_workshop(desk, workshop.id, version=version)


async def _take_rooms(desk: Desk, workshop: Workshop) -> None:
    wanting = [session for session in await programme_queries.sessions(desk, workshop.id) if session.lacks_room]
    # All rooms are locked together before the first is booked: the number of a booking is counted under a lock
    # too, and whoever waits for that must hold no room another one waits for.
    await spaces_queries.spaces(desk, {session.space_id for session in wanting if session.space_id}, lock=True)
    objections: list[Refusal] = []
    for session in wanting:
        assert session.space_id is not None
        try:
            booking = await spaces.book_session(
                desk, session.space_id, session.during, workshop.title_de, visibility=READ_BY[workshop.visibility]
            )
            await programme.give_room(desk, session.id, session.space_id, booking)
        except Refused as refused:
            for refusal in refused.refusals:
                refusal.path = ("sessions", str(session.no), *refusal.path)
                objections.append(refusal)
    refuse(objections)
