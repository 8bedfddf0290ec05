"""Who knocks too often waits: counters in the database, so that all processes count together.

The realm is part of every key: a flood at one site never closes the door of another.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from quartier.access.actions import machine_now
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.tenancy.desk import Desk

WINDOW = timedelta(minutes=1)
MOST_KNOCKS = 300  # a minute from one address, whatever comes of them
MOST_FAILURES = 10  # a minute from one address for one account

_KNOCK = """
with knock as (
  insert into auth.attempt as a (tenant_id, key_hash, window_start, n) values ($1, $2, $4, 1)
  on conflict (tenant_id, key_hash, window_start) do update set n = a.n + 1
  returning n
)
select (select n from knock) as knocks,
       coalesce((select n from auth.attempt
                 where tenant_id = $1 and key_hash = $3 and window_start = $4), 0) as failures"""
_FAILED = """
insert into auth.attempt as a (tenant_id, key_hash, window_start, n) values ($1, $2, $3, 1)
on conflict (tenant_id, key_hash, window_start) do update set n = a.n + 1"""

_HOURLY = """
insert into auth.attempt as a (tenant_id, key_hash, window_start, n) select $1, k, $2, 1 from unnest($3::bytea[]) k
order by k on conflict (tenant_id, key_hash, window_start) do update set n = a.n + 1
returning key_hash, n"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from, and which account it names (any text of a stranger)."""

    address: str
    account: str

    @property
    def knocks(self) -> bytes:
        return _key("knock", self.address)

    @property
    def failures(self) -> bytes:
        return _key("failure", self.address, self.account)


async def knock(desk: Desk, visitor: Visitor) -> int:
    """Count the knock; give the seconds to wait, 0 when the door may open."""
    now = machine_now()
    start = _window(now)
    with as_auth(desk):
        async with DB.work():
            [row] = await desk.fetch(_KNOCK, desk.tenant_id, visitor.knocks, visitor.failures, start)
    if row["knocks"] <= MOST_KNOCKS and row["failures"] < MOST_FAILURES:
        return 0
    return max(1, int((start + WINDOW - now).total_seconds()) + 1)


async def failed(desk: Desk, visitor: Visitor) -> None:
    """Count a wrong secret against address and account."""
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_FAILED, desk.tenant_id, visitor.failures, _window(machine_now()))


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that may happen `most` times an hour for a key of any texts."""

    key: tuple[str, ...]
    most: int


async def wait_for(desk: Desk, *wishes: Wish) -> int:
    """Count one more of each; give the seconds to wait when one of them is spent for this hour, else 0."""
    now = machine_now()
    start = now.replace(minute=0, second=0, microsecond=0)
    marks = [_key(*wish.key) for wish in wishes]
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_HOURLY, desk.tenant_id, start, marks)
    counted = {bytes(row["key_hash"]): row["n"] for row in rows}
    if all(counted[key] <= wish.most for key, wish in zip(marks, wishes, strict=True)):
        return 0
    return max(1, int((start + timedelta(hours=1) - now).total_seconds()) + 1)


def _window(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).digest()
