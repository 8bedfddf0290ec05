"""The programme: planned, published, registered for, attended. Who registers is drawn, always the same way."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from quartier.acts.session import publish_workshop
from quartier.kit.spans import Span
from quartier.programme import actions, queries
from quartier.programme.seats import actions as seats
from quartier.programme.words import OPEN_POOL, PoolPlan, SessionPlan, WorkshopPlan
from quartier.tenancy.blueprint.shape.programme import Format
from quartier_demo.history import programme as history
from quartier_demo.shape import Session, Workshop
from quartier_demo.story import Event, World

TEN = time(10)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Course:
    """A workshop while its story is told."""

    world: World
    told: Workshop
    id: UUID | None = None
    people: dict[str, UUID] = field(default_factory=dict)  # registrations by name

    @property
    def workshop(self) -> UUID:
        assert self.id is not None
        return self.id

    @property
    def format(self) -> Format:
        return self.world.programme.formats[self.told.format]

    @property
    def spans(self) -> list[Span]:
        return [self._span(session) for session in self.told.sessions]

    @property
    def opens(self) -> datetime:
        return self.world.on(self.told.opens, TEN)

    @property
    def starts(self) -> datetime:
        return self.spans[0].start

    def _span(self, session: Session) -> Span:
        return Span(self.world.on(session.on, session.start), self.world.on(session.on, session.end))


def events(world: World) -> Iterator[Event]:
    for told in world.tale.programme.workshops:
        yield from _course(Course(world, told))


def _course(course: Course) -> Iterator[Event]:
    world, told = course.world, course.told
    planned = world.on(told.planned, TEN)
    yield Event(planned, functools.partial(_plan, course, planned))
    if told.draft:
        return
    published = planned + HOUR
    yield Event(published, functools.partial(_publish, course, published))
    guests = drawn(course)
    for at, guest in _moments(course, guests):
        yield Event(at, functools.partial(_register, course, guest, at))
    if told.cancelled_on:
        at = world.on(told.cancelled_on, TEN)
        yield Event(at, functools.partial(_cancel, course, at))
        return
    if told.left_at:
        at = world.at(told.left_at)
        yield Event(at, functools.partial(_leave, course, guests[0], at))
    yield Event(course.starts, functools.partial(_begin, course))
    seated = [guest for guest in guests if guest.seated]
    for no, span in enumerate(course.spans):
        yield Event(span.end, functools.partial(_mark, course, no, seated, span.end))
    ended = course.spans[-1].end + HOUR
    yield Event(ended, functools.partial(_end, course, seated, ended))
    if told.waiting:
        # The job that ends offers was left by the clock of the past.
        yield Event(world.today, functools.partial(_watch, course))


@dataclass(frozen=True)
class Guest:
    """Somebody who registers. `reserved`: for a seat that is kept for organisations."""

    name: str
    organisation: str | None
    party: int = 1
    pool: str = OPEN_POOL
    seated: bool = True


def drawn(course: Course) -> list[Guest]:
    """Those with open seats, those with kept ones, then the line: the same people on every first start."""
    world, told = course.world, course.told
    chance = world.chance("workshop", told.key)
    there = [
        (name.name, key)
        for key, body in world.tale.organisations.items()
        if world.on(body.seen, TEN) < course.opens
        for name in body.people
    ]
    chance.shuffle(there)
    guests = [Guest(*there.pop(), pool=_kept(course)) for _ in range(told.reserved)]
    others: list[tuple[str, str | None]] = [*there, *((name, None) for name in world.tale.people.neighbours)]
    chance.shuffle(others)
    opened = [Guest(*others.pop()) for _ in range(told.registered)]
    line = [Guest(*others.pop(), party=party, seated=False) for party in told.waiting]
    return [*opened, *guests, *line]


def _kept(course: Course) -> str:
    return course.format.pools[0].key


def _moments(course: Course, guests: list[Guest]) -> Iterator[tuple[datetime, Guest]]:
    """One after the other over the time in which one can register; today nobody has yet."""
    until = min(course.starts - DAY, course.world.today - DAY)
    if course.told.left_at:
        until = min(until, course.world.at(course.told.left_at) - DAY)
    step = (until - course.opens) / (len(guests) + 1)
    for no, guest in enumerate(guests, start=1):
        at = course.opens + no * step
        yield at.replace(second=0, microsecond=0), guest


async def _plan(course: Course, at: datetime) -> None:
    world, told, format_ = course.world, course.told, course.format
    seats_ = told.seats or format_.seats
    kept = [PoolPlan(pool.key, pool.name_de, pool.seats) for pool in format_.pools] if told.reserved else []
    pools = (PoolPlan(OPEN_POOL, "Freie Plätze", seats_ - sum(pool.seats for pool in kept), "Open seats"), *kept)
    plan = WorkshopPlan(
        format=format_.kind,
        topic=told.topic,
        skill=world.programme.skills.get(told.topic),
        title_de=told.title_de,
        title_en=told.title_en,
        text_de=told.text_de,
        opens_at=course.opens,
        closes_at=course.starts,
        sessions=tuple(
            SessionPlan(span, world.spaces[session.space] if session.space else None, session.place)
            for span, session in zip(course.spans, told.sessions, strict=True)
        ),
        pools=pools,
        led_by=world.people[told.led_by],
        term_id=world.terms[told.term] if told.term else None,
        min_seats=min(format_.min_seats, seats_),
        stakeholder=format_.stakeholder_format,
        certificate=world.programme.certificate_permille if format_.certificate else None,
        offer=timedelta(hours=told.offer_hours) if told.offer_hours is not None else None,
        fill=told.fill,
    )
    course.id = (await actions.plan_workshop(world.staff("manager", at), plan)).id


async def _publish(course: Course, at: datetime) -> None:
    await publish_workshop(course.world.staff("manager", at), course.workshop)


async def _register(course: Course, guest: Guest, at: datetime) -> None:
    world = course.world
    made = await seats.register(
        world.herself(guest.name, at),
        course.workshop,
        organisation=world.organisations[guest.organisation] if guest.organisation else None,
        pool=guest.pool,
        party=guest.party,
        waitlist=not guest.seated,
    )
    course.people[guest.name] = made.id


async def _leave(course: Course, guest: Guest, at: datetime) -> None:
    await seats.cancel_registration(course.world.herself(guest.name, at), course.people[guest.name])


async def _watch(course: Course) -> None:
    await history.watch_offers(course.world.house(course.world.today), course.workshop)


async def _cancel(course: Course, at: datetime) -> None:
    await history.cancel_workshop(course.world.staff("manager", at), course.workshop, "Zu wenige Anmeldungen")


async def _begin(course: Course) -> None:
    await history.turn_workshop(course.world.house(course.starts), course.workshop, "running")


async def _mark(course: Course, no: int, seated: list[Guest], at: datetime) -> None:
    desk = course.world.staff("front_desk", at)
    sessions = await queries.sessions(desk, course.workshop)
    for place, guest in enumerate(seated):
        absent = place < course.told.absent
        await actions.mark_attendance(
            desk, sessions[no].id, course.people[guest.name], "absent" if absent else "present"
        )


async def _end(course: Course, seated: list[Guest], at: datetime) -> None:
    """Who came attended; some got a certificate, some of those lost it again."""
    desk = course.world.house(at)
    told = course.told
    came = seated[told.absent :]
    states = {course.people[guest.name]: "no_show" for guest in seated[: told.absent]}
    for place, guest in enumerate(came):
        certified = "certificate_revoked" if place < told.revoked else "certified"
        states[course.people[guest.name]] = certified if place < told.certified else "attended"
    await history.end_workshop(desk, course.workshop, states)
