"""Many want the same at once: over forty connections, one gets it, and nobody waits for ever."""

import asyncio
import random
import time
from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from crowd import outcomes
from spaces.house import House, at, span

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions, queries
from quartier.spaces.words import Booking

pytestmark = pytest.mark.usefixtures("forty_connections")


@pytest.fixture(autouse=True)
def no_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race (40001, 40P01) fails the test at once: with the locks in one order there is none."""
    monkeypatch.setattr("quartier.tenancy.action.ATTEMPTS", 1)


async def assert_held_as_booked(house: House) -> None:
    """Occupancy is exactly what the confirmed bookings hold: every atomic part, as many units as booked."""
    rows = await house.site.sql(
        """
        select b.id from app.booking b
        where b.tenant_id = $1 and b.state = 'confirmed' and (
          select count(*) from app.occupancy o where o.booking_id = b.id and o.during = b.during
        ) <> b.units * greatest(1, (select count(*) from app.space_part p where p.whole_id = b.space_id))
        union all
        select o.booking_id from app.occupancy o join app.booking b on b.id = o.booking_id
        where o.tenant_id = $1 and b.state <> 'confirmed'""",
        house.site.id,
    )
    assert list(rows) == []


async def test_a_thousand_wishes_for_one_slot_make_one_booking(
    at_west: House, capsys: pytest.CaptureFixture[str]
) -> None:
    room, desk, wish = at_west.rooms["denkwerkstatt"], at_west.member, span(20, 9, 11)
    speechless: list[Refused] = []

    async def ask() -> Booking:
        try:
            return await actions.book_space(desk, room, wish, organisation=at_west.kitchen)
        except Refused as refused:
            if refused.refusals[0].numbers.get("next_free") != at(20, 11, 15):
                speechless.append(refused)
            raise

    await asyncio.gather(*(queries.space(desk, room) for _ in range(400)))  # every connection is open
    begun = time.perf_counter()
    answers = await outcomes(ask() for _ in range(1000))
    seconds = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n1,000 wishes for one slot over 40 connections: {seconds:.2f} s")
    assert answers == {"confirmed": 1, "SPACE_TAKEN": 999}
    assert speechless == []  # the lock let the rule speak, not the constraint
    assert await at_west.occupied() == [("denkwerkstatt", 1, wish.start, wish.end)]
    assert await at_west.site.count("app.booking") == 1
    assert len(await at_west.lines()) == 1
    assert await at_west.site.count("app.counter", "kind = 'B' and last = 1") == 1


async def test_whole_and_parts_race_and_never_meet(at_west: House) -> None:
    desk, wish = at_west.front_desk, span(20, 9, 11)
    rooms = [at_west.rooms[key] for key in ("werkhalle", "werkhalle-nord", "werkhalle-sued")]
    answers = await outcomes(actions.book_space(desk, random.choice(rooms), wish, kind="guest") for _ in range(150))
    occupied = await at_west.occupied()
    whole = await at_west.site.count("app.booking", f"space_id = '{rooms[0]}'")
    assert answers["confirmed"] == (1 if whole else 2)
    assert sum(answers.values()) == 150
    assert occupied == [("werkhalle-nord", 1, wish.start, wish.end), ("werkhalle-sued", 1, wish.start, wish.end)]
    await assert_held_as_booked(at_west)


async def test_twelve_places_are_given_twelve_times(at_west: House) -> None:
    desks, wish = at_west.rooms["arbeitsplaetze"], span(20, 9, 12)
    answers = await outcomes(actions.book_space(at_west.front_desk, desks, wish, kind="guest") for _ in range(100))
    assert answers == {"confirmed": 12, "UNITS_TAKEN": 88}
    assert [unit_no for _, unit_no, _, _ in await at_west.occupied()] == list(range(1, 13))


async def test_moves_cancellations_and_bookings_race_and_stay_true(at_west: House) -> None:
    """Twenty bookings wander over three rooms while others come and go; nothing overlaps, nothing is lost."""
    dice, desk = random.Random(7), at_west.front_desk
    rooms = [at_west.rooms[key] for key in ("werkhalle", "werkhalle-nord", "denkwerkstatt")]

    def somewhen() -> Span:
        start = at(dice.choice((20, 23, 24)), dice.choice((8, 10, 12, 14, 16, 18)))
        return Span(start, start + timedelta(hours=dice.choice((1, 2))))

    made: list[Booking] = []

    async def book() -> Booking:
        made.append(await actions.book_space(desk, dice.choice(rooms), somewhen(), kind="guest"))
        return made[-1]

    async def move(seen: Booking) -> Booking:
        return await actions.move_booking(desk, seen.id, seen.version, somewhen(), space_id=dice.choice(rooms))

    async def cancel(seen: Booking) -> Booking:
        return await actions.cancel_booking(desk, seen.id, seen.version, reason="Heizung")

    await outcomes(book() for _ in range(60))
    wishes: list[Awaitable[Booking]] = [book() for _ in range(60)]
    for seen in list(made):
        wishes += [move(seen), move(seen), cancel(seen)]
    dice.shuffle(wishes)
    answers = await outcomes(wishes)
    assert set(answers) <= {
        "confirmed",
        "cancelled_by_site",
        "STALE_VERSION",
        "SPACE_TAKEN",
        "BUFFER_NEEDED",
    }
    assert answers["STALE_VERSION"] > 0
    assert answers["cancelled_by_site"] > 0
    await assert_held_as_booked(at_west)


async def test_of_one_booking_moved_and_cancelled_at_once_one_wins(at_west: House) -> None:
    desk = at_west.member
    for day in (23, 24, 25, 26, 27):
        room = at_west.rooms["denkwerkstatt"]
        seen = await actions.book_space(desk, room, span(day, 9, 10), organisation=at_west.kitchen)
        answers = await outcomes(
            [
                *(actions.cancel_booking(desk, seen.id, 1) for _ in range(5)),
                *(actions.move_booking(desk, seen.id, 1, span(day, hour, hour + 1)) for hour in range(12, 17)),
            ]
        )
        assert answers["cancelled"] + answers["confirmed"] == 1
        assert answers["STALE_VERSION"] == 9
    assert await at_west.site.count("app.booking", "version = 2") == 5
    await assert_held_as_booked(at_west)


async def test_not_even_sql_books_twice(at_west: House) -> None:
    room, wish = at_west.rooms["denkwerkstatt"], span(20, 9, 11)
    made = await actions.book_space(at_west.front_desk, room, wish, kind="guest")
    copy = (
        "insert into app.occupancy (tenant_id, id, booking_id, space_id, unit_no, during, created_at)"
        " values ($1, $2, $3, $4, $5, tstzrange($6, $7), $6)"
    )

    async def occupy(unit_no: int, start: Span) -> None:
        args = (at_west.site.id, new_id(), made.id, room, unit_no, start.start, start.end)
        await at_west.site.administrator.execute(copy, *args)

    for clash in (wish, span(20, 10, 12), span(20, 8, 10), Span(at(20, 9, 30), at(20, 10))):
        with pytest.raises(asyncpg.ExclusionViolationError) as broken:
            await occupy(1, clash)
        assert broken.value.constraint_name == "occupancy_no_overlap"
    await occupy(1, span(20, 11, 12))  # the end is excluded
    await occupy(2, wish)  # another unit


async def test_a_hand_in_the_table_is_refused_in_the_same_words(at_west: House) -> None:
    """Somebody writes past the actions and has not committed yet: the constraint says what the rule would have."""
    room, wish = at_west.rooms["denkwerkstatt"], span(20, 9, 11)
    seen = await actions.book_space(at_west.front_desk, room, span(23, 9, 11), kind="guest")
    hand = at_west.site.administrator
    async with asyncio.timeout(10):
        other = hand.transaction()
        await other.start()
        await hand.execute(
            "update app.occupancy set during = tstzrange($2, $3) where booking_id = $1", seen.id, wish.start, wish.end
        )
        waiting = asyncio.create_task(_book(at_west, room, wish))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await other.commit()
        with pytest.raises(Refused) as refused:
            await waiting
    assert [refusal.code for refusal in refused.value.refusals] == ["SPACE_TAKEN"]
    assert await at_west.site.count("app.booking") == 1
    assert await at_west.site.count("app.counter", "kind = 'B' and last = 1") == 1


async def _book(house: House, room: UUID, wish: Span) -> Booking:
    return await actions.book_space(house.front_desk, room, wish, kind="guest")
