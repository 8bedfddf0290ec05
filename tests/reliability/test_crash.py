"""The database dies under writers: nothing acknowledged is lost, nothing is half there, and everybody goes on.

Bookings stand for all: each is a booking with its occupancy, a number without gaps, an audit line and a key.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from reliability.servers import NAME, Victim, speaking_to, victim
from reliability.test_audit_chain import broken
from spaces.conftest import blueprint
from spaces.house import House, at, furnish
from world import Site, open_city, open_site

from quartier.database.administrator import connect
from quartier.database.catalog import holes, lint
from quartier.database.faults import Unavailable
from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.once import Answer, once

__all__ = ["blueprint"]
WRITERS = 8
WITHIN = 10.0  # seconds until everything is well again, by itself
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the server's processes in /proc"),
]


@dataclass(frozen=True, eq=False)
class Wish:
    """One request with its key: which house, which room, which hour."""

    house: House
    key: str
    room: UUID
    span: Span

    @property
    def payload(self) -> bytes:
        return f"{self.room} {self.span.start}".encode()

    async def sent(self) -> Answer:
        desk = self.house.site.desk()

        async def work() -> Answer:
            made = await actions.book_space(desk, self.room, self.span, kind="internal", override=True)
            return {"booking": str(made.id), "number": made.number}

        with self.house.site.speaking():
            return await once(desk, self.key, self.payload, work)


@dataclass
class Book:
    """What the writers were told."""

    answers: dict[Wish, Answer] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)  # cleanly told to come back
    unclean: list[str] = field(default_factory=list)
    longest: float = 0  # seconds without any acknowledgement
    last: float = field(default_factory=time.monotonic)

    async def more(self) -> None:
        """Wait for forty more acknowledged bookings."""
        wanted = len(self.answers) + 40
        async with asyncio.timeout(60):
            while len(self.answers) < wanted:
                assert self.unclean == []
                await asyncio.sleep(0.02)  # noqa: ASYNC110

    def acknowledged(self) -> None:
        now = time.monotonic()
        self.longest, self.last = max(self.longest, now - self.last), now


async def write(house: House, writer: int, book: Book, stop: asyncio.Event) -> None:
    """Wish after wish; one that got no answer is sent again with its key until it has one."""
    rng = random.Random(writer)
    rooms = sorted(house.rooms.items())
    n = 0
    while not stop.is_set():
        n += 1
        start = at(1, 8, month=12) + timedelta(days=rng.randrange(200), hours=rng.randrange(10))
        room = rng.choice(rooms)[1]
        wish = Wish(house, f"{house.site.realm.slug}-{writer}-{n}", room, Span(start, start + timedelta(hours=1)))
        while True:
            try:
                book.answers[wish] = await wish.sent()
                book.acknowledged()
                break
            except Refused as refused:
                book.refused[refused.refusals[0].code] += 1
                book.acknowledged()
                break
            except Unavailable as away:
                book.faults[type(away).__name__] += 1
                await asyncio.sleep(0.05)
            except Exception as error:
                book.unclean.append(repr(error))
                return


async def proofs(house: House, site: Site, book: Book) -> None:
    """Nothing lost, nothing twice, nothing half."""
    mine = {wish: answer for wish, answer in book.answers.items() if wish.house is house}
    rows = await site.sql("select id, number, state from app.booking where tenant_id = $1", site.id)
    assert {str(row["id"]) for row in rows} == {answer["booking"] for answer in mine.values()}
    assert len(rows) == len(mine)
    assert await halves(site) == []
    # The numbers have no gap.
    counted = sorted(int(row["number"].rpartition("-")[2]) for row in rows)
    assert counted == list(range(1, len(rows) + 1))
    keys = await site.sql("select key, answer from app.idempotency where tenant_id = $1", site.id)
    assert {row["key"]: json.loads(row["answer"]) for row in keys} == {wish.key: told for wish, told in mine.items()}
    assert await broken(site) == []
    lines = await site.count("app.audit_entry", "action = 'space.booked'")
    assert lines == len(mine)
    # The same key again gives the same answer and books nothing.
    for wish, answer in random.Random(1).sample(sorted(mine.items(), key=lambda pair: pair[0].key), 20):
        assert await wish.sent() == answer
    assert await site.count("app.booking") == len(mine)


async def halves(site: Site) -> list[UUID | None]:
    """Bookings without the occupancy they should have, and occupancy that no booking explains."""
    rows = await site.sql(
        "select b.id from app.booking b full join app.occupancy o on o.tenant_id = b.tenant_id and o.booking_id = b.id"
        " where coalesce(b.tenant_id, o.tenant_id) = $1 and (b.id is null or o.id is null or o.during <> b.during)",
        site.id,
    )
    return [row["id"] for row in rows]


@pytest.fixture
def server() -> Iterator[Victim]:
    with victim() as made:
        yield made


async def under_writers(server: Victim, plan: SiteBlueprint, strike: Callable[[], Awaitable[None]], times: int) -> Book:
    """Strike several times under the writers of two sites, and prove everything afterwards."""
    async with speaking_to(server):
        root = await connect(server.cluster.dsn(NAME))
        city = await open_city(root)
        houses = [await furnish(await open_site(root, city.realm.city_id, word), plan) for word in ("west", "east")]
        await root.execute("delete from app.audit_entry; delete from app.audit_head; delete from app.idempotency")
        await root.close()
        book, stop = Book(), asyncio.Event()
        writers = [asyncio.create_task(write(houses[n % 2], n, book, stop)) for n in range(WRITERS)]
        for _ in range(times):
            await book.more()
            await strike()
        await book.more()
        stop.set()
        await asyncio.gather(*writers)
        assert book.unclean == []
        root = await connect(server.cluster.dsn(NAME))
        try:
            for house in houses:
                # The administrator's connection of before died with the server.
                await proofs(house, Site(house.site.realm, root), book)
            assert await holes(root) == []
            assert await lint(root) == []
        finally:
            await root.close()
    return book


def report(what: str, book: Book) -> None:
    print(
        f"{what}: {len(book.answers)} acknowledged, 0 lost; {sum(book.faults.values())} told to come back"
        f" {dict(book.faults)}; longest gap {book.longest:.2f} s"
    )


async def test_a_killed_backend_costs_nobody_an_acknowledged_booking(server: Victim, blueprint: SiteBlueprint) -> None:
    """The postmaster ends all sessions and recovers from its log: the worst that one backend can do."""

    async def strike() -> None:
        with contextlib.suppress(Unavailable):
            root = await connect(server.cluster.dsn())
            try:
                pid = await root.fetchval(
                    "select pid from pg_stat_activity where usename = 'quartier_app' order by state, random() limit 1"
                )
                if pid:
                    os.kill(pid, signal.SIGKILL)
            finally:
                root.terminate()

    book = await under_writers(server, blueprint, strike, 5)
    report("kill -9 of a backend, 5 times", book)
    assert book.faults["DatabaseAway"] >= 5
    assert book.longest < WITHIN


async def test_a_killed_server_costs_nobody_an_acknowledged_booking(server: Victim, blueprint: SiteBlueprint) -> None:
    async def strike() -> None:
        server.kill()
        await asyncio.sleep(1)  # everybody knocks at a closed door for a while
        server.start()

    book = await under_writers(server, blueprint, strike, 3)
    report("kill -9 of the whole server, 3 times", book)
    assert book.faults["DatabaseAway"] >= 3 * WRITERS
    assert book.longest < WITHIN
