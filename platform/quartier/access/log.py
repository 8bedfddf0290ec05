"""The three logs as their readers see them: who came, what was done, who looked. Reading them is noted as well."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from quartier.access.events import leave_event
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.tenancy.action import demand
from quartier.tenancy.desk import Desk

_EVENTS = """
select seq, created_at as at, kind, reason, person, client, null::uuid as subject, detail::text as detail, request_id
from auth.event
where tenant_id = $1 and ($2::uuid is null or person = $2) and ($3::text[] is null or kind = any($3))
  and ($4::bigint is null or seq < $4) and ($5::timestamptz is null or created_at >= $5)
  and ($6::timestamptz is null or created_at < $6)
order by seq desc nulls last, created_at desc limit $7"""
_ACTS = """
select seq, created_at as at, action as kind, null::text as reason, person, client, subject, numbers::text as detail,
       request_id
from app.audit_entry
where tenant_id = $1 and ($2::uuid is null or person = $2 or subject = $2) and ($3::bigint is null or seq < $3)
  and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
order by seq desc limit $6"""
_LOOKS = """
select null::bigint as seq, created_at as at, coalesce(operation, '-') as kind, array_to_string(fields, ', ') as reason,
       person, client, null::uuid as subject, jsonb_build_object('subjects', subjects, 'times', times)::text as detail,
       request_id
from app.look_entry where tenant_id = $1 and ($2::uuid is null or subjects @> array[$2])
  and ($3::timestamptz is null or created_at < $3)
order by created_at desc, id limit $4"""

_COUNTED = """
select 'events' as log, month, kind, sum(n)::bigint as n from auth.event_count where tenant_id = $1 group by 2, 3
order by month desc, kind limit 1000"""
_COUNTS = """
select log, month, kind, n from app.log_count where tenant_id = $1 order by month desc, log, kind limit 1000"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines of a kind a month had that are gone; `log` is events, acts or looks."""

    log: str
    month: date
    kind: str
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `detail` is JSON of ids, numbers and states."""

    seq: int | None
    at: datetime
    kind: str
    reason: str | None
    person: UUID | None
    client: UUID | None
    subject: UUID | None
    detail: str
    request_id: str


async def event_lines(
    desk: Desk,
    *,
    person: UUID | None,
    kinds: Collection[str] | None,
    before: int | None,
    first: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Line]:
    """The access log, the newest first; `until` is excluded. Refuses NOT_ALLOWED."""
    await _noted(desk, "events")
    with as_auth(desk):
        rows = await desk.fetch(
            _EVENTS, desk.tenant_id, person, list(kinds) if kinds else None, before, since, until, first
        )
    return _lines(rows)


async def act_lines(
    desk: Desk,
    *,
    person: UUID | None,
    before: int | None,
    first: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Line]:
    """What was done, the newest first; `person` did it or it was done to her. `until` is excluded.

    Refuses NOT_ALLOWED.
    """
    await _noted(desk, "acts")
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_ACTS, desk.tenant_id, person, before, since, until, first)
    return _lines(rows)


async def look_lines(desk: Desk, *, about: UUID | None, before: datetime | None, first: int) -> list[Line]:
    """Who looked at protected data, the newest first; `about` at whose. Refuses NOT_ALLOWED."""
    await _noted(desk, "looks")
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_LOOKS, desk.tenant_id, about, before, first)
    return _lines(rows)


async def counts(desk: Desk) -> list[Count]:
    """What is left of lines older than three years, the newest month first. Refuses NOT_ALLOWED."""
    demand(desk, ["access:audit"])
    with as_auth(desk):
        events = await desk.fetch(_COUNTED, desk.tenant_id)
    with DB.speaking(desk.tenant_id, "app"):
        others = await desk.fetch(_COUNTS, desk.tenant_id)
    return [Count(**row) for row in (*events, *others)]


async def _noted(desk: Desk, what: str) -> None:
    demand(desk, ["access:audit"])
    with as_auth(desk):
        async with DB.work():
            await leave_event(desk, "audit.read", reason=what)


def _lines(rows: list[Any]) -> list[Line]:
    return [Line(**row) for row in rows]
