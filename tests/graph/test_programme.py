"""The programme through the schema: planned, published, filled, left."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.asking import Ask
from graph.both import Both
from programme.courses import STARTS, Programme
from world import NOW, Site

from quartier.database.lanes import Lanes
from quartier_graph.site import site


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(site(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def programme(west: Site) -> Programme:
    return Programme(west, await west.person("Mira Lindner", "manager"))


CAFE: dict[str, Any] = {
    "format": "WORKSHOP",
    "topic": "digital",
    "titleDe": "Reparaturcafé",
    "opensAt": (NOW - timedelta(days=1)).isoformat(),
    "closesAt": STARTS.isoformat(),
    "seats": 1,
    "sessions": [
        {
            "startsAt": STARTS.isoformat(),
            "endsAt": (STARTS + timedelta(hours=3)).isoformat(),
            "place": "Hof",
            "onlineUrl": "https://x.example",
        }
    ],
}


async def published(ask: Ask, programme: Programme, **more: Any) -> str:
    draft = await ask.do(programme.manager, "planWorkshop", {**CAFE, **more}, "workshop { id version }")
    assert draft["refusals"] == []
    found = draft["workshop"]
    done = await ask.do(
        programme.manager,
        "publishWorkshop",
        {"workshop": found["id"], "version": found["version"]},
        "workshop { state }",
    )
    assert done == {"refusals": [], "workshop": {"state": "PUBLISHED"}}
    return str(found["id"])


WHOLE = """query ($id: ID!) { workshop(id: $id) {
  number format state seats free waiting isOpen startsAt offerMinutes titleEn language
  pools { nodes { key seats taken } }
  sessions { nodes { no startsAt endsAt place onlineUrl joinUrl space { id } booking { id } } }
  registrations { nodes { state party place joinedAt offeredUntil priority workshop { number } } }
} }"""


async def test_a_workshop_from_the_draft_to_the_line(ask: Ask, programme: Programme) -> None:
    cafe = await published(ask, programme)
    ayla, ben = await programme.people(2)

    seat = await ask.do(
        programme.member(ayla), "register", {"workshop": cafe}, "place registration { id state } workshop { free }"
    )
    assert seat["registration"]["state"] == "CONFIRMED"
    assert (seat["place"], seat["workshop"]) == (None, {"free": 0})
    full = await ask.do(programme.member(ben), "register", {"workshop": cafe}, "registration { id }")
    assert full == {"refusals": ["WORKSHOP_FULL"], "registration": None}
    waiting = await ask.do(
        programme.member(ben), "register", {"workshop": cafe, "waitlist": True}, "place registration { id place state }"
    )
    assert (waiting["place"], waiting["registration"]["place"]) == (1, 1)

    told = (await ask.read(programme.manager, WHOLE, id=cafe))["workshop"]
    assert (told["seats"], told["free"], told["waiting"], told["isOpen"]) == (1, 0, 1, True)
    assert told["pools"]["nodes"] == [{"key": "open", "seats": 1, "taken": 1}]
    assert [r["state"] for r in told["registrations"]["nodes"]] == ["CONFIRMED", "WAITLISTED"]
    assert told["sessions"]["nodes"][0]["onlineUrl"] == "https://x.example"

    left = await ask.do(
        programme.member(ayla),
        "cancelRegistration",
        {"registration": seat["registration"]["id"]},
        "registration { state }",
    )
    assert left["registration"] == {"state": "CANCELLED"}
    taken = await ask.do(
        programme.member(ben),
        "acceptOffer",
        {"registration": waiting["registration"]["id"]},
        "registration { state place }",
    )
    assert taken["registration"] == {"state": "CONFIRMED", "place": None}


async def test_members_see_their_own_seat_and_nobody_else(ask: Ask, programme: Programme) -> None:
    cafe = await published(ask, programme, seats=3)
    ayla, ben, cem = await programme.people(3)
    for person in (ayla, ben):
        await ask.do(programme.member(person), "register", {"workshop": cafe})

    told = (await ask.read(programme.member(ayla), WHOLE, id=cafe))["workshop"]
    assert len(told["registrations"]["nodes"]) == 1
    assert told["waiting"] is None
    [session] = told["sessions"]["nodes"]
    assert (session["onlineUrl"], session["joinUrl"]) == (None, "https://x.example")
    other = (await ask.read(programme.member(cem), WHOLE, id=cafe))["workshop"]
    assert other["registrations"]["nodes"] == []
    assert other["sessions"]["nodes"][0]["joinUrl"] is None
    mine = await ask.read(programme.member(ayla), "{ registrations { totalCount nodes { person { id } } } }")
    assert mine["registrations"] == {"totalCount": 1, "nodes": [{"person": {"id": f"prs_{ayla}"}}]}


@pytest.mark.parametrize("hidden", [{"visibility": "INVITED"}, {}])
async def test_drafts_and_invitations_are_not_for_everybody(
    ask: Ask, programme: Programme, hidden: dict[str, str]
) -> None:
    [ayla] = await programme.people(1)
    if hidden:
        cafe = await published(ask, programme, **hidden)
    else:
        draft = await ask.do(programme.manager, "planWorkshop", CAFE, "workshop { id }")
        cafe = draft["workshop"]["id"]
    assert (await ask.read(programme.manager, WHOLE, id=cafe))["workshop"]["number"] == "LW-K-2026-0001"
    assert await ask.read(programme.member(ayla), WHOLE, id=cafe) == {"workshop": None}
    everywhere = await ask.read(programme.member(ayla), "{ workshops { nodes { id } } sessions { nodes { id } } }")
    assert everywhere == {"workshops": {"nodes": []}, "sessions": {"nodes": []}}


async def test_the_programme_is_filtered_and_ordered(ask: Ask, programme: Programme) -> None:
    first, second = [await published(ask, programme, titleDe=title) for title in ("Nähen", "Löten")]
    document = """query ($filter: WorkshopFilter, $order: WorkshopOrder!) {
      workshops(filter: $filter, order: $order, first: 5) { nodes { id } } }"""

    async def found(order: str = "NUMBER", **filter_: Any) -> list[str]:
        told = await ask.read(programme.manager, document, filter=filter_, order=order)
        return [node["id"] for node in told["workshops"]["nodes"]]

    assert await found(search="löt") == [second]
    assert await found("NUMBER_DESC", states=["PUBLISHED"]) == [second, first]
    assert await found(startsAfter=STARTS.isoformat(), startsBefore=(STARTS + timedelta(seconds=1)).isoformat()) == [
        first,
        second,
    ]
    assert await found(startsBefore=STARTS.isoformat()) == []


async def test_a_dry_run_says_what_would_happen_and_does_nothing(ask: Ask, programme: Programme) -> None:
    cafe = await published(ask, programme)
    [ayla] = await programme.people(1)
    said = await ask.do(programme.member(ayla), "register", {"workshop": cafe, "dryRun": True}, "dryRun place")
    assert said == {"refusals": [], "dryRun": True, "place": None}
    assert await programme.site.count("app.registration") == 0


async def test_the_same_key_registers_once(ask: Ask, programme: Programme) -> None:
    cafe = await published(ask, programme)
    [ayla] = await programme.people(1)
    wish = {"workshop": cafe, "idempotencyKey": "einmal"}
    first, again = [await ask.do(programme.member(ayla), "register", wish, "registration { id }") for _ in range(2)]
    assert first == again
    assert await programme.site.count("app.registration") == 1


async def test_ids_of_the_west_are_unknown_in_the_east(ask: Ask, programme: Programme, east: Site) -> None:
    cafe = await published(ask, programme)
    [ayla] = await programme.people(1)
    seat = await ask.do(programme.member(ayla), "register", {"workshop": cafe}, "registration { id }")
    selma: UUID = await east.person("Selma Yıldız", "manager")
    desk = east.desk("manager", person=selma)
    unknown = f"wsp_{uuid4()}"
    for id_ in (cafe, unknown, seat["registration"]["id"]):
        assert (await ask.do(desk, "register", {"workshop": id_}))["refusals"] == ["NOT_FOUND"]
        assert (await ask.do(desk, "publishWorkshop", {"workshop": id_}))["refusals"] == ["NOT_FOUND"]
        assert await ask.read(desk, WHOLE, id=id_) == {"workshop": None}
    assert (await ask.do(desk, "cancelRegistration", {"registration": seat["registration"]["id"]}))["refusals"] == [
        "NOT_FOUND"
    ]
    assert (await ask.do(desk, "planWorkshop", CAFE))["refusals"] == []
