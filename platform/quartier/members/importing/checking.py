"""Looking at a list: nothing changes but the import itself, which says of each line what would come of it."""

import asyncio
import json
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from quartier.access.people import queries as people
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, Refused
from quartier.kit.spoken import letters
from quartier.kit.text import is_line
from quartier.members.importing import queries, rules
from quartier.members.importing.faults import put_faults
from quartier.members.importing.sheet import read
from quartier.members.importing.understanding import understood
from quartier.members.importing.words import Fault, Key, Line, Placed, Sheet, Wanted
from quartier.members.queries import today
from quartier.members.words import Plan
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_PUT = """
insert into app.import_run (tenant_id, id, name, made_by, total, faulty, organisations, people, memberships, state,
  version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'checked', 1, $10, $10)"""
_PUT_ROWS = """
insert into app.import_row (tenant_id, id, run_id, line, cells, makes_organisation, makes_person, makes_membership,
  organisation_id, person_id, state, created_at)
select $1, r.id, $2, r.line, r.cells, r.organisation, r.person, r.membership, r.organisation_id, r.person_id,
  r.state, $3
from jsonb_to_recordset($4::jsonb) as r(id uuid, line int, cells jsonb, organisation boolean, person boolean,
  membership boolean, organisation_id uuid, person_id uuid, state text)"""


@action("members:import")
async def check_import(desk: Desk, name: str, lines: Sequence[str]) -> UUID:
    """Read a list and say of each line what would come of it; give the import's id. Nothing else changes.

    Refuses FIELD_INVALID, FILE_UNREADABLE, FILE_EMPTY, TOO_MANY_LINES, HEADING_UNKNOWN, HEADING_MISSING,
    HEADING_TWICE; what is wrong with a line stands in the import.
    """
    if not is_line(name, 200):
        raise Refused([FieldInvalid(path=("name",), allowed=letters(1, 200))])
    async with desk.transaction() as ledger:
        plans = await queries.plans(desk)
        day = today(desk)
        sheet, wanted, faults = await asyncio.to_thread(_read, "\n".join(lines), plans, day)
        there = await queries.there(desk, wanted)
        own = await people.address_of(desk, desk.person)
        placed, more = await asyncio.to_thread(rules.all_placed, sheet, wanted, there, today=day, self_address=own)
        faults += more
        made, wrong = new_id(), {fault.line for fault in faults}
        new = [each for each in placed if not each.is_known and each.wanted.line.number not in wrong]
        counts = (
            sum(each.makes_organisation for each in new),
            sum(each.makes_person for each in new),
            sum(each.makes_membership for each in new),
        )
        total = len(sheet.lines)
        about = (name.strip(), desk.person, total, len(wrong), *counts, desk.now)
        await desk.fetch(_PUT, desk.tenant_id, made, *about)
        rows = _rows(sheet.lines, {each.wanted.line.number: each for each in placed}, wrong)
        await desk.fetch(_PUT_ROWS, desk.tenant_id, made, desk.now, json.dumps(rows, default=str))
        await put_faults(desk, made, faults)
        ledger.note("import.checked", made, lines=total, faulty=len(wrong))
        return made


def _read(text: str, plans: Collection[Plan], day: date) -> tuple[Sheet, list[Wanted], list[Fault]]:
    """Apart from the loop: five thousand lines are half a second."""
    sheet = read(text)
    good, faults = [], list(sheet.faults)
    unread = {fault.line for fault in faults}
    for line in sheet.lines:
        wanted, wrong = understood(sheet, line, plans=plans, today=day)
        faults += wrong
        if not wrong and line.number not in unread:
            good.append(wanted)
    return sheet, good, faults


def _rows(lines: Sequence[Line], placed: dict[int, Placed], wrong: Collection[int]) -> list[dict[str, object]]:
    rows = []
    for line in lines:
        found = placed.get(line.number)
        good = found if found is not None and line.number not in wrong else None
        state = "faulty" if good is None else "known" if good.is_known else "ready"
        rows.append(
            {
                "id": new_id(),
                "line": line.number,
                "cells": line.cells,
                "organisation": good is not None and good.makes_organisation,
                "person": good is not None and good.makes_person,
                "membership": good is not None and good.makes_membership,
                "organisation_id": _there(good.organisation) if good else None,
                "person_id": _there(good.person) if good else None,
                "state": state,
            }
        )
    return rows


def _there(key: Key | None) -> UUID | None:
    return key if isinstance(key, UUID) else None
