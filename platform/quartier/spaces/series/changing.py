"""Changing and cancelling: this date, this and the later ones, or all that have not begun."""

from datetime import time, timedelta
from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.kit.spans import Span
from quartier.spaces import actions, queries, rules
from quartier.spaces import record as bookings
from quartier.spaces.hours import day_of
from quartier.spaces.quotas import record as quotas
from quartier.spaces.series import queries as known
from quartier.spaces.series import record, telling
from quartier.spaces.series.actions import refuse_conflict
from quartier.spaces.series.rules import span_on
from quartier.spaces.series.trial import Try, tried
from quartier.spaces.series.words import NoSeries, OnConflict, Outcome, Scope, Times
from quartier.spaces.words import Booking, BookingState
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk


@action("spaces:book")
async def cancel_dates(
    desk: Desk, booking_id: UUID, version: int, scope: Scope, *, reason: str | None = None
) -> list[Outcome]:
    """Give back one date, this and the later ones, or all that have not begun; each by its own deadline.

    Refuses as `cancel_booking` does, and NO_SERIES.
    """
    async with desk.transaction() as ledger:
        if scope == "this":
            gone = await actions.cancel_booking(desk, booking_id, version, reason=reason)
            return [Outcome(gone.series_date or day_of(gone.span.start, desk.zone), gone.span, gone.state, gone.id)]
        seen, by_site, affected = await _affected(desk, booking_id, version, scope)
        space_of = await queries.spaces(desk, sorted({each.space for each in affected}), lock=True)
        refuse(rules.objections_to_reason(reason, wanted=by_site))
        await quotas.lock(desk, affected)
        outcomes = []
        for each in affected:
            state = rules.cancelled_as(each, space_of[each.space], now=desk.now, by_site=by_site)
            await bookings.cancel(desk, each, state, reason, alone=False)
            outcomes.append(_outcome(each, each.span, state))
        await quotas.settle(desk, affected)
        await telling.ended(desk, affected, by_site=by_site)
        assert seen.series is not None
        if scope == "all":
            await record.end(desk, seen.series)
        ledger.note("space.series_cancelled", seen.series, scope=scope, dates=len(outcomes), by_site=by_site)
        return outcomes


@action("spaces:book")
async def move_dates(
    desk: Desk,
    booking_id: UUID,
    version: int,
    scope: Scope,
    start: time,
    length: timedelta,
    *,
    on_conflict: OnConflict = "skip",
    override: bool = False,
    beyond: bool = False,
) -> list[Outcome]:
    """Put one date, this and the later ones, or all that have not begun at another time of their days.

    Dates that do not fit stay where they are and are told with their reasons; `all_or_nothing` refuses
    SERIES_CONFLICT instead. Refuses as `move_booking` does, and NO_SERIES.
    """
    async with desk.transaction() as ledger:
        seen, _, affected = await _affected(desk, booking_id, version, scope)
        assert seen.series is not None
        series = await known.series(desk, seen.series, lock=True)
        times = record.moved(series.times, start, length)
        if scope == "this":
            day = seen.series_date
            assert day is not None
            span = _span(desk, seen, times)
            moved = await actions.move_booking(desk, booking_id, version, span, override=override, beyond=beyond)
            return [Outcome(day, moved.span, moved.state, moved.id)]
        space = await queries.space(desk, seen.space, lock=True)
        here = [each for each in affected if each.space == space.id]  # who was moved elsewhere by hand stays there
        days = [each.series_date for each in here if each.series_date is not None]
        found = await tried(
            desk, space, series.holder, days, times, series.what, moving=here, override=override, beyond=beyond
        )
        missed = [each for each in found if each.agreed is None]
        if missed and (on_conflict == "all_or_nothing" or len(missed) == len(found)):
            refuse_conflict(missed, len(found))
        fits = [each for each in found if each.agreed is not None]
        asked = actions.asks(desk, space)
        if not asked or space.request_blocks:
            for each in fits:
                assert each.moving is not None
                await bookings.free(desk, each.moving.id)
        for each in fits:
            await _move(desk, each, asked=asked)
        await record.set_times(desk, series.id, start, length)
        gone = [each.moving for each in fits if each.moving is not None]
        await telling.moved(desk, gone, {each.date.isoformat(): each.reasons for each in missed})
        ledger.note("space.series_moved", series.id, scope=scope, dates=len(fits), stayed=len(missed), fields=["time"])
        state: BookingState = "requested" if asked else "confirmed"
        return [
            _outcome(each.moving, each.wish.span, state)
            if each.agreed and each.moving and each.wish
            else Outcome(each.date, each.moving.span if each.moving else None, None, None, each.reasons)
            for each in found
        ]


async def _move(desk: Desk, each: Try, *, asked: bool) -> None:
    assert each.agreed is not None
    assert each.wish is not None
    assert each.moving is not None
    space = each.agreed.space
    state: BookingState = "requested" if asked else each.moving.state if space.approval else "confirmed"
    await bookings.move(desk, each.moving, each.agreed, each.wish, state, alone=False)
    if state == "confirmed" or space.request_blocks:
        await bookings.hold(desk, each.moving.id, each.agreed, each.wish)


async def _affected(desk: Desk, booking_id: UUID, version: int, scope: Scope) -> tuple[Booking, bool, list[Booking]]:
    """The date as the page showed it, whether the front desk deals with somebody else's, and all that change."""
    seen, by_site = await actions.demand_booking(desk, booking_id, version)
    if seen.series is None or seen.series_date is None:
        refuse([NoSeries(path=("scope",))])
    assert seen.series is not None
    assert seen.series_date is not None
    refuse(rules.objections_to_change(seen, now=desk.now))
    coming = await queries.coming_of_series(desk, seen.series, rules.CHANGEABLE)
    return seen, by_site, [each for each in coming if _in(scope, each, seen)]


def _in(scope: Scope, each: Booking, seen: Booking) -> bool:
    if scope == "this":
        return each.id == seen.id
    assert each.series_date is not None
    assert seen.series_date is not None
    return scope == "all" or each.series_date >= seen.series_date


def _span(desk: Desk, seen: Booking, times: Times) -> Span:
    assert seen.series_date is not None
    return span_on(seen.series_date, times, desk.zone)


def _outcome(booking: Booking, span: Span, state: BookingState) -> Outcome:
    assert booking.series_date is not None
    return Outcome(booking.series_date, span, state, booking.id)
