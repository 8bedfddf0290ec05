"""Papers as they are kept, and who may have one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refusal, Refused
from quartier.members.papers.words import PURPOSE, Handed, Paper
from quartier.tenancy.desk import Desk
from quartier.tenancy.files.queries import objections_to_use

_PAPER = """
select id, membership_id as membership, kind, file_id as file, state, version from app.membership_paper
where tenant_id = $1"""
_ASKED = """
select p.papers from app.membership m join app.plan p on p.tenant_id = m.tenant_id and p.id = m.plan_id
where m.tenant_id = $1 and m.id = $2"""
_READABLE = """
select d.file_id, d.given_by from app.membership_paper d
join app.membership m on m.tenant_id = d.tenant_id and m.id = d.membership_id
where d.tenant_id = $1 and d.id = $2
  and ($3 or d.given_by = $4 or m.person_id = $4 or m.organisation_id = any($5::uuid[]))"""


async def papers(desk: Desk, membership: UUID) -> list[Paper]:
    rows = await desk.fetch(_PAPER + " and membership_id = $2 order by kind", desk.tenant_id, membership)
    return [Paper(**row) for row in rows]


async def paper(desk: Desk, id: UUID) -> Paper:  # noqa: A002  (a noun's id)
    """One paper. Refuses NOT_FOUND."""
    rows = await desk.fetch(_PAPER + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("paper",))])
    return Paper(**rows[0])


async def objections_to_files(desk: Desk, handed: Sequence[Handed]) -> list[Refusal]:
    """Each is one's own, came as a paper, and is not used yet."""
    found: list[Refusal] = []
    for each in handed:
        found += await objections_to_use(desk, each.file, PURPOSE, ("papers",))
    return found


async def asked_of(desk: Desk, membership: UUID) -> tuple[str, ...]:
    """The kinds of papers that the plan asks for by which somebody applied."""
    rows = await desk.fetch(_ASKED, desk.tenant_id, membership)
    return tuple(rows[0]["papers"]) if rows else ()


async def readable(desk: Desk, id: UUID) -> tuple[UUID, UUID] | None:  # noqa: A002
    """The file of a paper and who gave it, for those who decide, and for those whose it is; else None."""
    decides = desk.may("members:approve")
    rows: list[Any] = await desk.fetch(_READABLE, desk.tenant_id, id, decides, desk.person, list(desk.own))
    if not rows or not (decides or desk.may("members:own")):
        return None
    return rows[0]["file_id"], rows[0]["given_by"]
