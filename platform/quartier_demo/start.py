"""Start everything: database, world, web and jobs in one process. `./quartier demo` calls `run`."""

import contextlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from socket import socket

import msgspec

from quartier.app import create_app
from quartier.cli.house import edges_of, jobs_of
from quartier.cli.run import Failed, remember_demo
from quartier.database.attach import Installation, attached, speaking_through
from quartier.insight import figures
from quartier.jobs.calendar import put_due
from quartier.jobs.queue import working
from quartier.kit.moments import Clock
from quartier.settings import Settings, home
from quartier.tenancy.blueprint import SiteBlueprint, read_tenants
from quartier.web import logs
from quartier.web.port import listening
from quartier.web.serve import serve_until_told
from quartier_demo import partners
from quartier_demo.keys import FILE, keys_of
from quartier_demo.letters import IntoLetterbox
from quartier_demo.reading import TaleInvalid
from quartier_demo.telling import Teller
from quartier_demo.town import Mark, NoDemo, drop, mark, marked, open_town

TODAY = datetime(2026, 11, 19, 8, 40, tzinfo=UTC)  # Thursday, 09:40 in Leipzig


async def run(settings: Settings, *, fresh: bool = False, empty: bool = False, as_json: bool = False) -> None:
    """Be the demo until the task is cancelled.

    The first start opens and fills; a further one goes on where the last one ended, its clock included. Raises
    PortTaken before anything is started, Failed with what to do.
    """
    tell = Teller(as_json=as_json)
    logs.configure(os.environ.get("QUARTIER_LOG_LEVEL", "WARNING").upper())
    with contextlib.ExitStack() as places:
        door = places.enter_context(listening(settings.host, settings.port))
        settings = msgspec.structs.replace(settings, demo=True, port=door.getsockname()[1])
        tell.doing("Starting PostgreSQL")
        async with attached(settings) as installation:
            sites = read_tenants(home("tenants"), demo=True).sites
            standing = places.enter_context(partners.place(settings, sites))
            try:
                ahead = await _world(installation, standing, fresh=fresh, empty=empty, tell=tell)
            except (NoDemo, TaleInvalid) as refused:
                raise Failed(str(refused)) from None
            settings = msgspec.structs.replace(settings, clock_ahead=ahead)
            remember_demo(settings)
            await _serve(settings, installation, door, standing, sites, tell)
    tell.done("Stopped. The data stay: the next start goes on from here.")


async def _world(
    installation: Installation, standing: partners.Standing, *, fresh: bool, empty: bool, tell: Teller
) -> timedelta:
    """See to it that the world stands; give how far its clock is ahead."""
    await _furnish(installation)
    left = await marked(installation.administrator)
    if left is not None and (fresh or left.state == "filling"):
        tell.doing("Beginning anew" if fresh else "The first start was cut off; beginning anew")
        await drop(installation.administrator)
        (installation.settings.data / FILE).unlink(missing_ok=True)
        await _furnish(installation)
        left = None
    if left is not None:
        if empty and left.state == "full":
            tell.remark("The invented people are there already; --fresh --no-data begins without them.")
        if standing.before is not None:
            await partners.moved(installation.administrator, standing.before, standing.base)
        return left.ahead
    async with speaking_through(installation):
        worlds = await open_town(
            installation.administrator,
            home("tenants"),
            today=TODAY,
            bare=empty,
            progress=tell.progress,
            provider=(standing.base, standing.secrets),
        )
        city = worlds[-1]
        ahead = TODAY - Clock().now()  # from here on the demo's clock runs
        await mark(city.realm, Mark("bare" if empty else "full", ahead), city.begins)
    return ahead


async def _furnish(installation: Installation) -> None:
    await installation.furnish()
    await figures.publish(installation.administrator)


async def _serve(
    settings: Settings,
    installation: Installation,
    door: socket,
    standing: partners.Standing,
    sites: Mapping[str, SiteBlueprint],
    tell: Teller,
) -> None:
    letters = IntoLetterbox()
    clock, house = Clock(settings.clock_ahead), jobs_of(settings, letters)
    tell.doing("Starting web and jobs")
    app = create_app(settings, edges_of(installation), installation)
    letters.box = app.front.post
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.lifespan())
        realms = app.house.directory.realms
        keys = await keys_of(realms, settings.data, clock)
        origins = {realm.slug: settings.origin(realm.host) for realm in realms}
        institutions = await partners.introduced(realms, sites, standing, origins, keys)
        await stack.enter_async_context(partners.served(standing, institutions, realms, settings.port))
        loop = await stack.enter_async_context(working(installation.address, house))
        await put_due(loop.calendar, clock.now())
        tell.ready(realms, settings.port, keys, standing.base, institutions)
        await serve_until_told(app, door)
        tell.doing("Stopping")
