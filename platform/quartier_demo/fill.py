"""Fills a realm with its invented world: every event in its order, by those who may."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from quartier.database.engine import DB
from quartier.kit.ids import drawn_from
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.realm import Realm
from quartier_demo import bookings, directory, figures, grants, organisations, people, photos, programme
from quartier_demo.draw import ids
from quartier_demo.reading import read_tale
from quartier_demo.shape import Tale
from quartier_demo.story import Event, World, tell

Progress = Callable[[float], None]

_NOTICES = """
update app.notice set state = 'sent', sent_at = send_after, version = version + 1, changed_at = send_after
where tenant_id = $1 and state = 'waiting' and send_after <= $2::timestamptz + interval '2 minutes'"""
_KEYS = "select key, id from app.{} where tenant_id = $1"


def silent(share: float) -> None:
    """Tell nobody how far it is."""


async def fill_site(
    realm: Realm,
    blueprint: SiteBlueprint,
    folder: Path,
    *,
    begins: datetime,
    today: datetime,
    progress: Progress = silent,
) -> World:
    """Tell the story of the folder; everything that happened until today."""
    world = World(realm, read_tale(folder), begins, today, blueprint)
    with DB.speaking(realm.id, "app"):
        for known, table in ((world.spaces, "space"), (world.plans, "plan"), (world.terms, "term")):
            known |= {row["key"]: row["id"] for row in await DB.fetch(_KEYS.format(table), realm.id)}
    events: list[Event] = []
    for chapter in (people, organisations, directory, photos, bookings, programme, grants, figures):
        events += chapter.events(world)
    await _tell(world, [*events, *people.roles(world)], progress)
    await _told_already(world)
    return world


async def fill_people(realm: Realm, folder: Path, *, begins: datetime, today: datetime) -> World:
    """Let those come who have a task, and nothing else happen: a city, or a site of a demo without data."""
    tale = read_tale(folder)
    team = msgspec.structs.replace(tale.people, neighbours=(), passes={})
    world = World(realm, Tale(people=team), begins, today)
    await _tell(world, [*people.events(world), *people.roles(world)], silent)
    return world


async def _told_already(world: World) -> None:
    """What people were told in the past has been sent; nobody gets a year's mail today."""
    with DB.speaking(world.realm.id, "worker"):
        desk = world.house(world.today)
        async with desk.transaction():
            await desk.fetch(_NOTICES, desk.tenant_id, world.today)


async def _tell(world: World, events: list[Event], progress: Progress) -> None:
    with drawn_from(ids("story", world.realm.slug)):
        await tell(world, events, progress)
