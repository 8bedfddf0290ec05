"""Lanes: one statement, one round trip, own rows; and no fault leaves a lane behind."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
import pytest_asyncio
from conftest import Cluster
from database.bells import EAST, WEST, Quarter

from quartier.database.engine import TenantEngine
from quartier.database.faults import DatabaseAway, IsolationError, PoolExhausted
from quartier.database.lanes import STATEMENTS, Lanes

PREPARED = "select count(*)::int from pg_prepared_statements"
OWN = "string_agg(note, ' ') from app.bell"


def read(what: str) -> str:
    """A read as the compiler writes it: tenant and context are set in the statement itself."""
    return (
        "select q.* from (select set_config('app.tenant_id', $1, true) a, set_config('app.ctx', $2, true) b offset 0) t"
        f" cross join lateral (select {what} where t.a is not null and t.b is not null offset 0) q"
    )


@pytest_asyncio.fixture
async def lanes(postgres: Cluster, quarter: Quarter) -> AsyncIterator[Lanes]:
    lanes = Lanes(postgres.address(quarter.name), "app", size=2, wait=2)
    await lanes.start()
    yield lanes
    await lanes.stop()


def speaking(db: TenantEngine, realm: uuid.UUID) -> Sequence[str]:
    with db.speaking(realm):
        return db.signed()


async def test_each_site_reads_its_own_bell(db: TenantEngine, lanes: Lanes) -> None:
    for realm, note in ((WEST, "west"), (EAST, "east")):
        assert await lanes.run("bells", read(OWN), speaking(db, realm)) == note


async def test_a_forged_context_is_rejected_and_nothing_is_left_of_a_good_one(db: TenantEngine, lanes: Lanes) -> None:
    good = speaking(db, WEST)
    assert await lanes.run("bells", read(OWN), good) == "west"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await lanes.run("bells", read(OWN), (str(EAST), good[1]))
    with pytest.raises(asyncpg.PostgresError):
        await lanes.run("bare", f"select {OWN}", ())


async def test_a_lane_only_reads(db: TenantEngine, lanes: Lanes) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await lanes.run("write", "update app.bell set note = 'x' where tenant_id = $1::uuid", (str(WEST),))


async def test_a_failed_statement_keeps_its_lane(lanes: Lanes) -> None:
    first = await lanes.run("pid", "select pg_backend_pid()", ())
    with pytest.raises(asyncpg.DivisionByZeroError):
        await lanes.run("zero", "select 1/0", ())
    assert await lanes.run("pid", "select pg_backend_pid()", ()) == first


async def test_the_last_lane_in_is_the_first_out(lanes: Lanes) -> None:
    pids = await asyncio.gather(*[lanes.run("nap", "select pg_backend_pid() from pg_sleep(0.1)", ()) for _ in range(2)])
    assert len(set(pids)) == 2
    again = [await lanes.run("pid", "select pg_backend_pid()", ()) for _ in range(3)]
    assert len(set(again)) == 1


async def test_a_lane_remembers_64_plans(lanes: Lanes) -> None:
    for n in range(STATEMENTS + 20):
        await lanes.run(n, f"select {n}", ())
    # The counting statement is one of them; the one it pushed out is closed with the next preparation.
    assert await lanes.run("count", PREPARED, ()) <= STATEMENTS + 1


async def test_a_cancelled_reader_costs_a_lane_and_not_a_slot(lanes: Lanes) -> None:
    before = await lanes.run("pid", "select pg_backend_pid()", ())
    for _ in range(4):
        task = asyncio.create_task(lanes.run("nap", "select pg_sleep(5)", ()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    both = [lanes.run("nap", "select pg_backend_pid() from pg_sleep(0.1)", ()) for _ in range(2)]
    pids = await asyncio.gather(*both)
    assert len(set(pids)) == 2
    assert before not in pids


async def test_who_waits_is_served_in_turn(lanes: Lanes) -> None:
    served: list[int] = []

    async def reader(n: int) -> None:
        await lanes.run("nap", "select pg_sleep(0.02)", ())
        served.append(n)

    await asyncio.gather(*[reader(n) for n in range(12)])
    # Two lanes: neighbours may change places, nobody is passed over.
    assert all(abs(n - place) <= 1 for place, n in enumerate(served)), served


async def test_who_waits_too_long_is_told_so(lanes: Lanes) -> None:
    lanes.wait = 0.1
    held = [asyncio.create_task(lanes.run("nap", "select pg_sleep(0.5)", ())) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(PoolExhausted):
        await lanes.run("one", "select 1", ())
    await asyncio.gather(*held)
    assert await lanes.run("one", "select 1", ()) == 1


async def test_a_cancelled_waiter_passes_its_turn_on(lanes: Lanes) -> None:
    held = [asyncio.create_task(lanes.run("nap", "select pg_sleep(0.2)", ())) for _ in range(2)]
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(lanes.run("one", "select 1", ())) for _ in range(3)]
    await asyncio.sleep(0.05)
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:], *held) == [1, 1, None, None]


async def test_killed_lanes_are_replaced(lanes: Lanes, quarter: Quarter) -> None:
    pid = await lanes.run("pid", "select pg_backend_pid()", ())
    napping = asyncio.create_task(lanes.run("nap", "select pg_sleep(5)", ()))
    await asyncio.sleep(0.05)
    await quarter.root.execute(f"select pg_terminate_backend({pid})")
    with pytest.raises(DatabaseAway):
        await napping
    assert await lanes.run("pid", "select pg_backend_pid()", ()) != pid


async def test_a_changed_table_costs_one_answer(db: TenantEngine, lanes: Lanes, quarter: Quarter) -> None:
    context = speaking(db, WEST)
    stars = read("b.* from app.bell b")
    await lanes.run("stars", stars, context)
    await quarter.root.execute("alter table app.bell add column tone text")
    with pytest.raises(DatabaseAway):
        await lanes.run("stars", stars, context)
    assert await lanes.run("stars", stars, context) == WEST
    await quarter.root.execute("alter table app.bell drop column tone")


async def test_on_citus_the_context_goes_by_set_local(db: TenantEngine, postgres: Cluster, quarter: Quarter) -> None:
    lanes = Lanes(postgres.address(quarter.name), "app", size=1, citus=True)
    assert await lanes.run("bells", read(OWN), speaking(db, EAST)) == "east"
    await lanes.stop()


async def test_closed_lanes_answer_nobody(postgres: Cluster, quarter: Quarter) -> None:
    lanes = Lanes(postgres.address(quarter.name), "app")
    await lanes.start()
    await lanes.stop()
    with pytest.raises(IsolationError):
        await lanes.run("one", "select 1", ())
