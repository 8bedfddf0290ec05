"""Who has a seat is reminded of the session: the programme's facts, the outbox of the notices."""

from datetime import timedelta
from typing import Any

from quartier.notices import outbox
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

HOURS = (72, 24)  # before a session, where the site says nothing else
_COMING = """
select s.id as session, s.starts_at, r.id as registration, r.person_id
from app.session s
join app.workshop w on w.tenant_id = s.tenant_id and w.id = s.workshop_id and w.state in ('published', 'running')
join app.registration r on r.tenant_id = s.tenant_id and r.workshop_id = s.workshop_id and r.state = 'confirmed'
where s.tenant_id = $1 and s.state = 'planned' and s.starts_at > $2 and s.starts_at <= $3
order by s.starts_at, r.id"""


async def remind(desk: Desk) -> None:
    """Job: queue the reminder of every session that comes near, for everybody with a confirmed seat.

    Whoever registers late gets the last reminder alone. A session that was moved is a new one to be
    reminded of. The sender looks again whether seat and session are still there.
    """
    told = await setting(desk, "programme") or {}
    hours = sorted(told.get("reminder_hours", HOURS))
    if not hours:
        return
    async with desk.transaction():
        coming = await desk.fetch(_COMING, desk.tenant_id, desk.now, desk.now + timedelta(hours=hours[-1]))
        for row in coming:
            near = next(h for h in hours if row["starts_at"] - desk.now <= timedelta(hours=h))
            await outbox.queue(
                desk,
                "session_reminder",
                row["person_id"],
                once=_event(row, near),
                send_after=desk.now,
                session=row["session"],
                registration=row["registration"],
            )


def _event(row: Any, hours: int) -> str:
    return f"session_reminder:{row['registration']}:{row['session']}:{row['starts_at']:%Y-%m-%dT%H:%M}:{hours}"
