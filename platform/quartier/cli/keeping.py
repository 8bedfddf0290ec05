"""migrate, check, schema: keeping an installation and its contract in order."""

import importlib
from typing import TYPE_CHECKING, Any

import rich_click as click

from quartier.cli.run import Failed, data_option, run, say, settings, settings_beside
from quartier.database.attach import Installation, attached, speaking_through
from quartier.insight.figures import publish
from quartier.settings import Settings

if TYPE_CHECKING:
    from quartier.tenancy.desk import Desk

KINDS = ("site", "city", "refusals")


@click.command()
@data_option
def migrate(data: str | None) -> None:
    """Bring the database up to this code: roles, tables, passwords, keys, then the lint of the walls.

    \b
    ./quartier migrate                    the embedded database
    DATABASE_URL=postgresql://admin@db.example/quartier ./quartier migrate

    The address is an administrator's. As often as you like: what is there stays.
    """

    async def work() -> None:
        async with attached(settings(data=data)) as installation:
            applied = await installation.furnish()
            await publish(installation.administrator)
            say(f"Applied: {', '.join(applied)}." if applied else "Nothing to apply.")
            say("The walls between the sites stand.")

    run(work())


@click.command()
@click.option("--end-demo", is_flag=True, help="End what a demo left: sessions of invented people, practice providers.")
@data_option
def check(end_demo: bool, data: str | None) -> None:
    """Look at the installation: schema, walls, keys that lead nowhere, clocks, logs, partners, held jobs.

    \b
    ./quartier check               after every restore; 1 when anything is wrong
    ./quartier check --end-demo    when a house stops being a demo
    """
    run(_check(settings(data=data), end_demo))


async def _check(chosen: Settings, end_demo: bool) -> None:
    from quartier.database.administrator import connect
    from quartier.database.catalog import holes
    from quartier.database.engine import DB
    from quartier.database.migrate import pending
    from quartier.database.pulse import pulse
    from quartier.jobs import held
    from quartier.web.health import SKEW

    async with attached(chosen) as installation:
        missing = await pending(installation.address)
        wrong = _told("schema", [f"{each} is missing: ./quartier migrate" for each in missing])
        if missing:  # this code cannot read such tables: what it would say of them is not true
            raise Failed(f"{wrong} found. The rest can be looked at when they are applied.")
        wrong += _told("walls", await installation.walls())
        connection = await connect(installation.administrator)
        try:
            wrong += _told("keys", await holes(connection))
        finally:
            await connection.close()
        async with speaking_through(installation):
            ahead = {power: await pulse(DB, power) for power in DB.powers}
            apart = [f"{power}: {seconds:.0f} s apart" for power, seconds in ahead.items() if abs(seconds) >= SKEW]
            wrong += _told("clocks", apart)
            wrong += _told("demo", await _demo(installation, end_demo))
            wrong += _told("logs", await _logs(installation))
            wrong += _told("partners", await _partners(installation))
            wrong += _told("mail", await _mail(installation))
        count = (await held.counts(installation.address)).held
        wrong += _told("jobs", [f"{count} held: ./quartier jobs failed"] if count else [])
    if wrong:
        raise Failed(f"{wrong} found.")


async def _demo(installation: Installation, end: bool) -> list[str]:
    from quartier.access.actions import end_demo_sessions
    from quartier.access.partners.actions import pause_practice
    from quartier.access.queries import demo_sessions

    left = []
    for desk in await _desks(installation):
        slug = desk.realm.slug
        if end and (ended := await end_demo_sessions(desk)):
            say(f"{slug}: {ended} sessions of invented people ended.")
        if end and (paused := await pause_practice(desk)):
            say(f"{slug}: {paused} practice providers paused.")
        if not installation.settings.demo and (number := await demo_sessions(desk)):
            left.append(f"{slug}: {number} sessions of invented people: ./quartier check --end-demo")
    return left


async def _logs(installation: Installation) -> list[str]:
    """Walk the chains of every realm: what was done, and who came. A line that does not follow was touched."""
    from quartier.access.events import broken_line as broken_event
    from quartier.database.engine import DB
    from quartier.tenancy.audit import broken_line as broken_act

    found = []
    for desk in await _desks(installation):
        with DB.speaking(desk.tenant_id, "app"):
            acts = await broken_act(desk.tenant_id)
        for name, line in (("who came", await broken_event(desk)), ("what was done", acts)):
            if line is not None:
                found.append(f"{desk.realm.slug}: the log of {name} is broken at line {line}: restore it, and ask why")
    return found


async def _partners(installation: Installation) -> list[str]:
    """Ask every provider for what it publishes, all at once; one that is away hinders no other."""
    from quartier.access.partners.checking import findings
    from quartier.access.partners.metadata import Issuers

    demo = settings_beside(data=str(installation.settings.data)).demo  # its practice providers are on this machine
    issuers = Issuers(loopback=demo)
    try:
        return [
            f"{desk.realm.slug}: {slug}: {words.en.format_map(words.values)}"
            for desk in await _desks(installation)
            for slug, words in await findings(desk, issuers)
        ]
    finally:
        await issuers.close()


async def _mail(installation: Installation) -> list[str]:
    """Ask every realm's mail server whether it lets us in; nothing is sent. Without an account there is a remark."""
    from quartier.database.engine import DB
    from quartier.notices.smtp import AccountWrong, account, reach
    from quartier.notices.words import NotNow

    if installation.settings.demo:
        return []
    found = []
    for desk in await _desks(installation):
        slug = desk.realm.slug
        try:
            with DB.speaking(desk.tenant_id, "app"):
                known = await account(desk)
            if known is None:
                say(f"{slug}: no mail account, so no codes and no notices go out: set QUARTIER_SMTP.")
            else:
                await reach(known)
        except AccountWrong as wrong:
            found.append(f"{slug}: {wrong}")
        except NotNow as away:
            found.append(f"{slug}: {known.host if known else 'the mail server'} does not let us in ({away})")
    return found


async def _desks(installation: Installation) -> "list[Desk]":
    from quartier.access.permissions import EVERY
    from quartier.kit.moments import Clock
    from quartier.tenancy.desk import Desk
    from quartier.tenancy.directory import Directory

    directory = Directory()
    await directory.load()
    now = Clock(installation.settings.clock_ahead).now()
    return [Desk(realm=realm, now=now, permissions=EVERY, request_id="cli") for realm in directory.realms]


def _told(what: str, found: list[str]) -> int:
    click.echo(f"{what:8} {'ok' if not found else ''}".rstrip())
    for line in found:
        click.echo(f"  {line}")
    return len(found)


@click.command()
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--write", is_flag=True, help="Write graphql/schema/*, in the commit that changes the contract.")
@click.option("--check", "stale", is_flag=True, help="Exit 1 when those files are not this code's.")
def schema(kind: str | None, write: bool, stale: bool) -> None:
    """Print the contract (both schemas, all refusals), write its files, or check the written ones.

    \b
    ./quartier schema site > site.graphql   the schema of a site, or of the city
    ./quartier schema refusals              every reason to refuse
    ./quartier schema --check               exit 1 when a file is not this code's
    """
    contract: Any = importlib.import_module("quartier_graph.contract")
    old = []
    for each in (kind,) if kind else KINDS:
        if write:
            say(f"Wrote {contract.write(each).name}.")
        elif stale:
            old += [] if contract.is_fresh(each) else [contract.file(each).name]
        else:
            click.echo(contract.text(each), nl=False)
    if old:
        raise Failed(f"Not this code's: {', '.join(old)}. Change the contract on purpose: ./quartier schema --write")
