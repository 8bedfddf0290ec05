"""A site opens: its name in the directory, then the rows of all rooms in one transaction, then its doors."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from quartier.access.partners import opening as partners
from quartier.access.permissions import EVERY
from quartier.database.administrator import connect
from quartier.database.engine import DB
from quartier.grants import opening as grants
from quartier.members import opening as members
from quartier.programme import opening as programme
from quartier.spaces import opening as spaces
from quartier.tenancy import opening as tenancy
from quartier.tenancy.blueprint import CityBlueprint, SiteBlueprint, legal_texts, read_city, read_site
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference
from quartier.tenancy.realm import Realm


class Room(Protocol):
    """What a room does for a site that opens; each `<room>/opening.py` is one."""

    async def furnish(self, desk: Desk, blueprint: SiteBlueprint, /) -> None: ...

    async def drift(self, desk: Desk, blueprint: SiteBlueprint, /) -> list[Difference]: ...


ROOMS: tuple[Room, ...] = (members, spaces, programme, grants)


async def open_city(
    administrator: str, blueprint: CityBlueprint, *, now: datetime, demo: bool = False
) -> tuple[Realm, bool]:
    """Open the city's own realm, or find it; say whether it is new.

    `administrator` is the address migrations use. Raises HostTaken.
    """
    async with _connected(administrator) as connection:
        realm = await tenancy.enter_city(connection, blueprint, host=_host(blueprint, demo))
        if realm.state == "open":
            return realm, False
        with DB.speaking(realm.id, "worker"):
            desk = _desk(realm, now)
            async with desk.transaction() as ledger:
                await tenancy.anchor_city(desk, blueprint)
                ledger.note("city.opened", realm.id)
        return await _opened(connection, realm), True


async def open_site(
    administrator: str,
    folder: Path,
    *,
    now: datetime,
    demo: bool = False,
    above: Sequence[Room] = (),
    secrets: Mapping[str, str] = os.environ,
    demo_idp: str | None = None,
    waits_for: Callable[[str], None] = lambda variable: None,
) -> Realm:
    """Open the site that a folder of `tenants/` declares, and its city with it when that is not there yet.

    `above` are the rooms above this one (insight). All rows come in one transaction, then those of partners; what was
    cut off before goes on. `secrets` are partners' secrets by the name of their variable, `waits_for` is told each that
    is missing; `demo_idp` is the address of the demo's own provider. Raises BlueprintInvalid, SiteExists, HostTaken.
    """
    blueprint = read_site(folder, demo=demo)
    city, _ = await open_city(administrator, read_city(folder.parent / "city.toml"), now=now, demo=demo)
    if city.slug != blueprint.site.city:
        raise tenancy.OpeningRefused(f"{folder.name} names the city {blueprint.site.city!r}; here is {city.slug!r}.")
    texts = legal_texts(blueprint, folder)
    async with _connected(administrator) as connection:
        realm = await tenancy.enter_site(connection, city, blueprint, host=_host(blueprint.site, demo))
        with DB.speaking(realm.id, "worker"):
            desk = _desk(realm, now)
            async with desk.transaction() as ledger:
                await tenancy.furnish(desk, blueprint, texts)
                for room in (*ROOMS, *above):
                    await room.furnish(desk, blueprint)
                ledger.note("site.opened", realm.id)
        for variable in await partners.furnish(desk, blueprint.partners, secrets=secrets, demo_idp=demo_idp):
            waits_for(variable)
        return await _opened(connection, realm)


async def list_sites(administrator: str) -> tuple[Realm, ...]:
    """Every realm: the city, then its sites."""
    async with _connected(administrator) as connection:
        return await tenancy.realms(connection)


async def suspend(administrator: str, slug: str, *, now: datetime) -> Realm:
    """Close a site's doors: requests get 503, jobs wait. Its rows stay. Raises SiteUnknown."""
    return await _turn(administrator, slug, "suspended", now)


async def resume(administrator: str, slug: str, *, now: datetime) -> Realm:
    """Open the doors of a suspended site again. Raises SiteUnknown."""
    return await _turn(administrator, slug, "open", now)


async def drift(
    administrator: str, folder: Path, *, now: datetime, demo: bool = False, above: Sequence[Room] = ()
) -> list[Difference]:
    """Where the rows of a site are not what its folder declares. Raises BlueprintInvalid, SiteUnknown."""
    blueprint = read_site(folder, demo=demo)
    async with _connected(administrator) as connection:
        realm = await tenancy.site_of(connection, blueprint.slug)
    found: list[Difference] = []
    with DB.speaking(realm.id, "worker"):
        desk = _desk(realm, now)
        async with desk.transaction():
            found += await tenancy.drift(desk, blueprint, legal_texts(blueprint, folder))
            for room in (*ROOMS, *above):
                found += await room.drift(desk, blueprint)
    return found + await partners.drift(desk, blueprint.partners)


async def _turn(administrator: str, slug: str, state: Literal["open", "suspended"], now: datetime) -> Realm:
    async with _connected(administrator) as connection:
        realm = await tenancy.site_of(connection, slug)
        if realm.state == state:
            return realm
        if state == "open":
            await tenancy.demand_furnished(connection, realm)
        with DB.speaking(realm.id, "worker"):
            desk = _desk(realm, now)
            async with desk.transaction() as ledger:
                ledger.note("site.resumed" if state == "open" else "site.suspended", realm.id)
        await tenancy.set_state(connection, realm, state)
        return replace(realm, state=state)


async def _opened(connection: Any, realm: Realm) -> Realm:
    await tenancy.set_state(connection, realm, "open")
    return replace(realm, state="open")


def _desk(realm: Realm, now: datetime) -> Desk:
    return Desk(realm=realm, now=now, permissions=EVERY, request_id="opening")


def _host(of: Any, demo: bool) -> str:
    host: str = of.hosts.demo if demo else of.hosts.primary
    return host


@contextlib.asynccontextmanager
async def _connected(administrator: str) -> AsyncIterator[Any]:
    connection = await connect(administrator)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)
