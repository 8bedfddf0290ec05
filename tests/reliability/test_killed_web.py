"""The web process is killed and told to stop, under people who book and hand files in: nothing acknowledged is lost.

QUARTIER_ROUNDS says how often it is killed.
"""

import asyncio
import hashlib
import os
import random
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from cli.test_commands import Shell, a_shell
from conftest import Cluster
from handed import noise
from reliability.servers import speaking_at
from reliability.test_audit_chain import broken
from reliability.test_crash import halves
from spaces.conftest import blueprint
from spaces.house import House, at, furnish
from world import NOW, open_city, open_site

from quartier.access.actions import open_demo_session
from quartier.database.administrator import connect
from quartier.database.catalog import holes
from quartier.settings import home
from quartier.tenancy.blueprint import SiteBlueprint

__all__ = ["blueprint"]
pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("QUARTIER_ROUNDS", "12"))
WRITERS = 6
DOCUMENTS = home("graphql") / "operations" / "clients" / "site"
PICTURE = noise(260, 200)


@dataclass
class Web:
    """`./quartier serve` at one port, killed and begun again; Mira, the manager, speaks to it."""

    shell: Shell
    house: House
    token: str
    port: int
    process: asyncio.subprocess.Process | None = None
    booked: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)  # key -> what was wished, the answer
    refused: Counter[str] = field(default_factory=Counter)
    handed: set[UUID] = field(default_factory=set)
    cut: Counter[str] = field(default_factory=Counter)

    def client(self) -> httpx2.AsyncClient:
        headers = {"host": self.house.site.realm.host, "authorization": f"Bearer {self.token}"}
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)

    async def begin(self) -> None:
        quiet = {"QUARTIER_LOG_LEVEL": "CRITICAL"}
        self.process = await self.shell.start("serve", "--port", str(self.port), **quiet)
        async with self.client() as client, asyncio.timeout(180):
            while True:
                try:
                    if (await client.get("/health/ready")).status_code == 200:
                        return
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.communicate()

    async def ask(self, client: httpx2.AsyncClient, document: str, **wish: Any) -> dict[str, Any]:
        body = {"query": (DOCUMENTS / f"{document}.graphql").read_text(), "variables": {"input": wish}}
        answer = await client.post("/graphql", json=body)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()["data"][document]
        return told

    async def book(self, writer: int, stop: asyncio.Event) -> None:
        """Wish after wish; one that got no answer is sent again with its key until it has one."""
        chance = random.Random(writer)
        rooms = [room for _, room in sorted(self.house.rooms.items())]
        async with self.client() as client:
            while not stop.is_set():
                start = at(1, 8, month=12) + timedelta(days=chance.randrange(150), hours=chance.randrange(10))
                key = f"{writer}-{chance.random()}"
                wish = {
                    "space": f"spc_{chance.choice(rooms)}",
                    "startsAt": start.isoformat(),
                    "endsAt": (start + timedelta(hours=1)).isoformat(),
                    "kind": "INTERNAL",
                    "override": True,
                    "idempotencyKey": key,
                }
                while True:
                    try:
                        told = await self.ask(client, "bookSpace", **wish)
                        break
                    except httpx2.HTTPError as away:
                        self.cut[type(away).__name__] += 1
                        await asyncio.sleep(0.3)
                for refusal in told["refusals"]:
                    self.refused[refusal["code"]] += 1
                if told["booking"]:
                    self.booked[key] = wish, told["booking"]["id"]

    async def hand_in(self, stop: asyncio.Event) -> None:
        """Picture after picture, each in pieces; an address that was cut off is left where it is."""
        site, chance = self.house.site, random.Random(-1)

        async def pieces() -> AsyncIterator[bytes]:
            for begin in range(0, len(PICTURE), 8192):
                yield PICTURE[begin : begin + 8192]
                await asyncio.sleep(0.005)

        async with self.client() as client:
            while not stop.is_set():
                key = str(chance.random())
                try:
                    about = {"purpose": "SPACE_PHOTO", "name": "halle.png", "bytes": len(PICTURE)}
                    made = await self.ask(client, "requestUpload", idempotencyKey=key, **about)
                    assert made["refusals"] == []
                    (await client.put(made["address"], content=pieces())).raise_for_status()
                except httpx2.HTTPError as away:
                    self.cut[type(away).__name__] += 1
                    await asyncio.sleep(0.05)
                    # As if ten minutes went by: so long the address of what was cut off holds its place.
                    await site.sql("update app.file set expires_at = created_at where state = 'awaited'")
                    continue
                file = UUID(made["file"].partition("_")[2])
                self.handed.add(file)
                # In use, as if it hung on a wall: only so many may wait.
                await site.sql("update app.file set state = 'kept' where id = $1", file)


@pytest_asyncio.fixture
async def web(fresh_database: str, postgres: Cluster, blueprint: SiteBlueprint, tmp_path: Path) -> AsyncIterator[Web]:
    async with speaking_at(postgres.address(fresh_database)):
        root = await connect(postgres.dsn(fresh_database))
        city = await open_city(root)
        house = await furnish(await open_site(root, city.realm.city_id, "west"), blueprint)
        await root.execute("delete from app.audit_entry; delete from app.audit_head")
        mira = await house.site.person("Mira Lindner", "manager")
        token = await open_demo_session(house.site.desk(), mira)
        shell = a_shell(tmp_path, postgres, fresh_database)
        ahead = (NOW - datetime.now(UTC)).total_seconds()
        shell.env |= {"QUARTIER_DEMO": "1", "QUARTIER_CLOCK_AHEAD_SECONDS": str(ahead)}
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        made = Web(shell, house, token, port)
        try:
            yield made
        finally:
            await made.kill()
            await root.close()


async def test_a_killed_web_process_costs_nobody_what_was_acknowledged(web: Web) -> None:
    site, stop, chance = web.house.site, asyncio.Event(), random.Random(9)
    await web.begin()
    people = [asyncio.create_task(web.book(n, stop)) for n in range(WRITERS)]
    people.append(asyncio.create_task(web.hand_in(stop)))
    for _ in range(ROUNDS):
        before = len(web.booked)
        async with asyncio.timeout(180):
            while len(web.booked) < before + 8:
                assert not any(task.done() for task in people)
                await asyncio.sleep(0.01)  # noqa: ASYNC110
        await asyncio.sleep(chance.uniform(0, 0.1))
        await web.kill()
        await web.begin()
    stop.set()
    await asyncio.gather(*people)
    print(
        f"kill -9 of the web process, {ROUNDS} times: {len(web.booked)} bookings and {len(web.handed)} files"
        f" acknowledged, 0 lost; {web.cut.total()} cut off; {dict(web.refused)}"
    )
    assert web.cut.total() >= ROUNDS

    # Bookings: those that were acknowledged and no others, whole, and each key happened once.
    rows = await site.sql("select id, number from app.booking where tenant_id = $1", site.id)
    assert sorted(f"bkg_{row['id']}" for row in rows) == sorted(booking for _, booking in web.booked.values())
    assert await halves(site) == []
    counted = sorted(int(row["number"].rpartition("-")[2]) for row in rows)
    assert counted == list(range(1, len(rows) + 1))
    assert await site.count("app.audit_entry", "action = 'space.booked'") == len(rows)
    assert await broken(site) == []
    async with web.client() as client:
        for wish, booking in chance.sample(list(web.booked.values()), 20):
            again = await web.ask(client, "bookSpace", **wish)
            assert (again["booking"]["id"], again["refusals"]) == (booking, [])
    assert await site.count("app.booking") == len(rows)

    # Files: whole or not at all; what was cut off while it came waits for nobody and goes within a day.
    files = await site.sql("select id, state, bytes, sha256, media from app.file where tenant_id = $1", site.id)
    assert {row["id"] for row in files if row["state"] == "kept"} == web.handed
    for row in files:
        parts = await site.sql(
            "select content from app.file_content where tenant_id = $1 and file_id = $2 order by id", site.id, row["id"]
        )
        if row["state"] == "awaited":
            assert parts == []
        else:
            whole = b"".join(part["content"] for part in parts)
            assert (len(whole), hashlib.sha256(whole).digest()) == (row["bytes"], row["sha256"])
    assert await holes(site.administrator) == []


async def test_a_web_process_that_is_told_to_stop_answers_everybody_who_has_asked(web: Web) -> None:
    """Half of each picture has come when it is told; bookings of the same moment wait for the same row."""
    site = web.house.site
    await web.begin()
    assert web.process is not None
    halfway, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield PICTURE[: len(PICTURE) // 2]
        halfway.release()
        await go_on.wait()
        yield PICTURE[len(PICTURE) // 2 :]

    async def hand_in(n: int) -> int:
        async with web.client() as client:
            about = {"purpose": "SPACE_PHOTO", "name": "halle.png", "bytes": len(PICTURE)}
            made = await web.ask(client, "requestUpload", idempotencyKey=f"file {n}", **about)
            return (await client.put(made["address"], content=pieces())).status_code

    async def book(n: int) -> dict[str, Any]:
        start = at(1, 8, month=12) + timedelta(days=n)
        wish = {"space": f"spc_{web.house.rooms['denkwerkstatt']}", "startsAt": start.isoformat(),
                "endsAt": (start + timedelta(hours=1)).isoformat(), "kind": "INTERNAL", "override": True}  # fmt: skip
        async with web.client() as client:
            return await web.ask(client, "bookSpace", idempotencyKey=f"booking {n}", **wish)

    files = [asyncio.create_task(hand_in(n)) for n in range(5)]
    for _ in files:
        await halfway.acquire()
    async with site.administrator.transaction():
        await site.sql("select from app.space where tenant_id = $1 for update", site.id)
        bookings = [asyncio.create_task(book(n)) for n in range(5)]
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        async with asyncio.timeout(20):
            while (await site.sql(waiting))[0][0] < len(bookings):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        web.process.send_signal(signal.SIGTERM)
        async with web.client() as client, asyncio.timeout(20):
            while True:
                try:
                    await client.get("/health/live")
                except httpx2.ConnectError:
                    break
                except httpx2.TransportError:
                    pass  # a line that was closed while it was idle
                await asyncio.sleep(0.02)
    go_on.set()
    assert await asyncio.gather(*files) == [201] * 5
    assert [told["refusals"] for told in await asyncio.gather(*bookings)] == [[]] * 5
    assert await web.process.wait() == 0
    assert await site.count("app.booking") == 5
    assert await site.count("app.file", "state = 'taken'") == 5
