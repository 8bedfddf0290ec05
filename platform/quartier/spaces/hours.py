"""Time at a site: weekly hours in wall time become spans of instants, also on the days the clocks change."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.kit.spans import Span
from quartier.spaces.words import Opening

DAY = timedelta(days=1)


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a minute of the day; a skipped one counts from before the gap, a repeated one is the first.

    >>> instant(date(2026, 3, 29), 150, ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T01:30:00+00:00'
    """
    local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    return local.replace(tzinfo=zone).astimezone(UTC)


def open_spans(hours: Iterable[Opening], space: UUID | None, first: date, last: date, zone: ZoneInfo) -> list[Span]:
    """When the space is open from `first` to `last`: its own hours where it has any, else the house's.

    A day of its own stands in place of the weekly hours, the space's before the house's. Hours that touch, also over
    midnight, are one span.
    """
    hours = list(hours)
    special = {(each.space, each.day) for each in hours if each.day is not None}
    own = space if any(each.space == space and each.day is None for each in hours) else None
    spans = [
        Span(instant(day, each.start_minute, zone), instant(day, each.end_minute, zone))
        for day in days_between(first, last)
        for each in _of_day(hours, special, space, own, day)
    ]
    return joined(spans)


def _of_day(
    hours: Iterable[Opening],
    special: Collection[tuple[UUID | None, date | None]],
    space: UUID | None,
    own: UUID | None,
    day: date,
) -> Iterator[Opening]:
    if (space, day) in special:
        return (each for each in hours if each.space == space and each.day == day)
    if own is None and (None, day) in special:
        return (each for each in hours if each.space is None and each.day == day)
    return (each for each in hours if each.space == own and each.day is None and each.holds_on(day))


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day, both ends included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and make those that touch or overlap one; empty ones vanish (hours inside the skipped hour)."""
    found: list[Span] = []
    for span in sorted((s for s in spans if s.start < s.end), key=lambda s: s.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], holes: Collection[Span]) -> list[Span]:
    """What is left of the spans between the holes."""
    left: list[Span] = []
    closed = joined(holes)
    for span in joined(spans):
        start = span.start
        for hole in closed:
            if hole.end <= start or span.end <= hole.start:
                continue
            if start < hole.start:
                left.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def days_of(span: Span, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day that the span touches; an end at midnight does not touch the next day."""
    return day_of(span.start, zone), day_of(span.end - timedelta(microseconds=1), zone)


def is_on_grid(moment: datetime, grid: timedelta, zone: ZoneInfo) -> bool:
    """The grid counts from midnight in wall time: a day with 25 hours has the same slots after the change."""
    return floor(moment, grid, zone) == moment.astimezone(UTC)


def floor(moment: datetime, grid: timedelta, zone: ZoneInfo) -> datetime:
    """The slot the moment lies in."""
    local = moment.astimezone(zone)
    since_midnight = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return moment.astimezone(UTC) - since_midnight % grid


def ceiling(moment: datetime, grid: timedelta, zone: ZoneInfo) -> datetime:
    """The first slot at the moment or after it."""
    down = floor(moment, grid, zone)
    return down if down == moment else floor(down + grid, grid, zone)
