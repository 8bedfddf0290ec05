"""A wish beside its plan: what is included, what is paid for, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from quartier.members.allowances.words import Account, AllowanceKind, Peak, Taking
from quartier.spaces.words import Opening


@dataclass(frozen=True, slots=True)
class OpenBooking:
    """A booking of the membership that is not over; the dates of a series count as one."""

    id: UUID
    number: str
    series: UUID | None
    starts_at: datetime

    @property
    def counts_as(self) -> UUID:
        return self.series or self.id


@dataclass(frozen=True, slots=True)
class Own:
    """What a booking holds of an allowance's month already; it has it again when it moves."""

    booking: UUID
    allowance: UUID
    since: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Budget:
    """All a wish is held against. `spent`: what earlier dates of the same act take, by allowance and first day."""

    account: Account
    peaks: tuple[Opening, ...] = ()
    open: tuple[OpenBooking, ...] = ()
    own: tuple[Own, ...] = ()
    spent: Mapping[tuple[UUID, date], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Included:
    """One thing a membership includes on a day: minutes of the month `since` to without `until`, or open bookings."""

    membership: UUID
    kind: AllowanceKind
    space_kinds: tuple[str, ...]
    peak: Peak
    since: date | None
    until: date | None
    granted: int
    used: int


@dataclass(frozen=True, slots=True)
class Cover:
    """Minutes of a wish, of all its places together: those included (`takings`), those the plan does not include
    (`paid`, at `discount` per mille), and those it would include if more were left (`short`). `fee`: the included
    ones are paid for by the plan.
    """

    takings: tuple[Taking, ...] = ()
    paid: int = 0
    short: int = 0
    left: int = 0
    discount: int = 0
    fee: bool = False

    @property
    def included(self) -> int:
        return sum(each.minutes for each in self.takings)
