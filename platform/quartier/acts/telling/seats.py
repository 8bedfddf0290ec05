"""What is told of a seat in a workshop."""

from typing import Any
from uuid import UUID, uuid5

from quartier.acts.telling.bookings import organizer
from quartier.acts.telling.saying import NO_REASON, TRUE, named, said
from quartier.database.columns import span as span_of
from quartier.notices.outbox import Addressee
from quartier.notices.words import Method, Notice, Told
from quartier.spaces.feeds.ics import invited, published
from quartier.spaces.feeds.words import Entry
from quartier.spaces.words import BookingState
from quartier.tenancy.desk import Desk

_SEAT = """
select r.state, r.party, r.offered_until, r.reason, w.id as workshop, w.title_de, w.title_en, n.starts_at, n.place,
  s.name_de, s.name_en, n.starts_at - make_interval(mins => w.cancel_until) as cancel_until
from app.registration r
join app.workshop w on w.tenant_id = $1 and w.id = r.workshop_id and w.state in ('published', 'running')
join lateral (select * from app.session x where x.tenant_id = $1 and x.workshop_id = w.id and x.state = 'planned'
  and ($3::uuid is null or x.id = $3) order by x.starts_at limit 1) n on true
left join app.space s on s.tenant_id = $1 and s.id = n.space_id
where r.tenant_id = $1 and r.id = $2"""
_SESSIONS = """
select x.id, x.during, x.place, x.version, x.created_at, greatest(x.changed_at, r.changed_at) as changed_at,
  r.version as of_seat, w.number, w.title_de, w.title_en, s.name_de, s.name_en, coalesce(s.floor, '') as floor
from app.registration r
join app.workshop w on w.tenant_id = $1 and w.id = r.workshop_id
join app.session x on x.tenant_id = $1 and x.workshop_id = w.id and x.state = 'planned' and x.ends_at > $3
left join app.space s on s.tenant_id = $1 and s.id = x.space_id
where r.tenant_id = $1 and r.id = $2 order by x.starts_at, x.id"""
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
        "workshop": _titled(row, notice.language),
        "place": _place(row, notice.language),
        "seats": str(row["party"]),
        "reason": row["reason"] or NO_REASON[notice.language],
        "link": f"{there}/programm/wsp_{row['workshop']}",
        "site": desk.realm.name,
    }
    return Told(facts, await _calendar(desk, notice, whom) if notice.with_calendar else None)


async def _calendar(desk: Desk, notice: Notice, whom: Addressee) -> tuple[Method, bytes] | None:
    """Every session to come. Many have many UIDs, which only a PUBLISH may have (RFC 5546, 3.2.2 and 3.2.5)."""
    seat = UUID(notice.refs["registration"])
    rows = await desk.fetch(_SESSIONS, desk.tenant_id, seat, desk.now)
    gone = notice.key == "registration_cancelled"
    entries = [_entry(row, seat, notice.language, "cancelled" if gone else "confirmed") for row in rows]
    host = desk.realm.host
    common = {"language": notice.language, "organizer": await organizer(desk), "site": desk.realm.name, "host": host}
    if not entries:
        return None
    if len(entries) > 1:
        return "PUBLISH", published(entries, zone=desk.zone, **common)
    method: Method = "CANCEL" if gone else "REQUEST"
    return method, invited(entries[0], method, attendee=whom.address or "", zone=desk.zone, **common)


def _entry(row: Any, seat: UUID, language: str, state: BookingState) -> Entry:
    """A session in the calendar of whoever has a seat. Both versions only rise, so their sum is a SEQUENCE.

    Who registers anew has another seat and another UID: calendars take nothing back that was cancelled.
    """
    version = row["version"] + row["of_seat"] - 1
    return Entry(
        uuid5(seat, str(row["id"])), row["number"], span_of(row["during"]), _titled(row, language), "private", state,
        _place(row, language), "" if row["place"] else row["floor"], version, row["created_at"], row["changed_at"],
    )  # fmt: skip


def _titled(row: Any, language: str) -> str:
    return str((row["title_en"] if language == "en" else None) or row["title_de"])


def _place(row: Any, language: str) -> str:
    return row["place"] or (named(row, language) if row["name_de"] else ONLINE[language])
