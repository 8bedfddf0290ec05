"""support: look into a site that let you in, and nothing else."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import rich_click as click

from quartier.cli.run import Failed, data_option, run, say, settings_beside
from quartier.database import visit
from quartier.database.attach import Installation, attached, speaking_through
from quartier.database.visit import VisitRefused
from quartier.tenancy.directory import Directory
from quartier.tenancy.opening import SiteUnknown

as_option = click.option("--as", "operator", help="Your name in the site's log (operator:<user of this machine>).")


@click.group()
def support() -> None:
    """Ask a site to let you look, look, and leave a trace of it.

    \b
    ./quartier support ask my-site "Ticket 4711: bookings do not end"
    ./quartier support look <request> "select number, state from app.booking"
    ./quartier support emergency <request> --as operator:second

    The site's administrator lets you in on the page “Menschen und Rollen”, for
    four hours at most, reads every query you ran, and may end it at once.
    """


@support.command()
@click.argument("site")
@click.argument("reason")
@as_option
@data_option
def ask(site: str, reason: str, operator: str | None, data: str | None) -> None:
    """Leave a request with the site. Prints its id, which `look` wants.

    \b
    ./quartier support ask my-site "Ticket 4711: bookings do not end"
    """

    async def work(installation: Installation) -> None:
        async with speaking_through(installation):
            directory = Directory()
            await directory.load()
        realm = directory.by_slug(site)
        if realm is None:
            raise SiteUnknown(site, tuple(known.slug for known in directory.realms))
        made = await visit.ask(installation.address, realm.id, operator or visit.visitor(), reason)
        click.echo(str(made))
        page = f"{installation.settings.origin(realm.host)}/verwaltung/zugang"
        say(f"An administrator of {realm.name} sees it at {page} and lets you in.")

    run(_attached(work, data))


@support.command()
@click.argument("request", type=click.UUID)
@click.argument("query")
@as_option
@data_option
def look(request: UUID, query: str, operator: str | None, data: str | None) -> None:
    """Run one SELECT in the site that let you in; the site reads its text.

    \b
    ./quartier support look <request> "select number, state from app.booking"
    """

    async def work(installation: Installation) -> None:
        rows = await visit.look(installation.address, request, operator or visit.visitor(), query)
        for row in rows:
            click.echo("\t".join("" if value is None else str(value) for value in row.values()))
        say(f"{len(rows)} rows" + (", the first ones" if len(rows) == visit.MOST else ""))

    run(_attached(work, data))


@support.command()
@click.argument("request", type=click.UUID)
@as_option
@data_option
def emergency(request: UUID, operator: str | None, data: str | None) -> None:
    """As a second person, let a colleague in for an hour where the site has nobody.

    It wants the database owner's address, is marked, and stands in the site's log.
    """

    async def work(installation: Installation) -> None:
        await visit.emergency(installation.administrator, request, operator or visit.visitor())
        say("Let in for one hour. The site sees it as an emergency.")

    run(_attached(work, data))


async def _attached(work: Callable[[Installation], Awaitable[None]], data: str | None) -> None:
    async with attached(settings_beside(data=data)) as installation:
        await installation.ready()
        try:
            await work(installation)
        except VisitRefused as refused:
            raise Failed(str(refused)) from None
