"""What may be planned, published, joined and left."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from quartier.kit.refusal import FieldInvalid, Refusal, StepNotPossible
from quartier.kit.spoken import WEB_ADDRESS, Words, after, at_least, counts, letters, not_before
from quartier.kit.text import is_line, is_web_address
from quartier.programme.words import (
    OPEN_POOL,
    HouseRules,
    NoSession,
    NotStarted,
    PartyTooLarge,
    RegistrationNotOpen,
    RoomMissing,
    SeatPool,
    SeatsBelowMinimum,
    Session,
    SessionPlan,
    Workshop,
    WorkshopPlan,
)

SEATED_POOLS = Words(
    "in jeder Platzgruppe mindestens ein Platz",
    "at least one seat in each pool of seats",
)
POOLS_APART = Words("für jede Platzgruppe ein eigener Schlüssel", "a key of its own for each pool of seats")
TITLE = 200
ATTENDS = ("confirmed", "attended", "partly_attended", "no_show")


def terms_of(plan: WorkshopPlan, house: HouseRules) -> HouseRules:
    """The plan's own terms, and the house's where it has none."""
    return HouseRules(
        cancel_until=house.cancel_until if plan.cancel_until is None else plan.cancel_until,
        offer=house.offer if plan.offer is None else plan.offer,
        offer_stops=house.offer_stops if plan.offer_stops is None else plan.offer_stops,
        fill=plan.fill or house.fill,
        after_expiry=plan.after_expiry or house.after_expiry,
    )


def objections_to_plan(plan: WorkshopPlan) -> Iterator[Refusal]:
    """A draft may lack sessions; what it has must be possible. Sessions are numbered by their start."""
    for field, text in (("titleDe", plan.title_de), ("titleEn", plan.title_en)):
        if text is not None and not is_line(text, TITLE):
            yield FieldInvalid(path=(field,), allowed=letters(1, TITLE))
    if plan.opens_at >= plan.closes_at:
        yield FieldInvalid(path=("closesAt",), allowed=after(plan.opens_at))
    for field, number in _counts(plan):
        if number < 0:
            yield FieldInvalid(path=(field,), allowed=at_least(0))
    if not plan.pools or any(pool.seats < 1 for pool in plan.pools if pool.key == OPEN_POOL):
        yield FieldInvalid(path=("seats",), allowed=at_least(1))
    if any(pool.seats < 1 for pool in plan.pools if pool.key != OPEN_POOL):
        yield FieldInvalid(path=("kept",), allowed=SEATED_POOLS)
    if len({pool.key for pool in plan.pools}) < len(plan.pools):
        yield FieldInvalid(path=("kept",), allowed=POOLS_APART)
    for no, session in enumerate(in_order(plan), start=1):
        if session.during.start >= session.during.end:
            yield FieldInvalid(path=("sessions", str(no), "endsAt"), allowed=after(session.during.start))
        if session.place is not None and not is_line(session.place, TITLE):
            yield FieldInvalid(path=("sessions", str(no), "place"), allowed=letters(1, TITLE))
        if session.online_url is not None and not is_web_address(session.online_url):
            yield FieldInvalid(path=("sessions", str(no), "onlineUrl"), allowed=WEB_ADDRESS)
        if not (session.space_id or session.place or session.online_url):
            yield RoomMissing(path=("sessions", str(no)), session=no)
    for no, (one, next_) in enumerate(zip(in_order(plan), in_order(plan)[1:], strict=False), start=2):
        if one.during.overlaps(next_.during):
            yield FieldInvalid(path=("sessions", str(no), "startsAt"), allowed=not_before(one.during.end))


def _counts(plan: WorkshopPlan) -> Iterator[tuple[str, int]]:
    """What is counted from nothing, by the field that people fill in; a length in seconds."""
    yield "minSeats", plan.min_seats
    yield "fee", plan.fee
    lengths = {"cancelUntilMinutes": plan.cancel_until, "offerMinutes": plan.offer, "offerStops": plan.offer_stops}
    for field, length in lengths.items():
        if length is not None:
            yield field, int(length.total_seconds())


def in_order(plan: WorkshopPlan) -> list[SessionPlan]:
    return sorted(plan.sessions, key=lambda session: (session.during.start, session.during.end))


def objections_to_publishing(
    workshop: Workshop, sessions: Sequence[Session], pools: Sequence[SeatPool]
) -> Iterator[Refusal]:
    """A draft with a session, a room or place for each, and seats for the least number of people."""
    if workshop.state != "draft":
        yield StepNotPossible(state=workshop.state, possible="draft")
    if not sessions:
        yield NoSession()
    for session in sessions:
        if session.lacks_room:
            yield RoomMissing(session=session.no)
    seats = sum(pool.seats for pool in pools)
    if seats < workshop.min_seats:
        yield SeatsBelowMinimum(seats=seats, min_seats=workshop.min_seats)


def objections_to_registering(
    workshop: Workshop, pool: SeatPool, party: int, priority: int, *, now: datetime
) -> Iterator[Refusal]:
    """The window is inclusive at both ends."""
    if workshop.state != "published" or not workshop.opens_at <= now <= workshop.closes_at:
        yield RegistrationNotOpen(opens_at=workshop.opens_at, closes_at=workshop.closes_at)
    if party < 1:
        yield FieldInvalid(path=("party",), allowed=at_least(1))
    if priority < 0:
        yield FieldInvalid(path=("priority",), allowed=at_least(0))
    if party > pool.seats:
        yield PartyTooLarge(path=("party",), party=party, seats=pool.seats)


def is_late(workshop: Workshop, *, now: datetime) -> bool:
    """Whether somebody who leaves now leaves after the deadline; the deadline itself is in time."""
    return workshop.starts_at is not None and now > workshop.starts_at - workshop.cancel_until


def objections_to_attendance(session: Session, state: str, minutes: int, *, now: datetime) -> Iterator[Refusal]:
    """`state` is where the registration stands; minutes are at most the session's length."""
    if now < session.during.start:
        yield NotStarted(starts_at=session.during.start)
    if state not in ATTENDS:
        yield StepNotPossible(state=state, possible=", ".join(ATTENDS))
    longest = int(session.during.length.total_seconds()) // 60
    if not 0 <= minutes <= longest:
        yield FieldInvalid(path=("minutes",), allowed=counts(0, longest, ("Minuten", "minutes")))
