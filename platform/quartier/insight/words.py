"""Nouns of the figures."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

PeriodKind = Literal["month", "quarter", "year"]
Subject = Literal["person", "enterprise", "money", "minutes", "house"]
State = Literal["shown", "hidden"]
ALL = "all"  # the slice that is the whole
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, quarter or year of the calendar. Both days are included."""

    first_day: date
    last_day: date
    kind: PeriodKind = field(compare=False)

    @classmethod
    def holding(cls, kind: PeriodKind, day: date) -> "Period":
        """The period of this kind that holds the day.

        >>> Period.holding("quarter", date(2026, 11, 19)).first_day
        datetime.date(2026, 10, 1)
        """
        months = _MONTHS[kind]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
        return cls(first, after - timedelta(days=1), kind)

    @property
    def before(self) -> "Period":
        return Period.holding(self.kind, self.first_day - timedelta(days=1))

    def parts(self, kind: PeriodKind) -> tuple["Period", ...]:
        """The smaller periods it consists of.

        >>> [part.first_day.month for part in Period.holding("year", date(2026, 11, 19)).parts("quarter")]
        [1, 4, 7, 10]
        """
        found, part = [], Period.holding(kind, self.first_day)
        while part.first_day <= self.last_day:
            found.append(part)
            part = Period.holding(kind, part.last_day + timedelta(days=1))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Cell:
    """A slice of a figure: `num` (of `den`) and the `n` subjects behind it; all three are None when hidden."""

    slice: str
    n: int | None
    num: int | None
    den: int | None = None

    @property
    def hidden(self) -> bool:
        return self.n is None

    @property
    def as_hidden(self) -> "Cell":
        return Cell(self.slice, None, None, None)


@dataclass(frozen=True, slots=True)
class Group:
    """Slices that add up to the whole: kinds of spaces, or who pays."""

    prefix: str
    slices: tuple[str, ...]

    def named(self, name: str) -> str:
        return f"{self.prefix}:{name}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(map(self.named, self.slices))


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a figure means. Whatever changes its value is a new version, and closed periods keep the old one.

    `least` is the smallest whole that is published, `least_slice` the smallest slice. A `flow` adds up
    over months; the rest is a state of things on the period's last day. `parts` are sums of their own
    (allocated, paid), which do not add up to anything.
    """

    code: str
    version: int = 1
    unit: str
    subject: Subject
    least: int
    least_slice: int
    flow: bool
    name_de: str
    name_en: str
    formula_de: str
    formula_en: str
    groups: tuple[Group, ...] = ()
    parts: tuple[str, ...] = ()
    sliced: frozenset[PeriodKind] = frozenset({"month", "quarter", "year"})

    @property
    def guards_persons(self) -> bool:
        return self.subject == "person"


@dataclass(frozen=True, slots=True)
class Figure:
    """A published cell as the site itself sees it; the city sees the same."""

    code: str
    version: int
    period: Period
    cell: Cell
    tallied_at: datetime | None

    @property
    def state(self) -> State:
        return "hidden" if self.cell.hidden else "shown"
