"""What is known of people: rows with the power app, their roles with the power auth; never both at once."""

from collections.abc import Collection
from uuid import UUID

from quartier.access.people.words import Known
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.tenancy.desk import Desk

MOST = 100

_PEOPLE = """
select p.id, p.name, p.email, p.state, p.version, p.created_at as since,
       (select count(*)::int from app.person o where o.tenant_id = $1 and o.id <> p.id and o.email = p.email
          and o.state = 'active') as same_address
from app.person p
where p.tenant_id = $1 and p.state = any($2) and ($3::text is null or position(lower($3) in lower(p.name)) > 0)
  and ($4::uuid[] is null or p.id = any($4))
order by p.sort_key, p.id limit $5"""
_BY_ADDRESS = """
select id, name, lower(email) as email from app.person
where tenant_id = $1 and lower(email) = any($2) and state in ('pending', 'active') order by created_at, id"""
_ADDRESS_OF = "select lower(email) as email from app.person where tenant_id = $1 and id = $2"
_READER = """
select name, lower(email) as email, language from app.person
where tenant_id = $1 and id = $2 and state = 'active' and email is not null"""
_SORTED = "select id, sort_key from app.person where tenant_id = $1 and id = any($2)"
_NAMES = "select id, name from app.person where tenant_id = $1 and id = any($2)"
_ROLES = """
select person_id, array_agg(distinct role order by role) as roles from auth.role_grant
where tenant_id = $1 and person_id = any($2) and valid_from <= $3 and valid_until > $3 group by person_id"""
_WITH_ROLES = """
select distinct person_id from auth.role_grant where tenant_id = $1 and valid_from <= $2 and valid_until > $2"""


async def people(
    desk: Desk, states: Collection[str], *, search: str | None = None, staff: bool = False, first: int = MOST
) -> list[Known]:
    """People in one of these states, by name; `staff` those alone who hold a role that somebody gave."""
    wanted = None
    if staff:
        with as_auth(desk):
            wanted = [row["person_id"] for row in await desk.fetch(_WITH_ROLES, desk.tenant_id, desk.now)]
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_PEOPLE, desk.tenant_id, list(states), search, wanted, first)
    with as_auth(desk):
        held = await desk.fetch(_ROLES, desk.tenant_id, [row["id"] for row in rows], desk.now)
    roles = {row["person_id"]: tuple(row["roles"]) for row in held}
    return [Known(roles=roles.get(row["id"], ()), **row) for row in rows]


async def names(desk: Desk, people: Collection[UUID]) -> dict[UUID, str]:
    """Names by id; who is not here has none."""
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_NAMES, desk.tenant_id, list(people))
    return {row["id"]: row["name"] for row in rows}


async def by_address(desk: Desk, addresses: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """Who has these addresses, in small letters: id and name, of several the one who was there first."""
    rows = await desk.fetch(_BY_ADDRESS, desk.tenant_id, list(addresses))
    return {row["email"]: (row["id"], row["name"]) for row in reversed(rows)}


async def address_of(desk: Desk, person: UUID | None) -> str | None:
    rows = await desk.fetch(_ADDRESS_OF, desk.tenant_id, person) if person else []
    return rows[0]["email"] if rows else None


async def reader(desk: Desk, person: UUID) -> tuple[str, str, str] | None:
    """Name, address and language of who can be written to; None for who is blocked or has no address."""
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_READER, desk.tenant_id, person)
    return (rows[0]["name"], rows[0]["email"], rows[0]["language"]) if rows else None


async def sort_keys(desk: Desk, people: Collection[UUID]) -> dict[UUID, str]:
    """Names as they sort, by id; with the power that speaks, inside of its transaction."""
    rows = await desk.fetch(_SORTED, desk.tenant_id, list(people))
    return {row["id"]: row["sort_key"] for row in rows}
