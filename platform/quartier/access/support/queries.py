"""What the site knows of support: who asked, who let them in, what they looked at."""

from uuid import UUID

from quartier.access.support.words import Entry, Visit
from quartier.database.engine import DB
from quartier.kit.refusal import NotFound, refuse
from quartier.tenancy.action import demand
from quartier.tenancy.desk import Desk

MOST = 200
_VISITS = """
select id, operator, reason, requested_at, approved_by, approved_at, valid_until, emergency, ended_at
from sec.operator_requests_mine() where tenant_id = $1 and ($2::uuid is null or id = $2)
order by requested_at desc, id limit $3"""
_ENTRIES = """
select at, operator, grant_id as visit, what as query from sec.operator_log_mine() where tenant_id = $1
order by at desc limit $2"""


async def visits(desk: Desk) -> list[Visit]:
    """Requests of operators, the newest first. Refuses NOT_ALLOWED."""
    demand(desk, ["access:grant", "access:audit"])
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_VISITS, desk.tenant_id, None, MOST)
    return [Visit(**row) for row in rows]


async def visit(desk: Desk, id: UUID) -> Visit:  # noqa: A002  (a noun's id)
    """One request, within the transaction of power app. Refuses NOT_FOUND."""
    rows = await desk.fetch(_VISITS, desk.tenant_id, id, 1)
    if not rows:
        refuse([NotFound(path=("request",))])
    return Visit(**rows[0])


async def entries(desk: Desk) -> list[Entry]:
    """What operators looked at, the newest first. Refuses NOT_ALLOWED."""
    demand(desk, ["access:grant", "access:audit"])
    with DB.speaking(desk.tenant_id, "app"):
        rows = await desk.fetch(_ENTRIES, desk.tenant_id, MOST)
    return [Entry(**row) for row in rows]
