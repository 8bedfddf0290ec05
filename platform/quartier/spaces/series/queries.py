"""What is known of a series."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.spaces.series.words import Rule, Series, Times, What
from quartier.spaces.words import Holder
from quartier.tenancy.desk import Desk

_SERIES = """
select id, space_id, repeats, every, weekdays, nth, first, length, until, dates, on_conflict, booked_by, for_person,
       organisation_id, title, kind, units, persons, visibility, state
from app.series where tenant_id = $1 and id = $2"""
_MISSED = "select booked_as from app.missed_date where tenant_id = $1 and series_id = $2 and date = $3 for update"


async def series(desk: Desk, id: UUID, *, lock: bool = False) -> Series:  # noqa: A002
    """One series; `lock` makes changes of it wait in line. Refuses NOT_FOUND."""
    rows = await desk.fetch(_SERIES + (" for no key update" if lock else ""), desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("series",))])
    return _series(rows[0])


async def is_missed(desk: Desk, of: UUID, day: date) -> bool:
    """Whether the date did not fit and nobody booked it since; the row is locked."""
    rows = await desk.fetch(_MISSED, desk.tenant_id, of, day)
    return bool(rows) and rows[0]["booked_as"] is None


def _series(row: Any) -> Series:
    return Series(
        id=row["id"],
        space=row["space_id"],
        rule=Rule(row["repeats"], row["every"], tuple(row["weekdays"]), row["nth"], row["until"], row["dates"]),
        times=Times(row["first"], timedelta(minutes=row["length"])),
        on_conflict=row["on_conflict"],
        booked_by=row["booked_by"],
        holder=Holder(row["kind"], row["for_person"], row["organisation_id"]),
        what=What(row["title"], row["units"], row["persons"], row["visibility"]),
        state=row["state"],
    )
