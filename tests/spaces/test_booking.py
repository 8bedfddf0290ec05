"""Booking a space: what is written, what is refused, and that nothing else happens."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from spaces.house import House, at, span
from world import NOW

from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.members import actions as members
from quartier.members.words import Profile
from quartier.spaces import actions


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


async def assert_nothing_happened(house: House) -> None:
    for table in ("app.booking", "app.occupancy"):
        assert await house.site.count(table) == 0
    assert await house.lines() == []
    assert await house.site.count("app.counter", "kind = 'B'") == 0


async def test_a_member_books_the_think_room_for_her_association(at_west: House) -> None:
    wish = span(20, 9, 11)
    made = await actions.book_space(
        at_west.member,
        at_west.rooms["denkwerkstatt"],
        wish,
        organisation=at_west.kitchen,
        title=" Speiseplan ",
        persons=12,
    )
    assert (made.number, made.state, made.kind, made.version) == ("LW-B-2026-0001", "confirmed", "member", 1)
    assert (made.booked_by, made.for_person, made.organisation) == (at_west.lena, at_west.lena, at_west.kitchen)
    assert (made.span, made.units, made.persons, made.price) == (wish, 1, 12, 0)
    [row] = await at_west.site.sql("select * from app.booking where id = $1", made.id)
    assert row["local_start"] == datetime(2026, 11, 20, 9)  # noqa: DTZ001  (wall time has no zone)
    assert (row["starts_at"], row["ends_at"], row["created_at"]) == (wish.start, wish.end, NOW)
    assert (row["title"], row["before"], row["after"], row["list_price"]) == ("Speiseplan", 0, 15, 4400)
    assert (row["visibility"], row["decided_by"], row["late"]) == ("private", None, False)
    [membership] = await at_west.site.sql("select id from app.membership where tenant_id = $1", at_west.site.id)
    assert row["membership_id"] == membership["id"]
    assert await at_west.occupied() == [("denkwerkstatt", 1, wish.start, wish.end)]
    [line] = await at_west.lines()
    assert (line["action"], line["subject"]) == ("space.booked", made.id)
    assert json.loads(line["numbers"]) == {
        "space": str(made.space),
        "state": "confirmed",
        "units": 1,
        "overrode": [],
    }


async def test_a_taken_room_is_refused_and_the_same_wish_at_east_succeeds(at_west: House, house_east: House) -> None:
    room, wish = "denkwerkstatt", span(20, 9, 11)
    await actions.book_space(at_west.front_desk, at_west.rooms[room], wish, kind="guest")
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, at_west.rooms[room], span(20, 10, 12), organisation=at_west.kitchen)
    [refusal] = refused.value.refusals
    assert refusal.code == "SPACE_TAKEN"
    assert refusal.numbers == {"taken_from": at(20, 9), "taken_until": at(20, 11), "next_free": at(20, 11, 15)}
    assert [way_out["starts_at"] for way_out in refusal.alternatives] == [
        at(20, 11, 15),
        at(20, 13, 15),
        at(20, 15, 15),
    ]
    assert refusal.message("de", at_west.member.zone) == (
        "In dieser Zeit ist der Raum schon vergeben. Nächster freier Beginn: 20.11.2026, 11:15 Uhr."
    )
    assert await at_west.site.count("app.booking") == 1
    assert len(await at_west.lines()) == 1
    with house_east.site.speaking():
        there = await actions.book_space(
            house_east.member, house_east.rooms[room], span(20, 10, 12), organisation=house_east.kitchen
        )
    assert there.number == "LE-B-2026-0001"


async def test_every_reason_is_told_at_once_and_nothing_is_written(at_west: House) -> None:
    desk = at_west.site.desk("member", person=at_west.lena)  # her organisations are not known at this desk
    with pytest.raises(Refused) as refused:
        await actions.book_space(
            desk,
            at_west.rooms["beratung-1"],
            Span(at(19, 9, 50), at(19, 22)),
            persons=9,
            title="a\nb",
        )
    assert codes(refused) == [
        "FIELD_INVALID",
        "NOT_ALLOWED",
        "MEMBERSHIP_NOT_ACTIVE",
        "TOO_MANY_PERSONS",
        "TOO_SOON",
        "SPAN_TOO_LONG",
        "OFF_GRID",
        "OUT_OF_HOURS",
    ]
    await assert_nothing_happened(at_west)


async def test_on_a_saxon_holiday_the_house_is_closed(at_west: House) -> None:
    days_before = at_west.front_desk.at(NOW - timedelta(days=5))
    with pytest.raises(Refused) as refused:
        await actions.book_space(days_before, at_west.rooms["denkwerkstatt"], span(18, 9, 11), override=True)
    [refusal] = refused.value.refusals
    assert refusal.code == "CLOSED"
    assert refusal.numbers == {
        "closed_from": at(18, 0),
        "closed_until": at(19, 0),
        "kind": "holiday",
        "reason": "Buß- und Bettag",
    }


async def test_the_front_desk_sets_hours_aside_and_the_audit_line_says_so(at_west: House) -> None:
    room, late = at_west.rooms["denkwerkstatt"], span(20, 20, 23)
    for desk in (at_west.member, at_west.front_desk):
        with pytest.raises(Refused) as refused:
            await actions.book_space(desk, room, late, organisation=at_west.kitchen)
        assert codes(refused) == ["OUT_OF_HOURS"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, room, late, organisation=at_west.kitchen, override=True)
    assert codes(refused) == ["OUT_OF_HOURS", "NOT_ALLOWED"]
    made = await actions.book_space(at_west.front_desk, room, late, organisation=at_west.kitchen, override=True)
    assert made.state == "confirmed"
    [line] = await at_west.lines()
    assert json.loads(line["numbers"])["overrode"] == ["OUT_OF_HOURS"]


async def test_the_front_desk_sets_a_buffer_aside_but_never_a_booking(at_west: House) -> None:
    room, desk = at_west.rooms["denkwerkstatt"], at_west.front_desk
    await actions.book_space(desk, room, span(20, 9, 11), kind="guest")
    with pytest.raises(Refused) as refused:
        await actions.book_space(desk, room, span(20, 10, 12), kind="guest", override=True)
    assert codes(refused) == ["SPACE_TAKEN"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(desk, room, span(20, 11, 12), kind="guest")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.numbers) == ("BUFFER_NEEDED", {"free_from": at(20, 11, 15)})
    await actions.book_space(desk, room, span(20, 11, 12), kind="guest", override=True)
    assert len(await at_west.occupied()) == 2


async def test_lead_and_horizon_are_set_aside_the_past_and_closures_are_not(at_west: House) -> None:
    room, desk = at_west.rooms["denkwerkstatt"], at_west.front_desk
    await actions.book_space(desk, room, Span(at(19, 9, 45), at(19, 11)), kind="guest", override=True)
    far = span(1, 9, 11, month=9, year=2027)
    assert (await actions.book_space(desk, room, far, kind="guest", override=True)).span == far
    refusals = {
        "SPAN_IN_PAST": Span(at(19, 9, 30), at(19, 10)),
        "CLOSED": span(28, 10, 12, month=12),
        "OFF_GRID": Span(at(20, 9, 50), at(20, 11)),
        "SPAN_TOO_LONG": span(20, 8, 17),
    }
    for code, wish in refusals.items():
        with pytest.raises(Refused) as refused:
            await actions.book_space(desk, room, wish, kind="guest", override=True)
        assert code in codes(refused)


async def test_a_member_books_for_herself_and_her_own_alone(at_west: House) -> None:
    room, wish = at_west.rooms["denkwerkstatt"], span(20, 9, 11)
    kim = await at_west.site.person("Kim Behr")
    others = await members.register_organisation(at_west.manager, Profile("Tonspur", "company", False, True))
    wishes: list[dict[str, Any]] = [
        {"organisation": others.id},
        {"organisation": uuid4()},
        {"for_person": kim},
        {"for_person": uuid4()},
    ]
    for others_wish in wishes:
        with pytest.raises(Refused) as refused:
            await actions.book_space(at_west.member, room, wish, **others_wish)
        assert codes(refused) == ["NOT_FOUND"]
    for kind in ("guest", "internal"):
        with pytest.raises(Refused) as refused:
            await actions.book_space(at_west.member, room, wish, kind=kind)
        assert codes(refused) == ["NOT_ALLOWED"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.manager, room, wish, kind="lease")
    assert codes(refused) == ["FIELD_INVALID"]
    await assert_nothing_happened(at_west)
    hers = await actions.book_space(at_west.member, room, wish)
    assert (hers.for_person, hers.organisation) == (at_west.lena, None)


async def test_a_booking_needs_a_membership_in_force_on_its_day(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    [membership] = await at_west.site.sql("select id from app.membership where tenant_id = $1", at_west.site.id)
    await members.close_membership(at_west.manager, membership["id"], 1)  # until 19 December
    made = await actions.book_space(at_west.member, room, span(19, 10, 12, month=12), organisation=at_west.kitchen)
    assert made.state == "confirmed"
    for holder in (at_west.kitchen, None):
        with pytest.raises(Refused) as refused:
            await actions.book_space(at_west.member, room, span(21, 9, 11, month=12), organisation=holder)
        [refusal] = refused.value.refusals
        assert refusal.code == "MEMBERSHIP_NOT_ACTIVE"
        assert refusal.numbers == {"on": date(2026, 12, 21)}
    guest = await actions.book_space(
        at_west.front_desk, room, span(21, 9, 11, month=12), organisation=at_west.kitchen, kind="guest"
    )
    assert (guest.price, guest.list_price, guest.payer) == (1600, 4400, "nonprofit")


async def test_the_front_desk_books_for_a_person_and_for_the_house(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    for_lena = await actions.book_space(at_west.front_desk, room, span(20, 9, 11), for_person=at_west.lena)
    assert (for_lena.kind, for_lena.for_person, for_lena.price) == ("member", at_west.lena, 0)
    the_house = await actions.book_space(at_west.front_desk, room, span(20, 12, 13))
    assert (the_house.kind, the_house.for_person, the_house.price) == ("internal", None, 0)
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.front_desk, room, span(20, 15, 16), for_person=uuid4())
    assert codes(refused) == ["NOT_FOUND"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.front_desk, room, span(20, 15, 16), kind="member")
    assert codes(refused) == ["FIELD_INVALID"]


async def test_the_hall_is_asked_for_and_requests_may_compete(at_west: House) -> None:
    hall, wish = at_west.rooms["werkhalle"], span(20, 9, 12)
    first = await actions.book_space(at_west.member, hall, wish, organisation=at_west.kitchen)
    second = await actions.book_space(at_west.member, hall, wish, organisation=at_west.kitchen)
    assert (first.state, second.state) == ("requested", "requested")
    assert await at_west.occupied() == []
    staff = await actions.book_space(at_west.manager, hall, wish, kind="guest")
    assert staff.state == "confirmed"
    assert [key for key, *_ in await at_west.occupied()] == ["werkhalle-nord", "werkhalle-sued"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, hall, wish, organisation=at_west.kitchen)
    assert codes(refused) == ["SPACE_TAKEN"]


async def test_a_request_blocks_where_the_space_says_so(at_west: House) -> None:
    hall, wish = at_west.rooms["werkhalle"], span(20, 9, 12)
    await at_west.site.sql("update app.space set request_blocks = true where id = $1", hall)
    made = await actions.book_space(at_west.member, hall, wish, organisation=at_west.kitchen)
    assert made.state == "requested"
    assert len(await at_west.occupied()) == 2
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, hall, wish, organisation=at_west.kitchen)
    assert codes(refused) == ["SPACE_TAKEN"]


async def test_whole_and_parts_block_each_other(at_west: House) -> None:
    desk, hall, north, south = (
        at_west.manager,
        at_west.rooms["werkhalle"],
        at_west.rooms["werkhalle-nord"],
        at_west.rooms["werkhalle-sued"],
    )
    await actions.book_space(desk, north, span(20, 9, 11), kind="guest")
    with pytest.raises(Refused) as refused:
        await actions.book_space(desk, hall, span(20, 10, 12), kind="guest")
    assert codes(refused) == ["SPACE_TAKEN"]
    await actions.book_space(desk, south, span(20, 9, 11), kind="guest")
    await actions.book_space(desk, hall, span(20, 13, 15), kind="guest")
    for part in (north, south):
        with pytest.raises(Refused) as refused:
            await actions.book_space(desk, part, span(20, 14, 16), kind="guest")
        assert codes(refused) == ["SPACE_TAKEN"]
    assert await at_west.occupied() == [
        ("werkhalle-nord", 1, at(20, 9), at(20, 11)),
        ("werkhalle-sued", 1, at(20, 9), at(20, 11)),
        ("werkhalle-nord", 1, at(20, 13), at(20, 15)),
        ("werkhalle-sued", 1, at(20, 13), at(20, 15)),
    ]


async def test_a_closure_of_the_hall_closes_its_parts_and_back(at_west: House) -> None:
    june = at_west.manager.at(at(1, 9, month=7))
    for key in ("werkhalle", "werkhalle-nord"):  # the floor of the whole hall is sealed
        with pytest.raises(Refused) as refused:
            await actions.book_space(june, at_west.rooms[key], span(27, 9, 11, month=7), kind="guest")
        [refusal] = refused.value.refusals
        assert (refusal.code, refusal.numbers["closed_until"]) == ("CLOSED", at(29, 0, month=7))
    await actions.book_space(june, at_west.rooms["denkwerkstatt"], span(27, 9, 11, month=7), kind="guest")


async def test_places_are_taken_by_number(at_west: House) -> None:
    places, wish = at_west.rooms["arbeitsplaetze"], span(20, 9, 12)
    await actions.book_space(at_west.front_desk, places, wish, units=10, kind="guest")
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.front_desk, places, wish, units=3, kind="guest")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.numbers) == (
        "UNITS_TAKEN",
        {"asked": 3, "left": 2, "units": 12, "next_free": at(20, 12)},
    )
    assert [(way["starts_at"], way["ends_at"]) for way in refusal.alternatives][:1] == [(at(20, 12), at(20, 15))]
    made = await actions.book_space(at_west.front_desk, places, wish, units=2, kind="guest")
    assert (made.price, made.list_price) == (2 * 3 * 300, 2 * 3 * 200)
    assert [unit_no for _, unit_no, _, _ in await at_west.occupied()] == list(range(1, 13))


async def test_an_office_is_leased_and_a_staff_room_is_the_teams(at_west: House) -> None:
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, at_west.rooms["buero-1"], span(20, 9, 11))
    assert codes(refused) == ["SPACE_NOT_OFFERED"]
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.member, at_west.rooms["beratung-1"], span(20, 9, 11))
    assert codes(refused) == ["NOT_ALLOWED"]
    assert (await actions.book_space(at_west.front_desk, at_west.rooms["beratung-1"], span(20, 9, 11))).price == 0


async def test_a_neighbours_room_is_not_found(at_west: House, house_east: House) -> None:
    for room in (house_east.rooms["denkwerkstatt"], uuid4()):
        with pytest.raises(Refused) as refused:
            await actions.book_space(at_west.front_desk, room, span(20, 9, 11))
        assert codes(refused) == ["NOT_FOUND"]
    await assert_nothing_happened(at_west)
    await assert_nothing_happened(house_east)


async def test_who_may_not_book_is_refused_before_anything_is_looked_at(at_west: House) -> None:
    with pytest.raises(Refused) as refused:
        await actions.book_space(at_west.site.desk("observer"), uuid4(), span(20, 9, 11))
    assert codes(refused) == ["NOT_ALLOWED"]
    machine = at_west.site.desk("member")  # a client with spaces:book alone stands for nobody
    with pytest.raises(Refused) as refused:
        await actions.book_space(machine, at_west.rooms["denkwerkstatt"], span(20, 9, 11))
    assert codes(refused) == ["NOT_ALLOWED"]


async def test_spans_nobody_means_are_refusals_too(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    wishes = {
        "SPAN_TOO_SHORT": Span(at(20, 11), at(20, 9)),
        "SPAN_TOO_LONG": Span(at(20, 9), datetime.max.replace(tzinfo=NOW.tzinfo)),
        "SPAN_IN_PAST": Span(datetime.min.replace(tzinfo=NOW.tzinfo), at(20, 9)),
        "TOO_FAR": Span(at(20, 9, year=9000), at(20, 10, year=9000)),
    }
    for code, wish in wishes.items():
        with pytest.raises(Refused) as refused:
            await actions.book_space(at_west.front_desk, room, wish, override=True)
        assert code in codes(refused)
    await assert_nothing_happened(at_west)


async def test_nine_is_nine_on_both_sides_of_the_clock_change(at_west: House) -> None:
    desk, room = at_west.manager.at(at(20, 9, month=10)), at_west.rooms["denkwerkstatt"]
    for day in (24, 26):  # the clocks change on Sunday the 25th
        await actions.book_space(desk, room, span(day, 10, 12, month=10), kind="guest")
    rows = await at_west.site.sql(
        "select local_start, starts_at from app.booking where tenant_id = $1 order by starts_at", at_west.site.id
    )
    assert [row["local_start"].hour for row in rows] == [10, 10]
    assert [row["starts_at"].hour for row in rows] == [8, 9]


async def test_the_night_of_the_clock_change_has_an_hour_more(at_west: House) -> None:
    """Open through the night for once: the two quarters past two are two times, not one."""
    site, room = at_west.site, at_west.rooms["denkwerkstatt"]
    desk = at_west.manager.at(at(20, 9, month=10))
    first = at(25, 2, month=10)
    second = first + timedelta(hours=1)
    for start in (first, second):
        wish = Span(start, start + timedelta(minutes=45))
        await actions.book_space(desk, room, wish, kind="guest", override=True)
    rows = await site.sql("select local_start from app.booking where tenant_id = $1", site.id)
    assert {row["local_start"].hour for row in rows} == {2}
    assert len(await at_west.occupied()) == 2


async def test_a_program_books_for_its_owner_s_organisation_and_never_for_a_person(at_west: House) -> None:
    scopes = frozenset({"spaces:read", "spaces:book"})
    machine = replace(at_west.site.desk("member"), client=uuid4(), permissions=scopes, own=frozenset({at_west.kitchen}))
    room = at_west.rooms["denkwerkstatt"]
    made = await actions.book_space(machine, room, span(20, 9, 11))
    assert (made.kind, made.organisation, made.for_person, made.booked_by) == ("member", at_west.kitchen, None, None)
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"for_person": at_west.lena}, "NOT_ALLOWED"), ({"kind": "guest"}, "NOT_ALLOWED"),
        ({"organisation": uuid4()}, "NOT_FOUND"),
    ]  # fmt: skip
    for wish, code in wishes:
        with pytest.raises(Refused) as refused:
            await actions.book_space(machine, room, span(23, 9, 11), **wish)
        assert codes(refused) == [code]
    for own, code in ((frozenset(), "NOT_ALLOWED"), (frozenset({at_west.kitchen, uuid4()}), "FIELD_INVALID")):
        with pytest.raises(Refused) as refused:
            await actions.book_space(replace(machine, own=own), room, span(23, 9, 11))
        assert codes(refused) == [code]
    assert await at_west.site.count("app.booking") == 1
