"""What is wrong with a line, written down beside it, and forgotten with it."""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.members.importing.words import Fault
from quartier.tenancy.desk import Desk

_PUT_FAULTS = """
insert into app.import_fault (tenant_id, id, run_id, line, position, heading, written, code, text_de, text_en,
  created_at)
select $1, f.id, $2, f.line, f.position, f.heading, f.written, f.code, f.de, f.en, $3
from jsonb_to_recordset($4::jsonb) as f(id uuid, line int, position int, heading text, written text, code text, de text,
  en text)"""
_FORGET_FAULTS = "delete from app.import_fault where tenant_id = $1 and run_id = any($2)"
_FORGET_ROWS = "delete from app.import_row where tenant_id = $1 and run_id = any($2)"


async def forget(desk: Desk, runs: Collection[UUID]) -> None:
    """Delete the lines of these imports and what was wrong with them; that they were looked at stays."""
    await desk.fetch(_FORGET_FAULTS, desk.tenant_id, list(runs))
    await desk.fetch(_FORGET_ROWS, desk.tenant_id, list(runs))


async def put_faults(desk: Desk, run: UUID, faults: Sequence[Fault]) -> None:
    """Keep them in both languages: who reads them may be another than who was told first."""
    rows = [
        {
            "id": new_id(),
            "line": each.line,
            "position": each.position,
            "heading": each.heading,
            "written": each.written,
            "code": each.reason.code,
            "de": each.reason.message("de", desk.zone),
            "en": each.reason.message("en", desk.zone),
        }
        for each in faults
    ]
    await desk.fetch(_PUT_FAULTS, desk.tenant_id, run, desk.now, json.dumps(rows, default=str))
