"""The outbox: queued in the transaction of the event, so that nobody is told what was rolled back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.notices.words import Key, Notice, NoticeState
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

WAIT = timedelta(seconds=60)  # where a site says nothing else: see `time_to_undo()`
LEASE = timedelta(minutes=10)  # how long one who sends has a notice for itself
NOBODY = UUID(int=0)  # a job, or a program
SEND = "notices.send"
STEP = 15  # seconds: notices that fall due within them are sent by one job

_COLUMNS = """id, key, person_id, language, refs, send_after, unique_key, sequence, with_calendar, attempts, state,
  dates, findings, own"""
# Somebody blocked or erased is told nothing; the person's own language decides the text.
_QUEUE = """
insert into app.notice (tenant_id, id, key, person_id, language, refs, send_after, unique_key, sequence, with_calendar,
                        dates, findings, own, state, created_at, changed_at)
select p.tenant_id, $3, $4, p.id, p.language, $5::jsonb, $6, $7, $8, $9, $11, $12::jsonb, p.id = $13,
  'waiting', $10, $10
from app.person p where p.tenant_id = $1 and p.id = $2 and p.state in ('pending', 'active')
on conflict (tenant_id, unique_key) do nothing
returning id"""
_STOP = """
update app.notice set state = 'stopped', version = version + 1, changed_at = $3
where tenant_id = $1 and unique_key = any($2) and state = 'waiting' and attempts = 0 returning id"""
_STOP_ABOUT = """
update app.notice set state = 'stopped', version = version + 1, changed_at = $3
where tenant_id = $1 and refs @> $2::jsonb and state = 'waiting' and attempts = 0 returning key"""
_STOP_EACH = """
update app.notice set state = 'stopped', version = version + 1, changed_at = $4
where tenant_id = $1 and refs->>$2 = any($3) and state = 'waiting' and attempts = 0 returning key, refs->>$2 as ref"""
_AWAITED = """
select distinct unnest(dates) as date from app.notice
where tenant_id = $1 and key = any($2) and dates && $3 and state = 'waiting' and attempts = 0"""
# Whoever sends pushes the time on first: another one that looks meanwhile finds nothing, and what one that dies had
# begun is tried again when the lease is over.
_CLAIM = f"""
update app.notice set attempts = attempts + 1, send_after = $2::timestamptz + $4::interval, version = version + 1,
  changed_at = $2
where tenant_id = $1 and id in (
  select id from app.notice where tenant_id = $1 and state = 'waiting' and send_after <= $2
  order by send_after, id limit $3 for update skip locked)
returning {_COLUMNS}"""
_SETTLE = """
update app.notice set state = $3, send_after = coalesce($4, send_after), last_error = $5,
  sent_at = case when $3 = 'sent' then $6::timestamptz end, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and state = 'waiting'"""
_ADDRESS = """
select name, email from app.person where tenant_id = $1 and id = $2 and state in ('pending', 'active')"""
_DUE = f"""
select {_COLUMNS} from app.notice
where tenant_id = $1 and state = 'waiting' and send_after <= $2 order by send_after, id limit $3"""
_OF = f"select {_COLUMNS} from app.notice where tenant_id = $1 and person_id = $2 order by created_at, id"


async def queue(
    desk: Desk,
    key: Key,
    person: UUID,
    *,
    once: str,
    send_after: datetime | None = None,
    with_calendar: bool = False,
    sequence: int = 0,
    dates: Sequence[UUID] | None = None,
    findings: Sequence[Mapping[str, object]] | None = None,
    **refs: UUID,
) -> UUID | None:
    """Leave a notice in the open transaction; give its id, or None when nobody is to be told (again).

    `once` is the event, such as `booking_confirmed:<id>`: one event is told one time, whatever runs
    twice. `refs` are ids of this site, never names: the text is filled in when it is sent. Without
    `send_after` it waits as long as the site says, in which `stop()` still leaves no trace. `dates`, `findings`:
    see Notice.
    """
    if not desk.in_transaction:
        raise RuntimeError("a notice is queued in the transaction of its event")
    due = send_after or desk.now + await time_to_undo(desk)
    rows = await desk.fetch(
        _QUEUE,
        desk.tenant_id,
        person,
        new_id(),
        key,
        json.dumps({name: str(ref) for name, ref in refs.items()}),
        due,
        once,
        sequence,
        with_calendar,
        desk.now,
        None if dates is None else list(dates),
        None if findings is None else json.dumps(list(findings)),
        desk.person or NOBODY,
    )
    if not rows:
        return None
    await call_sender(desk, due)
    return rows[0]["id"]  # type: ignore[no-any-return]


async def time_to_undo(desk: Desk) -> timedelta:
    """How long "Rückgängig" still leaves no trace at the desk's site: its `mail.wait_seconds`, else a minute."""
    said = (await setting(desk, "mail") or {}).get("wait_seconds")
    return WAIT if said is None else timedelta(seconds=said)


async def call_sender(desk: Desk, due: datetime) -> None:
    """Leave the job that sends what is due then, in the open transaction; one for all that fall due in STEP seconds."""
    real = datetime.now(UTC)
    step = -int(-(real + max(due - desk.now, timedelta())).timestamp() // STEP)
    await desk.later(SEND, after=datetime.fromtimestamp(step * STEP, UTC) - real, once=f"{SEND}:{step}")


async def stop(desk: Desk, *once: str) -> int:
    """Take back what was not sent yet; give how many notices that were."""
    async with desk.transaction():
        return len(await desk.fetch(_STOP, desk.tenant_id, list(once), desk.now))


async def stop_about(desk: Desk, **refs: UUID) -> frozenset[str]:
    """Take back what was not sent yet of something; give the keys of those notices."""
    wanted = json.dumps({name: str(ref) for name, ref in refs.items()})
    return frozenset(row["key"] for row in await desk.fetch(_STOP_ABOUT, desk.tenant_id, wanted, desk.now))


async def stop_about_each(desk: Desk, name: str, refs: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """Take back what was not sent yet of many things; give for each of them the keys of those notices."""
    found: dict[UUID, frozenset[str]] = {}
    for row in await desk.fetch(_STOP_EACH, desk.tenant_id, name, [str(ref) for ref in refs], desk.now):
        of = UUID(row["ref"])
        found[of] = found.get(of, frozenset()) | {row["key"]}
    return found


async def awaited(desk: Desk, keys: Iterable[Key], dates: Iterable[UUID]) -> frozenset[UUID]:
    """Of which of these dates a letter of one of these kinds, not begun yet, will tell as they stand then."""
    wanted = frozenset(dates)
    rows = await desk.fetch(_AWAITED, desk.tenant_id, list(keys), list(wanted))
    return wanted.intersection(row["date"] for row in rows)


async def claim(desk: Desk, *, most: int = 20) -> tuple[Notice, ...]:
    """Take what may be sent now for oneself, in the open transaction; nobody else has it for LEASE."""
    return tuple(map(_notice, await desk.fetch(_CLAIM, desk.tenant_id, desk.now, most, LEASE)))


async def settle(
    desk: Desk, notice: Notice, state: NoticeState, *, again: datetime | None = None, error: str | None = None
) -> None:
    """Write how it went: sent, failed for good, stopped because it is not true any more, or waiting until `again`."""
    await desk.fetch(_SETTLE, desk.tenant_id, notice.id, state, again, error, desk.now)
    if again is not None:
        await call_sender(desk, again)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter greets, and where it goes: as it is at the moment of sending."""

    name: str
    address: str | None


async def addressee(desk: Desk, person: UUID) -> Addressee | None:
    """None for somebody who was blocked or erased since."""
    rows = await desk.fetch(_ADDRESS, desk.tenant_id, person)
    return Addressee(rows[0]["name"], rows[0]["email"]) if rows else None


async def due(desk: Desk, *, most: int = 100) -> tuple[Notice, ...]:
    """What may be sent now, the oldest first."""
    return tuple(map(_notice, await desk.fetch(_DUE, desk.tenant_id, desk.now, most)))


async def notices_of(desk: Desk, person: UUID) -> tuple[Notice, ...]:
    """Everything that was or will be told to a person."""
    return tuple(map(_notice, await desk.fetch(_OF, desk.tenant_id, person)))


def _notice(row: Any) -> Notice:
    told = {"dates": tuple(row["dates"] or ()), "findings": tuple(json.loads(row["findings"] or "[]"))}
    return Notice(**{**row, "refs": json.loads(row["refs"]), **told})
