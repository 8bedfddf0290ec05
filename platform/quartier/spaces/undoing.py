"""Taking a cancellation back: within the minute in which nobody was told of it, by whoever cancelled."""

from dataclasses import replace
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused, StepNotPossible
from quartier.notices.outbox import time_to_undo
from quartier.spaces import queries, record, rules, telling
from quartier.spaces.actions import demand_booking
from quartier.spaces.agreement import agree
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import Booking, BookingState, UndoOver, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

CANCELLED = frozenset({"cancelled", "cancelled_late", "cancelled_by_site", "withdrawn"})
_ENDED = """
select decided_by, ended_at, held_until from app.booking where tenant_id = $1 and id = $2 and ended_at is not null"""


@action("spaces:book")
async def undo_cancel(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Let a booking stand again as before its cancellation, if its time is still free.

    What was fine when it was booked is fine still: hours, lead and buffers are not asked again. Refuses NOT_FOUND
    (also: not yours, not cancelled by you), STALE_VERSION, STEP_NOT_POSSIBLE (also a hold), UNDO_OVER, ALREADY_STARTED,
    SPACE_TAKEN, UNITS_TAKEN, QUOTA_SPENT (somebody else of the membership has the minutes by now).
    """
    async with desk.transaction() as ledger:
        seen, _ = await demand_booking(desk, booking_id, version, CANCELLED)
        rows = await desk.fetch(_ENDED, desk.tenant_id, seen.id)
        if not rows or desk.person is None or rows[0]["decided_by"] != desk.person:
            raise Refused([NotFound()])
        if rows[0]["held_until"] is not None:
            raise Refused([StepNotPossible(state=seen.state, possible="confirmed, requested")])
        if desk.now > rows[0]["ended_at"] + await time_to_undo(desk):
            raise Refused([UndoOver(ended_at=rows[0]["ended_at"])])
        state: BookingState = "requested" if seen.state == "withdrawn" else "confirmed"
        wish = Wish(seen.span, seen.units, seen.persons)
        trusting = replace(desk, permissions=desk.permissions | {"spaces:desk"})
        agreed = await agree(
            trusting,
            seen.space,
            wish,
            record.holder_of(seen),
            more=rules.objections_to_change(seen, now=desk.now),
            moving=seen,
            override=True,
            restoring=True,
        )
        await quotas.lock(desk, [seen])
        await record.restore(desk, seen, state)
        if state == "confirmed" or agreed.space.request_blocks:
            await record.hold(desk, seen.id, agreed, wish)
        await quotas.take_again(desk, seen.id, seen.membership)
        await telling.restored(desk, seen, state)
        ledger.note("space.restored", seen.id, space=seen.space, before=seen.state, state=state)
        return await queries.booking(desk, seen.id)
