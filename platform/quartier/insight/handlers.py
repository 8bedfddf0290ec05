"""The work behind the kinds of job that count."""

from quartier.insight.actions import tally
from quartier.jobs.kinds import Kind, Kinds
from quartier.tenancy.desk import Desk


async def _tally(desk: Desk) -> None:
    await tally(desk)


KINDS: Kinds = {"insight.tally": Kind(_tally)}
