"""When the house is open: weekly hours in wall time, holidays of a calendar, closures of days."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from msgspec import field

from quartier.tenancy.blueprint.measures import WEEKDAYS, Calendar, Key, Text, WallHours
from quartier.tenancy.blueprint.shape.base import Table

OpeningKind = Literal["open", "staffed", "peak"]


class Week(Table, frozen=True, kw_only=True):
    """A day without hours is an empty list, so that no day is forgotten."""

    mon: tuple[WallHours, ...]
    tue: tuple[WallHours, ...]
    wed: tuple[WallHours, ...]
    thu: tuple[WallHours, ...]
    fri: tuple[WallHours, ...]
    sat: tuple[WallHours, ...]
    sun: tuple[WallHours, ...]

    def of(self, weekday: int) -> tuple[WallHours, ...]:
        """The hours of an ISO weekday, 1 = Monday."""
        hours: tuple[WallHours, ...] = getattr(self, WEEKDAYS[weekday - 1])
        return hours


class Hours(Table, frozen=True, kw_only=True):
    valid_from: date
    open: Week
    staffed: Week
    peak: Week

    def rows(self) -> Iterator[tuple[OpeningKind, int, WallHours]]:
        """Each span with its kind and ISO weekday, 1 = Monday."""
        weeks: tuple[tuple[OpeningKind, Week], ...] = (
            ("open", self.open),
            ("staffed", self.staffed),
            ("peak", self.peak),
        )
        for kind, week in weeks:
            for weekday in range(1, 8):
                for hours in week.of(weekday):
                    yield kind, weekday, hours


class Holidays(Table, frozen=True, kw_only=True):
    """`calendar` is the country, or the country and one state: "DE-SN". `open_on`: open in spite of it."""

    calendar: Calendar
    closed: bool
    open_on: tuple[date, ...] = ()

    def closed_days(self, first: date, last: date) -> dict[date, str]:
        """The holidays from `first` to `last` on which the house is closed, with their names."""
        if not self.closed:
            return {}
        named = public_holidays(self.calendar, range(first.year, last.year + 1))
        return {day: name for day, name in sorted(named.items()) if first <= day <= last and day not in self.open_on}


def public_holidays(calendar: str, years: range) -> dict[date, str]:
    """The holidays of a calendar with their German names."""
    import holidays  # 0.2 s to import, and only opening a site needs it: not every start should wait.

    country, _, state = calendar.partition("-")
    return dict(holidays.country_holidays(country, subdiv=state or None, years=years, language="de"))


class Closure(Table, frozen=True, kw_only=True):
    """Whole days, the last one included; without `space` the whole house."""

    space: Key | None = None
    first_day: date = field(name="from")
    last_day: date = field(name="to")
    kind: Literal["holiday", "company_break", "repair", "other"]
    reason_de: Text
