"""kill -9 of a worker at its work: what it had begun is done by the next one, and nothing is lost or made twice."""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from access.test_webhooks import Receiver, hook, receiver
from conftest import Cluster
from notices.sink import Sink, sink
from reliability.servers import speaking_at
from reliability.test_audit_chain import broken
from spaces.conftest import blueprint
from spaces.house import House, furnish, span
from world import NOW, open_city, open_site

from quartier.access.hooks.sending import LEASE as TOLD_WITHIN
from quartier.database.administrator import connect
from quartier.database.engine import Address
from quartier.members.importing.actions import confirm_import
from quartier.members.importing.checking import check_import
from quartier.members.importing.taking import AT_ONCE
from quartier.notices import outbox
from quartier.spaces import actions as spaces
from quartier.tenancy.audit import FOLLOW
from quartier.tenancy.blueprint import SiteBlueprint

__all__ = ["blueprint", "receiver"]
pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)


@dataclass
class Shift:
    """Workers of one database, one after the other; each ends by being killed."""

    address: Address
    house: House
    mail: Sink
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def begin(self, at: datetime = NOW, *calendar: str) -> None:
        """Let a worker begin whose house is at this time, and whose calendar has these lines."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("worker.py")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.running.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        given = {
            "dsn": self.address.dsn,
            "passwords": dict(self.address.passwords),
            "mail": self.mail.port,
            "ahead": (at - datetime.now(UTC)).total_seconds(),
            "calendar": calendar,
        }
        process.stdin.write(json.dumps(given).encode() + b"\n")
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"working\n"

    async def kill(self) -> None:
        for process in self.running:
            process.kill()
            await process.wait()
        self.running.clear()

    async def idle(self) -> None:
        """Wait until nothing waits that could be done now."""
        asked = (
            "select count(*) from jobs.pgqueuer where status = 'picked' or status = 'queued' and execute_after < now()"
        )
        await until(lambda: self._none(asked))
        [row] = await self.house.site.sql("select count(*) from jobs.pgqueuer where status = 'failed'")
        assert row[0] == 0

    async def _none(self, asked: str) -> bool:
        [row] = await self.house.site.sql(asked)
        return bool(row[0] == 0)

    async def told(self) -> list[tuple[str, int]]:
        rows = await self.house.site.sql(
            "select state, attempts from app.delivery where tenant_id = $1 order by id", self.house.site.id
        )
        return [tuple(row) for row in rows]

    async def sent(self) -> list[tuple[str, int]]:
        rows = await self.house.site.sql(
            "select state, attempts from app.notice where tenant_id = $1 order by send_after, id", self.house.site.id
        )
        return sorted(tuple(row) for row in rows)


async def until(ask: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await ask():
                return
            await asyncio.sleep(0.02)


@pytest.fixture
def mail() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest_asyncio.fixture
async def shift(fresh_database: str, postgres: Cluster, blueprint: SiteBlueprint, mail: Sink) -> AsyncIterator[Shift]:
    """A furnished house in a database of its own: a worker takes the jobs of every site."""
    async with speaking_at(postgres.address(fresh_database)):
        root = await connect(postgres.dsn(fresh_database))
        city = await open_city(root)
        house = await furnish(await open_site(root, city.realm.city_id, "west"), blueprint)
        await root.execute("delete from jobs.pgqueuer; delete from app.audit_entry; delete from app.audit_head")
        await root.execute("update app.person set email = 'lena@mail.example' where name = 'Lena Voss'")
        made = Shift(postgres.address(fresh_database), house, mail)
        try:
            with house.site.speaking():
                yield made
        finally:
            await made.kill()
            await root.close()


async def test_a_webhook_that_was_told_by_one_that_is_killed_is_told_again_under_the_same_id(
    shift: Shift, receiver: Receiver
) -> None:
    await hook(shift.house, receiver)
    for day in (20, 23):
        await book(shift.house, day)
    receiver.together = 3  # the first two come, and nobody is told that they did
    await shift.begin()
    await until(lambda: came(receiver, 2))
    await shift.kill()
    assert await shift.told() == [("waiting", 1)] * 2
    await shift.begin(NOW + MINUTE, FOLLOW)
    await shift.idle()
    await shift.kill()
    assert len(receiver.came) == 2  # they may still be under way
    await shift.begin(NOW + TOLD_WITHIN + 5 * MINUTE, FOLLOW)
    await until(lambda: came(receiver, 4))
    await shift.idle()
    assert await shift.told() == [("done", 2)] * 2
    assert sorted(receiver.ids[:2]) == sorted(receiver.ids[2:])
    assert sorted(body for _, body in receiver.came[:2]) == sorted(body for _, body in receiver.came[2:])


async def test_what_happens_while_no_worker_lives_is_told_when_one_comes(shift: Shift, receiver: Receiver) -> None:
    await hook(shift.house, receiver)
    await shift.begin()
    await shift.idle()
    await shift.kill()
    await book(shift.house, 20)
    await asyncio.sleep(0.5)
    assert receiver.came == []
    await shift.begin()
    await until(lambda: came(receiver, 1))
    await shift.idle()
    assert await shift.told() == [("done", 1)]


async def test_letters_of_a_killed_sender_go_on_and_only_the_one_in_its_hand_comes_twice(shift: Shift) -> None:
    for day in (20, 23, 24, 25, 26):
        await book(shift.house, day)
    shift.mail.until = 2  # the third is taken, and nobody is told so
    await shift.begin(NOW + MINUTE, outbox.SEND)
    await until(lambda: lay(shift.mail, 3))
    await shift.kill()
    assert await shift.sent() == [("sent", 1)] * 2 + [("waiting", 1)] * 3
    shift.mail.full.set()
    await shift.begin(NOW + 2 * MINUTE, outbox.SEND)
    await shift.idle()
    await shift.kill()
    assert len(shift.mail.letters) == 3
    await shift.begin(NOW + outbox.LEASE + 5 * MINUTE, outbox.SEND)
    await shift.idle()
    assert await shift.sent() == [("sent", 1)] * 2 + [("sent", 2)] * 3
    ids = [letter["Message-ID"] for letter in shift.mail.letters]
    assert (len(ids), len(set(ids)), ids.count(ids[2])) == (6, 5, 2)


async def test_an_import_whose_worker_is_killed_again_and_again_takes_every_line_in_once(shift: Shift) -> None:
    lines, site = 10 * AT_ONCE, shift.house.site
    head = "Name;Art;Ansprechperson;E-Mail;Rolle"
    rows = [f"Verein {n};Verein;Person {n};p{n}@mail.example;Leitung" for n in range(lines)]
    desk = site.desk("manager", person=shift.house.lena)
    before = await site.count("app.organisation"), await site.count("app.person")
    run = await check_import(desk, "liste.csv", [head, *rows])
    await confirm_import(desk, run, 1)
    chance, killed = random.Random(7), 0
    while not await done(shift, lines):
        await shift.begin()
        begun = await taken(shift)
        await until(lambda n=begun: more(shift, n))  # type: ignore[misc]
        await asyncio.sleep(chance.uniform(0, 0.25))
        if not await done(shift, lines):
            killed += 1
        await shift.kill()
    print(f"import of {lines} lines, its worker killed {killed} times")
    assert killed >= 3
    [row] = await site.sql("select * from app.import_run where tenant_id = $1 and id = $2", site.id, run)
    assert (row["state"], row["done"], row["failed"]) == ("done", lines, 0)
    assert (row["organisations"], row["people"]) == (lines, lines)
    assert await site.count("app.organisation") - before[0] == lines
    assert await site.count("app.person") - before[1] == lines
    assert await site.count("app.import_row", "state = 'done'") == lines
    assert await site.count("app.affiliation") == lines + 1
    went_on = await site.sql(
        "select (numbers ->> 'lines')::int n from app.audit_entry where tenant_id = $1 and action = 'import.went_on'",
        site.id,
    )
    assert [line["n"] for line in went_on] == [AT_ONCE] * 10
    assert await broken(site) == []


async def book(house: House, day: int) -> None:
    await spaces.book_space(house.member, house.rooms["denkwerkstatt"], span(day, 9, 11), organisation=house.kitchen)


async def came(receiver: Receiver, number: int) -> bool:
    return len(receiver.came) >= number


async def lay(mail: Sink, number: int) -> bool:
    return len(mail.letters) >= number


async def taken(shift: Shift) -> int:
    [row] = await shift.house.site.sql("select done from app.import_run where tenant_id = $1", shift.house.site.id)
    return int(row["done"])


async def more(shift: Shift, begun: int) -> bool:
    return await taken(shift) > begun


async def done(shift: Shift, lines: int) -> bool:
    return await taken(shift) == lines
