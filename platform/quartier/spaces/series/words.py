"""The nouns of series, and why one is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import called
from quartier.spaces.words import BookingState, Holder, Visibility

Repeats = Literal["daily", "weekly", "monthly"]
OnConflict = Literal["skip", "all_or_nothing"]
Scope = Literal["this", "following", "all"]


@dataclass(frozen=True, slots=True)
class Rule:
    """When it comes again, from the day of `first` on, which counts if it fits.

    `every` so many days, weeks or months. `weekdays` (1 is Monday) for weekly; for monthly the one weekday of which
    it is the `nth` in the month, -1 the last. It ends with the day `until`, included, or after `count` dates.
    """

    repeats: Repeats
    every: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    until: date | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Wall time of the site: the first start, and how long by the clock on the wall."""

    first: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class What:
    """What every date of a series is like."""

    title: str = ""
    units: int = 1
    persons: int | None = None
    visibility: Visibility = "private"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one date: a booking, or the reasons why not."""

    date: date
    span: Span | None = None
    state: BookingState | None = None
    booking: UUID | None = None
    reasons: Sequence[Refusal] = field(default=())


@dataclass(frozen=True, slots=True)
class Series:
    id: UUID
    space: UUID
    rule: Rule
    times: Times
    on_conflict: OnConflict
    booked_by: UUID | None
    holder: Holder
    what: What
    state: Literal["running", "ended"]


class RuleInvalid(Refusal):
    """`problem` says what does not go together."""

    code = "RULE_INVALID"
    de = "Diese Wiederholung passt nicht zusammen: {problem}."
    en = "This repetition does not fit together: {problem}."


class NoDates(Refusal):
    code = "NO_DATES"
    de = "Die Wiederholung ergibt keinen einzigen Termin. Bitte Beginn und Ende prüfen."
    en = "The repetition gives not a single date. Please check its start and end."


class TooManyDates(Refusal):
    code = "TOO_MANY_DATES"
    de = "Eine Serie hat höchstens {most} Termine. Bitte ein früheres Ende wählen."
    en = "A series has at most {most} dates. Please choose an earlier end."


class SeriesConflict(Refusal):
    """`missed` of `dates` do not fit; the first of them is `day`, and the other reasons belong to that day."""

    code = "SERIES_CONFLICT"
    de = "{missed} von {dates} Terminen gehen nicht, zuerst am {day}. Entweder überspringen oder die Serie ändern."
    en = "{missed} of {dates} dates do not fit, the first on {day}. Either skip them, or change the series."


class DateNotMissed(Refusal):
    code = "DATE_NOT_MISSED"
    de = "Der {day} ist kein ausgefallener Termin dieser Serie."
    en = "{day} is no missed date of this series."


class NoSeries(Refusal):
    """A booking by itself: it has no other dates."""

    code = "NO_SERIES"
    de = "Diese Buchung gehört zu keiner Serie. Bitte nur diesen Termin ändern."
    en = "This booking belongs to no series. Please change this date alone."


called(
    skip=("überspringen", "skip"),
    all_or_nothing=("alles oder nichts", "all or nothing"),
)
