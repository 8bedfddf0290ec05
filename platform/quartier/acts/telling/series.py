"""What is told of many dates of a series at once: those that stand, those that went, and those that did not fit."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from quartier.acts.telling.bookings import entry_of, organizer
from quartier.acts.telling.saying import NO_REASON, TRUE, named
from quartier.notices.outbox import Addressee
from quartier.notices.words import Method, Notice, Told
from quartier.spaces.feeds.ics import published
from quartier.tenancy.desk import Desk

_DATES = """
select b.id, b.number, b.during, b.title, b.visibility, b.state, b.version, b.created_at, b.changed_at, b.starts_at,
  b.ends_at, b.reason, s.name_de, s.name_en, s.floor, b.space_id <> r.space_id as elsewhere
from app.booking b
join app.space s on s.tenant_id = $1 and s.id = b.space_id
join app.series r on r.tenant_id = $1 and r.id = b.series_id
where b.tenant_id = $1 and b.series_id = $2 and b.id = any($3) and b.state = any($4) and b.ends_at >= $5
order by b.starts_at, b.id"""
_SPACE = """
select s.name_de, s.name_en from app.series r join app.space s on s.tenant_id = $1 and s.id = r.space_id
where r.tenant_id = $1 and r.id = $2"""
# Missed dates that somebody has booked by now stand with the dates or have a letter of their own.
_MISSED = """
select date, findings as reasons from app.missed_date
where tenant_id = $1 and series_id = $2 and booked_as is null and date >= $3 order by date"""
DAYS = {
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
COUNTED = {"de": ("1 Termin", "{} Termine"), "en": ("1 date", "{} dates")}
ASKED = {"de": "angefragt", "en": "requested"}
MISSED = {"de": "Diese Tage gingen nicht:", "en": "These days did not fit:"}
STAYED = {
    "de": "Diese Tage passten nicht und bleiben, wie sie waren:",
    "en": "These days did not fit and stay as they were:",
}


async def series(desk: Desk, notice: Notice, whom: Addressee, there: str) -> Told | None:
    about, language = UUID(notice.refs["series"]), notice.language
    states = sorted(TRUE[notice.key])
    rows = await desk.fetch(_DATES, desk.tenant_id, about, list(notice.dates), states, desk.now)
    if not rows:
        return None
    [space] = await desk.fetch(_SPACE, desk.tenant_id, about)
    gone = notice.key == "series_cancelled"
    one, many = COUNTED[language]
    facts = {
        "name": whom.name,
        "space": named(space, language),
        "count": one if len(rows) == 1 else many.format(len(rows)),
        "dates": "\n".join(_line(desk, row, language) for row in rows),
        "missed": await _missed(desk, notice, about),
        "reason": next((row["reason"] for row in rows if row["reason"]), NO_REASON[language]),
        "link": f"{there}/raeume/buchen" if gone else f"{there}/serien/ser_{about}",
        "site": desk.realm.name,
    }
    return Told(facts, await _calendar(desk, rows, language))


async def _calendar(desk: Desk, rows: Iterable[Any], language: str) -> tuple[Method, bytes] | None:
    """Each date under the UID of the feeds. What is or was only asked for stands in no calendar.

    PUBLISH, also of what went: a REQUEST or a CANCEL may have one UID alone (RFC 5546, 3.2.2 and 3.2.5).
    """
    entries = [entry_of(row, language) for row in rows if row["state"] not in {"requested", "declined"}]
    if not entries:
        return None
    return "PUBLISH", published(
        entries, language=language, organizer=await organizer(desk), site=desk.realm.name, host=desk.realm.host,
        zone=desk.zone,
    )  # fmt: skip


async def _missed(desk: Desk, notice: Notice, about: UUID) -> str:
    """What did not fit, each day with all its reasons as they were said; nothing where all fitted."""
    if notice.key == "series_moved":
        found, title = [(date.fromisoformat(each["date"]), each["reasons"]) for each in notice.findings], STAYED
    else:
        today = desk.now.astimezone(desk.zone).date()
        rows = await desk.fetch(_MISSED, desk.tenant_id, about, today)
        found, title = [(row["date"], json.loads(row["reasons"])) for row in rows], MISSED
    lines = [
        f"- {_day(day, notice.language)}: {' '.join(each[notice.language] for each in reasons)}"
        for day, reasons in found
    ]
    return "\n".join([title[notice.language], *lines]) if lines else ""


def _line(desk: Desk, row: Any, language: str) -> str:
    """`- Di, 24.11.2026, 18:00 bis 20:00 Uhr (LW-B-2026-0001)`; a room of its own and a mere request are said."""
    start, end = row["starts_at"].astimezone(desk.zone), row["ends_at"].astimezone(desk.zone)
    hours = f"{start:%H:%M} bis {end:%H:%M} Uhr" if language == "de" else f"{start:%H:%M} to {end:%H:%M}"
    more = [named(row, language)] if row["elsewhere"] else []
    more += [ASKED[language]] if row["state"] == "requested" else []
    return ", ".join([f"- {_day(start.date(), language)}", hours, *more]) + f" ({row['number']})"


def _day(day: date, language: str) -> str:
    written = f"{day:%d.%m.%Y}" if language == "de" else f"{day:%d %B %Y}"
    return f"{DAYS[language][day.weekday()]}, {written}"
