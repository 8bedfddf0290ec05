"""The directory: which host belongs to which realm. In memory, so that a request asks nobody."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from quartier.database.engine import DB
from quartier.database.faults import Unavailable
from quartier.tenancy.realm import Realm

CHANNEL = "quartier_directory"
EVERY = 60.0  # seconds; a notice brings changes at once, this is for the notice that never came
REST, LONGEST_REST = 50.0, 1.0  # times as long as a reading took, and seconds at most, before the next one
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)\.?(?::[0-9]{1,5})?")


class HostUnknown(LookupError):
    """No realm lives at this host: answer 421."""


class RealmSuspended(RuntimeError):
    """The realm is there and closed for now: answer 503."""


def host_of(authority: str) -> str | None:
    """Name the host of a Host header: lower case, without port and one trailing dot; None when it is none.

    >>> host_of("West.Example.:8000")
    'west.example'
    >>> host_of("west.example@evil.example") is None
    True
    """
    found = _HOST.fullmatch(authority.lower())
    return found[1] if found else None


async def _by_auth() -> list[Any]:
    return await DB.directory("auth")


class Directory:
    """Hosts and realms as they stood at the last reading; `read` gives the rows of `city.tenant`."""

    def __init__(self, read: Callable[[], Awaitable[Sequence[Any]]] = _by_auth) -> None:
        self._read = read
        self._stale = asyncio.Event()
        self._by_host: dict[str, Realm] = {}
        self._by_id: dict[UUID, Realm] = {}

    @property
    def realms(self) -> tuple[Realm, ...]:
        return tuple(self._by_id.values())

    def realm_of(self, authority: str) -> Realm:
        """Find the realm at a host, exactly. Raises HostUnknown and RealmSuspended."""
        realm = self._by_host.get(host_of(authority) or "")
        if realm is None:
            raise HostUnknown
        self.demand_open(realm.id)
        return realm

    def demand_open(self, tenant_id: UUID) -> None:
        """See to it that a realm found before is still there and open. Raises HostUnknown and RealmSuspended."""
        realm = self._by_id.get(tenant_id)
        if realm is None:
            raise HostUnknown
        if realm.state == "suspended":
            raise RealmSuspended

    def by_id(self, tenant_id: UUID) -> Realm | None:
        return self._by_id.get(tenant_id)

    def by_slug(self, slug: str) -> Realm | None:
        return next((realm for realm in self._by_id.values() if realm.slug == slug), None)

    async def load(self) -> None:
        """Read it whole. Raises DatabaseAway; what was known stays known."""
        realms = [
            Realm(
                id=row["id"],
                city_id=row["city_id"],
                kind=row["kind"],
                slug=row["slug"],
                name=row["name"],
                host=row["host"],
                state=row["state"],
                zone=ZoneInfo(row["zone"]),
            )
            for row in await self._read()
        ]
        self._by_host = {realm.host: realm for realm in realms}
        self._by_id = {realm.id: realm for realm in realms}

    def changed(self, _payload: str | None) -> None:
        """A notice came, or may have been missed: read again soon."""
        self._stale.set()

    async def keep(self, every: float = EVERY) -> None:
        """Read again on each notice and each minute, for ever.

        After each reading it rests: a notice that finds it resting is read with those that follow it, so a house of
        thousands of realms, many of them changed at once, does not read all day.
        """
        clock = asyncio.get_running_loop().time
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stale.wait(), every)
            self._stale.clear()
            began = clock()
            try:
                await self.load()
            except Exception as error:  # whatever it is: a house that stopped listening would serve an old directory
                away = isinstance(error, Unavailable)
                structlog.get_logger().warning("directory_not_read", error=None if away else repr(error))
            await asyncio.sleep(min(REST * (clock() - began), LONGEST_REST))
