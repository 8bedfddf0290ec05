"""What is known of roles: grants with the power auth, the site's rules with the power app; never both at once."""

from typing import Any
from uuid import UUID

from quartier.access.queries import as_auth
from quartier.access.roles import rules
from quartier.access.roles.words import Facts, Grant, HouseRoles
from quartier.database.engine import DB
from quartier.kit.refusal import NotFound, refuse
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

MOST = 100

_STATE = "select state from app.person where tenant_id = $1 and id = $2 and state <> 'erased'"
_COLUMNS = """
select id, person_id, role, source, bound_to, valid_from, valid_until, granted_by, confirmed_by, confirmed_at,
       created_at
from auth.role_grant where tenant_id = $1"""
_ONE = f"{_COLUMNS} and id = $2 and valid_until > $3"
_OF = f"{_COLUMNS} and person_id = $2 and valid_until > $3 order by created_at, id"
_ALL = f"""{_COLUMNS} and valid_until > $2 and ($3::uuid is null or person_id = $3) and ($4::text is null or role = $4)
  and (not $5 or (role = any($6) and granted_by is not null and confirmed_by is null))
  and ($7::uuid is null or id > $7)
order by id limit $8"""
_HOLDERS = """
select count(distinct person_id) as n from auth.role_grant
where tenant_id = $1 and role = $2 and valid_from <= $3 and valid_until > $3
  and (granted_by is null or confirmed_by is not null or not role = any($4))"""


async def facts(desk: Desk, person: UUID) -> Facts:
    """What the side of `app` knows before a role is given; outside of any transaction of auth. Refuses NOT_FOUND."""
    with DB.speaking(desk.tenant_id, "app"):
        found = await desk.fetch(_STATE, desk.tenant_id, person)
        if not found:
            refuse([NotFound(path=("person",))])
        return Facts(await house_roles(desk), found[0]["state"])


async def house_roles(desk: Desk) -> HouseRoles:
    """What the site's own setting says of roles; with the power app."""
    return rules.house_roles(await setting(desk, "roles"))


async def grant(desk: Desk, id: UUID, *, lock: bool = False) -> Grant:  # noqa: A002  (a noun's id)
    """One that has not ended. Refuses NOT_FOUND."""
    with as_auth(desk):
        rows = await desk.fetch(_ONE + (" for update" if lock else ""), desk.tenant_id, id, desk.now)
    if not rows:
        refuse([NotFound(path=("grant",))])
    return _grant(rows[0])


async def grants_of(desk: Desk, person: UUID) -> list[Grant]:
    """A person's grants that have not ended, the oldest first; some may begin later."""
    with as_auth(desk):
        return [_grant(row) for row in await desk.fetch(_OF, desk.tenant_id, person, desk.now)]


async def grants(
    desk: Desk,
    *,
    person: UUID | None = None,
    role: str | None = None,
    waiting: bool = False,
    after: UUID | None = None,
    first: int = MOST,
) -> list[Grant]:
    """All grants that have not ended, in the order in which they were made; `waiting` for a second person alone."""
    two = sorted(rules.TWO_PEOPLE)
    with as_auth(desk):
        rows = await desk.fetch(_ALL, desk.tenant_id, desk.now, person, role, waiting, two, after, first)
    return [_grant(row) for row in rows]


async def holders(desk: Desk, role: str) -> int:
    """How many people have a role now; one that waits for its second person does not count."""
    with as_auth(desk):
        [row] = await desk.fetch(_HOLDERS, desk.tenant_id, role, desk.now, sorted(rules.TWO_PEOPLE))
    return int(row["n"])


def _grant(row: Any) -> Grant:
    told = dict(row)
    person = told.pop("person_id")
    return Grant(person=person, waits=rules.waits(row["role"], row["granted_by"], row["confirmed_by"]), **told)
