"""What rooms above write down about people and organisations, for other rooms to read: support, briefings."""

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

_QUALIFY = """
insert into app.qualification (tenant_id, id, person_id, key, valid, source, given_by, created_at)
values ($1, $2, $3, $4, daterange($5, $6), $7, $8, $9)"""
_QUALIFIED = """
select lower(q.valid) as since, upper(q.valid) as until from app.qualification q
where q.tenant_id = $1 and q.key = $2 and (q.person_id = $3 or $3 is null and exists (
  select from app.affiliation a where a.tenant_id = $1 and a.person_id = q.person_id and a.organisation_id = $4
    and a.role <> 'former' and a.during @> $5::date))
order by lower(q.valid), q.id"""


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


async def record_qualification(
    desk: Desk, person: UUID, key: str, since: date, until: date | None, *, source: UUID | None = None
) -> UUID:
    """Write down, in the open transaction, that a person may do something from a day up to and without another.

    `source` is the certificate it comes from; without one whoever is at the desk gave it.
    """
    made = new_id()
    by = None if source else desk.person
    await desk.fetch(_QUALIFY, desk.tenant_id, made, person, key, since, until, source, by, desk.now)
    return made


async def qualified(
    desk: Desk, key: str, *, person: UUID | None, organisation: UUID | None
) -> list[tuple[date, date | None]]:
    """When the person has the qualification; without a person whoever stands for the organisation today."""
    today = desk.now.astimezone(desk.zone).date()
    rows = await desk.fetch(_QUALIFIED, desk.tenant_id, key, person, organisation, today)
    return [(row["since"], row["until"]) for row in rows]
