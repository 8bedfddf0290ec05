"""Who is told of a membership: the person who holds it, or those who own or lead the organisation."""

from quartier.members.words import Membership
from quartier.notices import outbox
from quartier.notices.words import Key
from quartier.tenancy.desk import Desk

_LEADS = """
select distinct person_id from app.affiliation
where tenant_id = $1 and organisation_id = $2 and role in ('owner', 'admin') and during @> $3::date"""


async def told(desk: Desk, now: Membership, key: Key) -> None:
    """Queue the notice, once for this version of the membership; what is not true any more is never sent."""
    whom = [now.person] if now.person else []
    if now.organisation:
        today = desk.now.astimezone(desk.zone).date()
        rows = await desk.fetch(_LEADS, desk.tenant_id, now.organisation, today)
        whom = [row["person_id"] for row in rows]
    for person in whom:
        once = f"{key}:{now.id}:{now.version}:{person}"
        await outbox.queue(desk, key, person, once=once, membership=now.id)
