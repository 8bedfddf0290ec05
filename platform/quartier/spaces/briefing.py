"""What a space asks of who uses it: a briefing in machines or kitchen hygiene, which holds for so many months."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, NotFound, Refusal, Refused, refuse
from quartier.kit.spoken import Words, between
from quartier.members import facts
from quartier.members import queries as members
from quartier.spaces.hours import DAY, day_of
from quartier.spaces.words import Holder, QualificationMissing, Space
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_BRIEFING = """
select name_de, coalesce(name_en, name_de) as name_en, months from app.briefing where tenant_id = $1 and key = $2"""
_KEYS = "select key from app.briefing where tenant_id = $1 order by key"
BACK = 366  # days: a list of those who were there comes in late


@dataclass(frozen=True, slots=True)
class Briefed:
    """What a space asks for, and when whoever uses it has it: from a day up to and without another."""

    name: Words
    during: tuple[tuple[date, date | None], ...]

    def holds_on(self, day: date) -> bool:
        return any(since <= day and (until is None or day < until) for since, until in self.during)


async def briefed(desk: Desk, space: Space, holder: Holder) -> Briefed | None:
    """What the holder has of what the space asks for; None where it asks for nothing, or the house itself uses it.

    The person counts whom the booking is for; of an organisation without a person, somebody who stands for it.
    Guests are let in by the front desk, which is there.
    """
    if space.needs is None or holder.kind != "member":
        return None
    rows = await desk.fetch(_BRIEFING, desk.tenant_id, space.needs)
    name = Words(rows[0]["name_de"], rows[0]["name_en"]) if rows else Words(space.needs, space.needs)
    during = await facts.qualified(desk, space.needs, person=holder.person, organisation=holder.organisation)
    return Briefed(name, tuple(during))


def objections_to_briefing(known: Briefed | None, on: date) -> Iterator[Refusal]:
    """The briefing has to hold on the day itself, not on the day somebody books."""
    if known is not None and not known.holds_on(on):
        yield QualificationMissing(path=("space",), qualification=known.name, on=on)


@action("spaces:desk")
async def record_briefing(desk: Desk, person: UUID, key: str, on: date) -> date:
    """Write down that a person was briefed on a day; give the last day it holds. Refuses NOT_FOUND, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        if not await members.person_exists(desk, person):
            raise Refused([NotFound(path=("person",))])
        rows = await desk.fetch(_BRIEFING, desk.tenant_id, key)
        today = day_of(desk.now, desk.zone)
        refuse([*await _objections_to_key(desk, key, known=bool(rows)), *_objections_to_day(on, today)])
        until = months_on(on, rows[0]["months"])
        made = await facts.record_qualification(desk, person, key, on, until)
        ledger.note("space.briefed", made, person=person, key=key, on=on, until=until)
        return until - DAY


async def _objections_to_key(desk: Desk, key: str, *, known: bool) -> list[Refusal]:
    if known:
        return []
    keys = [row["key"] for row in await desk.fetch(_KEYS, desk.tenant_id)]
    return [FieldInvalid(path=("key",), allowed=", ".join(keys))]


def _objections_to_day(on: date, today: date) -> Iterator[Refusal]:
    first = today - BACK * DAY
    if not first <= on <= today:
        yield FieldInvalid(path=("on",), allowed=between(first, today))


def months_on(day: date, months: int) -> date:
    """The same day of a later month, the last one where that month is shorter.

    >>> months_on(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
