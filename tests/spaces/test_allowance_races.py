"""Many go by one plan at once, in many rooms: nobody overdraws it, nobody waits for ever."""

import asyncio
import random
from collections.abc import Awaitable
from datetime import timedelta

import pytest
from crowd import outcomes
from spaces.house import House, at, span
from spaces.test_allowances import assert_accounts_are_true, book, left, spent

from quartier.kit.spans import Span
from quartier.spaces import actions, arriving, closing
from quartier.spaces.series import changing
from quartier.spaces.words import Booking

pytestmark = pytest.mark.usefixtures("forty_connections")
ROOMS = ("denkwerkstatt", "studio", "werkhalle-nord")


@pytest.fixture(autouse=True)
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race (40001, 40P01) fails the test at once: with the locks in one order there is none."""
    monkeypatch.setattr("quartier.tenancy.action.ATTEMPTS", 1)


async def test_of_two_that_together_overdraw_one_wins(at_west: House) -> None:
    await spent(at_west, hours=21)
    for day, rooms in ((26, ROOMS[:2]), (27, ROOMS[1:])):
        answers = await outcomes(book(at_west, span(day, 9, 11), room) for room in rooms)
        if day == 26:
            assert answers == {"confirmed": 1, "QUOTA_SPENT": 1}
        else:
            assert answers == {"QUOTA_SPENT": 2}
    assert await left(at_west) == (1380, 1440)
    await assert_accounts_are_true(at_west)


async def test_of_many_in_many_rooms_exactly_those_win_that_fit(at_west: House) -> None:
    """Twenty-four hours, two hours each; the plan's limit of open bookings is out of the way."""
    await at_west.site.sql(
        "update app.plan_allowance set amount = 1000 where tenant_id = $1 and kind = 'open_bookings'", at_west.site.id
    )
    places = [(room, day, hour) for room in ROOMS for day in (23, 24, 25, 26) for hour in (9, 12, 15)]
    answers = await outcomes(book(at_west, span(day, hour, hour + 2), room) for room, day, hour in places)
    assert answers == {"confirmed": 12, "QUOTA_SPENT": 24}
    assert await left(at_west) == (1440, 1440)
    await assert_accounts_are_true(at_west)


async def test_so_many_may_be_open_also_at_once(at_west: House) -> None:
    places = [(room, day) for room in ROOMS for day in (23, 24, 25, 26)]
    answers = await outcomes(book(at_west, span(day, 9, 10), room) for room, day in places)
    assert answers == {"confirmed": 6, "TOO_MANY_OPEN": 6}
    await assert_accounts_are_true(at_west)


async def test_everything_at_once_never_waits_in_a_ring(at_west: House) -> None:
    """Bookings, moves, cancellations, a closure and the job of time meet over one account."""
    await at_west.site.sql(
        "update app.plan_allowance set amount = 1000 where tenant_id = $1 and kind = 'open_bookings'", at_west.site.id
    )
    dice = random.Random(11)
    made: list[Booking] = []

    def somewhen() -> Span:
        start = at(dice.choice((20, 23, 24)), dice.choice((8, 10, 12, 14, 16)))
        return Span(start, start + timedelta(hours=1))

    async def one() -> Booking:
        made.append(await book(at_west, somewhen(), dice.choice(ROOMS)))
        return made[-1]

    async def move(seen: Booking) -> Booking:
        room = at_west.rooms[dice.choice(ROOMS)]
        return await actions.move_booking(at_west.member, seen.id, seen.version, somewhen(), space_id=room)

    async def cancel(seen: Booking) -> Booking:
        return await actions.cancel_booking(at_west.member, seen.id, seen.version)

    async def close() -> Booking:
        _, gone = await closing.add_closure(at_west.manager, None, span(23, 0, 23), "repair", "x", cancel=True)
        return made[0] if gone else made[1]

    async def pass_time() -> Booking:
        await arriving.keep_time(at_west.site.desk(now=at(20, 12)))
        return made[0]

    await outcomes(one() for _ in range(40))
    wishes: list[Awaitable[Booking]] = [one() for _ in range(40)]
    for seen in list(made):
        wishes += [move(seen), cancel(seen)]
    wishes += [close(), pass_time(), pass_time()]
    dice.shuffle(wishes)
    answers = await outcomes(wishes)
    assert answers["confirmed"] > 0
    await assert_accounts_are_true(at_west)


async def test_series_are_cancelled_while_others_are_booked(at_west: House) -> None:
    from spaces.test_series import book as book_series

    _, dates = await book_series(at_west)
    first = dates[0].booking
    assert first is not None
    gone, more = await asyncio.gather(
        changing.cancel_dates(at_west.member, first, 1, "all"),
        outcomes(book(at_west, span(day, 9, 11, month=12), "studio") for day in (1, 2, 3, 4, 7, 8, 9)),
    )
    assert len(gone) == 4
    assert set(more) <= {"confirmed", "TOO_MANY_OPEN"}
    await assert_accounts_are_true(at_west)
