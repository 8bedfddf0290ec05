"""Settings of a site: valid from a day, with their history. A setting is plain JSON; each room knows its own keys."""

import json
from datetime import date
from typing import Any

from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

_READ = """
select value from app.setting where tenant_id = $1 and key = $2 and valid_from <= $3 order by valid_from desc limit 1"""
_WRITE = """
insert into app.setting (tenant_id, id, key, value, valid_from, changed_by, created_at)
values ($1, $2, $3, $4::jsonb, $5, $6, $7)
on conflict (tenant_id, key, valid_from)
do update set value = excluded.value, changed_by = excluded.changed_by, created_at = excluded.created_at"""


async def setting(desk: Desk, key: str, *, on: date | None = None) -> Any | None:
    """The value on a day, today by default; None where the site never said."""
    day = on or desk.now.astimezone(desk.zone).date()
    rows = await desk.fetch(_READ, desk.tenant_id, key, day)
    return json.loads(rows[0]["value"]) if rows else None


async def put_setting(desk: Desk, key: str, value: object, *, valid_from: date) -> None:
    """Write a value that holds from a day on; the days before keep theirs. Inside an action's transaction."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    await desk.fetch(_WRITE, desk.tenant_id, new_id(), key, written, valid_from, desk.person, desk.now)
