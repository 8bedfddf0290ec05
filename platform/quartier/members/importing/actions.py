"""Deciding about a list: it is taken in by a job, or thrown away."""

from uuid import UUID

from quartier.kit.refusal import Refusal, Refused, StaleVersion, StepNotPossible
from quartier.members.importing import queries
from quartier.members.importing.faults import forget
from quartier.members.importing.taking import JOB
from quartier.members.importing.words import NothingNew, RowInvalid, Run
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_STEP = """
update app.import_run set state = $5, finished_at = $6, version = version + 1, changed_at = $7
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_BEGIN = """
update app.import_run set organisations = 0, people = 0, memberships = 0, done = 0 where tenant_id = $1 and id = $2"""


@action("members:import")
async def confirm_import(desk: Desk, id: UUID, version: int, *, leave_out_faulty: bool = False) -> None:  # noqa: A002
    """Take the good lines in, by a job that goes on where it was cut off.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, ROW_INVALID (some lines are faulty, and nobody said to leave
    them out), NOTHING_NEW.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version)
        objections: list[Refusal] = []
        if seen.faulty and not leave_out_faulty:
            objections.append(RowInvalid(path=("leaveOutFaulty",), faulty=seen.faulty))
        if not await queries.count_waiting(desk, id):
            objections.append(NothingNew())
        if objections:
            raise Refused(objections)
        await _step(desk, seen, "running")
        await desk.fetch(_BEGIN, desk.tenant_id, id)
        await desk.later(JOB, run=id)
        ledger.note("import.confirmed", id, left_out=seen.faulty)


@action("members:import")
async def drop_import(desk: Desk, id: UUID, version: int) -> None:  # noqa: A002
    """Throw a list away that nobody wants to take in. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE."""
    async with desk.transaction() as ledger:
        await _step(desk, await _seen(desk, id, version), "dropped")
        await forget(desk, [id])
        ledger.note("import.dropped", id)


async def _seen(desk: Desk, id: UUID, version: int) -> Run:  # noqa: A002
    found = await queries.run(desk, id)
    if found.version != version:
        raise Refused([StaleVersion(path=("version",), version=found.version, seen=version)])
    if found.state != "checked":
        raise Refused([StepNotPossible(state=found.state, possible="checked")])
    return found


async def _step(desk: Desk, seen: Run, state: str) -> None:
    finished = desk.now if state == "dropped" else None
    if not await desk.fetch(_STEP, desk.tenant_id, seen.id, seen.state, seen.version, state, finished, desk.now):
        now = await queries.run(desk, seen.id)  # somebody was faster
        raise Refused([StaleVersion(path=("version",), version=now.version, seen=seen.version)])
