"""The engine: nobody reads as nobody, and no fault loses a connection or shows a neighbour's row."""

import asyncio
import contextlib
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from database.bells import CITY, EAST, WEST, Quarter

from quartier.database.engine import TenantEngine
from quartier.database.faults import (
    DatabaseAway,
    IsolationError,
    NoTenant,
    PoolExhausted,
    TransactionAborted,
    TransactionOver,
)
from quartier.database.speaker import SPEAKER, Power, Signer, Speaker

COUNT = "select count(*) n from app.bell"
ADD = "insert into app.bell (tenant_id, id, note, rings_with) values ($1, $2, $3, $4)"


async def count(db: TenantEngine) -> int:
    """Without a filter: only the policies stand between the sites."""
    [row] = await db.fetch(COUNT)
    found: int = row["n"]
    return found


async def add(db: TenantEngine, realm: uuid.UUID, note: str, rings_with: uuid.UUID | None = None) -> None:
    await db.fetch(ADD, realm, uuid.uuid4(), note, rings_with)


async def notes(db: TenantEngine) -> set[str]:
    return {row["note"] for row in await db.fetch("select note from app.bell")}


@pytest_asyncio.fixture(autouse=True)
async def _both_connections_are_there_and_clean(db: TenantEngine) -> AsyncIterator[None]:
    """After every test: two transactions at once, and nothing of a session's settings carried over."""
    signer = db.signer
    yield
    db.signer, db.watch = signer, None
    gate = asyncio.Barrier(2)

    async def one_of_two() -> str:
        with db.speaking(WEST):
            async with db.tenant():
                await gate.wait()
                shown = "select current_setting('statement_timeout') || current_setting('search_path') s"
                return str((await db.fetch(shown))[0]["s"])

    async with asyncio.timeout(8):
        assert set(await asyncio.gather(one_of_two(), one_of_two())) == {"5sext"}


# -- who is speaking -------------------------------------------------------------------------------
async def test_nobody_is_answered_nothing(db: TenantEngine) -> None:
    with pytest.raises(NoTenant):
        await count(db)


async def test_a_site_sees_its_own_bell_alone(db: TenantEngine) -> None:
    for realm, bell in ((WEST, "west"), (EAST, "east")):
        with db.speaking(realm):
            assert await notes(db) == {bell}


async def test_a_statement_outside_a_transaction_can_only_read(db: TenantEngine) -> None:
    with db.speaking(WEST), pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await add(db, WEST, "outside")


async def test_a_row_for_the_other_site_is_refused(db: TenantEngine) -> None:
    with db.speaking(WEST), pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.work():
            await add(db, EAST, "foreign")


@pytest.mark.parametrize("realm", ["", "west", f"{WEST}'; drop table app.bell; --", "' or true"])
async def test_a_realm_is_a_uuid(db: TenantEngine, realm: str) -> None:
    with pytest.raises(NoTenant), db.speaking(realm):
        pass


async def test_a_context_that_nobody_signed_opens_nothing(db: TenantEngine) -> None:
    db.signer = None
    with db.speaking(WEST), pytest.raises(NoTenant):
        await count(db)


async def test_a_forged_or_expired_context_is_rejected(db: TenantEngine) -> None:
    for signer in (Signer("k1", b"x" * 32), Signer("k9", b"x" * 32), Signer("k1", db.signer._key, ttl=-1)):  # type: ignore[union-attr]
        db.signer = signer
        with db.speaking(WEST), pytest.raises(asyncpg.InsufficientPrivilegeError):
            await count(db)


async def test_a_context_of_another_role_is_rejected(db: TenantEngine) -> None:
    assert db.signer is not None
    token = db.signer(Power("quartier_worker"), str(WEST))
    with db.speaking(WEST, token=token), pytest.raises(asyncpg.InsufficientPrivilegeError):
        await count(db)


async def test_the_speaker_cannot_change_inside_a_transaction(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            with pytest.raises(IsolationError), db.speaking(EAST):
                pass


async def test_a_transaction_of_another_speaker_is_an_error(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            token = SPEAKER.set(Speaker("app", str(EAST)))
            with pytest.raises(IsolationError, match="another speaker"):
                await count(db)
            SPEAKER.reset(token)


@pytest.mark.parametrize("way", ["transaction", "atomic", "batch", "get_new_connection", "run_ddl", "tenant"])
async def test_piccolos_other_ways_are_closed(db: TenantEngine, way: str) -> None:
    arguments = ["drop table app.bell"] if way == "run_ddl" else []

    async def go() -> None:
        await getattr(db, way)(*arguments)

    with db.speaking(WEST):
        async with db.work():
            with pytest.raises(IsolationError):
                await go()


async def test_a_process_without_a_pool_for_a_power_says_so(db: TenantEngine) -> None:
    with db.speaking(CITY, "city"), pytest.raises(IsolationError, match="'city'"):
        await count(db)


async def test_a_watch_refuses_a_statement_before_it_runs(db: TenantEngine) -> None:
    def refuse(sql: str) -> None:
        raise IsolationError(sql)

    db.watch = refuse
    with db.speaking(WEST), pytest.raises(IsolationError, match="count"):
        await count(db)


async def test_the_directory_needs_no_speaker(db: TenantEngine) -> None:
    assert [(r["slug"], r["host"], r["state"]) for r in await db.directory()] == [
        ("east", "east.test", "open"),
        ("west", "west.test", "open"),
    ]


# -- transactions ----------------------------------------------------------------------------------
async def test_twenty_siblings_share_one_connection(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            assert await asyncio.gather(*[count(db) for _ in range(20)]) == [1] * 20


async def test_a_commit_that_fails_is_reported_and_costs_no_connection(db: TenantEngine) -> None:
    for _ in range(5):
        with db.speaking(WEST), pytest.raises(asyncpg.ForeignKeyViolationError):
            async with db.work():
                await add(db, WEST, "rings with nobody", uuid.uuid4())
    with db.speaking(WEST):
        assert await notes(db) == {"west"}


async def test_cancelled_requests_cost_no_connection(db: TenantEngine) -> None:
    async def slow() -> None:
        with db.speaking(WEST):
            async with db.work():
                await db.fetch("select pg_sleep(5)")

    for _ in range(4):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_killed_backend_is_a_database_away(db: TenantEngine, quarter: Quarter) -> None:
    async def killed(pause: float) -> None:
        async with db.work():
            [row] = await db.fetch("select pg_backend_pid() p")
            await quarter.root.execute(f"select pg_terminate_backend({row['p']})")
            await asyncio.sleep(pause)
            await count(db)

    # The pause decides how the driver learns it: in the middle, from the last word, or from the closed line.
    for pause in (0, 0, 0.0001, 0.001, 0.05):
        with db.speaking(WEST), pytest.raises(DatabaseAway):
            await killed(pause)


async def test_cancelled_during_commit_the_connection_is_replaced(db: TenantEngine) -> None:
    async def slow_commit() -> None:
        with db.speaking(WEST):
            async with db.work():
                await add(db, WEST, "slow")

    for _ in range(3):
        task = asyncio.create_task(slow_commit())
        await asyncio.sleep(0.15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_commit_without_an_answer_is_a_database_away(db: TenantEngine) -> None:
    db.end_timeout = 0.05
    with db.speaking(WEST), pytest.raises(DatabaseAway):
        async with db.work():
            await add(db, WEST, "slow")
    db.end_timeout = 5


async def test_a_swallowed_failure_is_not_a_commit(db: TenantEngine) -> None:
    async def swallow() -> None:
        async with db.work():
            await add(db, WEST, "kept?")
            with contextlib.suppress(asyncpg.PostgresError):
                await db.fetch("select 1/0")

    with db.speaking(WEST):
        with pytest.raises(TransactionAborted):
            await swallow()
        assert await notes(db) == {"west"}


async def test_a_statement_cut_by_a_deadline_is_not_a_commit(db: TenantEngine) -> None:
    async def too_slow() -> None:
        async with db.work():
            await add(db, WEST, "kept?")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await db.fetch("select pg_sleep(2)")

    with db.speaking(WEST):
        with pytest.raises(TransactionAborted):
            await too_slow()
        assert await notes(db) == {"west"}


async def test_rollback_undoes_the_block(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work() as tx:
            await add(db, WEST, "kept?")
            await tx.rollback()
        assert await notes(db) == {"west"}


async def test_work_inside_work_is_a_savepoint(db: TenantEngine) -> None:
    async def part(note: str, *, fails: bool) -> None:
        async with db.work():
            await add(db, WEST, note)
            if fails:
                raise ValueError

    with db.speaking(WEST):
        async with db.work():
            await part("first", fails=False)
            with contextlib.suppress(ValueError):
                await part("second", fails=True)
        assert await notes(db) == {"west", "first"}


async def test_a_savepoint_undoes_its_part_and_not_a_siblings(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work() as tx:

            async def optional() -> None:
                with contextlib.suppress(asyncpg.PostgresError):
                    async with tx.savepoint():
                        await add(db, WEST, "inner")
                        await asyncio.sleep(0.05)
                        await db.fetch("select 1/0")

            async def sibling() -> None:
                await asyncio.sleep(0.01)
                await add(db, WEST, "sibling")

            await asyncio.gather(optional(), sibling())
        assert await notes(db) == {"west", "sibling"}


async def test_a_failure_swallowed_in_a_savepoint_fails_the_savepoint(db: TenantEngine) -> None:
    async def swallow() -> None:
        async with db.work():
            with contextlib.suppress(asyncpg.PostgresError):
                await db.fetch("select 1/0")

    with db.speaking(WEST):
        async with db.work():
            with pytest.raises(TransactionAborted):
                await swallow()
            await add(db, WEST, "afterwards")
        assert await notes(db) == {"west", "afterwards"}


# -- stragglers ------------------------------------------------------------------------------------
async def later(work: Callable[[], Awaitable[Any]]) -> Any:
    await asyncio.sleep(0.05)
    return await work()


async def test_a_task_that_outlives_its_savepoint_or_transaction_is_refused(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work() as tx:
            async with tx.savepoint():
                late = asyncio.create_task(later(lambda: count(db)))
            with pytest.raises(TransactionOver):
                await late
        async with db.work():
            late = asyncio.create_task(later(lambda: count(db)))
        with pytest.raises(TransactionOver):
            await late


async def test_a_task_that_outlives_its_request_is_refused(db: TenantEngine) -> None:
    with db.speaking(WEST):
        late = asyncio.create_task(later(lambda: count(db)))
    with pytest.raises(NoTenant):
        await late


async def test_a_task_begun_in_a_transaction_may_speak_anew_when_that_is_over(db: TenantEngine) -> None:
    async def anew() -> set[str]:
        with db.speaking(EAST):
            return await notes(db)

    with db.speaking(WEST):
        async with db.work():
            late = asyncio.create_task(later(anew))
    assert await late == {"east"}


async def test_a_statement_in_flight_is_awaited_and_one_in_the_queue_refused(db: TenantEngine) -> None:
    with db.speaking(WEST):
        with contextlib.suppress(ZeroDivisionError):
            async with db.work():
                running = asyncio.create_task(db.fetch("select pg_sleep(0.1)"))
                queued = asyncio.create_task(count(db))
                await asyncio.sleep(0.02)
                raise ZeroDivisionError
        assert running.done()
        assert running.exception() is None
        with pytest.raises(TransactionOver):
            await queued


# -- what an injection leaves, what a crowd does -----------------------------------------------------
async def test_settings_of_a_session_die_with_their_transaction(db: TenantEngine) -> None:
    with db.speaking(WEST):
        async with db.work():
            await db.fetch(
                "select set_config('statement_timeout', '0', false), set_config('search_path', 'app', false),"
                " set_config('app.tenant_id', $1, false), set_config('row_security', 'off', false)",
                str(EAST),
            )
    for realm in (WEST, EAST):
        with db.speaking(realm):
            assert await count(db) == 1


async def test_when_all_connections_are_taken_the_next_is_told_so(db: TenantEngine) -> None:
    gate, enough = asyncio.Barrier(3), asyncio.Event()

    async def hold() -> None:
        with db.speaking(WEST):
            async with db.work():
                await gate.wait()
                await enough.wait()

    held = [asyncio.create_task(hold()) for _ in range(2)]
    await gate.wait()
    db.acquire_timeout = 0.1
    with db.speaking(EAST), pytest.raises(PoolExhausted):
        await count(db)
    enough.set()
    await asyncio.gather(*held)
    db.acquire_timeout = 2


async def test_a_lost_race_is_run_again(db: TenantEngine) -> None:
    read = "select note from app.bell where tenant_id = $1 and note ~ '^[0-9]'"
    write = "update app.bell set note = $2 where tenant_id = $1 and note ~ '^[0-9]'"

    async def increment() -> None:
        [row] = await db.fetch(read, WEST)
        await asyncio.sleep(0.02)
        await db.fetch(write, WEST, str(int(row["note"]) + 1))

    with db.speaking(WEST):
        async with db.work():
            await add(db, WEST, "0")
        both = [db.run(increment, isolation="REPEATABLE READ", attempts=6) for _ in range(2)]
        await asyncio.gather(*both)
        assert await notes(db) == {"west", "2"}


async def test_a_crowd_of_two_sites_on_two_connections_never_sees_the_other(db: TenantEngine) -> None:
    foreign, errors, rng = Counter[str](), Counter[str](), random.Random(7)

    async def read(realm: uuid.UUID, mode: str) -> None:
        rows = await db.fetch("select tenant_id from app.bell")
        foreign[mode] += sum(row["tenant_id"] != realm for row in rows)

    async def request(n: int) -> None:
        realm, mode = (WEST, EAST)[n % 2], rng.choice(["read", "read", "bare", "fail", "cancel", "commit"])
        try:
            async with asyncio.timeout(rng.uniform(0, 0.02) if mode == "cancel" else 60):
                with db.speaking(realm):
                    if mode == "bare":
                        await read(realm, mode)
                        return
                    async with db.work():
                        await asyncio.gather(*[read(realm, mode) for _ in range(3)])
                        if mode == "fail":
                            await db.fetch("select 1/0")
                        if mode == "commit":
                            await add(db, realm, "rings with nobody", uuid.uuid4())
        except Exception as error:
            errors[type(error).__name__] += 1

    db.acquire_timeout = 60
    width = asyncio.Semaphore(60)

    async def limited(n: int) -> None:
        async with width:
            await request(n)

    await asyncio.gather(*[limited(n) for n in range(600)])
    db.acquire_timeout = 2
    assert sum(foreign.values()) == 0
    assert set(errors) == {"DivisionByZeroError", "ForeignKeyViolationError", "TimeoutError"}
