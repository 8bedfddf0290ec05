"""A feed as iCalendar, RFC 5545. The same bookings give the same bytes: a reader sees whether anything changed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vDuration

from quartier.spaces.feeds.words import Entry, Feed

HOURLY = timedelta(hours=1)
STATUS = {
    "held": "TENTATIVE",
    "requested": "TENTATIVE",
    **dict.fromkeys(("confirmed", "checked_in", "completed", "no_show", "excused"), "CONFIRMED"),
}
BUSY = {"de": "Belegt", "en": "Busy"}
NAMES = {
    "de": {"mine": "Meine Buchungen", "site": "Belegung"},
    "en": {"mine": "My bookings", "site": "Bookings"},
}
# The library writes out single changes of the clocks and when they were; the rule since 1996 holds for good.
BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


def written(feed: Feed, entries: Iterable[Entry], *, site: str, host: str, place: str | None, zone: ZoneInfo) -> bytes:
    """The feed's calendar. `place` is the space's name where it is the calendar of one; `site`, `host`: the house's.

    Who has a link may be anybody it was handed on to: what is not public is named in one's own calendar alone.
    """
    made = Calendar()
    made.add("prodid", f"-//Quartier//{host}//{feed.language.upper()}")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    name = f"{place or NAMES[feed.language][feed.scope]} – {site}"
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", vDuration(HOURLY), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    made.add_component(_zone(zone))
    for entry in entries:
        made.add_component(_event(feed, entry, site=site, host=host, zone=zone))
    return bytes(made.to_ical())


def invited(
    entry: Entry, method: str, *, language: str, organizer: str, attendee: str, site: str, host: str, zone: ZoneInfo
) -> bytes:
    """One booking as a calendar takes it from a letter: REQUEST or CANCEL, RFC 5546. UID, SEQUENCE: the feed's."""
    made = _letter(method, language, host, zone)
    event = _told(entry, language=language, organizer=organizer, site=site, host=host, zone=zone)
    event.add("attendee", f"mailto:{attendee}", parameters={"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    made.add_component(event)
    return bytes(made.to_ical())


def published(
    entries: Iterable[Entry], *, language: str, organizer: str, site: str, host: str, zone: ZoneInfo
) -> bytes:
    """Many bookings in one letter, as they stand now, also cancelled; PUBLISH names no attendee (RFC 5546, 3.2.1)."""
    made = _letter("PUBLISH", language, host, zone)
    for entry in entries:
        made.add_component(_told(entry, language=language, organizer=organizer, site=site, host=host, zone=zone))
    return bytes(made.to_ical())


def _letter(method: str, language: str, host: str, zone: ZoneInfo) -> Calendar:
    made = Calendar()
    made.add("prodid", f"-//Quartier//{host}//{language.upper()}")
    made.add("version", "2.0")
    made.add("method", method)
    made.add_component(_zone(zone))
    return made


def _told(entry: Entry, *, language: str, organizer: str, site: str, host: str, zone: ZoneInfo) -> Event:
    event = _event(Feed(entry.booking, "mine", None, None, language), entry, site=site, host=host, zone=zone)
    event.add("organizer", f"mailto:{organizer}", parameters={"CN": site})
    return event


def _zone(zone: ZoneInfo) -> Timezone:
    if zone.key == "Europe/Berlin":
        return Timezone.from_ical(BERLIN)  # type: ignore[return-value]
    return Timezone.from_tzinfo(zone)


def _event(feed: Feed, entry: Entry, *, site: str, host: str, zone: ZoneInfo) -> Event:
    shown = feed.scope == "mine" or entry.visibility == "public"
    event = Event()
    event.add("uid", f"{entry.booking}@{host}")
    event.add("sequence", entry.version - 1)
    event.add("dtstamp", _second(entry.changed_at))
    event.add("created", _second(entry.made_at))
    event.add("last-modified", _second(entry.changed_at))
    event.add("dtstart", _local(entry.span.start, zone))
    event.add("dtend", _local(entry.span.end, zone))
    event.add("summary", (entry.title or entry.place) if shown else BUSY[feed.language])
    event.add("location", ", ".join(part for part in (entry.place, entry.floor, site) if part))
    if feed.scope == "mine":
        event.add("description", entry.number)
    event.add("status", STATUS.get(entry.state, "CANCELLED"))
    event.add("transp", "OPAQUE" if entry.state in STATUS else "TRANSPARENT")
    event.add("class", "PUBLIC" if shown and entry.visibility == "public" else "PRIVATE")
    return event


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Wall time of the site; in the hour that comes twice the second one has no other name than its instant."""
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
