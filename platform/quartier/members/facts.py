"""What rooms above write down about people and organisations, for other rooms to read: support given."""

from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.money import Cents
from quartier.tenancy.desk import Desk

SupportKind = Literal["advice", "course", "room", "lease"]

# One line for each source and day: a job that runs again adds nothing.
_SUPPORT = """
insert into app.support (tenant_id, id, organisation_id, kind, on_day, minutes, value, structured, source, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict on constraint support_once do nothing"""
_WORTH = """
select coalesce(sum(value), 0)::bigint as value from app.support
where tenant_id = $1 and organisation_id = $2 and on_day >= $3 and on_day < $4"""


async def record_support(
    desk: Desk,
    organisation: UUID,
    kind: SupportKind,
    on_day: date,
    *,
    minutes: int,
    value: Cents,
    source: UUID,
    structured: bool = True,
) -> None:
    """Write down what the house gave an organisation in kind, in the open transaction."""
    await desk.fetch(
        _SUPPORT, desk.tenant_id, new_id(), organisation, kind, on_day, minutes, value, structured, source, desk.now
    )


async def support_worth(desk: Desk, organisation: UUID, first: date, after: date) -> Cents:
    """Cents given in kind from `first` up to and without `after`; the de-minimis account asks for it by the month."""
    [row] = await desk.fetch(_WORTH, desk.tenant_id, organisation, first, after)
    return int(row["value"])
