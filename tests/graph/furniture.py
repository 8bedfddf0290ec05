"""Rows of every room for a site that has people, organisations, spaces and bookings: as many as one asks for."""

import re
from pathlib import Path
from uuid import UUID

from world import NOW, Administrator

HERE = Path(__file__).parent
ROWS = {
    f"{{{name}}}": f"(select *, row_number() over (order by created_at, id) r from {table} where tenant_id = $1{alive})"
    for name, table, alive in (
        ("people", "app.person", ""),
        ("organisations", "app.organisation", " and live_id is not null"),
        ("spaces", "app.space", ""),
    )
}


async def furnish(administrator: Administrator, tenant: UUID, texts: list[str], *, crowd: int = 0) -> None:
    """Fill the rooms of a site; `crowd` adds so many people with an organisation and five bookings each, first."""
    script = (HERE / "furniture.sql").read_text("utf-8")
    if crowd:
        script = (HERE / "crowd.sql").read_text("utf-8") + script
    for name, rows in ROWS.items():
        script = script.replace(name, rows)
    values = {
        "$1": (tenant, "uuid"),
        "$2": (NOW, "timestamptz"),
        "$3": (texts, "text[]"),
        "$4": (max(crowd, 30), "int"),
    }
    script = re.sub(r"^--.*\n", "", script, flags=re.MULTILINE)
    for statement in filter(str.strip, script.split(";\n")):
        text, used = statement, []
        for mark, (value, kind) in values.items():
            if mark in statement:
                used.append(value)
                text = text.replace(mark, f"${len(used)}::{kind}")
        await administrator.execute(text, *used)
