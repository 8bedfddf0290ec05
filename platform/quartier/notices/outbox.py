"""The outbox: queued in the transaction of the event, so that nobody is told what was rolled back."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.notices.words import Key, Notice
from quartier.tenancy.desk import Desk

WAIT = timedelta(seconds=60)  # in which "Rückgängig" still leaves no trace

_COLUMNS = "id, key, person_id, language, refs, send_after, unique_key, sequence, with_calendar, state"
# Somebody blocked or erased is told nothing; the person's own language decides the text.
_QUEUE = """
insert into app.notice (tenant_id, id, key, person_id, language, refs, send_after, unique_key, sequence, with_calendar,
                        state, created_at, changed_at)
select p.tenant_id, $3, $4, p.id, p.language, $5::jsonb, $6, $7, $8, $9, 'waiting', $10, $10
from app.person p where p.tenant_id = $1 and p.id = $2 and p.state in ('pending', 'active')
on conflict (tenant_id, unique_key) do nothing
returning id"""
_STOP = """
update app.notice set state = 'stopped', version = version + 1, changed_at = $3
where tenant_id = $1 and unique_key = any($2) and state = 'waiting' returning id"""
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
    **refs: UUID,
) -> UUID | None:
    """Leave a notice in the open transaction; give its id, or None when nobody is to be told (again).

    `once` is the event, such as `booking_confirmed:<id>`: one event is told one time, whatever runs
    twice. `refs` are ids of this site, never names: the text is filled in when it is sent. Without
    `send_after` it waits a minute, in which `stop()` still leaves no trace.
    """
    if not desk.in_transaction:
        raise RuntimeError("a notice is queued in the transaction of its event")
    rows = await desk.fetch(
        _QUEUE,
        desk.tenant_id,
        person,
        new_id(),
        key,
        json.dumps({name: str(ref) for name, ref in refs.items()}),
        send_after or desk.now + WAIT,
        once,
        sequence,
        with_calendar,
        desk.now,
    )
    return rows[0]["id"] if rows else None


async def stop(desk: Desk, *once: str) -> int:
    """Take back what was not sent yet; give how many notices that were."""
    async with desk.transaction():
        return len(await desk.fetch(_STOP, desk.tenant_id, list(once), desk.now))


async def due(desk: Desk, *, most: int = 100) -> tuple[Notice, ...]:
    """What may be sent now, the oldest first."""
    return tuple(map(_notice, await desk.fetch(_DUE, desk.tenant_id, desk.now, most)))


async def notices_of(desk: Desk, person: UUID) -> tuple[Notice, ...]:
    """Everything that was or will be told to a person."""
    return tuple(map(_notice, await desk.fetch(_OF, desk.tenant_id, person)))


def _notice(row: Any) -> Notice:
    return Notice(**{**row, "refs": json.loads(row["refs"])})
