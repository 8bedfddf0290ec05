"""Who is there, who left early, who never came; and what time decides by itself."""

from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.spaces import queries, record, rules
from quartier.spaces.prices import account
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import Booking, BookingState
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

CONFIRMED, ARRIVED, ABSENT = frozenset({"confirmed"}), frozenset({"checked_in"}), frozenset({"no_show"})


@action("spaces:desk")
async def check_in(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Say that people are there. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, TOO_EARLY, BOOKING_OVER."""
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, CONFIRMED)
        refuse(rules.objections_to_check_in(await queries.space(desk, seen.space), seen, now=desk.now))
        await record.step(desk, seen, "checked_in", arrived=desk.now)
        ledger.note("space.checked_in", seen.id, space=seen.space)
        return await queries.booking(desk, seen.id)


@action("spaces:desk")
async def end_booking(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Say that they have left; what is left of the time is free at once. Refuses as `check_in` does."""
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, ARRIVED)
        await queries.space(desk, seen.space, lock=True)
        await quotas.lock(desk, [seen])
        await record.step(desk, seen, "completed", ended=min(desk.now, seen.span.end))
        await record.shorten(desk, seen.id, desk.now)
        await account(desk, seen)
        await quotas.settle(desk, [seen])
        ledger.note("space.completed", seen.id, space=seen.space)
        return await queries.booking(desk, seen.id)


@action("spaces:desk")
async def mark_no_show(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Say that nobody came; the rest of the time is free. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE,
    NOT_BEGUN (the grace is not over), BELONGS_ELSEWHERE.
    """
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, CONFIRMED)
        space = await queries.space(desk, seen.space, lock=True)
        refuse([*rules.objections_to_kind(seen), *rules.objections_to_no_show(space, seen, now=desk.now)])
        await quotas.lock(desk, [seen])
        await _no_show(desk, seen)
        await quotas.settle(desk, [seen])
        ledger.note("space.no_show", seen.id, space=seen.space)
        return await queries.booking(desk, seen.id)


@action("spaces:desk")
async def excuse_no_show(desk: Desk, booking_id: UUID, version: int, reason: str) -> Booking:
    """There was a reason, and it does not count. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, ABSENT)
        refuse(rules.objections_to_reason(reason, wanted=True))
        await quotas.lock(desk, [seen])
        await record.step(desk, seen, "excused", reason=reason, decided=True)
        await quotas.settle(desk, [seen])
        ledger.note("space.excused", seen.id, space=seen.space)
        return await queries.booking(desk, seen.id)


async def keep_time(desk: Desk) -> None:
    """Job: end requests at their start, holds at their end, bookings nobody came to, and what is over.

    Each is looked at again in the moment it changes, so somebody who was faster is never overruled.
    """
    async with desk.transaction() as ledger:
        done: dict[str, int] = {}
        overdue = await queries.overdue(desk)
        await quotas.lock(desk, [seen for seen, _ in overdue])
        for seen, becomes in overdue:
            if becomes == "no_show":
                await _no_show(desk, seen)
            elif becomes == "completed":
                await record.step(desk, seen, "completed", ended=seen.span.end)
                await account(desk, seen)
            else:
                await record.step(desk, seen, "expired", ended=desk.now)
                await record.free(desk, seen.id)
            done[becomes] = done.get(becomes, 0) + 1
        await quotas.settle(desk, [seen for seen, _ in overdue])
        if done:
            ledger.note("space.time_kept", None, **done)


async def _no_show(desk: Desk, seen: Booking) -> None:
    state: BookingState = "no_show"
    await record.step(desk, seen, state, ended=desk.now)
    await record.free(desk, seen.id)
