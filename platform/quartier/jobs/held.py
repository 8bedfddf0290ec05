"""Jobs that failed for good are kept, for `./quartier jobs failed | again` and for the health page."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from quartier.database.administrator import connect
from quartier.database.engine import Address

ROLE = "quartier_queue"
_HELD = """
select q.id, q.entrypoint as kind, q.created, q.updated as held_at, q.attempts,
       substring(encode(q.payload, 'escape')
                 from '"tenant": *"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"') as tenant_id,
       (select l.traceback ->> 'exception_message' from jobs.pgqueuer_log l
        where l.job_id = q.id and l.status = 'failed' order by l.id desc limit 1) as error
from jobs.pgqueuer q where q.status = 'failed' order by q.updated desc limit $1"""
# Without its dedupe key: another job with it may be waiting meanwhile, and the two must not collide.
_AGAIN = """
with back as (
  update jobs.pgqueuer set status = 'queued', execute_after = now(), updated = now(), attempts = 0,
    queue_manager_id = null, dedupe_key = null
  where status = 'failed' and ($1::bigint[] is null or id = any($1)) returning id, entrypoint, priority
), said as (
  insert into jobs.pgqueuer_log (job_id, status, entrypoint, priority)
  select id, 'queued', entrypoint, priority from back
)
select id from back"""
_COUNTS = """
select count(*) filter (where status = 'queued') as waiting, count(*) filter (where status = 'picked') as running,
  count(*) filter (where status = 'failed') as held,
  coalesce(max(now() - execute_after) filter (where status = 'queued' and execute_after < now()), '0') as longest_wait
from jobs.pgqueuer"""


@dataclass(frozen=True, slots=True)
class HeldJob:
    """`error` says what failed where, never with values; `tenant_id` is None where the payload names none."""

    id: int
    kind: str
    tenant_id: UUID | None
    created: datetime
    held_at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The queue's health: `longest_wait` of a job that could run already."""

    waiting: int
    running: int
    held: int
    longest_wait: timedelta


async def failed(address: Address, *, most: int = 100) -> list[HeldJob]:
    """The held jobs, the latest first."""
    async with _queue(address) as connection:
        rows = await connection.fetch(_HELD, most)
    return [HeldJob(**{**row, "tenant_id": UUID(row["tenant_id"]) if row["tenant_id"] else None}) for row in rows]


async def again(address: Address, ids: Sequence[int] | None = None) -> list[int]:
    """Put held jobs back, all or those named; give the ids of those that were held."""
    async with _queue(address) as connection:
        rows = await connection.fetch(_AGAIN, None if ids is None else list(ids))
    return sorted(row["id"] for row in rows)


async def counts(address: Address) -> Counts:
    async with _queue(address) as connection:
        [row] = await connection.fetch(_COUNTS)
    return Counts(**row)


@asynccontextmanager
async def _queue(address: Address) -> AsyncIterator[Any]:
    login = address.login(ROLE)
    connection = await connect(login.pop("dsn"), **login)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)
