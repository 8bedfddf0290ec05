"""Invitations as they are kept: the link's mark alone, so nobody who reads the rows can accept one."""

from uuid import UUID

from quartier.access.events import machine_now
from quartier.access.invitations.words import Invitation
from quartier.access.marks import mark
from quartier.access.queries import as_auth
from quartier.tenancy.desk import Desk

_COLUMNS = """
select id, address, name, language, role, role_until, bound_to, organisation, affiliation, person_id, invited_by,
       created_at, expires_at, claimed_by, claimed_at, claimed_address, admitted_by
from auth.invitation where tenant_id = $1 and used_at is null and withdrawn_at is null"""
_OPEN = (
    f"{_COLUMNS} and expires_at > $2 and ($3::uuid is null or organisation = $3) order by created_at desc, id limit 100"
)
_BY_TOKEN = f"{_COLUMNS} and token_hash = $2 and expires_at > $3"
_BY_ID = f"{_COLUMNS} and id = $2 and expires_at > $3"
_SAME = f"""{_COLUMNS} and address = $2 and role is not distinct from $3 and bound_to is not distinct from $4
  and organisation is not distinct from $5 and person_id is not distinct from $6"""
_ADMITTED = f"{_COLUMNS} and claimed_by = $2 and admitted_by is not null and expires_at > $3 order by created_at, id"
_COUNT = """
select count(*)::int as n from auth.invitation
where tenant_id = $1 and organisation = $2 and used_at is null and withdrawn_at is null and expires_at > $3"""


async def invitations(desk: Desk, organisation: UUID | None = None) -> list[Invitation]:
    """Those that are open, the newest first; of one organisation, or of all."""
    with as_auth(desk):
        rows = await desk.fetch(_OPEN, desk.tenant_id, machine_now(), organisation)
    return [Invitation(**row) for row in rows]


async def by_token(desk: Desk, token: str) -> Invitation | None:
    """The open invitation of a link of this very realm."""
    with as_auth(desk):
        rows = await desk.fetch(_BY_TOKEN, desk.tenant_id, mark(token), machine_now())
    return Invitation(**rows[0]) if rows else None


async def by_id(desk: Desk, id: UUID) -> Invitation | None:  # noqa: A002  (a noun's id)
    """One that is open."""
    with as_auth(desk):
        rows = await desk.fetch(_BY_ID, desk.tenant_id, id, machine_now())
    return Invitation(**rows[0]) if rows else None


async def same(desk: Desk, wish: Invitation) -> Invitation | None:
    """Another one for the same address and purpose that nobody has used or withdrawn, over or not."""
    about = (wish.address, wish.role, wish.bound_to, wish.organisation, wish.person_id)
    with as_auth(desk):
        rows = await desk.fetch(_SAME, desk.tenant_id, *about)
    return Invitation(**rows[0]) if rows else None


async def admitted(desk: Desk, person: UUID) -> list[Invitation]:
    """Those that somebody came with and was admitted with, and that have not come true yet."""
    with as_auth(desk):
        rows = await desk.fetch(_ADMITTED, desk.tenant_id, person, machine_now())
    return [Invitation(**row) for row in rows]


async def open_of(desk: Desk, organisation: UUID | None) -> int:
    if organisation is None:
        return 0
    with as_auth(desk):
        [row] = await desk.fetch(_COUNT, desk.tenant_id, organisation, machine_now())
    return int(row["n"])
