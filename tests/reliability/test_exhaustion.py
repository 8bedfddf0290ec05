"""A pool without a free connection: whoever waits is told so after two seconds, and nobody else notices."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from conftest import Cluster
from world import Site

from quartier.database.engine import TenantEngine
from quartier.database.faults import PoolExhausted, Unavailable
from quartier.database.lanes import Lanes
from quartier.database.pulse import pulse
from quartier.web.problems import problem_of

SIZE = 3
SITES = "select count(*) n from app.site where tenant_id = $1"


@pytest_asyncio.fixture
async def small(postgres: Cluster, database: str) -> AsyncIterator[TenantEngine]:
    engine = TenantEngine()
    sizes = {"app": SIZE, "worker": 1, "auth": 1}
    engine.configure(postgres.address(database), postgres.keyring.signer, powers=sizes, sizes=sizes)
    await engine.start()
    yield engine
    await engine.stop()


async def hold(engine: TenantEngine, site: Site, held: asyncio.Semaphore, enough: asyncio.Event) -> None:
    with engine.speaking(site.id):
        async with engine.work():
            held.release()
            await enough.wait()


async def ask(engine: TenantEngine, site: Site, power: str = "app") -> str:
    with engine.speaking(site.id, power):
        try:
            return str((await engine.fetch(SITES, site.id))[0]["n"])
        except Unavailable as away:
            return type(away).__name__


async def test_ten_times_its_size_waits_two_seconds_and_is_told_to_come_back(small: TenantEngine, west: Site) -> None:
    held, enough = asyncio.Semaphore(0), asyncio.Event()
    busy = [asyncio.create_task(hold(small, west, held, enough)) for _ in range(SIZE)]
    for _ in range(SIZE):
        await held.acquire()
    started = time.perf_counter()
    waiting = asyncio.gather(*(ask(small, west) for _ in range(10 * SIZE)))
    # Meanwhile the other powers answer, and the pulse tells the two apart.
    assert await ask(small, west, "worker") == "1"
    assert west.id in {row["id"] for row in await small.directory()}
    assert abs(await pulse(small, "auth")) < 60
    with pytest.raises(PoolExhausted):
        await pulse(small, "app")
    assert Counter(await waiting) == {"PoolExhausted": 10 * SIZE}
    waited = time.perf_counter() - started
    assert waited >= 1.9  # how much longer is the machine's affair
    print(f"{10 * SIZE} requests waited {waited:.2f} s")
    enough.set()
    await asyncio.gather(*busy)
    assert Counter(await asyncio.gather(*(ask(small, west) for _ in range(10 * SIZE)))) == {"1": 10 * SIZE}


async def test_whoever_gets_no_connection_is_told_when_to_come_again() -> None:
    problem = problem_of(PoolExhausted("app"))
    assert (problem.status, problem.headers["retry-after"]) == (503, "2")


async def test_lanes_that_are_all_taken_say_so_too(postgres: Cluster, database: str) -> None:
    lanes = Lanes(postgres.address(database), "app", size=2, wait=0.2)
    await lanes.start()
    busy = [asyncio.create_task(lanes.run(n, "select 1 from pg_sleep(1)", ())) for n in range(2)]
    await asyncio.sleep(0.1)
    told = await asyncio.gather(*(lanes.run("one", "select 1", ()) for _ in range(20)), return_exceptions=True)
    assert Counter(type(answer) for answer in told) == {PoolExhausted: 20}
    assert await asyncio.gather(*busy) == [1, 1]
    assert await asyncio.gather(*(lanes.run("one", "select 1", ()) for _ in range(20))) == [1] * 20
    await lanes.stop()
