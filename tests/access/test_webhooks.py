"""Webhooks: told what happened and nothing more, signed, tried again, and never led into a private network."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from refusing import refusals
from spaces.conftest import at_west, blueprint, house, house_east
from spaces.house import House, span
from standardwebhooks import Webhook, WebhookVerificationError
from world import NOW

from quartier.access.hooks import actions, sending
from quartier.access.hooks.following import forget_deliveries
from quartier.access.hooks.sending import PATIENCE, PAUSES, call_hooks
from quartier.access.hooks.words import EVENTS, MOST, NAMES
from quartier.access.partners.network import Network
from quartier.acts.telling.facts import facts_at
from quartier.database.sealing import SEAL
from quartier.notices import outbox
from quartier.spaces import actions as spaces
from quartier.spaces.words import Booking

__all__ = ["at_west", "blueprint", "house", "house_east"]
URL = "https://tafel.example/haken/geheim"


class Killed(BaseException):
    """As of a killed process: nothing that follows is done."""


@dataclass
class Receiver:
    """A real one on this machine: it keeps what it was sent, and answers as it is told to."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    together: int = 0  # answers nobody until so many have come
    full: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[asyncio.Task[None] | None] = field(default_factory=set)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.came]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
            self.came.append((headers, await reader.readexactly(int(headers["content-length"]))))
            if len(self.came) >= self.together:
                self.full.set()
            await self.full.wait()
            writer.write(self.answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.take, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        made.full.set()
        await asyncio.gather(*(task for task in made.busy if task))


async def hook(house: House, receiver: Receiver, *events: str) -> tuple[UUID, str]:
    """A webhook that leads to the receiver: only an address of https can be told by an action."""
    with house.site.speaking():
        made, secret = await actions.add_webhook(house.manager, "Tafel", URL, events or NAMES)
    here = SEAL.close(f"http://127.0.0.1:{receiver.port}/haken")
    await house.site.sql("update app.webhook set url_enc = $2 where tenant_id = $1", house.site.id, here)
    return made, secret


async def send(house: House, at: datetime = NOW, network: Network | None = None) -> None:
    await call_hooks(house.site.desk(now=at), network=network or Network(loopback=True, deadline=60))


async def book(house: House, day: int = 20) -> Booking:
    return await spaces.book_space(
        house.member, house.rooms["denkwerkstatt"], span(day, 9, 11), organisation=house.kitchen
    )


async def log(house: House) -> list[tuple[Any, ...]]:
    rows = await house.site.sql(
        "select event, state, attempts, code, fault from app.delivery where tenant_id = $1 order by created_at, id",
        house.site.id,
    )
    return [tuple(row) for row in rows]


async def switched(house: House) -> tuple[str, str | None]:
    [row] = await house.site.sql("select state, off_because from app.webhook where tenant_id = $1", house.site.id)
    return row["state"], row["off_because"]


# -- what is told --------------------------------------------------------------------------------------
async def test_what_happened_is_told_signed_and_names_nobody(at_west: House, receiver: Receiver) -> None:
    _, secret = await hook(at_west, receiver)
    made = await book(at_west)
    await spaces.cancel_booking(at_west.member, made.id, made.version)
    await send(at_west)
    assert sorted((each["type"], sorted(each["data"].items())) for each in receiver.told) == [
        ("booking.cancelled", [("id", f"bkg_{made.id}"), ("state", "cancelled_late")]),
        ("booking.made", [("id", f"bkg_{made.id}"), ("state", "confirmed")]),
    ]
    for headers, body in receiver.came:
        assert Webhook(secret).verify(body, headers)["timestamp"] == NOW.isoformat()
        assert str(at_west.lena) not in body.decode()
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body.replace(b"booking", b"bookink"), headers)
    assert sorted(await log(at_west)) == [
        ("booking.cancelled", "done", 1, 204, None), ("booking.made", "done", 1, 204, None),
    ]  # fmt: skip
    await send(at_west)
    assert len(receiver.came) == 2


async def test_only_what_was_asked_for_is_told_and_nothing_from_before(at_west: House, receiver: Receiver) -> None:
    before = await book(at_west, 23)
    await hook(at_west, receiver, "booking.cancelled")
    made = await book(at_west)
    await spaces.cancel_booking(at_west.member, made.id, made.version)
    await send(at_west)
    assert [(each["type"], each["data"]["id"]) for each in receiver.told] == [("booking.cancelled", f"bkg_{made.id}")]
    assert str(before.id) not in str(receiver.told)


async def test_what_was_rolled_back_is_told_to_nobody(at_west: House, receiver: Receiver) -> None:
    await hook(at_west, receiver)
    with contextlib.suppress(RuntimeError):
        async with at_west.member.transaction():
            await book(at_west)
            raise RuntimeError
    await send(at_west)
    assert (receiver.came, await log(at_west)) == ([], [])


async def test_another_site_is_told_nothing(at_west: House, house_east: House, receiver: Receiver) -> None:
    await hook(house_east, receiver)
    await book(at_west)
    await send(at_west)
    await send(house_east)
    assert receiver.came == []


async def test_a_new_line_of_the_log_leaves_a_job_only_where_somebody_follows_it(
    at_west: House, receiver: Receiver
) -> None:
    asked = """select count(*)::int n from jobs.pgqueuer where entrypoint = 'house.follow'
      and convert_from(payload, 'UTF8') like '%' || $1::uuid || '%'"""
    await book(at_west, 23)
    [none] = await at_west.site.sql(asked, at_west.site.id)
    await hook(at_west, receiver)
    [one] = await at_west.site.sql(asked, at_west.site.id)
    assert (none["n"], one["n"] >= 1) == (0, True)


# -- what goes wrong -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", 500),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 404),
    ],
)
async def test_any_answer_but_a_good_one_is_tried_again_later(
    at_west: House, receiver: Receiver, answer: bytes, code: int
) -> None:
    await hook(at_west, receiver)
    await book(at_west)
    good, receiver.answer = receiver.answer, answer
    await send(at_west)
    assert await log(at_west) == [("booking.made", "waiting", 1, code, "answered")]
    await send(at_west, NOW + timedelta(seconds=4))
    assert len(receiver.came) == 1  # not before its pause is over; what it pointed to was never asked
    receiver.answer = good
    await send(at_west, NOW + PAUSES[0])
    assert await log(at_west) == [("booking.made", "done", 2, 204, None)]
    assert receiver.ids[0] == receiver.ids[1]
    assert await at_west.site.count("app.webhook", "failing_since is null") == 1


async def test_one_that_is_slow_holds_no_other_up(at_west: House, receiver: Receiver) -> None:
    await hook(at_west, receiver)
    await book(at_west)
    await book(at_west, 23)
    receiver.together = 2
    await send(at_west, network=Network(loopback=True, deadline=20))
    assert [row[1:] for row in await log(at_west)] == [("done", 1, 204, None)] * 2


async def test_one_that_never_answers_is_left_when_its_time_is_over(at_west: House, receiver: Receiver) -> None:
    await hook(at_west, receiver)
    await book(at_west)
    receiver.together = 2
    await send(at_west, network=Network(loopback=True, deadline=1))
    assert await log(at_west) == [("booking.made", "waiting", 1, None, "unreachable")]


async def test_an_address_that_leads_into_a_private_network_is_never_asked(at_west: House) -> None:
    await actions.add_webhook(at_west.manager, "Tafel", URL, NAMES)
    await book(at_west)
    looks = iter([["10.0.0.7"], ["169.254.169.254"], ["::ffff:127.0.0.1"]])

    async def look(host: str, port: int) -> list[str]:
        assert (host, port) == ("tafel.example", 443)
        return next(looks)

    at = NOW
    for n in range(3):
        await send(at_west, at, Network(look=look))
        assert await log(at_west) == [("booking.made", "waiting", n + 1, None, "not_allowed")]
        at += PAUSES[n]


async def test_one_that_dies_between_telling_and_writing_it_down_tells_it_again_under_the_same_id(
    at_west: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hook(at_west, receiver)
    await book(at_west)

    async def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_settle", die)
        with pytest.raises(Killed):
            await send(at_west)
    assert await log(at_west) == [("booking.made", "waiting", 1, None, None)]
    await send(at_west, NOW + timedelta(minutes=9))
    assert len(receiver.came) == 1  # it may still be under way
    await send(at_west, NOW + timedelta(minutes=10))
    assert await log(at_west) == [("booking.made", "done", 2, 204, None)]
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.came[0][1] == receiver.came[1][1]


async def test_what_never_arrives_is_given_up_and_whoever_set_it_up_is_told(at_west: House, receiver: Receiver) -> None:
    made, _ = await hook(at_west, receiver)
    await at_west.site.sql("update app.webhook set made_by = $2 where tenant_id = $1", at_west.site.id, at_west.lena)
    await book(at_west)
    receiver.answer = b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"
    at = NOW
    for pause in PAUSES:
        await send(at_west, at)
        assert await switched(at_west) == ("active", None)
        at += pause
    assert at - NOW >= PATIENCE
    await send(at_west, at)
    assert await switched(at_west) == ("off", "failing")
    assert [row[1] for row in await log(at_west)] == ["dead"]
    [notice] = [each for each in await outbox.notices_of(at_west.manager, at_west.lena) if each.key == "webhook_off"]
    told = await facts_at(lambda host: f"https://{host}")(
        at_west.site.desk(), notice, outbox.Addressee("Lena Voss", None)
    )
    assert told is not None
    assert (told.facts["hook"], told.facts["reason"]) == ("Tafel", "drei Tage lang kam nichts an")
    before = len(receiver.came)
    await book(at_west, 23)
    await send(at_west, at + timedelta(days=9))
    assert len(receiver.came) == before
    await actions.switch_webhook(at_west.manager, made, 2, active=True)
    assert await switched(at_west) == ("active", None)


async def test_one_that_says_it_is_gone_is_switched_off_at_once(at_west: House, receiver: Receiver) -> None:
    await hook(at_west, receiver)
    await book(at_west)
    receiver.answer = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    await send(at_west)
    assert (await switched(at_west), (await log(at_west))[0][1]) == (("off", "gone"), "dead")


# -- what people do ------------------------------------------------------------------------------------
async def test_two_secrets_sign_for_three_days(at_west: House, receiver: Receiver) -> None:
    made, old = await hook(at_west, receiver)
    new = await actions.rotate_webhook_secret(at_west.manager, made, 1)
    await book(at_west)
    await send(at_west)
    for secret in (old, new):
        Webhook(secret).verify(receiver.came[0][1], receiver.came[0][0])
    await book(at_west, 23)
    await send(at_west, NOW + timedelta(days=3))
    Webhook(new).verify(receiver.came[1][1], receiver.came[1][0])
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(receiver.came[1][1], receiver.came[1][0])
    assert list(await refusals(actions.rotate_webhook_secret(at_west.manager, made, 1))) == ["STALE_VERSION"]


async def test_a_trial_and_sending_again(at_west: House, receiver: Receiver) -> None:
    made, _ = await hook(at_west, receiver)
    trial = await actions.probe_webhook(at_west.manager, made)
    again = actions.replay_delivery(at_west.manager, trial)
    assert list(await refusals(again)) == ["STEP_NOT_POSSIBLE"]  # it waits
    await send(at_west)
    await actions.replay_delivery(at_west.manager, trial)
    await send(at_west)
    assert receiver.ids == [f"dlv_{trial}"] * 2
    assert [each["type"] for each in receiver.told] == ["webhook.probe"] * 2
    await actions.switch_webhook(at_west.manager, made, 1, active=False)
    for off in (actions.probe_webhook(at_west.manager, made), actions.replay_delivery(at_west.manager, trial)):
        assert list(await refusals(off)) == ["STEP_NOT_POSSIBLE"]
    await book(at_west)
    await actions.switch_webhook(at_west.manager, made, 2, active=True)
    await send(at_west)
    assert len(receiver.came) == 2  # what happened while it was off is not told later
    assert await switched(at_west) == ("active", None)


async def test_address_and_secret_are_sealed_and_every_wrong_field_is_told_at_once(
    at_west: House, house_east: House
) -> None:
    made, secret = await actions.add_webhook(at_west.manager, "Tafel", URL, ["booking.made"])
    [row] = await at_west.site.sql("select * from app.webhook where tenant_id = $1", at_west.site.id)
    assert (row["host"], SEAL.open(row["url_enc"]), SEAL.open(row["secret_enc"])) == ("tafel.example", URL, secret)
    assert b"geheim" not in row["url_enc"]
    for url in ("http://tafel.example/", "https://a:b@tafel.example/", "ftp://x", ""):
        with pytest.raises(Exception, match="FIELD_INVALID") as refused:
            await actions.add_webhook(at_west.manager, "", url, ["person.named"])
        paths = [each.path for each in refused.value.refusals]  # type: ignore[attr-defined]
        assert paths == [("name",), ("url",), ("events",)]
    assert list(await refusals(actions.add_webhook(at_west.front_desk, "x", URL, NAMES))) == ["NOT_ALLOWED"]
    with house_east.site.speaking():
        foreign = actions.rotate_webhook_secret(house_east.manager, made, 1)
        assert list(await refusals(foreign)) == ["NOT_FOUND"]


async def test_a_site_tells_at_most_so_many(at_west: House) -> None:
    for _ in range(MOST):
        await actions.add_webhook(at_west.manager, "Tafel", URL, ["booking.made"])
    one_more = actions.add_webhook(at_west.manager, "Tafel", URL, ["booking.made"])
    assert list(await refusals(one_more)) == ["TOO_MANY_WEBHOOKS"]


async def test_what_came_to_an_end_is_forgotten_after_a_month(at_west: House, receiver: Receiver) -> None:
    await hook(at_west, receiver)
    await book(at_west)
    await send(at_west)
    await forget_deliveries(at_west.site.desk(now=NOW + timedelta(days=30)))
    assert len(await log(at_west)) == 1
    await forget_deliveries(at_west.site.desk(now=NOW + timedelta(days=31)))
    assert await log(at_west) == []


def test_an_event_has_one_name_and_the_type_of_its_name() -> None:
    types = {"booking": "bkg", "series": "ser", "registration": "reg", "workshop": "wsp", "membership": "mbr",
             "application": "apl"}  # fmt: skip
    assert {prefix for name, prefix in EVENTS.values() if types[name.partition(".")[0]] != prefix} == set()
