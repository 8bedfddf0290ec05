"""Booking a series, and making up a missed date."""

from datetime import date, time, timedelta
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused, StepNotPossible, refuse
from quartier.spaces import queries
from quartier.spaces import rules as booking_rules
from quartier.spaces import telling as alone
from quartier.spaces.actions import asks
from quartier.spaces.holder import holder_of
from quartier.spaces.series import queries as known
from quartier.spaces.series import record, rules, telling
from quartier.spaces.series.trial import Try, tried
from quartier.spaces.series.words import (
    DateNotMissed,
    OnConflict,
    Outcome,
    Rule,
    Series,
    SeriesConflict,
    Times,
    What,
)
from quartier.spaces.words import BookingKind, BookingState
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk


@action("spaces:book")
async def book_series(
    desk: Desk,
    space_id: UUID,
    rule: Rule,
    times: Times,
    what: What,
    *,
    on_conflict: OnConflict = "skip",
    organisation: UUID | None = None,
    for_person: UUID | None = None,
    kind: BookingKind | None = None,
    override: bool = False,
    beyond: bool = False,
) -> tuple[UUID, list[Outcome]]:
    """Book every date of the rule that fits; give the series, and what became of each date.

    `skip` keeps the others as missed dates with their reasons; `all_or_nothing` refuses SERIES_CONFLICT with the
    reasons of the first one, as does a series of which no date fits. Each date keeps to all rules of `book_space`,
    in the wall time of the site; as an open booking a series counts once. Refuses RULE_INVALID, NO_DATES,
    TOO_MANY_DATES, FIELD_INVALID, NOT_ALLOWED, NOT_FOUND.
    """
    async with desk.transaction() as ledger:
        holder = await holder_of(desk, kind, organisation, for_person)
        space = await queries.space(desk, space_id, lock=True)
        refuse([*rules.objections_to_rule(rule, times), *booking_rules.objections_to_title(what.title)])
        days = rules.dates(rule, times.first.date())
        found = await tried(desk, space, holder, days, times, what, override=override, beyond=beyond)
        missed = [each for each in found if each.agreed is None]
        if missed and (on_conflict == "all_or_nothing" or len(missed) == len(found)):
            refuse_conflict(missed, len(found))
        made = await record.write_series(desk, space_id, rule, times, on_conflict, holder, what)
        state: BookingState = "requested" if asks(desk, space) else "confirmed"
        outcomes = [
            await record.book_date(desk, made, each, holder, state, what)
            if each.agreed
            else Outcome(each.date, each.wish.span if each.wish else None, reasons=each.reasons)
            for each in found
        ]
        await record.write_missed(desk, made, missed)
        await telling.booked(desk, made, holder, state, outcomes)
        ledger.note(
            "space.series_booked",
            made,
            space=space_id,
            state=state,
            dates=len(found),
            missed=len(missed),
            overrode=sorted({code for each in found if each.agreed for code in each.agreed.overrode}),
        )
        return made, outcomes


@action("spaces:book")
async def add_series_date(
    desk: Desk,
    series_id: UUID,
    day: date,
    *,
    start: time | None = None,
    length: timedelta | None = None,
    override: bool = False,
    beyond: bool = False,
) -> UUID:
    """Book a missed date after all, at the time of the series or another of that day; give the booking's id.

    Refuses NOT_FOUND (also: not yours), STEP_NOT_POSSIBLE (the series has ended), DATE_NOT_MISSED, and what
    `book_space` refuses.
    """
    async with desk.transaction() as ledger:
        series = await known.series(desk, series_id, lock=True)
        demand_own(desk, series)
        if series.state == "ended":
            refuse([StepNotPossible(state="ended", possible="running")])
        if not await known.is_missed(desk, series_id, day):
            refuse([DateNotMissed(path=("date",), day=day)])
        space = await queries.space(desk, series.space, lock=True)
        times = record.moved(series.times, start or series.times.first.time(), length or series.times.length)
        [found] = await tried(
            desk, space, series.holder, [day], times, series.what, of=series_id, override=override, beyond=beyond
        )
        refuse(found.reasons)
        state: BookingState = "requested" if asks(desk, space) else "confirmed"
        booked = await record.book_date(desk, series_id, found, series.holder, state, series.what)
        assert booked.booking is not None
        await record.made_up(desk, series_id, day, booked.booking)
        await alone.booked(desk, booked.booking, series.holder, state)
        ledger.note("space.series_date_added", booked.booking, series=series_id, date=day, state=state)
        return booked.booking


def demand_own(desk: Desk, series: Series) -> None:
    """Whose series it is not sees none, unless she is the front desk. Refuses NOT_FOUND."""
    hers = desk.person is not None and desk.person in {series.booked_by, series.holder.person}
    if not (hers or series.holder.organisation in desk.own or desk.may("spaces:desk")):
        raise Refused([NotFound(path=("series",))])


def refuse_conflict(missed: list[Try], dates: int) -> None:
    first = missed[0]
    refuse([SeriesConflict(missed=len(missed), dates=dates, day=first.date), *first.reasons])
