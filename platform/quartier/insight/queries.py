"""What is counted, and what was published of it."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from quartier.insight.measures import MEASURES
from quartier.insight.words import ALL, Cell, Definition, Figure, Period, PeriodKind
from quartier.tenancy.desk import Desk

_PUBLISHED = """
select code, version, kind, first_day, last_day, slice, n, num, den, tallied_at from city.figure where tenant_id = $1"""
_OF_PERIOD = " and first_day = $2 and last_day = $3 order by code, version, slice"
_OF_CODE = " and code = $2 and version = $3 and first_day >= $4 and last_day <= $5 order by first_day, last_day, slice"
_OPENED = "select opened_on from app.site where tenant_id = $1"
KINDS: tuple[PeriodKind, ...] = ("month", "quarter", "year")


def today(desk: Desk) -> date:
    return desk.now.astimezone(desk.zone).date()


def after(period: Period) -> date:
    """The first day that does not belong to the period."""
    return period.last_day + timedelta(days=1)


def ends_at(desk: Desk, period: Period) -> datetime:
    """The instant at which the period is over, in the site's zone."""
    return datetime.combine(after(period), time(), desk.zone).astimezone(UTC)


async def measured(desk: Desk, definition: Definition, period: Period) -> tuple[Cell, list[list[Cell]], list[Cell]]:
    """Count a figure of a period, up to now while it runs: the whole, its groups of slices, its parts.

    These are true numbers: they stay in the site's own context and are never shown as they are.
    """
    begins = datetime.combine(period.first_day, time(), desk.zone).astimezone(UTC)
    rows = await desk.fetch(
        MEASURES[definition.code],
        desk.tenant_id,
        period.first_day,
        min(period.last_day, today(desk)),
        begins,
        min(ends_at(desk, period), desk.now),
        desk.zone.key,
    )
    found = {row["slice"] or ALL: _cell(row, row["slice"] or ALL) for row in rows}
    whole = found.get(ALL) or Cell(ALL, 0, 0)
    groups = [
        [found.get(name) or Cell(name, 0, 0, None if whole.den is None else 0) for name in group.names]
        for group in definition.groups
    ]
    return whole, groups, [found.get(name) or Cell(name, 0, 0) for name in definition.parts]


async def figures(desk: Desk, period: Period, codes: Collection[str] = ()) -> tuple[Figure, ...]:
    """What this site published of a period: exactly what the city sees of it."""
    rows = await desk.fetch(_PUBLISHED + _OF_PERIOD, desk.tenant_id, period.first_day, period.last_day)
    return tuple(_figure(row) for row in rows if not codes or row["code"] in codes)


async def published_within(desk: Desk, definition: Definition, period: Period) -> Sequence[Figure]:
    """What was published of one figure for this period and every shorter one inside it."""
    days = (period.first_day, period.last_day)
    rows = await desk.fetch(_PUBLISHED + _OF_CODE, desk.tenant_id, definition.code, definition.version, *days)
    return [_figure(row) for row in rows]


async def opened_on(desk: Desk) -> date | None:
    [row] = await desk.fetch(_OPENED, desk.tenant_id)
    day: date | None = row["opened_on"]
    return day


def _figure(row: Any) -> Figure:
    period = Period(row["first_day"], row["last_day"], row["kind"])
    return Figure(row["code"], row["version"], period, _cell(row, row["slice"]), row["tallied_at"])


def _cell(row: Any, name: str) -> Cell:
    return Cell(name, row["n"], row["num"], row["den"])
