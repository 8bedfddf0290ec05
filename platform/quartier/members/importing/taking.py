"""Taking a confirmed list in, some lines in each transaction; and forgetting the lines of old ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from quartier.access.people import queries as people
from quartier.access.people.actions import enter_person
from quartier.database.constraints import translate
from quartier.database.faults import BROKEN
from quartier.kit.refusal import Refusal, Refused
from quartier.members.actions import add_affiliation, open_membership, register_organisation
from quartier.members.importing import queries, rules
from quartier.members.importing.faults import forget, put_faults
from quartier.members.importing.sheet import OURS
from quartier.members.importing.understanding import understood
from quartier.members.importing.words import Fault, Key, Line, LineBefore, Placed, Sheet
from quartier.members.queries import today
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

JOB = "members.import"
AT_ONCE = 50  # lines of one transaction: what is taken in counts, and nobody waits long for a number
KEPT_UNCONFIRMED, KEPT = timedelta(days=7), timedelta(days=30)

_LOCK = "select id from app.import_run where tenant_id = $1 and id = $2 and state = 'running' for update"
_TAKEN = """
update app.import_row set state = $4, organisation_id = $5, person_id = $6, makes_organisation = $7, makes_person = $8,
  makes_membership = $9
where tenant_id = $1 and run_id = $2 and line = $3"""
_ON = """
update app.import_run set done = done + $3, failed = failed + $4, organisations = organisations + $5,
  people = people + $6, memberships = memberships + $7, changed_at = $8
where tenant_id = $1 and id = $2"""
_END = """
update app.import_run set state = 'done', finished_at = $3, version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2"""
_OLD = """
select id from app.import_run where tenant_id = $1 and (state = 'checked' and created_at < $2
  or state in ('done', 'dropped') and finished_at < $3) and exists (
  select 1 from app.import_row r where r.tenant_id = $1 and r.run_id = import_run.id)"""
_DROP_OLD = """
update app.import_run set state = 'dropped', finished_at = $3, version = version + 1, changed_at = $3
where tenant_id = $1 and id = any($2) and state = 'checked'"""


@action("members:import")
async def go_on(desk: Desk, id: UUID) -> None:  # noqa: A002
    """Take the next lines of a confirmed import in, and leave a job for those after them; the job's.

    Each line is looked at again: what became wrong since is kept as its fault, and the others go on.
    """
    async with desk.transaction() as ledger:
        if not await desk.fetch(_LOCK, desk.tenant_id, id):
            return
        run = await queries.run(desk, id)
        whose = replace(desk, person=run.made_by)
        sheet = Sheet(OURS, await queries.waiting(desk, id, AT_ONCE), ())
        plans = await queries.plans(desk)
        own = await people.address_of(desk, run.made_by)
        faults: list[Fault] = []
        wanted = []
        for line in sheet.lines:
            found, wrong = understood(sheet, line, plans=plans, today=today(desk))
            faults += wrong
            if not wrong:
                wanted.append(found)
        placed, more = rules.all_placed(
            sheet, wanted, await queries.there(desk, wanted), today=today(desk), self_address=own
        )
        faults += more
        made: dict[Key, UUID] = {}
        taken = []
        for each in placed:
            reasons = await _taken(whose, each, made)
            faults += [sheet.fault(each.wanted.line, "name", reason) for reason in reasons]
            if not reasons:
                taken.append(each)
        await _written(desk, id, sheet.lines, taken, made)
        await put_faults(desk, id, faults)
        failed = len(sheet.lines) - len(taken)
        counts = (
            sum(each.makes_organisation for each in taken),
            sum(each.makes_person for each in taken),
            sum(each.makes_membership for each in taken),
        )
        await desk.fetch(_ON, desk.tenant_id, id, len(sheet.lines), failed, *counts, desk.now)
        if await queries.count_waiting(desk, id):
            await desk.later(JOB, run=id)
        else:
            await desk.fetch(_END, desk.tenant_id, id, desk.now)
        ledger.note("import.went_on", id, lines=len(sheet.lines), failed=failed)


async def _taken(desk: Desk, placed: Placed, made: dict[Key, UUID]) -> Sequence[Refusal]:
    """Do what a line wants, all of it or nothing; give why not. What it made stands in `made`, people below zero."""
    wanted, number = placed.wanted, placed.wanted.line.number
    new: dict[Key, UUID] = {}
    try:
        async with desk.transaction():
            if placed.makes_organisation and wanted.profile is not None:
                new[number] = (await register_organisation(desk, wanted.profile)).id
            if placed.makes_person and wanted.person is not None:
                new[-number] = await enter_person(desk, wanted.person, wanted.email)
            organisation = _key(placed.organisation, made | new)
            person = _key(placed.person, made | new, people=True)
            if placed.joins and organisation is not None and person is not None:
                await add_affiliation(desk, person, organisation, wanted.role)
            if placed.makes_membership and wanted.plan is not None:
                whose = None if organisation else person
                await open_membership(
                    desk, wanted.plan.id, organisation=organisation, person=whose, starts_on=wanted.starts_on
                )
    except Refused as refused:
        return refused.refusals
    except BROKEN as error:
        if (known := translate(error)) is None:
            raise
        return (known,)
    made |= new
    return ()


def _key(key: Key | None, made: dict[Key, UUID], *, people: bool = False) -> UUID | None:
    """The id of what was there, or of what a line before has made. Raises LineBefore when that line failed."""
    if key is None or isinstance(key, UUID):
        return key
    found = made.get(-key if people else key)
    if found is None:
        raise Refused([LineBefore(line=key)])
    return found


async def _written(
    desk: Desk, run: UUID, lines: Sequence[Line], taken: Sequence[Placed], made: dict[Key, UUID]
) -> None:
    done = {each.wanted.line.number: each for each in taken}
    for line in lines:
        each = done.get(line.number)
        if each is None:
            await desk.fetch(_TAKEN, desk.tenant_id, run, line.number, "failed", None, None, False, False, False)
            continue
        ids = (_key(each.organisation, made), _key(each.person, made, people=True))
        makes = (each.makes_organisation, each.makes_person, each.makes_membership)
        await desk.fetch(_TAKEN, desk.tenant_id, run, line.number, "done", *ids, *makes)


@action("members:import")
async def tidy_imports(desk: Desk) -> None:
    """Forget the lines of lists that nobody confirmed for a week, and of old ones; the calendar's, once a day."""
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_OLD, desk.tenant_id, desk.now - KEPT_UNCONFIRMED, desk.now - KEPT)
        if old := [row["id"] for row in rows]:
            await forget(desk, old)
            await desk.fetch(_DROP_OLD, desk.tenant_id, old, desk.now)
            ledger.note("import.forgotten", None, imports=old)
