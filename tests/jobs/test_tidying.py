"""Nothing is kept longer than it is needed; and the queue is as the library wants it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from jobs.workers import Queue
from pgqueuer.db import AsyncpgDriver
from world import NOW, Site

from quartier.acts.handlers import KINDS
from quartier.cli.house import jobs_of
from quartier.insight.handlers import KINDS as COUNTING
from quartier.jobs.calendar import CALENDAR
from quartier.jobs.queue import queries
from quartier.jobs.tidying import tidy_house
from quartier.settings import Settings

KEY = """
insert into app.idempotency (tenant_id, id, caller, key, payload_hash, created_at)
values ($1, gen_random_uuid(), 'house', $2, sha256('x'), $3)"""


async def test_keys_go_after_48_hours_and_receipts_after_30_days(west: Site, east: Site) -> None:
    for site in (west, east):
        await site.administrator.execute(KEY, site.id, "old", NOW - timedelta(hours=48, seconds=1))
        await site.administrator.execute(KEY, site.id, "kept", NOW - timedelta(hours=48))
        for number, age in ((1, timedelta(days=30, seconds=1)), (2, timedelta(days=30))):
            await site.administrator.execute(
                "insert into app.job_receipt values ($1, $2, $3)", site.id, number, NOW - age
            )
            await site.administrator.execute("insert into app.job_due values ($1, 'tally', $2, $2)", site.id, NOW - age)
    with west.speaking("worker"):
        await tidy_house(west.desk())
    assert [row["key"] for row in await west.sql("select key from app.idempotency where tenant_id = $1", west.id)] == [
        "kept"
    ]
    assert [await west.count(t) for t in ("app.idempotency", "app.job_receipt")] == [1, 1]
    assert [await east.count(t) for t in ("app.idempotency", "app.job_receipt", "app.job_due")] == [2, 2, 2]


async def test_expired_doors_are_swept_by_a_job_with_the_power_of_the_doors(queue: Queue, west: Site) -> None:
    mira = await west.person("Mira Lindner")
    session = (
        "insert into auth.session (tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at) "
        "values ($1, gen_random_uuid(), $2, sha256($3), 'first', now(), now(), now() + $4::interval)"
    )
    await west.administrator.execute(session, west.id, mira, b"old", timedelta(days=-2))
    await west.administrator.execute(session, west.id, mira, b"running", timedelta(hours=1))
    kind = KINDS["access.tidy"]
    async with queue.working(kind.work, power=kind.power):
        assert await queue.ended(await queue.put(west)) == "successful"
    assert await west.count("auth.session") == 1


def test_every_kind_of_the_calendar_has_its_work() -> None:
    assert {line.kind for line in CALENDAR} <= set(jobs_of(Settings(data=Path("unused"))).kinds)
    assert not set(KINDS) & set(COUNTING)


async def test_the_queue_is_as_the_library_would_install_it(administrator: Any) -> None:
    plan = await queries(AsyncpgDriver(administrator)).plan_upgrade()
    assert plan.statements == ()
