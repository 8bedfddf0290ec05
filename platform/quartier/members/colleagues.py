"""Who leaves an organisation, by its own leads or by who edits members."""

from typing import Any
from uuid import UUID

from quartier.access.notices import rights_changed
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused
from quartier.members import queries
from quartier.members.queries import today
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LEADS = frozenset({"owner", "admin"})

_ONE = """
select a.id, a.person_id, a.organisation_id, a.role, lower(a.during) as since,
       (select count(*)::int from app.affiliation o where o.tenant_id = $1 and o.organisation_id = a.organisation_id
          and o.id <> a.id and o.role = any($4) and o.during @> $3::date) as other_leads
from app.affiliation a where a.tenant_id = $1 and a.id = $2 and a.during @> $3::date"""
_END = "update app.affiliation set during = daterange(lower(during), $3) where tenant_id = $1 and id = $2"
_UNDO = "delete from app.affiliation where tenant_id = $1 and id = $2"


class LastAdmin(Refusal):
    """Somebody of the organisation has to be able to act for it."""

    code = "LAST_ADMIN"
    de = "Das ist die letzte Leitung dieser Organisation. Bitte erst jemand anderen zur Leitung machen oder einladen."
    en = "This is the organisation's last lead. Please make or invite somebody else as lead first."


@action("members:edit", "members:invite")
async def end_affiliation(desk: Desk, affiliation: UUID) -> UUID:
    """Let somebody stand for an organisation no more, from today; give the organisation.

    Leads end that of the organisations they lead alone. Refuses NOT_FOUND, NOT_ALLOWED, LAST_ADMIN.
    """
    async with desk.transaction() as ledger:
        row = await _seen(desk, affiliation)
        await queries.organisation(desk, row["organisation_id"], lock=True)  # two leads who leave wait in line
        row = await _seen(desk, affiliation)
        if not desk.may("members:edit") and row["organisation_id"] not in desk.leads:
            raise Refused([NotAllowed(permission="members:edit")])
        if row["role"] in LEADS and not row["other_leads"]:
            raise Refused([LastAdmin(path=("affiliation",))])
        if row["since"] >= today(desk):
            await desk.fetch(_UNDO, desk.tenant_id, affiliation)
        else:
            await desk.fetch(_END, desk.tenant_id, affiliation, today(desk))
        await rights_changed(desk)
        about = {"person": row["person_id"], "organisation": row["organisation_id"], "role": row["role"]}
        ledger.note("affiliation.ended", affiliation, **about)
        organisation: UUID = row["organisation_id"]
        return organisation


async def _seen(desk: Desk, affiliation: UUID) -> Any:
    rows = await desk.fetch(_ONE, desk.tenant_id, affiliation, today(desk), sorted(LEADS))
    if not rows:
        raise Refused([NotFound(path=("affiliation",))])
    return rows[0]
