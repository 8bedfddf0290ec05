"""What the graph shows of series: their rule, their dates, the dates that did not fit; and what can be done there."""

import enum
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry import ID

from quartier.kit.refusal import FieldInvalid, Refused
from quartier.kit.spoken import counts
from quartier.spaces import tables
from quartier.spaces.series import actions, changing
from quartier.spaces.series.words import Outcome, Rule, Times, What
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Node,
    Page,
    asked,
    by_id,
    column,
    key,
    many,
    one,
    page,
    published,
    roots,
    verb,
    wish,
)
from quartier_graph.scalars import described
from quartier_graph.spaces import Booking, BookingFilter, BookingFor, BookingState, Visibility

if TYPE_CHECKING:
    from quartier_graph.members import Organisation, Person
    from quartier_graph.spaces import Space

DAY = 24 * 60


@described
class Repeats(enum.Enum):
    """How a series comes again."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@described
class OnConflict(enum.Enum):
    """What becomes of a series when a date does not fit."""

    SKIP = "skip"
    ALL_OR_NOTHING = "all_or_nothing"


@described
class SeriesState(enum.Enum):
    """Whether missed dates can still be made up."""

    RUNNING = "running"
    ENDED = "ended"


@described
class Scope(enum.Enum):
    """Which dates a change is about: this one, this and the later ones, or all that have not begun."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


_OWN = "({t}.organisation_id = any({own}) or {t}.booked_by = {person} or {t}.for_person = {person})"


@published(
    tables.Series,
    prefix="ser",
    may=("spaces:desk", "spaces:book"),
    orders={"made": key("{t}.created_at", "timestamptz")},
    rows={"spaces:desk": None, "spaces:book": _OWN},
)
class Series(Node):
    """The same time again and again, in the site's wall time; members see their own."""

    repeats: Repeats = column("How it comes again.")
    every: int = column("Every so many days, weeks or months.")
    weekdays: list[int] = column("On these weekdays, 1 is Monday.")
    nth: int | None = column("Monthly: which of the weekdays of a month; -1 the last.")
    first_day: date = column("From this day on.", sql="{t}.first::date")
    start_minute: int = column(
        "Minute of the day it begins, by the clock on the wall.",
        sql="(extract(hour from {t}.first) * 60 + extract(minute from {t}.first))::int",
    )
    minutes: int = column("How long it lasts by the clock on the wall.", sql="{t}.length")
    until: date | None = column("Its last day, included, where it was given so.")
    count: int | None = column("How many dates, where it was given so.", sql="{t}.dates")
    on_conflict: OnConflict = column("What was to become of it when a date did not fit.")
    title: str = column("What for.")
    state: SeriesState = column("Whether missed dates can still be made up.")
    version: int = column("Counts its changes.")
    space: "Space" = one("What is held.", by="space_id")
    organisation: "Organisation | None" = one("For which organisation.", by="organisation_id")
    person: "Person | None" = one("For whom.", by="for_person")
    bookings: Page["Booking"] = many(
        "Its dates that were booked.", by="series_id", orders=("starts", "-starts"), filter=BookingFilter
    )
    missed: Page["MissedDate"] = many("Its dates that did not fit.", by="series_id", orders=("date",))


@published(
    tables.MissedDate,
    prefix="msd",
    may=("spaces:desk", "spaces:book"),
    orders={"date": key("{t}.date", "date")},
    rows={
        "spaces:desk": None,
        "spaces:book": "exists (select 1 from app.series s where s.tenant_id = {t}.tenant_id and s.id = {t}.series_id"
        " and (s.organisation_id = any({own}) or s.booked_by = {person} or s.for_person = {person}))",
    },
)
class MissedDate(Node):
    """A date of a series that did not fit; it is kept, and can be made up."""

    day: date = column("The day.", sql="{t}.date")
    codes: list[str] = column(
        "Why not, for programs: codes of refusals.",
        sql="array(select f ->> 'code' from jsonb_array_elements({t}.findings) f)",
    )
    reasons_de: list[str] = column(
        "Why not, in German.", sql="array(select f ->> 'de' from jsonb_array_elements({t}.findings) f)"
    )
    reasons_en: list[str] = column(
        "Why not, in English.", sql="array(select f ->> 'en' from jsonb_array_elements({t}.findings) f)"
    )
    booked_as: "Booking | None" = one("What it was made up by.", by="booked_as")
    series: "Series | None" = one("Of which series.", by="series_id")


roots(
    series=by_id(Series, "One series."),
    all_series=page(Series, "Series of bookings.", orders=("-made", "made")),
)


@strawberry.type(description="Why a date does not fit.")
class DateReason:
    code: str = strawberry.field(description="The refusal, for programs.")
    message: str = strawberry.field(description="The refusal in the caller's language, for people.")


@strawberry.type(description="What became of one date.")
class SeriesDate:
    day: date = strawberry.field(description="The day.")
    starts_at: datetime | None = strawberry.field(description="Start; null where the clock change has no such time.")
    ends_at: datetime | None = strawberry.field(description="End, excluded.")
    state: BookingState | None = strawberry.field(description="The state of its booking; null when it did not fit.")
    booking: ID | None = strawberry.field(description="Its booking; null when it did not fit, or in a rehearsal.")
    reasons: list[DateReason] = strawberry.field(description="Everything that stands against it.")

    @classmethod
    def read(cls, kept: Any) -> "SeriesDate":
        return cls(
            day=date.fromisoformat(kept["day"]),
            starts_at=datetime.fromisoformat(kept["starts_at"]) if kept["starts_at"] else None,
            ends_at=datetime.fromisoformat(kept["ends_at"]) if kept["ends_at"] else None,
            state=BookingState(kept["state"]) if kept["state"] else None,
            booking=ID(kept["booking"]) if kept["booking"] else None,
            reasons=[DateReason(**reason) for reason in kept["reasons"]],
        )


DATES = {"dates": (list[SeriesDate], "Every date, with what became of it and every reason against it.")}


def _told(outcomes: list[Outcome], desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "day": each.date.isoformat(),
            "starts_at": each.span.start.astimezone(UTC).isoformat() if each.span else None,
            "ends_at": each.span.end.astimezone(UTC).isoformat() if each.span else None,
            "state": each.state,
            "booking": ids.write("bkg", each.booking) if each.booking else None,
            "reasons": [
                {"code": reason.code, "message": reason.message(desk.language, desk.zone)} for reason in each.reasons
            ],
        }
        for each in outcomes
    ]


def _start(minute: int) -> time:
    if not 0 <= minute < DAY:
        raise Refused([FieldInvalid(path=("start_minute",), allowed=counts(0, DAY - 1))])
    return time(minute // 60, minute % 60)


def _length(minutes: int) -> timedelta:
    if not 1 <= minutes <= 31 * DAY:
        raise Refused([FieldInvalid(path=("minutes",), allowed=counts(1, 31 * DAY))])
    return timedelta(minutes=minutes)


@wish
class BookSeriesInput:
    """A space, a rule in the site's wall time, and for whom. Rehearse with SKIP to see every date with its reasons."""

    space: ID = asked("The space.")
    repeats: Repeats = asked("How it comes again.")
    first_day: date = asked("From this day on; it counts if the rule meets it.")
    start_minute: int = asked("Minute of the day it begins, by the clock on the wall: 18:00 is 1080.")
    minutes: int = asked("How long it lasts by the clock on the wall.")
    every: int = asked("Every so many days, weeks or months.", default=1)
    weekdays: list[int] = asked("Weekly: on these weekdays, 1 is Monday; monthly: the one weekday.", default=[])
    nth: int | None = asked("Monthly: which of the weekdays of the month, 1 to 5; -1 the last.", default=None)
    until: date | None = asked("The last day, included; or `count`.", default=None)
    count: int | None = asked("How many dates; or `until`.", default=None)
    on_conflict: OnConflict = asked("What becomes of it when a date does not fit.", default=OnConflict.SKIP)
    title: str = asked("What for.", default="")
    units: int = asked("How many like places.", default=1)
    persons: int | None = asked("For how many persons.", default=None)
    organisation: ID | None = asked("For which organisation: one's own, at the front desk any.", default=None)
    person: ID | None = asked("For whom; by default who asks. The front desk books for others.", default=None)
    kind: BookingFor | None = asked("MEMBER by default; see `bookSpace`.", default=None)
    visibility: Visibility = asked("Who reads what it is for.", default=Visibility.PRIVATE)
    override: bool = asked("Front desk: set hours, buffers, lead and horizon aside.", default=False)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


@verb("spaces:book", changes={"series": Series}, values=DATES)
async def book_series(desk: Desk, wish: BookSeriesInput) -> Done:
    """Book a series: one booking for each date that fits; the others are kept with their reasons."""
    made, outcomes = await actions.book_series(
        desk,
        ids.read(wish.space, "spc"),
        Rule(wish.repeats.value, wish.every, tuple(wish.weekdays), wish.nth, wish.until, wish.count),
        Times(datetime.combine(wish.first_day, _start(wish.start_minute)), _length(wish.minutes)),
        What(wish.title, wish.units, wish.persons, wish.visibility.value),
        on_conflict=wish.on_conflict.value,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        for_person=ids.read(wish.person, "prs") if wish.person else None,
        kind=wish.kind.value if wish.kind else None,
        override=wish.override,
        beyond=wish.beyond,
    )
    return {"series": made, "dates": _told(outcomes, desk)}


@wish
class MoveSeriesInput:
    """A date of a series, which dates change with it, and the new time of their days."""

    booking: ID = asked("The date as it was seen.")
    version: int = asked("The version of that booking.")
    scope: Scope = asked("Which dates change.")
    start_minute: int = asked("Minute of the day they begin, by the clock on the wall.")
    minutes: int = asked("How long they last by the clock on the wall.")
    on_conflict: OnConflict = asked("SKIP leaves a date that does not fit where it is.", default=OnConflict.SKIP)
    override: bool = asked("Front desk: set hours, buffers, lead and horizon aside.", default=False)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


@verb("spaces:book", values=DATES)
async def move_series(desk: Desk, wish: MoveSeriesInput) -> Done:
    """Put dates of a series at another time of their days."""
    outcomes = await changing.move_dates(
        desk,
        ids.read(wish.booking, "bkg"),
        wish.version,
        wish.scope.value,
        _start(wish.start_minute),
        _length(wish.minutes),
        on_conflict=wish.on_conflict.value,
        override=wish.override,
        beyond=wish.beyond,
    )
    return {"dates": _told(outcomes, desk)}


@wish
class CancelSeriesInput:
    """A date of a series, and which dates go with it."""

    booking: ID = asked("The date as it was seen.")
    version: int = asked("The version of that booking.")
    scope: Scope = asked("Which dates go.")
    reason: str | None = asked("Why; the front desk says so when it takes somebody's bookings away.", default=None)


@verb("spaces:book", values=DATES)
async def cancel_series(desk: Desk, wish: CancelSeriesInput) -> Done:
    """Give dates of a series back, each in time or late by its own deadline."""
    outcomes = await changing.cancel_dates(
        desk, ids.read(wish.booking, "bkg"), wish.version, wish.scope.value, reason=wish.reason
    )
    return {"dates": _told(outcomes, desk)}


@wish
class AddSeriesDateInput:
    """A missed date to make up, at the time of the series unless another is named."""

    series: ID = asked("The series.")
    day: date = asked("The missed date.")
    start_minute: int | None = asked("Another minute of the day.", default=None)
    minutes: int | None = asked("Another length.", default=None)
    override: bool = asked("Front desk: set hours, buffers, lead and horizon aside.", default=False)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


@verb("spaces:book", changes={"booking": Booking})
async def add_series_date(desk: Desk, wish: AddSeriesDateInput) -> Done:
    """Book a missed date after all."""
    made = await actions.add_series_date(
        desk,
        ids.read(wish.series, "ser"),
        wish.day,
        start=_start(wish.start_minute) if wish.start_minute is not None else None,
        length=_length(wish.minutes) if wish.minutes is not None else None,
        override=wish.override,
        beyond=wish.beyond,
    )
    return {"booking": made}
