"""Which units are free, and when there is room again. A buffer may meet a buffer, never a booking."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.kit.spans import Span
from quartier.spaces.hours import ceiling, day_of, open_spans, without
from quartier.spaces.words import Held, Situation, Space, Wish

Unit = tuple[UUID, int]
FORTNIGHT = timedelta(days=14)  # how far alternatives are looked for


def units_of(space: Space) -> list[Unit]:
    return [(atom.space, number) for atom in space.atoms for number in range(1, atom.units + 1)]


def clashes(space: Space, span: Span, held: Collection[Held]) -> list[Held]:
    """What is held of the space at some moment of the span."""
    own = set(units_of(space))
    return [each for each in held if (each.space, each.unit_no) in own and each.span.overlaps(span)]


def too_close(space: Space, span: Span, held: Collection[Held]) -> list[Held]:
    """What is held so near that one booking would lie in the other's buffer; clashes are among them."""
    own = set(units_of(space))
    prepared = span.widened(space.before, space.after)
    return [
        each
        for each in held
        if (each.space, each.unit_no) in own
        and (prepared.overlaps(each.span) or each.span.widened(each.before, each.after).overlaps(span))
    ]


def units_free(space: Space, wish: Wish, held: Collection[Held], *, tight: bool = False) -> list[Unit]:
    """The units the wish would hold, the lowest numbers first; none when there are not enough.

    A divided space needs all of its parts. `tight` looks at bookings only and not at buffers.
    """
    busy = {(h.space, h.unit_no) for h in (clashes if tight else too_close)(space, wish.span, held)}
    free = [unit for unit in units_of(space) if unit not in busy]
    wanted = _wanted(space, wish)
    return free[:wanted] if len(free) >= wanted else []


def _wanted(space: Space, wish: Wish) -> int:
    return len(units_of(space)) if space.divided else wish.units


def free_spans(
    space: Space,
    wish: Wish,
    situation: Situation,
    *,
    now: datetime,
    zone: ZoneInfo,
    most: int,
    within: timedelta = FORTNIGHT,
) -> Iterator[Span]:
    """The next spans of the same length that every rule would let pass, at most a fortnight after the wish."""
    if not space.min <= wish.span.length <= space.max or wish.span.length % space.grid:
        return
    earliest = max(wish.span.start, now + space.lead)
    last = min(day_of(earliest + within, zone), day_of(now, zone) + space.horizon)
    hours = open_spans(situation.hours, space.id, day_of(earliest, zone), last, zone)
    found = 0
    for window in without(hours, [closure.span for closure in situation.closures]):
        start = ceiling(max(window.start, earliest), space.grid, zone)
        while start + wish.span.length <= window.end:
            span = Span(start, start + wish.span.length)
            release = _release(space, wish, span, situation.held)
            if release is None:
                yield span
                found += 1
                if found == most:
                    return
                release = span.end
            start = ceiling(release, space.grid, zone)


def _release(space: Space, wish: Wish, span: Span, held: Collection[Held]) -> datetime | None:
    """When enough units are free again: None when they are for this span.

    Every start before that would still lie in somebody's way, so nothing is missed by going on from there.
    """
    released = dict.fromkeys(units_of(space), span.start)
    for each in too_close(space, span, held):
        unit = (each.space, each.unit_no)
        released[unit] = max(released[unit], each.span.end + max(each.after, space.before))
    enough = sorted(released.values())[_wanted(space, wish) - 1]
    return None if enough == span.start else enough
