"""jobs: what waits, what failed for good, and doing it again."""

# ruff: noqa: A005  (a command's name; nobody imports it by its bare name)

from collections.abc import Awaitable, Callable

import rich_click as click

from quartier.cli.run import data_option, run, say, settings_beside
from quartier.database.attach import attached
from quartier.database.engine import Address


@click.group(invoke_without_command=True)
@click.pass_context
@data_option
def jobs(context: click.Context, data: str | None) -> None:
    """Look at the queue; list what failed for good; put it back.

    \b
    ./quartier jobs                  how much waits, runs, is held
    ./quartier jobs failed           what is held, and why
    ./quartier jobs again 17 21      put these back; without numbers, all
    """
    if context.invoked_subcommand is not None:
        return
    from quartier.jobs import held

    async def work(address: Address) -> None:
        counts = await held.counts(address)
        click.echo(f"waiting {counts.waiting} · running {counts.running} · held {counts.held}")
        if counts.longest_wait.total_seconds() > 60:
            say(f"One has waited for {counts.longest_wait}: is `./quartier work` running?")

    run(_attached(work, data))


@jobs.command()
@data_option
def failed(data: str | None) -> None:
    """List the held jobs, the latest first, with the kind of error (never its values)."""
    from quartier.jobs import held

    async def work(address: Address) -> None:
        for job in await held.failed(address):
            click.echo(
                f"{job.id}  {job.kind}  {job.tenant_id or 'no site'}  held {job.held_at:%Y-%m-%d %H:%M}"
                f"  after {job.attempts}  {job.error or 'the worker died'}"
            )

    run(_attached(work, data))


@jobs.command()
@click.argument("numbers", type=int, nargs=-1)
@data_option
def again(numbers: tuple[int, ...], data: str | None) -> None:
    """Put held jobs back into the queue: those with these numbers, or all."""
    from quartier.jobs import held

    async def work(address: Address) -> None:
        back = await held.again(address, numbers or None)
        say(f"Put back: {', '.join(map(str, back)) or 'none'}.")

    run(_attached(work, data))


async def _attached(work: Callable[[Address], Awaitable[None]], data: str | None) -> None:
    async with attached(settings_beside(data=data)) as installation:
        await installation.ready()
        await work(installation.address)
