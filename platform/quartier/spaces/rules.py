"""What a booking has to keep to: pure, every objection at once, with the numbers a person needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quartier.kit.money import Cents
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import Number, counts, letters
from quartier.spaces.free import FORTNIGHT, clashes, free_spans, units_free
from quartier.spaces.hours import DAY, ceiling, day_of, days_of, floor, is_on_grid, open_spans
from quartier.spaces.words import (
    AlreadyStarted,
    BelongsElsewhere,
    Booking,
    BookingOver,
    BookingState,
    BufferNeeded,
    Closed,
    MoveTooLate,
    NotBegun,
    OffGrid,
    OutOfHours,
    Situation,
    Space,
    SpaceNotOffered,
    SpaceTaken,
    SpanInPast,
    SpanTooLong,
    SpanTooShort,
    TooEarly,
    TooFar,
    TooManyPersons,
    TooSoon,
    UnitsTaken,
    Wish,
)

# The front desk may set these aside and says so in the audit line; what somebody else holds, nobody.
OVERRIDABLE: tuple[type[Refusal], ...] = (OutOfHours, BufferNeeded, TooSoon, TooFar)
ALTERNATIVES = 3
SANE_LENGTH, SANE_DISTANCE = timedelta(days=31), timedelta(days=5 * 366)
ELSEWHERE = frozenset({"session", "advice", "lease", "outside"})
CHANGEABLE = frozenset({"requested", "confirmed"})
CANCELLABLE = CHANGEABLE | {"held"}


def is_sane(span: Span, now: datetime) -> bool:
    """Whether the other rules can look at the span at all: not turned round, not years long or away."""
    near = abs(span.start - now) <= SANE_DISTANCE
    return near and timedelta() < span.length <= SANE_LENGTH


def objections_to_booking(
    space: Space, wish: Wish, situation: Situation, *, now: datetime, zone: ZoneInfo
) -> Iterator[Refusal]:
    """Everything that stands in the way of holding the space; `situation` may be empty for a span that is not sane."""
    if space.lease_only or space.state == "retired":
        yield SpaceNotOffered(path=("space",), reason="retired" if space.state == "retired" else "lease_only")
    yield from objections_to_size(space, wish)
    yield from objections_to_time(space, wish.span, now=now, zone=zone)
    if is_sane(wish.span, now):
        yield from objections_to_hours(space, wish.span, situation, zone=zone)
        yield from objections_to_neighbours(space, wish, situation, now=now, zone=zone)


def objections_to_size(space: Space, wish: Wish) -> Iterator[Refusal]:
    """Like places and persons, each within what the space has."""
    if not 1 <= wish.units <= most_units(space):
        yield FieldInvalid(path=("units",), allowed=counts(1, most_units(space)))
        return
    most = space.persons * wish.units
    if wish.persons is None:
        return
    if wish.persons < 1:
        yield FieldInvalid(path=("persons",), allowed=counts(1, most, ("Personen", "persons")))
    elif wish.persons > most:
        yield TooManyPersons(path=("persons",), most=most, asked=wish.persons)


def most_units(space: Space) -> int:
    """A divided space is held whole."""
    return 1 if space.divided else space.units


def objections_to_time(space: Space, span: Span, *, now: datetime, zone: ZoneInfo) -> Iterator[Refusal]:
    """Length, grid, and how long before; the hours of the house come separately."""
    earliest = ceiling(now + space.lead, space.grid, zone)
    last_day = day_of(now, zone) + space.horizon
    if span.start < now:
        yield SpanInPast(path=("starts_at",), earliest=earliest)
    elif span.start < now + space.lead:
        yield TooSoon(path=("starts_at",), lead=space.lead, earliest=earliest)
    if span.start > now + SANE_DISTANCE or day_of(span.start, zone) > last_day:
        yield TooFar(path=("starts_at",), latest=last_day)
    if span.length < space.min:
        yield SpanTooShort(path=("ends_at",), shortest=space.min)
    elif span.length > space.max:
        yield SpanTooLong(path=("ends_at",), longest=space.max)
    if is_sane(span, now):
        for name, moment in (("starts_at", span.start), ("ends_at", span.end)):
            if not is_on_grid(moment, space.grid, zone):
                earlier, later = floor(moment, space.grid, zone), ceiling(moment, space.grid, zone)
                yield OffGrid(path=(name,), grid=space.grid, earlier=earlier, later=later)


def objections_to_hours(space: Space, span: Span, situation: Situation, *, zone: ZoneInfo) -> Iterator[Refusal]:
    """The wish lies whole within open hours, and in no closure."""
    for closure in situation.closures:
        if closure.span.overlaps(span):
            yield Closed(
                closed_from=closure.span.start,
                closed_until=closure.span.end,
                kind=closure.kind,
                reason=closure.reason_de,
            )
    first, last = days_of(span, zone)
    # A day more on both sides: hours that end at midnight may go on.
    spans = open_spans(situation.hours, space.id, first - DAY, last + DAY, zone)
    if any(each.holds(span) for each in spans):
        return
    today = [each for each in spans if days_of(each, zone)[0] <= first <= days_of(each, zone)[1]]
    near = min(today, key=lambda each: max(each.start - span.start, span.start - each.end), default=None)
    yield OutOfHours(path=("starts_at",), opens_at=near.start if near else None, closes_at=near.end if near else None)


def objections_to_neighbours(
    space: Space, wish: Wish, situation: Situation, *, now: datetime, zone: ZoneInfo
) -> Iterator[Refusal]:
    """Nobody else holds it then, and there is time to set up between two bookings."""
    if not 1 <= wish.units <= most_units(space) or units_free(space, wish, situation.held):
        return
    offers = _offers(space, wish, situation, now=now, zone=zone)
    next_free = offers[0].start if offers else None
    ways_out: tuple[dict[str, Number], ...] = tuple(
        {"space": space.id, "starts_at": offer.start, "ends_at": offer.end} for offer in offers
    )
    like_places = most_units(space) > 1
    if units_free(space, wish, situation.held, tight=True):
        free_from, free_until = (None, None) if like_places else _between(space, wish.span, situation)
        yield BufferNeeded(path=("starts_at",), alternatives=ways_out, free_from=free_from, free_until=free_until)
        return
    in_the_way = clashes(space, wish.span, situation.held)
    if like_places:
        left = space.units - len({held.unit_no for held in in_the_way})
        yield UnitsTaken(
            path=("units",),
            alternatives=ways_out,
            asked=wish.units,
            left=left,
            units=space.units,
            next_free=next_free,
        )
        return
    yield SpaceTaken(
        path=("starts_at",),
        alternatives=ways_out,
        taken_from=min(held.span.start for held in in_the_way),
        taken_until=max(held.span.end for held in in_the_way),
        next_free=next_free,
    )


def _offers(space: Space, wish: Wish, situation: Situation, *, now: datetime, zone: ZoneInfo) -> list[Span]:
    """Mostly the next days have room, and the fortnight need not be unrolled."""
    for within in (DAY, FORTNIGHT):
        offers = list(free_spans(space, wish, situation, now=now, zone=zone, most=ALTERNATIVES, within=within))
        if len(offers) == ALTERNATIVES:
            break
    return offers


def _between(space: Space, span: Span, situation: Situation) -> tuple[datetime | None, datetime | None]:
    """The room between the nearest neighbours: on each side the longer of the two buffers counts."""
    before = [h.span.end + max(h.after, space.before) for h in situation.held if h.span.end <= span.start]
    after = [h.span.start - max(h.before, space.after) for h in situation.held if h.span.start >= span.end]
    return max(before, default=None), min(after, default=None)


def objections_to_change(booking: Booking, *, now: datetime) -> Iterator[Refusal]:
    """A booking that has begun stays as it is; one of a session is changed with its session."""
    yield from objections_to_kind(booking)
    if booking.span.start <= now:
        yield AlreadyStarted(started_at=booking.span.start)


def objections_to_moving(seen: Booking, left: Space, space: Space, wish: Wish, *, now: datetime) -> Iterator[Refusal]:
    """From the deadline of cancelling on a member keeps all of the time: else who moves or shortens it, or asks for it
    anew, would give it back in time for ever.
    """
    until = seen.span.start - left.cancel_until
    all_of_it = wish.span.start <= seen.span.start and wish.span.end >= seen.span.end
    if (
        seen.state == "confirmed"
        and until < now < seen.span.start
        and not (all_of_it and space.id == left.id and not space.approval)
    ):
        yield MoveTooLate(path=("starts_at",), until=until)


def objections_to_kind(booking: Booking) -> Iterator[Refusal]:
    if booking.kind in ELSEWHERE:
        yield BelongsElsewhere(kind=booking.kind)


def objections_to_deciding(
    space: Space, seen: Booking, situation: Situation, *, now: datetime, zone: ZoneInfo
) -> Iterator[Refusal]:
    """Why a request, or a hold, cannot become a booking: it has begun, or somebody else is there by now.

    Hours, lead and horizon were looked at when it was asked for; whoever decides may have waited.
    """
    if seen.span.start <= now:
        yield AlreadyStarted(started_at=seen.span.start)
    for closure in situation.closures:
        if closure.span.overlaps(seen.span):
            yield Closed(
                closed_from=closure.span.start,
                closed_until=closure.span.end,
                kind=closure.kind,
                reason=closure.reason_de,
            )
    yield from objections_to_neighbours(space, Wish(seen.span, seen.units), situation, now=now, zone=zone)


def objections_to_check_in(space: Space, seen: Booking, *, now: datetime) -> Iterator[Refusal]:
    """People are there from a while before the start until the end."""
    if now < seen.span.start - space.checkin_opens:
        yield TooEarly(opens_at=seen.span.start - space.checkin_opens)
    if now >= seen.span.end:
        yield BookingOver(ended_at=seen.span.end)


def objections_to_no_show(space: Space, seen: Booking, *, now: datetime) -> Iterator[Refusal]:
    """Who is late may still come, until the grace is over."""
    if now < seen.span.start + space.grace:
        yield NotBegun(starts_at=seen.span.start + space.grace)


def objections_to_title(title: str) -> Iterator[Refusal]:
    """One line, or nothing."""
    if len(title) > 200 or (title and not title.isprintable()):
        yield FieldInvalid(path=("title",), allowed=letters(0, 200))


def objections_to_reason(reason: str | None, *, wanted: bool) -> Iterator[Refusal]:
    """Who takes a booking away from somebody says why."""
    text = reason or ""
    if (wanted and not text.strip()) or len(text) > 500 or (text and not text.isprintable()):
        yield FieldInvalid(path=("reason",), allowed=letters(1 if wanted else 0, 500))


def cancelled_as(booking: Booking, space: Space, *, now: datetime, by_site: bool) -> BookingState:
    """What the booking becomes; the deadline is an instant, inclusive."""
    if booking.state in {"requested", "held"}:
        return "declined" if by_site else "withdrawn"
    if by_site:
        return "cancelled_by_site"
    return "cancelled" if now <= booking.span.start - space.cancel_until else "cancelled_late"


def list_price(space: Space, wish: Wish) -> Cents:
    """Cents for the span and all units, a part of a cent let go."""
    minutes = wish.span.length // timedelta(minutes=1)
    return space.list_price_hour * minutes * wish.units // 60
