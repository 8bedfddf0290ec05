"""Closing, blocking and days of their own hours: what is booked is in the way until somebody decides."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from refusing import refusals
from spaces.house import House, at, span
from world import NOW

from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions, closing, days
from quartier.spaces.availability import free_times
from quartier.spaces.words import Booking

DAY = Span(at(26, 0), at(27, 0))


async def booked(house: House, room: str, when: Span, **more: object) -> Booking:
    return await actions.book_space(house.front_desk, house.rooms[room], when, kind="guest", **more)  # type: ignore[arg-type]


async def states(house: House, *bookings: Booking) -> list[tuple[str, str | None]]:
    rows = await house.site.sql("select id, state, reason from app.booking where tenant_id = $1", house.site.id)
    by_id = {row["id"]: (row["state"], row["reason"]) for row in rows}
    return [by_id[each.id] for each in bookings]


# -- closures ------------------------------------------------------------------------------------------
async def test_a_closed_house_is_refused_while_somebody_has_booked(at_west: House) -> None:
    await booked(at_west, "studio", span(26, 9, 11))
    await booked(at_west, "denkwerkstatt", span(26, 12, 14))
    await booked(at_west, "studio", span(27, 9, 11))
    refused = await refusals(closing.add_closure(at_west.manager, None, DAY, "repair", "Heizung wird geprüft"))
    assert list(refused) == ["BOOKINGS_IN_THE_WAY"]
    assert refused["BOOKINGS_IN_THE_WAY"].numbers == {
        "bookings": 2,
        "named": "LW-B-2026-0001, LW-B-2026-0002",
        "first_at": at(26, 9),
        "last_at": at(26, 14),
    }
    assert refused["BOOKINGS_IN_THE_WAY"].message("de", at_west.member.zone) == (
        "Dann ist schon gebucht (2): LW-B-2026-0001, LW-B-2026-0002. Erst absagen, oder hier mit Grund absagen lassen."
    )
    assert await at_west.site.count("app.closure", "kind = 'repair' and reason_de like 'Heizung%'") == 0


async def test_the_house_closes_all_the_same_and_says_why(at_west: House) -> None:
    gone = await booked(at_west, "studio", span(26, 9, 11))
    asked = await actions.book_space(
        at_west.member, at_west.rooms["werkhalle"], span(26, 9, 11), organisation=at_west.kitchen
    )
    stays = await booked(at_west, "studio", span(27, 9, 11))
    assert asked.state == "requested"
    made, cancelled = await closing.add_closure(at_west.manager, None, DAY, "repair", " Heizung ", cancel=True)
    assert set(cancelled) == {gone.id, asked.id}
    assert await states(at_west, gone, asked, stays) == [
        ("cancelled_by_site", "Heizung"),
        ("declined", "Heizung"),
        ("confirmed", None),
    ]
    assert await at_west.occupied() == [("studio", 1, at(27, 9), at(27, 11))]
    refused = await refusals(booked(at_west, "studio", span(26, 9, 11)))
    assert refused["CLOSED"].numbers["reason"] == "Heizung"
    [line] = [line for line in await at_west.lines() if line["action"] == "space.closed"]
    assert line["subject"] == made
    assert str(gone.id) in line["numbers"]


async def test_a_closed_part_counts_for_the_whole_and_not_for_its_sibling(at_west: House) -> None:
    north = await booked(at_west, "werkhalle-nord", span(26, 9, 11))
    south = closing.add_closure(at_west.manager, at_west.rooms["werkhalle-sued"], DAY, "repair", "Boden")
    await south  # the north is not concerned
    assert list(await refusals(booked(at_west, "werkhalle", span(26, 15, 17)))) == ["CLOSED"]
    whole = await booked(at_west, "werkhalle", span(27, 9, 11))
    on_27 = Span(at(27, 0), at(28, 0))
    wish = closing.add_closure(at_west.manager, at_west.rooms["werkhalle-nord"], on_27, "repair", "Boden")
    assert (await refusals(wish))["BOOKINGS_IN_THE_WAY"].numbers["named"] == whole.number
    assert (await states(at_west, north, whole)) == [("confirmed", None), ("confirmed", None)]


async def test_what_has_begun_and_what_belongs_elsewhere_is_not_taken_away(at_west: House) -> None:
    session = await actions.book_session(at_west.manager, at_west.rooms["studio"], span(26, 9, 11), "Kurs")
    for_later = at_west.manager.at(at(20, 10))
    running = await booked(at_west, "denkwerkstatt", span(20, 9, 11))
    both = Span(at(20, 9, 30), at(27, 0))
    refused = await refusals(closing.add_closure(for_later, None, both, "other", "Wasser", cancel=True))
    assert refused["BOOKINGS_IN_THE_WAY"].numbers["bookings"] == 2
    rows = await at_west.site.sql("select state from app.booking where id = any($1)", [session, running.id])
    assert [row["state"] for row in rows] == ["confirmed", "confirmed"]


async def test_a_closure_is_lifted_before_it_begins_and_ends_once_it_has(at_west: House) -> None:
    soon, _ = await closing.add_closure(at_west.manager, None, DAY, "other", "Fest")
    await closing.lift_closure(at_west.manager, soon)
    await booked(at_west, "studio", span(26, 9, 11))
    running, _ = await closing.add_closure(at_west.manager, None, Span(at(27, 0), at(28, 0)), "other", "Fest")
    await closing.lift_closure(at_west.manager.at(at(27, 12)), running)
    [row] = await at_west.site.sql("select upper(during) as ends from app.closure where id = $1", running)
    assert row["ends"] == at(27, 12)
    refused = await refusals(closing.lift_closure(at_west.manager.at(at(27, 13)), running))
    assert refused["CLOSURE_OVER"].numbers == {"ended_at": at(27, 12)}
    assert list(await refusals(closing.lift_closure(at_west.manager, uuid4()))) == ["NOT_FOUND"]
    assert list(await refusals(closing.lift_closure(at_west.front_desk, running))) == ["NOT_ALLOWED"]


async def test_who_books_while_the_house_closes_finds_it_closed_or_stands_in_the_way(
    at_west: House, forty_connections: None
) -> None:
    for n in range(9):
        day, hour = 23 + n // 3, 9 + 3 * (n % 3)
        when = span(day, hour, hour + 2)
        found = await asyncio.gather(
            refusals(booked(at_west, "studio", when)),
            refusals(closing.add_closure(at_west.manager, at_west.rooms["studio"], when, "other", "Probe")),
        )
        assert sorted(code for each in found for code in each) in (["BOOKINGS_IN_THE_WAY"], ["CLOSED"])


# -- out of use ----------------------------------------------------------------------------------------
async def test_a_blocking_holds_like_a_booking_over_night_and_without_buffers(at_west: House) -> None:
    before = await booked(at_west, "werkhalle-nord", span(26, 9, 11))
    over_night = Span(at(26, 11), at(30, 8))
    made, gone = await closing.block_space(at_west.front_desk, at_west.rooms["werkhalle-nord"], over_night, "Bühne")
    assert (made.kind, made.state, made.price, gone) == ("blocking", "confirmed", 0, [])
    assert before.span.end == made.span.start  # the cleaning of one may meet the blocking
    assert "SPACE_TAKEN" in await refusals(booked(at_west, "werkhalle", span(27, 9, 11)))
    assert list(await refusals(booked(at_west, "werkhalle-sued", span(27, 9, 11)))) == []


async def test_a_whole_is_not_blocked_over_a_part_that_somebody_has(at_west: House) -> None:
    part = await booked(at_west, "werkhalle-sued", span(26, 9, 11))
    wish = closing.block_space(at_west.front_desk, at_west.rooms["werkhalle"], span(26, 10, 12), "Probe")
    assert (await refusals(wish))["BOOKINGS_IN_THE_WAY"].numbers["named"] == part.number
    made, gone = await closing.block_space(
        at_west.front_desk, at_west.rooms["werkhalle"], span(26, 10, 12), "Probe", cancel=True
    )
    assert gone == [part.id]
    assert [name for name, *_ in await at_west.occupied()] == ["werkhalle-nord", "werkhalle-sued"]
    assert await states(at_west, part, made) == [("cancelled_by_site", "Probe"), ("confirmed", None)]


async def test_of_like_places_as_few_as_possible_are_taken_away_the_last_booked_first(at_west: House) -> None:
    seven = await booked(at_west, "arbeitsplaetze", span(26, 9, 12), units=7)
    three = await booked(at_west, "arbeitsplaetze", span(26, 9, 12), units=3)
    block = at_west.rooms["arbeitsplaetze"]
    free, _ = await closing.block_space(at_west.front_desk, block, span(26, 9, 12), "Kabel", units=2)
    refused = await refusals(closing.block_space(at_west.front_desk, block, span(26, 9, 12), "Kabel", units=2))
    assert refused["BOOKINGS_IN_THE_WAY"].numbers["named"] == free.number  # another blocking, and nobody's to cancel
    await closing.lift_blocking(at_west.front_desk, free.id, 1)
    _, gone = await closing.block_space(at_west.front_desk, block, span(26, 9, 12), "Kabel", units=4, cancel=True)
    assert gone == [three.id]
    assert await states(at_west, seven, three) == [("confirmed", None), ("cancelled_by_site", "Kabel")]
    refused = await refusals(closing.block_space(at_west.front_desk, block, span(26, 9, 12), "x", units=13))
    assert refused["FIELD_INVALID"].path == ("units",)


async def test_a_blocking_that_has_begun_ends_now(at_west: House) -> None:
    made, _ = await closing.block_space(at_west.front_desk, at_west.rooms["studio"], span(26, 9, 18), "Licht")
    noon = at_west.front_desk.at(at(26, 12))
    lifted = await closing.lift_blocking(noon, made.id, made.version)
    assert lifted.state == "completed"
    assert await at_west.occupied() == [("studio", 1, at(26, 9), at(26, 12))]
    assert list(await refusals(closing.lift_blocking(noon, made.id, made.version))) == ["STALE_VERSION"]
    assert list(await refusals(closing.lift_blocking(noon, made.id, lifted.version))) == ["STEP_NOT_POSSIBLE"]
    other = await booked(at_west, "studio", span(27, 9, 11))
    assert list(await refusals(closing.lift_blocking(noon, other.id, 1))) == ["NOT_FOUND"]
    late, _ = await closing.block_space(at_west.front_desk, at_west.rooms["studio"], span(27, 12, 13), "Licht")
    refused = await refusals(closing.lift_blocking(at_west.front_desk.at(at(27, 14)), late.id, 1))
    assert refused["BOOKING_OVER"].numbers == {"ended_at": at(27, 13)}


async def test_a_member_neither_closes_nor_blocks(at_west: House) -> None:
    room = at_west.rooms["studio"]
    for wish in (
        closing.add_closure(at_west.member, room, DAY, "other", "x"),
        closing.block_space(at_west.member, room, DAY, "x"),
        days.set_opening_day(at_west.member, room, date(2026, 11, 26), [], "x"),
    ):
        assert list(await refusals(wish)) == ["NOT_ALLOWED"]


NEVER = (
    Span(at(26, 9), at(26, 9)),
    Span(at(26, 9), at(25, 9)),
    Span(at(1, 0), at(2, 0)),
    Span(NOW, at(31, 0, 0, 12, 2027)),
)


@pytest.mark.parametrize("when", NEVER)
async def test_a_closure_has_a_length_and_is_not_over(at_west: House, when: Span) -> None:
    refused = await refusals(closing.add_closure(at_west.manager, None, when, "other", "x"))
    assert (list(refused), refused["FIELD_INVALID"].path) == (["FIELD_INVALID"], ("ends_at",))


# -- days of their own hours ---------------------------------------------------------------------------
async def test_a_sunday_opens_for_a_day_and_free_times_say_so(at_west: House) -> None:
    sunday, desk = date(2026, 11, 22), at_west.front_desk
    assert list(await refusals(booked(at_west, "studio", span(22, 11, 13)))) == ["OUT_OF_HOURS"]
    await days.set_opening_day(at_west.manager, None, sunday, [(600, 840), (900, 1080)], "Offenes Haus")
    await booked(at_west, "studio", span(22, 11, 13))
    refused = await refusals(booked(at_west, "studio", span(22, 13, 16)))
    assert refused["OUT_OF_HOURS"].numbers == {"opens_at": at(22, 10), "closes_at": at(22, 14)}
    [free] = await free_times(desk, Span(at(22, 0), at(23, 0)), spaces=[at_west.rooms["studio"]])
    assert free.spans == (
        Span(at(22, 10), at(22, 10, 45)),
        Span(at(22, 13, 15), at(22, 14)),
        Span(at(22, 15), at(22, 18)),
    )


async def test_a_space_may_have_a_day_of_its_own_beside_the_house_s(at_west: House) -> None:
    studio, day = at_west.rooms["studio"], date(2026, 11, 26)
    await days.set_opening_day(at_west.manager, None, day, [(480, 720)], "Betriebsausflug")
    await days.set_opening_day(at_west.manager, studio, day, [(1020, 1440)], "Lange Nacht")
    rooms = [studio, at_west.rooms["denkwerkstatt"]]
    found = {each.space: each.spans for each in await free_times(at_west.front_desk, DAY, spaces=rooms)}
    assert found == {studio: (Span(at(26, 17), at(27, 0)),), rooms[1]: (Span(at(26, 8), at(26, 12)),)}
    for room, good, bad in (("studio", 18, 9), ("denkwerkstatt", 9, 18)):
        assert list(await refusals(booked(at_west, room, span(26, bad, bad + 1)))) == ["OUT_OF_HOURS"]
        await booked(at_west, room, span(26, good, good + 1))
    await days.set_opening_day(at_west.manager, None, day, [], "wie immer")
    await booked(at_west, "denkwerkstatt", span(26, 18, 19))


async def test_a_shorter_day_is_refused_while_somebody_has_booked_its_evening(at_west: House) -> None:
    day = date(2026, 11, 26)
    evening = await booked(at_west, "studio", span(26, 18, 20))
    by_override = await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(26, 21, 23), kind="guest", override=True
    )
    wish = days.set_opening_day(at_west.manager, None, day, [(480, 1020)], "Betriebsfeier")
    assert (await refusals(wish))["BOOKINGS_IN_THE_WAY"].numbers["named"] == evening.number
    assert await at_west.site.count("app.opening_day") == 0
    gone = await days.set_opening_day(at_west.manager, None, day, [(480, 1020)], "Betriebsfeier", cancel=True)
    assert gone == [evening.id]
    assert await states(at_west, evening, by_override) == [("cancelled_by_site", "Betriebsfeier"), ("confirmed", None)]


@pytest.mark.parametrize("hours", [[(600, 600)], [(600, 500)], [(0, 1441)], [(-1, 5)], [(600, 700), (650, 800)]])
async def test_hours_of_a_day_are_in_order(at_west: House, hours: list[tuple[int, int]]) -> None:
    refused = await refusals(days.set_opening_day(at_west.manager, None, date(2026, 11, 26), hours, "x"))
    assert (list(refused), refused["FIELD_INVALID"].path) == (["FIELD_INVALID"], ("hours",))


async def test_a_day_that_is_over_gets_no_new_hours(at_west: House) -> None:
    with pytest.raises(Refused) as refused:
        await days.set_opening_day(at_west.manager, None, date(2026, 11, 18), [(600, 700)], "x" * 201)
    assert [each.path for each in refused.value.refusals] == [("day",), ("reason",)]


async def test_closing_here_closes_nothing_there(at_west: House, house_east: House) -> None:
    await closing.add_closure(at_west.manager, None, DAY, "other", "Fest")
    await days.set_opening_day(at_west.manager, None, date(2026, 11, 22), [(600, 840)], "Fest")
    with house_east.site.speaking():
        await booked(house_east, "studio", span(26, 9, 11))
        assert list(await refusals(booked(house_east, "studio", span(22, 11, 13)))) == ["OUT_OF_HOURS"]


async def test_the_way_is_free_again_after_a_day(at_west: House) -> None:
    """A closure ends where the next day begins: the end is excluded."""
    await closing.add_closure(at_west.manager, None, Span(at(26, 0), at(26, 9)), "other", "Fest")
    await booked(at_west, "studio", Span(at(26, 9), at(26, 9) + timedelta(hours=1)))
