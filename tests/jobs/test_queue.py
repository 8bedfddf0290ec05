"""Jobs run in their own realm, once; what cannot be done is kept. Attack 62."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from jobs.workers import Queue
from world import NOW, Site

from quartier.database.engine import DB
from quartier.jobs import held
from quartier.tenancy.desk import Desk

PEOPLE = "select tenant_id, name from app.person"  # no filter: only the policies stand between the sites
ADD = """
insert into app.setting (tenant_id, id, key, value, valid_from, created_at) values ($1, $2, $3, '1', $4, $5)"""


async def rang(desk: Desk, key: str) -> None:
    await desk.fetch(ADD, desk.tenant_id, uuid4(), key, desk.now.date(), desk.now)


async def test_a_job_of_west_sees_nobody_of_the_east(queue: Queue, west: Site, east: Site) -> None:
    await west.person("Mira Lindner")
    await east.person("Selma Yıldız")
    seen: list[Any] = []

    async def look(desk: Desk, note: str) -> None:
        seen.append((desk.tenant_id, note, desk.request_id, [row["name"] for row in await desk.fetch(PEOPLE)]))

    async with queue.working(look):
        job = await queue.put(west, note="for west")
        assert await queue.ended(job) == "successful"
    assert seen == [(west.id, "for west", f"job:{job}", ["Mira Lindner"])]


async def test_a_job_runs_on_the_clock_of_the_house_with_every_permission(queue: Queue, west: Site) -> None:
    desks: list[Desk] = []

    async def look(desk: Desk) -> None:
        desks.append(desk)

    async with queue.working(look) as loop:
        await queue.ended(await queue.put(west))
        assert abs(desks[0].now - loop.house.clock.now()) < timedelta(minutes=1)
    assert desks[0].realm == west.realm
    assert desks[0].may("spaces:configure")


async def test_a_job_cannot_write_into_the_east(queue: Queue, west: Site, east: Site) -> None:
    async def reach(desk: Desk) -> None:
        await desk.fetch(ADD, east.id, uuid4(), "bell", NOW.date(), NOW)

    async with queue.working(reach):
        job = await queue.put(west)
        await queue.until(lambda: _is(queue, job, ["picked", "queued"]))
    assert await east.count("app.setting") == 0
    assert "InsufficientPrivilegeError" in await queue.error(job)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (None, "PayloadUnfit"),
        (b"", "PayloadUnfit"),
        (b"\xff\xfe", "PayloadUnfit"),
        (b'{"args": {}}', "PayloadUnfit"),
        (b'{"tenant": "west", "args": {}}', "PayloadUnfit"),
        (b'{"tenant": "00000000-0000-7000-8000-000000000001", "args": {}}', "RealmMissing"),
    ],
)
async def test_62_a_forged_realm_is_held_and_nothing_runs(
    queue: Queue, west: Site, payload: bytes | None, why: str
) -> None:
    ran: list[Desk] = []

    async def run(desk: Desk) -> None:
        ran.append(desk)

    async with queue.working(run):
        job = await queue.forge(payload)
        assert await queue.ended(job) == "failed"
    assert (ran, await queue.error(job)) == ([], why)
    [kept] = [one for one in await held.failed(queue.address, most=1000) if one.id == job]
    assert (kept.kind, kept.error) == (queue.kind, why)


@pytest.mark.parametrize("state", ["suspended", "closing"])
async def test_62_a_closed_site_gets_no_work_done(queue: Queue, west: Site, state: str) -> None:
    async with queue.working(rang):
        job = await queue.put(west, key="bell")
        assert await queue.ended(job) == "successful"
        await west.sql("update city.tenant set state = $2 where id = $1", west.id, state)
        job = await queue.put(west, key="bell 2")
        assert await queue.ended(job) == "failed"
    assert await queue.error(job) == "RealmNotOpen"
    assert await west.count("app.setting") == 1


@pytest.mark.parametrize("power", ["app", "worker"])
async def test_62_requests_and_jobs_have_no_right_on_the_queue_itself(queue: Queue, west: Site, power: str) -> None:
    forge = "insert into jobs.pgqueuer (priority, entrypoint, status) values (0, 'tenant_id', 'queued')"
    for statement in (forge, "select 1 as tenant_id from jobs.pgqueuer", "delete from jobs.pgqueuer -- tenant_id"):
        with west.speaking(power), pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with DB.work():
                await DB.fetch(statement)


async def test_62_a_job_that_runs_twice_happens_once(queue: Queue, west: Site) -> None:
    async with queue.working(rang):
        job = await queue.put(west, key="bell")
        assert await queue.ended(job) == "successful"
        payload = json.dumps({"tenant": str(west.id), "args": {"key": "bell again"}}).encode()
        await queue.forge(payload, number=job)
        await queue.until(lambda: _is(queue, job, ["picked", "successful"] * 2))
    assert [row["key"] for row in await west.sql("select key from app.setting where tenant_id = $1", west.id)] == [
        "bell"
    ]
    assert await west.count("app.job_receipt") == 1


async def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_does_it(queue: Queue, west: Site) -> None:
    job = await queue.put(west, key="bell")
    given = {"dsn": queue.address.dsn, "passwords": dict(queue.address.passwords), "kind": queue.kind}
    victim = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("victim.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert victim.stdin is not None
    assert victim.stdout is not None
    victim.stdin.write(json.dumps(given).encode() + b"\n")
    async with asyncio.timeout(30):
        assert await victim.stdout.readline() == b"inside\n"
    victim.kill()
    await victim.wait()
    assert await west.count("app.setting") == 0
    assert await queue.history(job) == ["picked"]
    async with queue.working(rang, silence=timedelta(seconds=1)):
        assert await queue.ended(job) == "successful"
    assert await queue.history(job) == ["picked", "picked", "successful"]
    assert (await west.count("app.setting"), await west.count("app.job_receipt")) == (1, 1)


async def test_the_fifth_silent_pick_is_held(queue: Queue, west: Site) -> None:
    job = await queue.put(west, key="bell")
    died = "insert into jobs.pgqueuer_log (job_id, status, priority, entrypoint) values ($1, $2, 0, $3)"
    for _ in range(4):
        await west.administrator.execute(died, job, "picked", queue.kind)
    async with queue.working(rang):
        assert await queue.ended(job) == "failed"
        assert await queue.error(job) == "WorkerDied: picked five times, and no worker came back"
        assert await held.again(queue.address, [job]) == [job]
        assert await queue.ended_after(job, "queued") == "successful"
    assert await west.count("app.setting") == 1


async def test_a_failing_job_comes_again_later_and_is_held_after_the_seventh_time(queue: Queue, west: Site) -> None:
    async def fail(desk: Desk) -> None:
        await rang(desk, "bell")
        raise ValueError("Mira Lindner, mira@example.test")

    async with queue.working(fail):
        job = await queue.put(west)
        await queue.until(lambda: _is(queue, job, ["picked", "queued"]))
        [row] = await west.sql(
            "select status::text, attempts, execute_after - updated as pause from jobs.pgqueuer where id = $1", job
        )
        assert tuple(row) == ("queued", 1, timedelta(seconds=30))
        await west.administrator.execute(
            "update jobs.pgqueuer set attempts = 6, execute_after = now() where id = $1", job
        )
        assert await queue.ended(job) == "failed"
    assert await west.count("app.setting") == 0
    assert (await held.counts(queue.address)).held > 0
    told = await west.sql("select traceback::text as text from jobs.pgqueuer_log where job_id = $1", job)
    assert not [row for row in told if "Mira" in (row["text"] or "")]
    assert "ValueError at test_queue.py" in await queue.error(job)


async def test_a_driver_error_names_the_constraint_place_and_never_the_values(queue: Queue, west: Site) -> None:
    async def twice(desk: Desk) -> None:
        await rang(desk, "canary-4711")
        await rang(desk, "canary-4711")

    async with queue.working(twice):
        job = await queue.put(west)
        await queue.until(lambda: _is(queue, job, ["picked", "queued"]))
    told = await west.sql("select traceback::text as text from jobs.pgqueuer_log where job_id = $1", job)
    assert not [row for row in told if "canary" in (row["text"] or "")]
    assert (await queue.error(job)).startswith("UniqueViolationError at ")


async def test_a_worker_that_is_told_to_stop_puts_its_job_back(queue: Queue, west: Site) -> None:
    inside, never = asyncio.Event(), asyncio.Event()

    async def wait(desk: Desk, key: str) -> None:
        await rang(desk, key)
        inside.set()
        await never.wait()

    async with queue.working(wait, patience=0.1):
        job = await queue.put(west, key="bell")
        async with asyncio.timeout(20):
            await inside.wait()
    assert await west.count("app.setting") == 0
    assert await queue.history(job) == ["picked", "queued"]
    async with queue.working(rang):
        assert await queue.ended(job) == "successful"
    assert await west.count("app.setting") == 1


async def test_what_is_waiting_already_is_not_put_twice(queue: Queue, west: Site, east: Site) -> None:
    await queue.put(west, once="tally")
    await queue.put(west, once="tally")
    await queue.put(east, once="tally")
    [row] = await west.sql("select count(*) n from jobs.pgqueuer where entrypoint = $1", queue.kind)
    assert row["n"] == 2


async def test_a_job_that_is_rolled_back_was_never_put(queue: Queue, west: Site) -> None:
    desk = west.desk()

    async def fail() -> None:
        async with desk.transaction():
            await desk.later(queue.kind)
            raise ZeroDivisionError

    with west.speaking(), pytest.raises(ZeroDivisionError):
        await fail()
    assert await queue.newest() is None


async def test_work_of_the_doors_runs_with_their_power(queue: Queue, west: Site, east: Site) -> None:
    mira, selma = await west.person("Mira Lindner", "manager"), await east.person("Selma Yıldız", "manager")
    seen: list[Any] = []

    async def look(desk: Desk) -> None:
        seen.extend(row["person_id"] for row in await desk.fetch("select tenant_id, person_id from auth.role_grant"))

    async with queue.working(look, power="auth"):
        assert await queue.ended(await queue.put(west)) == "successful"
    assert seen == [mira]
    assert selma not in seen


async def test_after_the_line_was_cut_the_loop_takes_jobs_again(queue: Queue, west: Site) -> None:
    cut = (
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where usename = 'quartier_queue' and datname = current_database()"
    )
    async with queue.working(rang):
        assert await queue.ended(await queue.put(west, key="before")) == "successful"
        await west.administrator.execute(cut)
        assert await queue.ended(await queue.put(west, key="after")) == "successful"
    assert await west.count("app.setting") == 2


async def _is(queue: Queue, job: int, expected: list[str]) -> bool:
    return await queue.history(job) == expected
