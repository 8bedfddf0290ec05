"""Bookings: what comes every week, the demo's day, rooms that are let for long."""

import functools
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions, arriving, briefing, closing
from quartier.spaces.leases import actions as leases
from quartier.spaces.leases.words import Terms
from quartier.spaces.series import actions as series
from quartier.spaces.series.words import Rule, Times, What
from quartier.spaces.words import Booking
from quartier.tenancy.desk import Desk
from quartier_demo.history import spaces as history
from quartier_demo.shape import Lease, Single, Weekly
from quartier_demo.story import Event, World

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOON = time(12)
EARLY = timedelta(minutes=5)
GRACE = timedelta(minutes=20)


def events(world: World) -> Iterator[Event]:
    yield from _briefings(world)
    for weekly in world.tale.bookings.weekly:
        ahead = [day for day in _days(weekly) if _booked(world, day, weekly.booked) >= _yesterday(world)]
        if ahead:
            yield Event(_yesterday(world), functools.partial(_book_series, world, weekly, ahead))
        for day in _days(weekly):
            at = _booked(world, day, weekly.booked)
            made: list[Booking] = []
            if day in ahead:
                continue
            yield Event(at, functools.partial(_book_date, world, weekly, day, at, made))
            yield from _came(world, weekly, day, made)
    for single in world.tale.bookings.bookings:
        yield from _single(world, single)
    for lease in world.tale.bookings.leases:
        at = world.on(lease.since - timedelta(days=7), NOON)
        yield Event(at, functools.partial(_let, world, lease, at))
    yield Event(world.today, functools.partial(arriving.keep_time, world.house(world.today)))
    yield Event(world.today, functools.partial(leases.keep_leases, world.house(world.today)))


def _briefings(world: World) -> Iterator[Event]:
    """Whoever books a space that asks for a briefing had one on the day she first booked it."""
    assert world.blueprint is not None
    first: dict[tuple[str, str], datetime] = {}
    wishes: list[Weekly | Single] = [*world.tale.bookings.weekly, *world.tale.bookings.bookings]
    for wish in wishes:
        key, name = world.blueprint.spaces[wish.space].needs_qualification, _who(world, wish)
        if key and name:
            at = world.at(wish.at) if isinstance(wish, Single) else _booked(world, next(_days(wish)), wish.booked)
            first[name, key] = min(at, first.get((name, key), at))
    for (name, key), at in first.items():
        yield Event(at, functools.partial(_brief, world, name, key, at))


async def _brief(world: World, name: str, key: str, at: datetime) -> None:
    day = at.astimezone(world.realm.zone).date()
    await briefing.record_briefing(world.staff("manager", at), world.people[name], key, day)


def _who(world: World, wish: Weekly | Single) -> str | None:
    """In whose name it is booked; the front desk's bookings are the house's or a guest's."""
    if wish.organisation:
        return world.tale.organisations[wish.organisation].people[0].name
    return wish.person


def _days(weekly: Weekly) -> Iterator[date]:
    ahead = (WEEKDAYS.index(weekly.day) - weekly.since.weekday()) % 7
    day = weekly.since + timedelta(days=ahead)
    while day <= weekly.until:
        if day not in weekly.without:
            yield day
        day += timedelta(days=7)


def _booked(world: World, day: date, before: int) -> datetime:
    """So many days ahead, at the latest yesterday: what is to come has been booked already."""
    return max(world.begins, min(world.on(day - timedelta(days=before), NOON), _yesterday(world)))


def _yesterday(world: World) -> datetime:
    return world.today - timedelta(days=1)


async def _book_series(world: World, weekly: Weekly, days: list[date]) -> None:
    """What is still to come is a series; dates the house is closed on are missed, what is beyond the plan is paid."""
    first, last = (datetime.combine(days[0], clock) for clock in (weekly.start, weekly.end))
    await series.book_series(
        _desk(world, weekly, _yesterday(world)),
        world.spaces[weekly.space],
        Rule("weekly", weekdays=(days[0].isoweekday(),), until=days[-1]),
        Times(first, last - first),
        What(weekly.title, weekly.units, weekly.persons, weekly.visibility),
        organisation=_organisation(world, weekly),
        beyond=True,
    )


async def _book_date(world: World, weekly: Weekly, day: date, at: datetime, made: list[Booking]) -> None:
    """Book one date by itself; a day on which the house is closed is left out, as a series leaves it out."""
    try:
        made.append(await _book(world, weekly, day, at))
    except Refused as refused:
        if {refusal.code for refusal in refused.refusals} != {"CLOSED"}:
            raise


def _came(world: World, wish: Weekly | Single, day: date, made: list[Booking]) -> Iterator[Event]:
    """Who booked before today was there, and said so where the space asks for it; else time calls it a no-show."""
    assert world.blueprint is not None
    space = next(each for each in world.blueprint.spaces_resolved() if each.key == wish.space)
    arrived = world.on(day, wish.start)
    if space.checkin == "none" or day >= world.today.astimezone(world.realm.zone).date():
        return

    async def check_in() -> None:
        for booking in made:
            if booking.state == "confirmed":
                await arriving.check_in(world.staff("front_desk", arrived), booking.id, booking.version)

    yield Event(arrived, check_in)


def _single(world: World, single: Single) -> Iterator[Event]:
    at = world.at(single.at)
    made: list[Booking] = []

    async def book() -> None:
        made.append(await _book(world, single, single.on, at))

    async def hold() -> None:
        assert single.held_until is not None
        desk = _desk(world, single, at)
        async with desk.transaction():
            booking = await _book(world, single, single.on, at)
            await history.hold_booking(desk, booking.id, world.at(single.held_until))

    async def cancel() -> None:
        assert single.cancelled_at is not None
        desk = _desk(world, single, world.at(single.cancelled_at))
        await actions.cancel_booking(desk, made[0].id, made[0].version)

    async def check_in() -> None:
        await arriving.check_in(world.staff("front_desk", arrived), made[0].id, made[0].version)

    async def nobody_came() -> None:
        await arriving.mark_no_show(world.house(late), made[0].id, made[0].version)

    starts = world.on(single.on, single.start)
    arrived, late = max(at, starts - EARLY), starts + GRACE
    yield Event(at, hold if single.becomes == "held" else book)
    match single.becomes:
        case "cancelled":
            assert single.cancelled_at is not None
            yield Event(world.at(single.cancelled_at), cancel)
        case "checked_in":
            yield Event(arrived, check_in)
        case "no_show":
            yield Event(late, nobody_came)
        case None:
            yield from _came(world, single, single.on, made)


async def _book(world: World, wish: Weekly | Single, day: date, at: datetime) -> Booking:
    guest = isinstance(wish, Single) and wish.guest
    return await actions.book_space(
        _desk(world, wish, at),
        world.spaces[wish.space],
        Span(world.on(day, wish.start), world.on(day, wish.end)),
        title=wish.title,
        units=wish.units,
        persons=wish.persons,
        organisation=_organisation(world, wish),
        kind="guest" if guest else None,
        visibility=wish.visibility,
        override=guest,  # who walks in has no lead
        beyond=True,  # who needs more than the plan includes pays for it
    )


def _desk(world: World, wish: Weekly | Single, at: datetime) -> Desk:
    if wish.organisation:
        return world.lead(wish.organisation, at)
    if wish.person:
        return world.herself(wish.person, at)
    return world.staff("front_desk", at)


def _organisation(world: World, wish: Weekly | Single) -> UUID | None:
    return world.organisations[wish.organisation] if wish.organisation else None


async def _let(world: World, lease: Lease, at: datetime) -> None:
    """Let a place; what the house keeps for itself is out of use for others."""
    desk, space = world.staff("manager", at), world.spaces[lease.space]
    if lease.organisation is None:
        during = Span(world.on(lease.since, time()), world.on(lease.until + timedelta(days=1), time()))
        await closing.block_space(desk, space, during, lease.title)
        return
    terms = Terms(lease.since, lease.until, lease.rent_cents, title=lease.title)
    await leases.open_lease(desk, space, world.organisations[lease.organisation], terms)
