"""Spaces and bookings through the schema: booked, moved, cancelled, and who reads what."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.asking import Ask
from graph.both import Both
from spaces.house import House, at, furnish
from world import Site

from quartier.database.lanes import Lanes
from quartier.members import actions as members
from quartier.members.facts import record_support
from quartier.members.words import Profile
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier_graph.site import site


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(site(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def house(west: Site) -> House:
    return await furnish(west, read_site(home("tenants") / "leipzig-west"))


def wish(house: House, room: str, day: int, start: int, end: int, **more: Any) -> dict[str, Any]:
    times = {"startsAt": at(day, start).isoformat(), "endsAt": at(day, end).isoformat()}
    return {"space": f"spc_{house.rooms[room]}", **times, **more}


WHOLE = """query ($id: ID!) { booking(id: $id) {
  number startsAt endsAt units kind state visibility title caption persons price ownPrice own late reason version
  space { key nameDe } organisation { name } person { name email } bookedBy { name } membership { number state }
} }"""
READ = WHOLE.replace(" email", "")  # a member may not ask for addresses


async def test_a_booking_from_the_wish_to_the_cancellation(ask: Ask, house: House) -> None:
    kitchen = f"org_{house.kitchen}"
    asked = wish(house, "denkwerkstatt", 24, 9, 11, organisation=kitchen, title="Speiseplan", persons=8)
    made = await ask.do(house.member, "bookSpace", asked, "booking { id number state version ownPrice }")
    booking = made["booking"].pop("id")
    assert made == {
        "refusals": [],
        "booking": {"number": "LW-B-2026-0001", "state": "CONFIRMED", "version": 1, "ownPrice": 0},
    }
    told = (await ask.read(house.front_desk, WHOLE, id=booking))["booking"]
    assert told == {
        "number": "LW-B-2026-0001",
        "startsAt": "2026-11-24T08:00:00+00:00",
        "endsAt": "2026-11-24T10:00:00+00:00",
        "units": 1,
        "kind": "MEMBER",
        "state": "CONFIRMED",
        "visibility": "PRIVATE",
        "title": "Speiseplan",
        "caption": None,
        "persons": 8,
        "price": 0,
        "ownPrice": None,
        "own": False,
        "late": False,
        "reason": None,
        "version": 1,
        "space": {"key": "denkwerkstatt", "nameDe": "Denkwerkstatt"},
        "organisation": {"name": "Löffelweise e. V."},
        "person": {"name": "Lena Voss", "email": None},
        "bookedBy": {"name": "Lena Voss"},
        "membership": {"number": "LW-M-2026-0001", "state": "ACTIVE"},
    }
    move = {"booking": booking, "version": 1, "startsAt": at(25, 9).isoformat(), "endsAt": at(25, 10).isoformat()}
    moved = await ask.do(house.member, "moveBooking", move, "booking { startsAt version }")
    assert moved["booking"] == {"startsAt": "2026-11-25T08:00:00+00:00", "version": 2}
    gone = await ask.do(house.member, "cancelBooking", {"booking": booking, "version": 2}, "booking { state late }")
    assert gone == {"refusals": [], "booking": {"state": "CANCELLED", "late": False}}
    assert await house.occupied() == []


async def test_a_refusal_names_numbers_and_ways_out(ask: Ask, house: House) -> None:
    await ask.do(house.front_desk, "bookSpace", wish(house, "denkwerkstatt", 20, 9, 11, kind="GUEST"))
    text = """mutation ($input: BookSpaceInput!) { bookSpace(input: $input) { booking { id } refusals {
      code message path numbers { name at integer minutes }
      alternatives { numbers { name at id } } } } }"""
    given = {**wish(house, "denkwerkstatt", 20, 10, 12), "persons": 40, "idempotencyKey": "eins"}
    reply = await ask.both.watched.run(house.member, text, {"input": given}, None)
    done = json.loads(reply.body)["data"]["bookSpace"]
    assert done["booking"] is None
    full, taken = done["refusals"]
    assert (full["code"], full["path"]) == ("TOO_MANY_PERSONS", ["persons"])
    assert (taken["code"], taken["path"]) == ("SPACE_TAKEN", ["startsAt"])
    assert taken["message"] == (
        "In dieser Zeit ist der Raum schon vergeben. Nächster freier Beginn: 20.11.2026, 11:15 Uhr."
    )
    assert {n["name"]: n["at"] for n in taken["numbers"]} == {
        "taken_from": "2026-11-20T08:00:00+00:00",
        "taken_until": "2026-11-20T10:00:00+00:00",
        "next_free": "2026-11-20T10:15:00+00:00",
    }
    first, *_ = taken["alternatives"]
    assert [n["id"] or n["at"] for n in first["numbers"]] == [
        f"spc_{house.rooms['denkwerkstatt']}",
        "2026-11-20T10:15:00+00:00",
        "2026-11-20T12:15:00+00:00",
    ]
    assert len(taken["alternatives"]) == 3


async def test_others_see_busy_and_not_what_for(ask: Ask, house: House) -> None:
    secret = wish(house, "denkwerkstatt", 20, 9, 11, organisation=f"org_{house.kitchen}", title="Trennung")
    booking = (await ask.do(house.member, "bookSpace", secret, "booking { id }"))["booking"]["id"]
    kim = house.site.desk("member", person=await house.site.person("Kim Behr"))
    hidden = (await ask.read(kim, READ, id=booking))["booking"]
    assert (hidden["state"], hidden["space"]["key"], hidden["own"]) == ("CONFIRMED", "denkwerkstatt", False)
    secrets = ("title", "caption", "persons", "price", "ownPrice", "organisation", "person", "bookedBy", "membership")
    assert {hidden[name] for name in secrets} == {None}
    hers = (await ask.read(house.member, READ, id=booking))["booking"]
    assert (hers["caption"], hers["own"], hers["person"]) == ("Trennung", True, {"name": "Lena Voss"})
    assert hers["organisation"] == {"name": "Löffelweise e. V."}
    assert await ask.told(house.member, WHOLE, id=booking) == ["FORBIDDEN"]  # addresses


async def test_a_public_booking_tells_what_for(ask: Ask, house: House) -> None:
    open_house = wish(house, "denkwerkstatt", 20, 9, 11, kind="GUEST", title="Lesung", visibility="PUBLIC")
    booking = (await ask.do(house.front_desk, "bookSpace", open_house, "booking { id }"))["booking"]["id"]
    kim = house.site.desk("member", person=await house.site.person("Kim Behr"))
    assert (await ask.read(kim, READ, id=booking))["booking"]["caption"] == "Lesung"


async def test_bookings_are_found_by_space_time_and_state(ask: Ask, house: House) -> None:
    for hours in ((9, 10), (12, 13), (15, 16)):
        await ask.do(house.front_desk, "bookSpace", wish(house, "studio", 20, *hours, kind="GUEST"))
    await ask.do(house.front_desk, "bookSpace", wish(house, "denkwerkstatt", 20, 9, 10, kind="GUEST"))
    document = """query ($filter: BookingFilter, $order: BookingOrder!) {
      bookings(filter: $filter, order: $order, first: 2) {
        totalCount nodes { startsAt space { key } } pageInfo { hasNextPage } } }"""
    studio = f"spc_{house.rooms['studio']}"
    told = (await ask.read(house.front_desk, document, filter={"space": studio}, order="STARTS"))["bookings"]
    assert (told["totalCount"], told["pageInfo"]["hasNextPage"]) == (3, True)
    assert [node["startsAt"][11:16] for node in told["nodes"]] == ["08:00", "11:00"]
    until = {"endsAfter": at(20, 10).isoformat(), "startsBefore": at(20, 15).isoformat(), "states": ["CONFIRMED"]}
    told = (await ask.read(house.front_desk, document, filter=until, order="STARTS_DESC"))["bookings"]
    assert [(node["space"]["key"], node["startsAt"][11:16]) for node in told["nodes"]] == [("studio", "11:00")]


async def test_the_catalogue_shows_rooms_parts_hours_and_closures(ask: Ask, house: House) -> None:
    document = """{
      spaces(first: 3, filter: {kinds: [HALL], persons: 100}) { nodes { key persons approval gridMinutes listPriceHour
        parts(first: 3) { nodes { part { key wholes(first: 1) { nodes { whole { key } } } } } } } }
      openings(filter: {kind: OPEN, on: "2026-11-21"}) { nodes { weekday startMinute endMinute space { key } } }
      closures(filter: {endsAfter: "2026-11-18T00:00:00+01:00", startsBefore: "2026-12-01T00:00:00+01:00"}) {
        nodes { kind reasonDe startsAt endsAt } }
      desks: spaces(filter: {kinds: [DESK]}) { nodes { units leaseOnly forWhom } }
    }"""
    told = await ask.read(house.member, document)
    [hall] = told["spaces"]["nodes"]
    parts = [node["part"] for node in hall.pop("parts")["nodes"]]
    assert hall == {"key": "werkhalle", "persons": 120, "approval": True, "gridMinutes": 15, "listPriceHour": 4800}
    assert sorted(part["key"] for part in parts) == ["werkhalle-nord", "werkhalle-sued"]
    assert [part["wholes"] for part in parts] == [{"nodes": [{"whole": {"key": "werkhalle"}}]}] * 2
    assert told["openings"]["nodes"] == [{"weekday": 6, "startMinute": 600, "endMinute": 1080, "space": None}]
    assert told["closures"]["nodes"] == [
        {
            "kind": "HOLIDAY",
            "reasonDe": "Buß- und Bettag",
            "startsAt": "2026-11-17T23:00:00+00:00",
            "endsAt": "2026-11-18T23:00:00+00:00",
        }
    ]
    assert told["desks"]["nodes"] == [{"units": 12, "leaseOnly": False, "forWhom": "MEMBERS"}]


async def test_the_same_key_books_once_and_a_dry_run_not_at_all(ask: Ask, house: House) -> None:
    asked = wish(house, "denkwerkstatt", 20, 9, 11)
    rehearsed = await ask.do(house.member, "bookSpace", {**asked, "dryRun": True}, "dryRun booking { id }")
    assert rehearsed == {"refusals": [], "dryRun": True, "booking": None}
    assert await house.site.count("app.booking") == 0
    asked["idempotencyKey"] = "einmal"
    first, again = [await ask.do(house.member, "bookSpace", asked, "booking { id }") for _ in range(2)]
    assert first == again
    assert await house.site.count("app.booking") == 1
    other = {**asked, "units": 2}
    assert (await ask.do(house.member, "bookSpace", other))["refusals"] == ["KEY_REUSED"]


async def test_times_without_offset_are_refused_and_missing_ones_cannot_be_asked(ask: Ask, house: House) -> None:
    text = "mutation ($input: BookSpaceInput!) { bookSpace(input: $input) { refusals { code } } }"
    asked = {**wish(house, "studio", 20, 9, 11), "startsAt": "2026-11-20T09:00:00", "idempotencyKey": "x"}
    reply = await ask.both.watched.run(house.member, text, {"input": asked}, None)
    assert "RFC 3339 with an offset" in reply.body.decode()
    assert await house.site.count("app.booking") == 0


async def test_ids_of_the_west_are_unknown_in_the_east(ask: Ask, house: House, east: Site) -> None:
    asked = wish(house, "denkwerkstatt", 20, 9, 11)
    booking = (await ask.do(house.member, "bookSpace", asked, "booking { id }"))["booking"]["id"]
    desk = east.desk("manager", person=await east.person("Selma Yıldız"))
    times = {"startsAt": at(23, 9).isoformat(), "endsAt": at(23, 10).isoformat()}
    for id_ in (booking, f"bkg_{uuid4()}", f"spc_{house.rooms['studio']}", "bkg_", ""):
        assert await ask.read(desk, READ, id=id_) == {"booking": None}
        move = {"booking": id_, "version": 1, **times}
        assert (await ask.do(desk, "moveBooking", move))["refusals"] == ["NOT_FOUND"]
        gone = {"booking": id_, "version": 1, "reason": "x"}
        assert (await ask.do(desk, "cancelBooking", gone))["refusals"] == ["NOT_FOUND"]
    assert (await ask.do(desk, "bookSpace", asked))["refusals"] == ["NOT_FOUND"]
    assert await ask.read(desk, "{ bookings { nodes { id } } spaces { nodes { id } } }") == {
        "bookings": {"nodes": []},
        "spaces": {"nodes": []},
    }
    assert len(await house.occupied()) == 1


async def test_who_may_not_is_told_so(ask: Ask, house: House) -> None:
    observer = house.site.desk("observer")
    assert (await ask.do(observer, "bookSpace", wish(house, "studio", 20, 9, 11)))["refusals"] == ["NOT_ALLOWED"]
    assert await ask.told(observer, "{ bookings { nodes { id } } }") == ["FORBIDDEN"]


async def test_the_night_of_the_clock_change_is_shown_as_instants(ask: Ask, house: House) -> None:
    """Half past two happens twice on 25 October: both are one hour apart, and both can be booked."""
    desk = house.front_desk.at(at(20, 9, month=10))
    first = at(25, 2, month=10)
    for start in (first, first + timedelta(hours=1)):
        times = {"startsAt": start.isoformat(), "endsAt": (start + timedelta(minutes=45)).isoformat()}
        asked = {"space": f"spc_{house.rooms['denkwerkstatt']}", "kind": "GUEST", "override": True, **times}
        assert (await ask.do(desk, "bookSpace", asked))["refusals"] == []
    told = await ask.read(desk, "{ bookings { nodes { startsAt } } }")
    assert [node["startsAt"] for node in told["bookings"]["nodes"]] == [
        "2026-10-25T00:00:00+00:00",
        "2026-10-25T01:00:00+00:00",
    ]


async def test_nobody_finds_out_by_a_filter_for_whom_something_is_booked(ask: Ask, house: House) -> None:
    asked = wish(house, "denkwerkstatt", 20, 9, 11, organisation=f"org_{house.kitchen}")
    await ask.do(house.member, "bookSpace", asked, "booking { id }")
    document = "query ($filter: BookingFilter) { bookings(filter: $filter) { totalCount nodes { number } } }"
    machine = replace(house.site.desk(), permissions=frozenset({"spaces:read"}))
    other = house.site.desk("member", person=await house.site.person("Jette Brandt"))
    for filter_ in ({"organisation": f"org_{house.kitchen}"}, {"person": f"prs_{house.member.person}"}):
        for desk, count in ((house.front_desk, 1), (house.member, 1), (other, 0), (machine, 0)):
            told = (await ask.read(desk, document, filter=filter_))["bookings"]
            assert (told["totalCount"], len(told["nodes"])) == (count, count)
    assert (await ask.read(other, document))["bookings"]["totalCount"] == 1  # that it is held, everybody sees


async def test_a_trial_tells_the_price_and_books_nothing(ask: Ask, house: House) -> None:
    asked = wish(house, "denkwerkstatt", 20, 9, 11, organisation=f"org_{house.kitchen}", dryRun=True)
    told = await ask.do(house.member, "bookSpace", asked, "booking { id } price listPrice priceInWords dryRun")
    assert told == {
        "refusals": [],
        "booking": None,
        "price": 0,
        "listPrice": 4400,
        "priceInWords": "0,00 € (Listenpreis 44,00 €, Förderung durch das Haus 28,00 €, aus dem Kontingent 2 h)",
        "dryRun": True,
    }
    assert await house.site.count("app.booking") == 0


async def test_prices_are_for_everybody_and_support_for_those_it_was_given(ask: Ask, house: House) -> None:
    with house.site.speaking("worker"):
        other = await members.register_organisation(house.manager, Profile("Kanalrad", "company", False, True))
        async with house.front_desk.transaction():
            for whose in (house.kitchen, other.id):
                day, source = date(2026, 11, 20), uuid4()
                await record_support(house.front_desk, whose, "room", day, minutes=60, value=700, source=source)
    query = '{ tariffs(filter: {kind: STUDIO, on: "2026-11-20"}) { nodes { payer priceHour validUntil } } }'
    assert await ask.read(house.member, query) == {
        "tariffs": {
            "nodes": [
                {"payer": "COMPANY", "priceHour": 1800, "validUntil": None},
                {"payer": "NONPROFIT", "priceHour": 700, "validUntil": None},
                {"payer": "PUBLIC", "priceHour": 1800, "validUntil": None},
            ]
        }
    }
    query = "{ support { nodes { kind value organisation { name } } } }"
    mine = await ask.read(house.member, query)
    assert mine == {
        "support": {"nodes": [{"kind": "ROOM", "value": 700, "organisation": {"name": "Löffelweise e. V."}}]}
    }
    assert len((await ask.read(house.front_desk, query))["support"]["nodes"]) == 2


async def test_a_zero_byte_in_what_a_question_is_given_is_refused_in_words(ask: Ask, house: House) -> None:
    text = """query($e: [String!]) { freeSpaces(
      startsAt: "2026-12-01T09:00:00Z", endsAt: "2026-12-01T11:00:00Z", persons: 2, equipment: $e) { key } }"""
    assert await ask.told(house.member, text, e=["Beamer"]) == []
    assert await ask.told(house.member, text, e=["Beamer", "a\0b"]) == ["FIELD_INVALID"]
