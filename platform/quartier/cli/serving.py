"""demo, serve, work: the processes that stay."""

import importlib
from typing import Any

import rich_click as click

from quartier.cli.run import Failed, data_option, host_option, port_option, run, say, settings
from quartier.settings import Settings


@click.command()
@port_option
@data_option
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and begin anew.")
@click.option("--no-data", "empty", is_flag=True, help="Open the sites without invented people.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON on stdout when ready; progress on stderr.")
def demo(port: int | None, data: str | None, fresh: bool, empty: bool, as_json: bool) -> None:
    """Start everything: database, both sites with invented people, web and jobs.

    \b
    ./quartier demo                       http://<site>.localhost:8000 for each
    ./quartier demo --port 8080 --fresh   another port, a world made anew
    ./quartier demo --json                for programs: addresses, secrets, tokens
    DATABASE_URL=postgresql://... ./quartier demo   on a PostgreSQL >= 15

    Ctrl-C ends it cleanly; the data stay.
    """
    try:
        start: Any = importlib.import_module("quartier_demo.start")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("quartier_demo"):
            raise
        raise Failed("The demo belongs to the checkout, not to the installed package.") from None
    run(start.run(settings(port=port, data=data, demo=True), fresh=fresh, empty=empty, as_json=as_json))


@click.command()
@host_option
@port_option
@data_option
def serve(host: str | None, port: int | None, data: str | None) -> None:
    """Serve the web: the graph, the doors of machines, health and figures. Jobs run in `work`.

    \b
    ./quartier serve                      on the embedded database beside the data
    DATABASE_URL=postgresql://... ./quartier serve --host 0.0.0.0 --port 8000

    Outside the demo it stands behind a proxy that speaks TLS and hands the Host header on.
    """
    run(_serve(settings(host=host, port=port, data=data)))


SHOWN = 10  # hosts that the ready line names


async def _serve(chosen: Settings) -> None:
    from quartier.app import create_app
    from quartier.cli.house import edges_of, furnished
    from quartier.database.attach import attached
    from quartier.web import logs
    from quartier.web.port import listening
    from quartier.web.serve import serve_until_told

    logs.configure(chosen.log_level)
    with listening(chosen.host, chosen.port) as socket:  # before the database: a taken port is told at once
        async with attached(chosen) as installation:
            await furnished(installation)
            app = create_app(chosen, edges_of(installation), installation)
            async with app.lifespan():
                hosts = [realm.host for realm in app.house.directory.realms]
                named = ", ".join(hosts[:SHOWN]) + (f" and {len(hosts) - SHOWN} more" if hosts[SHOWN:] else "")
                sites = named or "no site yet: ./quartier site open"
                say(f"Serving at {chosen.host}:{socket.getsockname()[1]} ({sites})")
                await serve_until_told(app, socket)


@click.command()
@data_option
def work(data: str | None) -> None:
    """Do the jobs: figures, reminders, offers from the waiting list, tidying. Several may run at once.

    \b
    DATABASE_URL=postgresql://... ./quartier work

    A job that was cut off is done again, once; one that keeps failing is held: ./quartier jobs failed
    """
    run(_work(settings(data=data)))


async def _work(chosen: Settings) -> None:
    from quartier.cli.house import furnished, jobs_of
    from quartier.database.attach import attached, speaking_through
    from quartier.jobs.queue import work as until_told
    from quartier.web import logs

    logs.configure(chosen.log_level)
    async with attached(chosen) as installation:
        await furnished(installation)
        async with speaking_through(installation):
            say("Working. Ctrl-C ends it.")
            await until_told(installation.address, jobs_of(chosen))
