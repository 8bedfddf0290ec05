"""The whole demo: the city and every site under `tenants/`, opened and filled. A marker tells a demo from a house."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from quartier.access.permissions import EVERY
from quartier.acts.opening import open_city, open_site
from quartier.database.administrator import connect
from quartier.database.engine import DB
from quartier.kit.ids import drawn_from
from quartier.kit.moments import wall
from quartier.tenancy.blueprint import SiteBlueprint, read_tenants
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm
from quartier.tenancy.setting import put_setting
from quartier_demo.draw import ids
from quartier_demo.fill import fill_people, fill_site
from quartier_demo.story import World

FOLDER = "demo"
MARK = "demo"
EIGHT = time(8)
State = Literal["filling", "full", "bare"]
Progress = Callable[[str, float], None]  # what is being done, and how much of it

_MARKED = """
select s.value ->> 'state' as state, (s.value ->> 'ahead_seconds')::float8 as ahead
from city.tenant t left join app.setting s on s.tenant_id = t.id and s.key = $1
order by t.kind, s.valid_from desc limit 1"""


class NoDemo(RuntimeError):
    """The database holds sites that no demo opened: it is left alone."""

    def __init__(self) -> None:
        super().__init__(
            "This database holds sites that are no demo. Choose another data folder (--data DIR), or give DATABASE_URL "
            "the name of a new database."
        )


@dataclass(frozen=True)
class Mark:
    """What a demo leaves in its database: how far it came, and how far its clock is ahead of the machine's."""

    state: State
    ahead: timedelta


async def marked(administrator: str) -> Mark | None:
    """Read the mark; None in a database without any realm. Raises NoDemo."""
    connection = await connect(administrator)
    try:
        rows = await connection.fetch(_MARKED, MARK)
    finally:
        await connection.close(timeout=5)
    if not rows:
        return None
    if rows[0]["state"] is None:
        raise NoDemo
    return Mark(rows[0]["state"], timedelta(seconds=rows[0]["ahead"] or 0))


async def drop(administrator: str) -> None:
    """Throw a demo's database away, with whoever is connected to it."""
    name = unquote(urlsplit(administrator).path.removeprefix("/"))
    connection = await connect(administrator, database="postgres")
    try:
        await connection.execute(
            await connection.fetchval("select format('drop database %I with (force)', $1::text)", name)
        )
    finally:
        await connection.close(timeout=5)


async def open_town(
    administrator: str,
    tenants: Path,
    *,
    today: datetime,
    bare: bool,
    progress: Progress,
    provider: tuple[str, Mapping[str, str]] | None = None,
) -> tuple[World, ...]:
    """Open and fill the city and every site; `bare` leaves the sites with their team alone.

    `provider` is the address of the practice provider, and the secrets of its clients by the name of their variable.

    Until `mark` says that it is whole, a next start begins anew. Raises BlueprintInvalid, TaleInvalid.
    """
    read = read_tenants(tenants, demo=True)
    begins = {name: _opening_day(site, today) for name, site in read.sites.items()}
    first = min(begins.values(), default=today)
    with drawn_from(ids("opening", read.city.slug)):
        city, _ = await open_city(administrator, read.city, now=first, demo=True)
    await mark(city, Mark("filling", timedelta()), first)
    worlds = []
    for name, site in read.sites.items():
        folder, how = tenants / name / FOLDER, {"begins": begins[name], "today": today}
        progress(site.site.name_de, 0)
        with drawn_from(ids("opening", site.slug)):
            base, secrets = provider or (None, {})
            where, now = tenants / name, begins[name]
            realm = await open_site(administrator, where, now=now, demo=True, secrets=secrets, demo_idp=base)
        if bare:
            world = await fill_people(realm, folder, **how)
        else:
            say = functools.partial(progress, site.site.name_de)
            world = await fill_site(realm, site, folder, progress=say, **how)
        worlds.append(world)
    return (*worlds, await fill_people(city, tenants / FOLDER, begins=first, today=today))


async def mark(city: Realm, left: Mark, at: datetime) -> None:
    """Write how far the demo came, in the city's own rows."""
    with DB.speaking(city.id, "worker"):
        desk = Desk(realm=city, now=at, permissions=EVERY, request_id="demo")
        async with desk.transaction():
            told = {"state": left.state, "ahead_seconds": left.ahead.total_seconds()}
            await put_setting(desk, MARK, told, valid_from=at.astimezone(desk.zone).date())


def _opening_day(site: SiteBlueprint, today: datetime) -> datetime:
    """Eight o'clock on the day the site opened; one that opens later is prepared today."""
    return min(wall(datetime.combine(site.site.opened_on, EIGHT), site.site.zone_info), today)
