"""Days with hours of their own: an extra open day, a shorter one. They stand in place of the weekly hours."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, Refusal, refuse
from quartier.kit.spans import Span
from quartier.kit.spoken import Words, letters, not_before
from quartier.kit.text import is_line
from quartier.spaces import queries
from quartier.spaces.closing import UNTOUCHED, clear
from quartier.spaces.hours import DAY, day_of, instant, open_spans
from quartier.spaces.words import Booking, Space
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

Minutes = tuple[int, int]  # of the day in wall time, the end excluded; 1440 is midnight
HOURS = Words(
    "bis zu fünf Zeiten von 0 bis 1440 Minuten, der Reihe nach", "up to five times from 0 to 1440 minutes, in order"
)

_CLEAR = """
delete from app.opening_day where tenant_id = $1 and space_id is not distinct from $2::uuid and day = $3"""
_WRITE = """
insert into app.opening_day (tenant_id, id, space_id, day, minutes, reason_de, created_at)
values ($1, $2, $3, $4, int4range($5, $6), $7, $8)"""


@action("spaces:configure")
async def set_opening_day(
    desk: Desk, space_id: UUID | None, day: date, hours: Sequence[Minutes], reason: str, *, cancel: bool = False
) -> list[UUID]:
    """Give a day hours of its own, for a space or the house; without any the weekly ones hold again.

    Bookings that were within hours and would not be any more are in the way (BOOKINGS_IN_THE_WAY), or with `cancel`
    taken away; give their ids. A closure of that day stays one. Refuses NOT_FOUND, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        ids = await queries.every_space(desk) if space_id is None else [(await queries.space(desk, space_id)).id]
        there = await queries.spaces(desk, ids, lock=True)
        refuse(_objections(desk, day, hours, reason))
        whole = Span(instant(day, 0, desk.zone), instant(day + DAY, 0, desk.zone))
        booked = await queries.bookings_during(desk, ids, whole)
        concerned = [each for each in booked if each.kind not in UNTOUCHED]
        within = await _within_hours(desk, there, concerned)
        await desk.fetch(_CLEAR, desk.tenant_id, space_id, day)
        for start, end in hours:
            await desk.fetch(_WRITE, desk.tenant_id, new_id(), space_id, day, start, end, reason.strip(), desk.now)
        still = await _within_hours(desk, there, concerned)
        gone = await clear(desk, [each for each in concerned if each.id in within - still], reason, cancel=cancel)
        ledger.note("space.opening_day_set", space_id, day=day, times=len(hours), cancelled=gone)
        return gone


async def _within_hours(desk: Desk, there: dict[UUID, Space], bookings: Iterable[Booking]) -> set[UUID]:
    """Which of the bookings lie whole within open hours."""
    found = set()
    for each in bookings:
        first, last = day_of(each.span.start, desk.zone) - DAY, day_of(each.span.end, desk.zone) + DAY
        hours = (await queries.situation(desk, there[each.space], each.span)).hours
        if any(times.holds(each.span) for times in open_spans(hours, each.space, first, last, desk.zone)):
            found.add(each.id)
    return found


def _objections(desk: Desk, day: date, hours: Sequence[Minutes], reason: str) -> Iterator[Refusal]:
    today = day_of(desk.now, desk.zone)
    if day < today:
        yield FieldInvalid(path=("day",), allowed=not_before(today))
    ends = [0, *(minute for times in hours for minute in times), 1440]
    rising = all(start < end for start, end in hours)
    if len(hours) > 5 or not rising or ends != sorted(ends):
        yield FieldInvalid(path=("hours",), allowed=HOURS)
    if not is_line(reason, 200):
        yield FieldInvalid(path=("reason",), allowed=letters(1, 200))
