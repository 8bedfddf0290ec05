"""The site's own fields, and what stands in them."""

from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.members.fields.words import Field
from quartier.tenancy.desk import Desk

_FIELD = """
select id, key, label_de, label_en, kind, choices, shared, position, state, version from app.own_field
where tenant_id = $1"""
_ANSWERS = "select field_id, value from app.own_value where tenant_id = $1 and organisation_id = $2"
_CHOSEN = """
select value, count(*)::int as n from app.own_value where tenant_id = $1 and field_id = $2 group by value"""


async def fields(desk: Desk, *, lock: bool = False) -> list[Field]:
    """All of them, in their order, retired ones too; `lock` lets nobody else change one."""
    held = " for no key update" if lock else ""
    rows = await desk.fetch(_FIELD + " order by position, id" + held, desk.tenant_id)
    return [_field(row) for row in rows]


async def field(desk: Desk, id: UUID) -> Field:  # noqa: A002  (a noun's id)
    """One field. Refuses NOT_FOUND."""
    rows = await desk.fetch(_FIELD + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("field",))])
    return _field(rows[0])


async def answers(desk: Desk, organisation: UUID) -> dict[UUID, str]:
    """What stands in the fields of an organisation, by field."""
    return {row["field_id"]: row["value"] for row in await desk.fetch(_ANSWERS, desk.tenant_id, organisation)}


async def chosen(desk: Desk, field: UUID) -> dict[str, int]:
    """With how many organisations each answer stands."""
    return {row["value"]: row["n"] for row in await desk.fetch(_CHOSEN, desk.tenant_id, field)}


def _field(row: Any) -> Field:
    return Field(**{**row, "choices": tuple(row["choices"])})
