"""Who has a seat or a room is reminded of it: the facts of programme and spaces, the outbox of the notices."""

from datetime import timedelta
from typing import Any

from quartier.notices import outbox
from quartier.spaces.telling import TOLD
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

SESSION_HOURS = (72, 24)  # before a session, where the site says nothing else
BOOKING_HOURS = (24,)
_SESSIONS = """
select s.id as session, s.starts_at, r.id as registration, r.person_id
from app.session s
join app.workshop w on w.tenant_id = s.tenant_id and w.id = s.workshop_id and w.state in ('published', 'running')
join app.registration r on r.tenant_id = s.tenant_id and r.workshop_id = s.workshop_id and r.state = 'confirmed'
where s.tenant_id = $1 and s.state = 'planned' and s.starts_at > $2 and s.starts_at <= $3
order by s.starts_at, r.id"""
_BOOKINGS = """
select id as booking, starts_at, coalesce(for_person, booked_by) as person_id,
  greatest(created_at, changed_at) as told_at
from app.booking
where tenant_id = $1 and state = 'confirmed' and kind = any($4) and starts_at > $2 and starts_at <= $3
  and coalesce(for_person, booked_by) is not null
order by starts_at, id"""


async def remind(desk: Desk) -> None:
    """Job: queue the reminders of every session and every booking that comes near.

    Whoever registers late gets the last reminder alone. What was moved is a new one to be reminded of. The sender
    looks again whether it is still there.
    """
    async with desk.transaction():
        await _of_sessions(desk)
        await _of_bookings(desk)


async def _of_sessions(desk: Desk) -> None:
    hours = await _hours(desk, "programme", SESSION_HOURS)
    for row in await _near(desk, _SESSIONS, hours):
        near = _nearest(hours, row["starts_at"] - desk.now)
        await outbox.queue(
            desk,
            "session_reminder",
            row["person_id"],
            once=f"session_reminder:{row['registration']}:{row['session']}:{_moment(row)}:{near}",
            send_after=desk.now,
            session=row["session"],
            registration=row["registration"],
        )


async def _of_bookings(desk: Desk) -> None:
    """Whoever booked, or was told of a change, since a reminder was due knows it already."""
    hours = await _hours(desk, "booking", BOOKING_HOURS)
    for row in await _near(desk, _BOOKINGS, hours, list(TOLD)):
        near = _nearest(hours, row["starts_at"] - desk.now)
        if row["told_at"] > row["starts_at"] - timedelta(hours=near):
            continue
        await outbox.queue(
            desk,
            "booking_reminder",
            row["person_id"],
            once=f"booking_reminder:{row['booking']}:{_moment(row)}:{near}",
            send_after=desk.now,
            booking=row["booking"],
        )


async def _hours(desk: Desk, key: str, usual: tuple[int, ...]) -> list[int]:
    told = await setting(desk, key) or {}
    return sorted(told.get("reminder_hours", usual))


async def _near(desk: Desk, statement: str, hours: list[int], *more: object) -> list[Any]:
    if not hours:
        return []
    return list(await desk.fetch(statement, desk.tenant_id, desk.now, desk.now + timedelta(hours=hours[-1]), *more))


def _nearest(hours: list[int], left: timedelta) -> int:
    return next(each for each in hours if left <= timedelta(hours=each))


def _moment(row: Any) -> str:
    return f"{row['starts_at']:%Y-%m-%dT%H:%M}"
