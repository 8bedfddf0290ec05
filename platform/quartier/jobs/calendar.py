"""What is due at which moment, at each realm in its own zone. A line names a kind; the work is above.

One schedule asks every five minutes. The row `app.job_due` is written in the transaction of the put, so
however many workers ask, each moment is put once.
"""

# ruff: noqa: A005  (the house names this drawer; nobody imports it by its bare name)

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from quartier.database.engine import DB

Rhythm = Callable[[datetime, ZoneInfo], datetime]  # the latest moment that was due, at or before now

_DUE = """
insert into app.job_due (tenant_id, kind, due, created_at) values ($1, $2, $3, $4)
on conflict (tenant_id, kind, due) do nothing returning kind"""
_PUT = "select jobs.put($1, '{}', '0', 'calendar')"


def every(minutes: int) -> Rhythm:
    """Each so many minutes, counted from the full hour in UTC."""

    def latest(now: datetime, zone: ZoneInfo) -> datetime:
        step = minutes * 60
        return datetime.fromtimestamp(now.timestamp() // step * step, UTC)

    return latest


def daily(hour: int, minute: int = 0) -> Rhythm:
    """Each day at this wall time of the realm: once also on the days when the clocks change.

    A time that is skipped comes an hour later, one that is repeated at its first occurrence.
    """

    def latest(now: datetime, zone: ZoneInfo) -> datetime:
        day = now.astimezone(zone).date()
        due = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
        if due > now:
            due = datetime.combine(day - timedelta(days=1), time(hour, minute), zone).astimezone(UTC)
        return due

    return latest


def yearly(month: int, day: int, hour: int, minute: int = 0) -> Rhythm:
    """Each year on this day, at this wall time of the realm."""

    def latest(now: datetime, zone: ZoneInfo) -> datetime:
        year = now.astimezone(zone).year
        due = datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
        return due if due <= now else datetime(year - 1, month, day, hour, minute, tzinfo=zone).astimezone(UTC)

    return latest


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happens at a time; `at` says at which kinds of realm."""

    kind: str
    rhythm: Rhythm
    at: frozenset[str] = frozenset({"site"})


EVERYWHERE = frozenset({"site", "city"})
CALENDAR: tuple[Line, ...] = (
    Line("spaces.keep_time", every(minutes=5)),
    Line("spaces.keep_leases", daily(0, 5)),
    Line("spaces.read_calendars", every(minutes=15)),
    Line("members.end", daily(0, 10)),
    Line("members.tidy_imports", daily(3, 30)),
    Line("notices.remind", every(minutes=15)),
    Line("notices.send", every(minutes=5)),  # what a sender that died had begun, and what waited for an account
    Line("house.follow", every(minutes=5)),  # what a sender of webhooks that died had begun
    Line("insight.tally", daily(4, 10)),
    Line("house.tidy", daily(3, 20), EVERYWHERE),
    Line("files.sweep", every(minutes=60)),
    Line("access.tidy", daily(3, 40), EVERYWHERE),
    Line("access.walk", daily(3, 50), EVERYWHERE),
    Line("house.walk", daily(3, 55), EVERYWHERE),
    Line("access.end_unconfirmed", yearly(2, 1, 0, 5), EVERYWHERE),
)


async def put_due(calendar: Sequence[Line], now: datetime) -> int:
    """Put what is due at every open realm and was not put before; give how many jobs that were.

    One realm that fails does not hold the others up: it is asked again in five minutes.
    """
    put = 0
    for realm in await DB.directory("worker"):
        if realm["state"] != "open":
            continue
        zone = ZoneInfo(realm["zone"])
        due = [(line.kind, line.rhythm(now, zone)) for line in calendar if realm["kind"] in line.at]
        try:
            put += await _put(realm["id"], due, now)
        except Exception as error:
            structlog.get_logger().error("calendar_failed", tenant=str(realm["id"]), error=type(error).__name__)
    return put


async def _put(tenant_id: UUID, due: Sequence[tuple[str, datetime]], now: datetime) -> int:
    put = 0
    with DB.speaking(tenant_id, "worker"):
        async with DB.work():
            for kind, moment in due:
                if await DB.fetch(_DUE, tenant_id, kind, moment, now):
                    # `once`: while yesterday's job still waits or runs, today's adds nothing.
                    await DB.fetch(_PUT, kind)
                    put += 1
    return put
