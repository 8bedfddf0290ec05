"""What is told of a seat in a workshop."""

from uuid import UUID

from quartier.acts.telling.saying import TRUE, named, said
from quartier.notices.outbox import Addressee
from quartier.notices.words import Notice, Told
from quartier.tenancy.desk import Desk

_SEAT = """
select r.state, r.party, r.offered_until, w.id as workshop, w.title_de, w.title_en, n.starts_at, n.place,
  s.name_de, s.name_en, n.starts_at - make_interval(mins => w.cancel_until) as cancel_until
from app.registration r
join app.workshop w on w.tenant_id = $1 and w.id = r.workshop_id and w.state in ('published', 'running')
join lateral (select * from app.session x where x.tenant_id = $1 and x.workshop_id = w.id and x.state = 'planned'
  and ($3::uuid is null or x.id = $3) order by x.starts_at limit 1) n on true
left join app.space s on s.tenant_id = $1 and s.id = n.space_id
where r.tenant_id = $1 and r.id = $2"""
ONLINE = {"de": "online", "en": "online"}


async def seat(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    session = notice.refs.get("session")
    about = (UUID(notice.refs["registration"]), UUID(session) if session else None)
    rows = await desk.fetch(_SEAT, desk.tenant_id, *about)
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["starts_at"] < desk.now:
        return None
    row = rows[0]
    if notice.key == "waitlist_offer" and (row["offered_until"] is None or row["offered_until"] < desk.now):
        return None
    facts = said(
        desk,
        notice,
        starts_at=row["starts_at"],
        cancel_until=row["cancel_until"],
        offered_until=row["offered_until"] or row["starts_at"],
    )
    facts |= {
        "name": whom.name,
        "workshop": (row["title_en"] if notice.language == "en" else None) or row["title_de"],
        "place": row["place"] or (named(row, notice.language) if row["name_de"] else ONLINE[notice.language]),
        "seats": str(row["party"]),
        "link": f"{there}/programm/wsp_{row['workshop']}",
        "site": desk.realm.name,
    }
    return Told(facts)
