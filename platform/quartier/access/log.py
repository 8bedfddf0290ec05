"""The three logs as their readers see them: who came, what was done, who looked. Reading them is noted as well."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from quartier.access.events import leave_event
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.tenancy.action import demand
from quartier.tenancy.desk import Desk

Log = Literal["events", "acts", "looks"]
EXPORTED = 500  # lines of one file: more people's data at once would want a fresh sign-in

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
  and ($6::text[] is null or action = any($6))
order by seq desc limit $7"""
_LOOKS = """
select null::bigint as seq, created_at as at, coalesce(operation, '-') as kind, array_to_string(fields, ', ') as reason,
       person, client, null::uuid as subject, jsonb_build_object('subjects', subjects, 'times', times)::text as detail,
       request_id
from app.look_entry where tenant_id = $1 and ($2::uuid is null or subjects @> array[$2])
  and ($3::timestamptz is null or created_at < $3) and ($4::timestamptz is null or created_at >= $4)
  and ($5::text[] is null or operation = any($5))
order by created_at desc, id limit $6"""

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: about or by a person, of kinds, from `since` on, before `until`."""

    person: UUID | None = None
    kinds: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


async def event_lines(desk: Desk, wanted: Wanted, *, before: int | None, first: int) -> list[Line]:
    """The access log, the newest first. Refuses NOT_ALLOWED."""
    await _noted(desk, "audit.read", "events")
    return await _events(desk, wanted, before, first)


async def act_lines(desk: Desk, wanted: Wanted, *, before: int | None, first: int) -> list[Line]:
    """What was done, the newest first; the person did it or it was done to her. Refuses NOT_ALLOWED."""
    await _noted(desk, "audit.read", "acts")
    return await _acts(desk, wanted, before, first)


async def look_lines(desk: Desk, wanted: Wanted, *, first: int) -> list[Line]:
    """Who looked at protected data, the newest first; the person is who was looked at. Refuses NOT_ALLOWED."""
    await _noted(desk, "audit.read", "looks")
    return await _looks(desk, wanted, first)


async def exported(desk: Desk, log: Log, wanted: Wanted) -> list[Line]:
    """The newest EXPORTED lines of a log, to be taken away: a line of its own says so. Refuses NOT_ALLOWED."""
    await _noted(desk, "audit.exported", log)
    match log:
        case "events":
            return await _events(desk, wanted, None, EXPORTED)
        case "acts":
            return await _acts(desk, wanted, None, EXPORTED)
        case "looks":
            return await _looks(desk, wanted, EXPORTED)


async def _events(desk: Desk, wanted: Wanted, before: int | None, first: int) -> list[Line]:
    with as_auth(desk):
        rows = await desk.fetch(
            _EVENTS, desk.tenant_id, wanted.person, _kinds(wanted), before, wanted.since, wanted.until, first
        )
    return _lines(rows)


async def _acts(desk: Desk, wanted: Wanted, before: int | None, first: int) -> list[Line]:
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(
            _ACTS, desk.tenant_id, wanted.person, before, wanted.since, wanted.until, _kinds(wanted), first
        )
    return _lines(rows)


async def _looks(desk: Desk, wanted: Wanted, first: int) -> list[Line]:
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(
            _LOOKS, desk.tenant_id, wanted.person, wanted.until, wanted.since, _kinds(wanted), first
        )
    return _lines(rows)


def _kinds(wanted: Wanted) -> list[str] | None:
    return list(wanted.kinds) if wanted.kinds else None


async def counts(desk: Desk) -> list[Count]:
    """What is left of lines older than three years, the newest month first. Refuses NOT_ALLOWED."""
    demand(desk, ["access:audit"])
    with as_auth(desk):
        events = await desk.fetch(_COUNTED, desk.tenant_id)
    with DB.speaking(desk.tenant_id, "app"):
        others = await desk.fetch(_COUNTS, desk.tenant_id)
    return [Count(**row) for row in (*events, *others)]


async def _noted(desk: Desk, kind: str, what: str) -> None:
    demand(desk, ["access:audit"])
    with as_auth(desk):
        async with DB.work():
            await leave_event(desk, kind, reason=what)


def _lines(rows: list[Any]) -> list[Line]:
    return [Line(**row) for row in rows]
