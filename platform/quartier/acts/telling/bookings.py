"""What is told of one booking."""

from typing import Any
from uuid import UUID

from quartier.acts.telling.saying import NO_REASON, TRUE, named, said
from quartier.database.columns import span as span_of
from quartier.notices.outbox import Addressee
from quartier.notices.words import Method, Notice, Told
from quartier.spaces.feeds.ics import invited
from quartier.spaces.feeds.words import Entry
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

_BOOKING = """
select b.id, b.number, b.during, b.title, b.visibility, b.state, b.version, b.created_at, b.changed_at, b.starts_at,
  b.ends_at, b.reason, b.starts_at - make_interval(mins => s.cancel_until) as cancel_until,
  s.name_de, s.name_en, s.floor
from app.booking b join app.space s on s.tenant_id = $1 and s.id = b.space_id
where b.tenant_id = $1 and b.id = $2"""


async def booking(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    rows = await desk.fetch(_BOOKING, desk.tenant_id, UUID(notice.refs["booking"]))
    if not rows or rows[0]["state"] not in TRUE[notice.key] or rows[0]["ends_at"] < desk.now:
        return None
    row = rows[0]
    gone = notice.key in {"booking_cancelled", "booking_declined"}
    facts = said(
        desk,
        notice,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        cancel_until=max(row["cancel_until"], row["created_at"]),
    )
    facts |= {
        "name": whom.name,
        "number": row["number"],
        "space": named(row, notice.language),
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
    host = desk.realm.host
    return invited(
        entry_of(row, notice.language), method, language=notice.language, organizer=await organizer(desk),
        attendee=whom.address or "", site=desk.realm.name, host=host, zone=desk.zone,
    )  # fmt: skip


def entry_of(row: Any, language: str) -> Entry:
    return Entry(
        row["id"], row["number"], span_of(row["during"]), row["title"], row["visibility"], row["state"],
        named(row, language), row["floor"], row["version"], row["created_at"], row["changed_at"],
    )  # fmt: skip


async def organizer(desk: Desk) -> str:
    """Who a calendar says it comes from: the site's own address."""
    return (await setting(desk, "mail") or {}).get("from") or f"noreply@{desk.realm.host}"
