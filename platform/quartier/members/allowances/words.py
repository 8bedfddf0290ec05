"""The account of a membership: what its plans include, and what of it is used."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

AllowanceKind = Literal["room_minutes", "open_bookings", "discount_permille", "advice_minutes"]
Peak = Literal["peak", "off_peak", "any"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """One thing a plan includes, `amount` in the unit of its kind, for these kinds of spaces, or for all when empty."""

    id: UUID
    plan: UUID
    kind: AllowanceKind
    space_kinds: tuple[str, ...]
    peak: Peak
    amount: int


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch under one plan, up to and without the day `until`. With a `fee` somebody pays for what is included."""

    plan: UUID
    paused: bool
    since: date
    until: date | None
    fee: bool

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is granted and used of an allowance from the day `since` up to and without `until`; `id` if it is opened."""

    allowance: UUID
    since: date
    until: date | None
    granted: int
    used: int
    id: UUID | None = None

    @property
    def left(self) -> int:
        return self.granted - self.used


@dataclass(frozen=True, slots=True)
class Account:
    """A membership's terms, what their plans include, and the balances that were opened so far."""

    membership: UUID
    since: date
    until: date | None
    terms: tuple[Term, ...]
    allowances: tuple[Allowance, ...]
    balances: tuple[Balance, ...]

    def term_on(self, day: date) -> Term | None:
        """The term that gives something on the day; one that rests gives nothing."""
        return next((each for each in self.terms if each.holds_on(day) and not each.paused), None)

    def included_on(self, day: date, kind: AllowanceKind) -> tuple[Allowance, ...]:
        term = self.term_on(day)
        return tuple(each for each in self.allowances if term and each.plan == term.plan and each.kind == kind)


@dataclass(frozen=True, slots=True)
class Taking:
    """So many minutes of an allowance's period that a booking takes; `granted` opens the account if there is none."""

    allowance: UUID
    since: date
    until: date
    granted: int
    minutes: int


class QuotaSpent(Refusal):
    """`needs` of the wish are included in the plan in principle, `left` is what is left of it up to and with `until`.

    `missing` is what is not covered; it may be paid for with `price_cents`, where that is asked for.
    """

    code = "QUOTA_SPENT"
    constraint = "allowance_not_overdrawn"
    de = (
        "Das Kontingent reicht nicht: nötig {needs}, übrig {left} bis {until}. Neues gibt es ab {renews_on}. "
        "Kürzer buchen, später, oder {missing} für {price_cents} dazu."
    )
    en = (
        "The allowance is not enough: {needs} needed, {left} left until {until}. It renews on {renews_on}. "
        "Book less, later, or {missing} more for {price_cents}."
    )


class TooManyOpen(Refusal):
    """`open` bookings are not over yet, the plan allows `most`: those `named`, by number and day; a series is one."""

    code = "TOO_MANY_OPEN"
    de = "Der Tarif erlaubt {most} offene Buchungen, zurzeit: {named}. Erst muss eine vorbei oder abgesagt sein."
    en = "The plan allows {most} open bookings, at present these: {named}. One has to be over or cancelled first."


called(
    peak=("Hauptzeit", "peak hours"),
    off_peak=("Nebenzeit", "off-peak hours"),
    room_minutes=("Raumzeit", "room time"),
    open_bookings=("offene Buchungen", "open bookings"),
)
