"""Admitting people, blocking them, ending their sessions, and writing their names.

A person is the power app's, her sessions are the power auth's. Blocking writes the person first: from then on no
session of hers speaks, in any process; what deletes the sessions comes after, and again before she is let in anew.
"""

from uuid import UUID

from quartier.access.events import leave_event
from quartier.access.notices import rights_changed
from quartier.access.people.words import OwnAdmission
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refusal, StaleVersion, StepNotPossible, refuse
from quartier.kit.spoken import letters
from quartier.kit.text import is_line, sort_key
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LANGUAGES = ("de", "en")
LONGEST_NAME = 200

_STATE = "select state, version from app.person where tenant_id = $1 and id = $2 and state <> 'erased' for update"
_STEP = """
update app.person set state = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and id = $2 and version = $3 returning id"""
_ENTER = """
insert into app.person (tenant_id, id, name, sort_key, email, language, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, 'de', 'active', 1, $6, $6)"""
_SEEN = """
select name, language, version from app.person
where tenant_id = $1 and id = $2 and state in ('pending', 'active') for no key update"""
_EDIT = """
update app.person set name = $3, sort_key = $4, language = $5, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2"""
_HERE = "select id from app.person where tenant_id = $1 and id = $2 and state <> 'erased'"
_END = "delete from auth.session where tenant_id = $1 and person_id = $2 and method <> 'demo' returning id"


@action("access:admit")
async def admit_person(desk: Desk, person: UUID, version: int) -> None:
    """Let somebody in who waits. Refuses NOT_FOUND, OWN_ADMISSION, STALE_VERSION, STEP_NOT_POSSIBLE."""
    await _step(desk, person, version, "person.admitted", ("pending",), "active")


@action("access:admit")
async def block_person(desk: Desk, person: UUID, version: int, *, reason: str) -> None:
    """Keep somebody out from now on: none of her sessions speaks any more. Refuses as `admit_person`."""
    await _step(desk, person, version, "person.blocked", ("active", "pending"), "blocked", reason=reason[:500])


@action("access:admit")
async def unblock_person(desk: Desk, person: UUID, version: int) -> None:
    """Let somebody in again. She signs in anew: old sessions are gone before. Refuses as `admit_person`."""
    await _step(desk, person, version, "person.unblocked", ("blocked",), "active")


@action("members:import")
async def enter_person(desk: Desk, name: str, email: str | None) -> UUID:
    """Write down somebody whom a list names; give her id. She has no way in until she is invited to one."""
    async with desk.transaction() as ledger:
        made = new_id()
        await desk.fetch(_ENTER, desk.tenant_id, made, name, sort_key(name), email, desk.now)
        ledger.note("person.entered", made)
        return made


@action("members:edit", "members:own")
async def edit_person(desk: Desk, person: UUID, version: int, *, name: str, language: str) -> None:
    """Write anew what somebody is called and which language she reads: the team, and everybody for herself.

    Her address is not changed here: codes are sent to it, so it would have to be proven first. Refuses NOT_FOUND
    (also: somebody else), STALE_VERSION, FIELD_INVALID (all reasons).
    """
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_SEEN, desk.tenant_id, person)
        if not rows or not (desk.may("members:edit") or person == desk.person):
            refuse([NotFound(path=("person",))])
        seen = rows[0]
        if seen["version"] != version:
            refuse([StaleVersion(path=("version",), version=seen["version"], seen=version)])
        new = {"name": name.strip(), "language": language}
        objections: list[Refusal] = []
        if not is_line(new["name"], LONGEST_NAME):
            objections.append(FieldInvalid(path=("name",), allowed=letters(1, LONGEST_NAME)))
        if language not in LANGUAGES:
            objections.append(FieldInvalid(path=("language",), allowed=", ".join(LANGUAGES)))
        refuse(objections)
        if changed := [each for each in new if new[each] != seen[each]]:
            await desk.fetch(_EDIT, desk.tenant_id, person, new["name"], sort_key(new["name"]), language, desk.now)
            ledger.note("person.edited", person, fields=changed)


async def _step(
    desk: Desk, person: UUID, version: int, what: str, possible: tuple[str, ...], to: str, **numbers: object
) -> None:
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_STATE, desk.tenant_id, person)
        if not rows:
            refuse([NotFound(path=("person",))])
        state, seen = rows[0]["state"], rows[0]["version"]
        objections = [OwnAdmission()] if person == desk.person else []
        if state not in possible:
            refuse([*objections, StepNotPossible(state=state, possible=", ".join(possible))])
        if seen != version:
            refuse([*objections, StaleVersion(seen=version, version=seen)])
        refuse(objections)
        await desk.fetch(_STEP, desk.tenant_id, person, version, to, desk.now)
        await rights_changed(desk)
        ledger.note(what, person, **numbers)


@action("access:admit")
async def end_sessions(desk: Desk, person: UUID) -> int:
    """End all sessions of a person; give how many. In an open transaction of auth, or in one of its own."""
    with as_auth(desk):
        async with DB.work():
            ended = await desk.fetch(_END, desk.tenant_id, person)
            if ended:
                await leave_event(desk, "session.ended", reason="by_staff", person=person, sessions=len(ended))
                await rights_changed(desk)
    return len(ended)


async def demand_here(desk: Desk, person: UUID) -> None:
    """Refuse NOT_FOUND for who is not of this realm; with the power app, outside of a transaction of auth."""
    with DB.speaking(desk.tenant_id, "app"):
        if not await desk.fetch(_HERE, desk.tenant_id, person):
            refuse([NotFound(path=("person",))])
