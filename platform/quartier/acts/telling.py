"""What a notice says at the moment it is sent: read anew from the rooms, so nobody is told what is over."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from quartier.database.columns import span as span_of
from quartier.kit.spoken import Number, shown
from quartier.notices.outbox import Addressee
from quartier.notices.words import Method, Notice, Told
from quartier.spaces.feeds.ics import invited
from quartier.spaces.feeds.words import Entry
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

Origin = Callable[[str], str]
"""What stands in front of a path at a host: `https://west.example`."""

_BOOKING = """
select b.id, b.number, b.during, b.title, b.visibility, b.state, b.version, b.created_at, b.changed_at, b.starts_at,
  b.ends_at, b.reason, b.starts_at - make_interval(mins => s.cancel_until) as cancel_until,
  s.name_de, s.name_en, s.floor
from app.booking b join app.space s on s.tenant_id = $1 and s.id = b.space_id
where b.tenant_id = $1 and b.id = $2"""
_SEAT = """
select r.state, r.party, r.offered_until, w.id as workshop, w.title_de, w.title_en, n.starts_at, n.place,
  s.name_de, s.name_en, n.starts_at - make_interval(mins => w.cancel_until) as cancel_until
from app.registration r
join app.workshop w on w.tenant_id = $1 and w.id = r.workshop_id and w.state in ('published', 'running')
join lateral (select * from app.session x where x.tenant_id = $1 and x.workshop_id = w.id and x.state = 'planned'
  and ($3::uuid is null or x.id = $3) order by x.starts_at limit 1) n on true
left join app.space s on s.tenant_id = $1 and s.id = n.space_id
where r.tenant_id = $1 and r.id = $2"""
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
_WEBHOOK = "select name, host, off_because, state from app.webhook where tenant_id = $1 and id = $2"
# In which states of its subject a notice is still true.
TRUE: Mapping[str, frozenset[str]] = {
    "booking_requested": frozenset({"requested"}),
    "booking_confirmed": frozenset({"confirmed", "checked_in"}),
    "booking_moved": frozenset({"confirmed", "checked_in", "requested"}),
    "booking_reminder": frozenset({"confirmed"}),
    "booking_cancelled": frozenset({"cancelled", "cancelled_late", "cancelled_by_site"}),
    "booking_declined": frozenset({"declined"}),
    "registration_confirmed": frozenset({"confirmed"}),
    "waitlist_offer": frozenset({"offered"}),
    "session_reminder": frozenset({"confirmed"}),
    "membership_approved": frozenset({"active"}),
    "membership_paused": frozenset({"paused"}),
    "membership_resumed": frozenset({"active"}),
    "membership_suspended": frozenset({"suspended"}),
    "membership_lifted": frozenset({"active"}),
    "membership_changed": frozenset({"active"}),
    "membership_declined": frozenset({"declined"}),
    "membership_question": frozenset({"more_info"}),
    "membership_paper": frozenset({"applied", "in_review", "more_info"}),
    "webhook_off": frozenset({"off"}),
}
OFF_BECAUSE = {
    ("failing", "de"): "drei Tage lang kam nichts an",
    ("failing", "en"): "for three days nothing arrived",
    ("gone", "de"): "der Empfänger sagt, dass es ihn nicht mehr gibt",
    ("gone", "en"): "the receiver says that it is gone",
}
NO_REASON = {"de": "keiner genannt", "en": "none given"}
ONLINE = {"de": "online", "en": "online"}


def facts_at(origin: Origin) -> Callable[[Desk, Notice, Addressee], Awaitable[Told | None]]:
    """The facts of every text, with links at this origin."""

    async def facts(desk: Desk, notice: Notice, whom: Addressee) -> Told | None:
        there = origin(desk.realm.host)
        if "booking" in notice.refs:
            return await _booking(desk, notice, whom, there)
        if "membership" in notice.refs:
            return await _membership(desk, notice, whom, there)
        if "registration" in notice.refs:
            return await _seat(desk, notice, whom, there)
        if "webhook" in notice.refs:
            return await _webhook(desk, notice, whom, there)
        return None

    return facts


async def _booking(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_BOOKING, desk.tenant_id, UUID(notice.refs["booking"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["ends_at"] < desk.now:
        return None
    row = rows[0]
    gone = notice.key in {"booking_cancelled", "booking_declined"}
    facts = _said(
        desk,
        notice,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        cancel_until=max(row["cancel_until"], row["created_at"]),
    )
    facts |= {
        "name": whom.name,
        "number": row["number"],
        "space": _named(row, notice.language),
        "reason": row["reason"] or NO_REASON[notice.language],
        "link": f"{there}/raeume/buchen" if gone else f"{there}/buchungen/bkg_{row['id']}",
        "site": desk.realm.name,
    }
    # What is or was only asked for does not stand in a calendar, so nothing is taken out of it either.
    method: Method = "CANCEL" if gone else "REQUEST"
    only_asked = notice.key == "booking_declined" or row["state"] == "requested"
    calendar = None if only_asked else (method, await _invited(desk, notice, row, method, whom))
    return Told(facts, calendar)


async def _invited(desk: Desk, notice: Notice, row: Any, method: Method, whom: Addressee) -> bytes:
    mail = await setting(desk, "mail") or {}
    entry = Entry(
        row["id"], row["number"], span_of(row["during"]), row["title"], row["visibility"], row["state"],
        _named(row, notice.language), row["floor"], row["version"], row["created_at"], row["changed_at"],
    )  # fmt: skip
    host = desk.realm.host
    return invited(
        entry, method, language=notice.language, organizer=mail.get("from") or f"noreply@{host}",
        attendee=whom.address or "", site=desk.realm.name, host=host, zone=desk.zone,
    )  # fmt: skip


async def _seat(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    session = notice.refs.get("session")
    about = (UUID(notice.refs["registration"]), UUID(session) if session else None)
    rows = await desk.fetch(_SEAT, desk.tenant_id, *about)
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["starts_at"] < desk.now:
        return None
    row = rows[0]
    if notice.key == "waitlist_offer" and (row["offered_until"] is None or row["offered_until"] < desk.now):
        return None
    facts = _said(
        desk,
        notice,
        starts_at=row["starts_at"],
        cancel_until=row["cancel_until"],
        offered_until=row["offered_until"] or row["starts_at"],
    )
    facts |= {
        "name": whom.name,
        "workshop": (row["title_en"] if notice.language == "en" else None) or row["title_de"],
        "place": row["place"] or (_named(row, notice.language) if row["name_de"] else ONLINE[notice.language]),
        "seats": str(row["party"]),
        "link": f"{there}/programm/wsp_{row['workshop']}",
        "site": desk.realm.name,
    }
    return Told(facts)


async def _membership(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_MEMBERSHIP, desk.tenant_id, UUID(notice.refs["membership"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key]:
        return None
    row = rows[0]
    first = row["since"] if notice.key == "membership_changed" else row["starts_on"]
    days = {"starts_on": first or desk.now.date(), "until": row["rests_until"] or desk.now.date()}
    facts = _said(desk, notice, **days)
    facts |= {
        "name": whom.name,
        "number": row["number"],
        "plan": _named(row, notice.language),
        "whose": row["organisation"] or whom.name,
        "reason": row["reason"] or NO_REASON[notice.language],
        "question": row["question"] or "",
        "link": f"{there}/mein",
        "site": desk.realm.name,
    }
    return Told(facts)


async def _webhook(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_WEBHOOK, desk.tenant_id, UUID(notice.refs["webhook"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["off_because"] == "hand":
        return None
    facts = {
        "name": whom.name,
        "hook": rows[0]["name"],
        "host": rows[0]["host"],
        "reason": OFF_BECAUSE[rows[0]["off_because"], notice.language],
        "link": f"{there}/verwaltung/webhooks",
        "site": desk.realm.name,
    }
    return Told(facts)


def _named(row: Any, language: str) -> str:
    return str((row["name_en"] if language == "en" else None) or row["name_de"])


def _said(desk: Desk, notice: Notice, **moments: Number) -> dict[str, str]:
    return {name: shown(name, moment, desk.zone, notice.language) for name, moment in moments.items()}
