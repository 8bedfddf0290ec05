"""What is told of a membership."""

from uuid import UUID

from quartier.acts.telling.saying import NO_REASON, TRUE, named, said
from quartier.notices.outbox import Addressee
from quartier.notices.words import Notice, Told
from quartier.tenancy.desk import Desk

_MEMBERSHIP = """
select m.number, m.state, m.starts_on, m.reason, m.question, p.name_de, p.name_en, o.name as organisation,
  t.since, (select max(upper(r.during)) - 1 from app.membership_term r where r.tenant_id = $1 and r.membership_id = m.id
    and r.kind = 'paused') as rests_until
from app.membership m
left join lateral (select plan_id, lower(during) as since from app.membership_term
  where tenant_id = $1 and membership_id = m.id order by lower(during) desc limit 1) t on true
join app.plan p on p.tenant_id = $1 and p.id = coalesce(t.plan_id, m.plan_id)
left join app.organisation o on o.tenant_id = $1 and o.id = m.organisation_id
where m.tenant_id = $1 and m.id = $2"""


async def membership(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_MEMBERSHIP, desk.tenant_id, UUID(notice.refs["membership"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key]:
        return None
    row = rows[0]
    first = row["since"] if notice.key == "membership_changed" else row["starts_on"]
    days = {"starts_on": first or desk.now.date(), "until": row["rests_until"] or desk.now.date()}
    facts = said(desk, notice, **days)
    facts |= {
        "name": whom.name,
        "number": row["number"],
        "plan": named(row, notice.language),
        "whose": row["organisation"] or whom.name,
        "reason": row["reason"] or NO_REASON[notice.language],
        "question": row["question"] or "",
        "link": f"{there}/mein",
        "site": desk.realm.name,
    }
    return Told(facts)
