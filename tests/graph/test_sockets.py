"""Bookings of a day over graphql-transport-ws: the protocol's codes, and events that stay within their site."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.conftest import Village
from graph.host import Host, open_host
from graph.places import Place

from quartier.database.lanes import Lanes
from quartier_graph import sockets
from quartier_graph.documents import Documents
from quartier_graph.feed import BOOKINGS
from quartier_graph.site import site

DAY = "subscription($day: Date!) { bookingsOfDay(day: $day) { id number state title } }"
FRIDAY = {"day": "2026-11-20"}


class Wire:
    """A client's end of one socket."""

    def __init__(self, host: Host, name: str, *, headers: Mapping[str, str] | None = None, protocol: str) -> None:
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        shown = {"host": name, **(headers or {})}
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "headers": [(k.encode(), v.encode()) for k, v in shown.items()],
            "subprotocols": [protocol] if protocol else [],
        }
        self._to.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(host(scope, self._to.get, self._from.put))

    async def say(self, **message: Any) -> None:
        await self.text(json.dumps(message))

    async def text(self, text: str) -> None:
        await self._to.put({"type": "websocket.receive", "text": text})

    async def raw(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._from.get(), 10)

    async def hear(self) -> Any:
        """The next message; a close is told as `("closed", code)`."""
        event = await self.raw()
        if event["type"] == "websocket.close":
            return "closed", event["code"]
        return json.loads(event["text"])

    async def silence(self) -> None:
        """Nothing more than the answer to a ping is on its way."""
        await self.say(type="ping")
        assert await self.hear() == {"type": "pong"}

    async def begin(self, speaker: str | None = "manager") -> None:
        assert (await self.raw())["type"] == "websocket.accept"
        payload = {"payload": {"authorization": f"Bearer {speaker}"}} if speaker else {}
        await self.say(type="connection_init", **payload)

    async def follow(self, key: str = "1", query: str = DAY, **variables: Any) -> None:
        await self.say(type="subscribe", id=key, payload={"query": query, "variables": variables or FRIDAY})
        await self.say(type="ping")
        assert await self.hear() == {"type": "pong"}
        await asyncio.sleep(0)

    async def leave(self) -> None:
        await self._to.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, 10)


class Switchboard:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.wires: list[Wire] = []

    def call(self, name: str = "west.test", protocol: str = sockets.PROTOCOL, **headers: str) -> Wire:
        self.wires.append(Wire(self.host, name, headers=headers, protocol=protocol))
        return self.wires[-1]

    async def open(self, name: str = "west.test", speaker: str = "manager") -> Wire:
        wire = self.call(name)
        await wire.begin(speaker)
        assert await wire.hear() == {"type": "connection_ack"}
        return wire


@pytest_asyncio.fixture
async def board(village: Village, app_lanes: Lanes, postgres: Cluster, tmp_path: Any) -> AsyncIterator[Switchboard]:
    places = {"west.test": village.west, "east.test": village.east}
    board = Switchboard(open_host(site(), app_lanes, postgres.keyring.cursor, places, Documents("site", tmp_path)))
    yield board
    for wire in board.wires:
        if not wire.task.done():
            await wire.leave()
    assert BOOKINGS._queues == {}  # nobody listens who is gone


async def listening(place: Place, count: int = 1) -> None:
    """Wait until so many follow the bookings of a site."""
    for _ in range(1_000):
        if len(BOOKINGS._queues.get(place.site.id, ())) == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"not {count} listeners")


def tell(place: Place, booking: int) -> None:
    BOOKINGS.told(f"{place.site.id}:{place.keys['bkg'][booking]}")


async def test_a_booking_of_the_day_comes_as_it_is_now(board: Switchboard, village: Village) -> None:
    wire = await board.open()
    await wire.follow()
    await listening(village.west)
    tell(village.west, 1)
    heard = await wire.hear()
    assert (heard["type"], heard["id"]) == ("next", "1")
    assert heard["payload"]["data"]["bookingsOfDay"]["number"] == "B-0001"
    assert heard["payload"]["data"]["bookingsOfDay"]["state"] == "CONFIRMED"


async def test_a_booking_of_another_day_is_not_told(board: Switchboard, village: Village) -> None:
    wire = await board.open()
    await wire.follow(day="2026-11-21")
    await listening(village.west)
    tell(village.west, 1)  # on the 20th
    tell(village.west, 13)  # on the 21st
    assert (await wire.hear())["payload"]["data"]["bookingsOfDay"]["number"] == "B-0013"
    await wire.silence()


async def test_what_happens_in_the_east_never_arrives_in_the_west(board: Switchboard, village: Village) -> None:
    west, east = await board.open("west.test"), await board.open("east.test")
    await west.follow()
    await east.follow()
    await listening(village.west)
    await listening(village.east)
    tell(village.east, 1)
    assert (await east.hear())["payload"]["data"]["bookingsOfDay"]["id"] == village.east.ids("bkg")[1]
    await west.silence()
    # A forged notice: West's channel with a booking of East's. Row-level security shows nothing.
    BOOKINGS.told(f"{village.west.site.id}:{village.east.keys['bkg'][1]}")
    tell(village.west, 2)
    assert (await west.hear())["payload"]["data"]["bookingsOfDay"]["id"] == village.west.ids("bkg")[2]


async def test_40_rights_are_those_of_the_event(board: Switchboard, village: Village) -> None:
    wire = await board.open(speaker="member")
    await wire.follow()
    await listening(village.west)
    tell(village.west, 1)
    assert (await wire.hear())["payload"]["data"]["bookingsOfDay"]["title"] is None  # masked for members
    board.host.ended.add("member")
    tell(village.west, 1)
    heard = await wire.hear()
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await wire.hear() == ("closed", 4403)


async def test_40_the_next_operation_of_a_socket_asks_again_who_speaks(board: Switchboard) -> None:
    wire = await board.open()
    board.host.ended.add("manager")
    await wire.say(type="subscribe", id="1", payload={"query": "{ spaces { totalCount } }"})
    assert (await wire.hear())["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await wire.hear() == ("closed", 4403)


async def test_40_an_idle_socket_is_closed_when_its_sign_in_ends(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "LOOK_AGAIN", 0.05)
    wire = await board.open()
    board.host.ended.add("manager")
    assert await wire.hear() == ("closed", 4403)


async def test_40_an_idle_socket_is_watched_on_after_the_database_was_away(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "LOOK_AGAIN", 0.05)
    wire = await board.open()
    board.host.away.add("manager")
    await asyncio.sleep(0.2)
    await wire.silence()
    board.host.away.clear()
    board.host.ended.add("manager")
    assert await wire.hear() == ("closed", 4403)


async def test_39_who_is_not_signed_in_is_shown_the_door(board: Switchboard) -> None:
    for speaker in (None, "nobody", "stranger' or 1=1"):
        wire = board.call()
        await wire.begin(speaker)
        assert await wire.hear() == ("closed", 4403)


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "http://east.test", "null", "http://west.test.evil.test", "west.test"]
)
async def test_39_a_page_of_another_origin_gets_no_socket(board: Switchboard, origin: str) -> None:
    wire = board.call(origin=origin)
    assert await wire.hear() == ("closed", 4406)


async def test_a_page_of_our_own_origin_gets_a_socket(board: Switchboard) -> None:
    wire = board.call(origin="http://west.test")
    assert (await wire.raw())["type"] == "websocket.accept"


async def test_another_protocol_gets_no_socket(board: Switchboard) -> None:
    for protocol in ("graphql-ws", ""):
        wire = board.call(protocol=protocol)
        assert await wire.hear() == ("closed", 4406)


async def test_a_refused_subscription_is_an_error_of_its_own(board: Switchboard) -> None:
    wire = await board.open(speaker="grants_officer")
    await wire.say(type="subscribe", id="1", payload={"query": DAY, "variables": FRIDAY})
    heard = await wire.hear()
    assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")
    await wire.silence()


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription { bookingsOfDay(day: 1) { id } }", {}, "FIELD_INVALID"),
        (DAY, {"day": "heute"}, "FIELD_INVALID"),
        (DAY, {}, "INVALID"),
        ("subscription {", {}, "INVALID"),
        ("subscription($day: Date!) { bookingsOfDay(day: $day) { " + "space { bookings { nodes { " * 6 + "id"
         + " } } }" * 6 + " } }", FRIDAY, "COST_EXCEEDED"),
        ("subscription { a: bookingsOfDay(day: \"2026-11-20\") { id } b: bookingsOfDay(day: \"2026-11-20\") { id } }",
         {}, "INVALID"),
    ],
)  # fmt: skip
async def test_a_subscription_that_does_not_hold_is_told_why(
    board: Switchboard, query: str, variables: dict[str, Any], code: str
) -> None:
    wire = await board.open()
    await wire.say(type="subscribe", id="1", payload={"query": query, "variables": variables})
    heard = await wire.hear()
    assert (heard["type"], heard["id"]) == ("error", "1")
    assert heard["payload"][0]["extensions"]["code"] == code
    await wire.silence()


async def test_queries_run_over_a_socket_as_they_do_over_http(board: Switchboard) -> None:
    wire = await board.open()
    await wire.say(type="subscribe", id="q", payload={"query": "{ spaces { totalCount } }"})
    assert await wire.hear() == {"type": "next", "id": "q", "payload": {"data": {"spaces": {"totalCount": 4}}}}
    assert await wire.hear() == {"type": "complete", "id": "q"}


async def test_who_completes_hears_no_more(board: Switchboard, village: Village) -> None:
    wire = await board.open()
    await wire.follow()
    await listening(village.west)
    await wire.say(type="complete", id="1")
    await listening(village.west, 0)
    tell(village.west, 1)
    await wire.silence()
    await wire.follow()  # the id is free again
    await listening(village.west)


async def test_39_an_id_that_is_used_again_at_once_stays_counted_and_ends_with_its_socket(
    board: Switchboard, village: Village
) -> None:
    wire = await board.open()
    await wire.follow()
    await listening(village.west)
    for _ in range(2):  # the earlier one has not come to its end yet when the next one begins
        await wire.say(type="complete", id="1")
        await wire.say(type="subscribe", id="1", payload={"query": DAY, "variables": FRIDAY})
    await listening(village.west)
    await wire.silence()
    await wire.say(type="subscribe", id="1", payload={"query": DAY, "variables": FRIDAY})
    assert await wire.hear() == ("closed", 4409)
    await listening(village.west, 0)


async def test_who_fell_behind_is_told_to_read_anew(board: Switchboard, village: Village) -> None:
    wire = await board.open()
    await wire.follow()
    await listening(village.west)
    BOOKINGS.told(None)
    heard = await wire.hear()
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "CONFLICT"


PROTOCOL_FAULTS: dict[str, tuple[int, list[dict[str, Any]], bool]] = {
    "subscribe before init": (4401, [{"type": "subscribe", "id": "1", "payload": {"query": DAY}}], False),
    "init twice": (4429, [{"type": "connection_init"}], True),
    "an unknown type": (4400, [{"type": "shout"}], True),
    "no type": (4400, [{}], True),
    "no id": (4400, [{"type": "subscribe", "payload": {"query": DAY}}], True),
    "an empty id": (4400, [{"type": "subscribe", "id": "", "payload": {"query": DAY}}], True),
    "a number for an id": (4400, [{"type": "subscribe", "id": 1, "payload": {"query": DAY}}], True),
    "no query": (4400, [{"type": "subscribe", "id": "1", "payload": {}}], True),
    "variables in a list": (4400, [{"type": "subscribe", "id": "1", "payload": {"query": DAY, "variables": []}}], True),
    "one id twice": (
        4409,
        [{"type": "subscribe", "id": "1", "payload": {"query": DAY, "variables": FRIDAY}}] * 2,
        True,
    ),
    "too many": (
        4429,
        [{"type": "subscribe", "id": str(n), "payload": {"query": DAY, "variables": FRIDAY}} for n in range(21)],
        True,
    ),
}


@pytest.mark.parametrize("name", PROTOCOL_FAULTS)
async def test_39_who_does_not_keep_the_protocol_is_closed_with_its_code(board: Switchboard, name: str) -> None:
    code, messages, signed_in = PROTOCOL_FAULTS[name]
    wire = board.call()
    if signed_in:
        await wire.begin()
        await wire.hear()
    else:
        assert (await wire.raw())["type"] == "websocket.accept"
    for message in messages:
        await wire.say(**message)
    assert await wire.hear() == ("closed", code)


@pytest.mark.parametrize("text", ["{", "1", "[]", "null", '"text"', "{" + " " * 100_001 + "}", "[" * 50_000])
async def test_39_what_is_no_message_closes_the_socket(board: Switchboard, text: str) -> None:
    wire = await board.open()
    await wire.text(text)
    assert await wire.hear() == ("closed", 4400)


async def test_who_says_nothing_is_not_waited_for(board: Switchboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", 0.05)
    wire = board.call()
    assert (await wire.raw())["type"] == "websocket.accept"
    assert await wire.hear() == ("closed", 4408)


async def test_a_fault_inside_is_told_with_a_reference_alone(
    board: Switchboard, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = await board.open()
    await wire.follow()
    await listening(village.west)

    async def broken(*_: object) -> bool:
        raise RuntimeError("connection to 10.0.0.5 failed")

    monkeypatch.setattr("quartier_graph.subscriptions._is_on", broken)
    tell(village.west, 1)
    heard = await wire.hear()
    assert heard["type"] == "error"
    assert heard["payload"][0]["extensions"]["code"] == "INTERNAL"
    assert "10.0.0.5" not in json.dumps(heard)
    await wire.silence()


async def test_39_nobody_opens_sockets_without_end_and_one_that_closes_makes_room(board: Switchboard) -> None:
    wires = [await board.open() for _ in range(sockets.MOST_SOCKETS)]
    more = board.call()
    await more.begin()
    assert await more.hear() == ("closed", 4429)
    await board.open("east.test")  # another site's caller is another one
    await wires[0].leave()
    await board.open()
    for wire in board.wires:
        if not wire.task.done():
            await wire.leave()
    assert sockets._OPEN == {}
