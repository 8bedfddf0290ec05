"""client: machines that may ask for tokens at one realm."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import rich_click as click

from quartier.access import actions, queries
from quartier.access.permissions import CITY_SCOPES, EVERY, SITE_SCOPES
from quartier.access.words import ClientSecret
from quartier.cli.run import data_option, run, say, settings_beside
from quartier.database.attach import attached, speaking_through
from quartier.kit.moments import Clock
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import Directory
from quartier.tenancy.opening import SiteUnknown

json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, for programs.")
realm_argument = click.argument("realm", metavar="SITE")


@click.group()
def client() -> None:
    """Give programs access to one site's (or the city's) graph, renew and end it.

    \b
    ./quartier client create my-site "Foyer display" --scope spaces:read
    ./quartier client list my-site
    ./quartier client rotate my-site qtrc_0123456789abcdef
    ./quartier client rotate my-site qtrc_0123456789abcdef --end-old
    ./quartier client disable my-site qtrc_0123456789abcdef

    SITE is a site's or the city's name as in `./quartier site list`.
    """


@client.command()
@realm_argument
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="SCOPE",
    help=f"Again for each. Site: {', '.join(sorted(SITE_SCOPES))}. City: {', '.join(sorted(CITY_SCOPES))}.",
)
@click.option("--owner", type=click.UUID, help="Id of the person who answers for it.")
@click.option(
    "--agreement", metavar="TEXT", help="Processing agreement, needed for scopes that show people: date or file number."
)
@click.option("--days", type=click.IntRange(1, 365), default=365, show_default=True, help="How long it lasts.")
@json_option
@data_option
def create(
    realm: str,
    name: str,
    scopes: tuple[str, ...],
    owner: UUID | None,
    agreement: str | None,
    days: int,
    as_json: bool,
    data: str | None,
) -> None:
    """Make a client. Its secret is shown this once: only a mark of it is kept.

    \b
    ./quartier client create my-site "Foyer display" \\
        --scope spaces:read --scope programme:read --days 90
    ./quartier client create my-site "Newsletter" --scope members:read \\
        --agreement "AVV of 2026-03-01"
    """

    async def work(desk: Desk) -> None:
        made = await actions.create_client(
            desk, name, scopes, owner=owner, lasts=timedelta(days=days), agreement=agreement
        )
        _show(made, desk, as_json, scopes)

    run(at_realm(realm, data, work))


@client.command()
@realm_argument
@click.argument("client_id")
@click.option("--end-old", is_flag=True, help="End the older secret and every token instead of issuing a new one.")
@json_option
@data_option
def rotate(realm: str, client_id: str, end_old: bool, as_json: bool, data: str | None) -> None:
    """Issue a new secret; the one before stays valid until --end-old, or the next rotation.

    First rotate and give the new secret to the program, then `--end-old`: so it is never locked out.
    """

    async def work(desk: Desk) -> None:
        if end_old:
            await actions.end_old_secret(desk, client_id)
            say("Only the newest secret is valid now; every token has ended.")
        else:
            _show(await actions.rotate_client(desk, client_id), desk, as_json)

    run(at_realm(realm, data, work))


@client.command()
@realm_argument
@click.argument("client_id")
@data_option
def disable(realm: str, client_id: str, data: str | None) -> None:
    """Switch a client off for good, its tokens included, at once and in every process."""

    async def work(desk: Desk) -> None:
        await actions.disable_client(desk, client_id)
        say(f"{client_id} is off.")

    run(at_realm(realm, data, work))


@client.command("list")
@realm_argument
@json_option
@data_option
def list_(realm: str, as_json: bool, data: str | None) -> None:
    """List a realm's clients: state, end, last use, scopes. No secrets: nobody has them."""

    async def work(desk: Desk) -> None:
        for each in await queries.clients(desk):
            if as_json:
                click.echo(msgspec.json.encode(each).decode())
                continue
            used = f"{each.last_used:%Y-%m-%d %H:%M}" if each.last_used else "never used"
            click.echo(
                f"{each.client_id}  {each.state:6}  until {each.expires_at:%Y-%m-%d}  {used:16}  {each.name}"
                f"  [{' '.join(sorted(each.scopes))}]{'  two secrets' if each.two_secrets else ''}"
            )

    run(at_realm(realm, data, work))


def _show(made: ClientSecret, desk: Desk, as_json: bool, scopes: tuple[str, ...] = ()) -> None:
    if as_json:
        told: dict[str, Any] = {"id": made.client_id, "secret": made.secret, "host": desk.realm.host}
        click.echo(msgspec.json.encode(told | {"expires_at": made.expires_at}).decode())
        return
    click.echo(f"client id      {made.client_id}")
    click.echo(f"client secret  {made.secret}")
    say(f"Valid until {made.expires_at:%Y-%m-%d}. The secret is not shown again. A token for fifteen minutes:")
    scope = f" -d 'scope={' '.join(scopes)}'" if scopes else " -d scope=..."
    say(
        f"  curl -u '{made.client_id}:<secret>' -d grant_type=client_credentials{scope} https://{desk.realm.host}/oauth/token"
    )


async def at_realm(slug: str, data: str | None, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Stand at the house's desk in the realm of this name. Raises SiteUnknown with the known ones."""
    chosen = settings_beside(data=data)
    async with attached(chosen) as installation:
        await installation.ready()
        async with speaking_through(installation):
            directory = Directory()
            await directory.load()
            realm = directory.by_slug(slug)
            if realm is None:
                raise SiteUnknown(slug, tuple(known.slug for known in directory.realms))
            now = Clock(chosen.clock_ahead).now()
            await work(Desk(realm=realm, now=now, permissions=EVERY, request_id="cli"))
