"""site: opening, listing, suspending, resuming, comparing with the blueprint."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

from quartier.cli.run import Failed, Misused, data_option, run, say, settings_beside
from quartier.database.attach import Installation, attached, speaking_through
from quartier.kit.moments import Clock
from quartier.settings import home


@click.group()
def site() -> None:
    """Open a site from its folder, list, suspend and resume sites, compare one with its blueprint.

    \b
    ./quartier site open my-site      a folder under tenants/
    ./quartier site open ../my-site   or any other, with city.toml beside it
    ./quartier site drift my-site     where rows differ from the folder
    ./quartier site invite my-site jo@example.org
    ./quartier site suspend my-site   close its doors; resume opens them again
    """


@site.command("open")
@click.argument("folder")
@data_option
def open_(folder: str, data: str | None) -> None:
    """Open a site, and its city with it if that is not there yet. Copy a folder, change its names, open it.

    \b
    cp -r tenants/my-site tenants/my-third-site   then slug, hosts in site.toml
    ./quartier site open my-third-site
    """
    from quartier.acts import opening

    place = folder_of(folder)

    async def work(installation: Installation, now: datetime) -> None:
        realm = await opening.open_site(
            installation.administrator,
            place,
            now=now,
            demo=installation.settings.demo,
            waits_for=lambda name: say(f"A partner waits for its secret in {name}: its people cannot sign in yet."),
        )
        say(f"{realm.name} is open at {realm.host} ({realm.slug}).")

    run(_attached(work, data))


@site.command("list")
@data_option
def list_(data: str | None) -> None:
    """List the realms: kind, name in addresses, state, host, name."""
    from quartier.acts import opening

    async def work(installation: Installation, now: datetime) -> None:
        for realm in await opening.list_sites(installation.administrator):
            click.echo(f"{realm.kind:5} {realm.slug:24} {realm.state:10} {realm.host:36} {realm.name}")

    run(_attached(work, data))


@site.command()
@click.argument("slug")
@data_option
def suspend(slug: str, data: str | None) -> None:
    """Close a site's doors: requests get 503 at once, in every process; jobs wait; all rows stay."""
    _turn("suspend", slug, data)


@site.command()
@click.argument("slug")
@data_option
def resume(slug: str, data: str | None) -> None:
    """Open the doors of a suspended site again."""
    _turn("resume", slug, data)


@site.command()
@click.argument("folder")
@data_option
def drift(folder: str, data: str | None) -> None:
    """Show where a site's rows are not what its folder declares; exit 1 if anywhere. It changes nothing."""
    from quartier.acts import opening

    place = folder_of(folder)

    async def work(installation: Installation, now: datetime) -> None:
        found = await opening.drift(installation.administrator, place, now=now, demo=installation.settings.demo)
        for each in found:
            click.echo(f"{each.what}: folder {_shown(each.in_blueprint)} · rows {_shown(each.in_rows)}")
        if found:
            raise Failed(f"{len(found)} differences. The rows count; a person decides which side is right.")
        say("The rows are what the folder declares.")

    run(_attached(work, data))


@site.command()
@click.argument("slug")
@click.argument("address")
@data_option
def invite(slug: str, address: str, data: str | None) -> None:
    """Print a link that makes its opener the administrator, once, within 24 hours. For the first one, or when none can
    come in any more. Hand it over yourself: no code is asked for. Whoever opens it sets up a passkey first.

    \b
    ./quartier site invite my-site jo@example.org
    """
    from quartier.access.invitations.house import first_administrator
    from quartier.cli.clients import at_realm
    from quartier.tenancy.desk import Desk

    async def work(desk: Desk) -> None:
        token = await first_administrator(desk, address)
        click.echo(f"{settings_beside(data=data).origin(desk.realm.host)}/auth/invitation/{token}")
        say(f"It holds for 24 hours, once, and makes whoever opens it administrator of {desk.realm.name}.")

    run(at_realm(slug, data, work))


def folder_of(word: str) -> Path:
    """A folder by its path, or by its name under tenants/. Raises Misused with the known ones."""
    for place in (Path(word), home("tenants") / word):
        if (place / "site.toml").is_file():
            return place.resolve()
    known = sorted(path.parent.name for path in home("tenants").glob("*/site.toml"))
    raise Misused(f"There is no site.toml in {word!r}, nor in tenants/{word}. Folders there: {', '.join(known)}.")


def _turn(verb: str, slug: str, data: str | None) -> None:
    from quartier.acts import opening

    async def work(installation: Installation, now: datetime) -> None:
        realm = await getattr(opening, verb)(installation.administrator, slug, now=now)
        say(f"{realm.name} ({realm.slug}) is {realm.state}.")

    run(_attached(work, data))


async def _attached(work: Callable[[Installation, datetime], Awaitable[None]], data: str | None) -> None:
    chosen = settings_beside(data=data)
    async with attached(chosen) as installation:
        await installation.ready()
        async with speaking_through(installation):
            await work(installation, Clock(chosen.clock_ahead).now())


def _shown(value: Any) -> str:
    return "–" if value is None else repr(value)
