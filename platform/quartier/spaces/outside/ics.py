"""What an outside calendar is busy with: within bounds, whatever somebody has written into it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quartier.kit.spans import Span
from quartier.spaces.hours import joined
from quartier.spaces.outside.words import Unreadable

MOST_EVENTS = 2_000  # written down, and spans in the end
_OFTEN = re.compile(rb"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_COUNTED = re.compile(rb"^BEGIN:VEVENT", re.IGNORECASE | re.MULTILINE)
_FOLDED = re.compile(rb"\r?\n[ \t]")


def busy(text: bytes, window: Span, zone: ZoneInfo) -> list[Span]:
    """The busy times within the window, joined. Wall time without a zone, and whole days, are the site's.

    What is cancelled or marked as free is left out. Raises Unreadable.
    """
    import icalendar
    import recurring_ical_events

    flat = _FOLDED.sub(b"", text)
    if len(_COUNTED.findall(flat)) > MOST_EVENTS:
        raise Unreadable("too_many")
    if _OFTEN.search(flat):
        raise Unreadable("too_often")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        found = recurring_ical_events.of(calendar).between(window.start, window.end)
        spans = [_span(event, zone) for event in found if _holds(event)]
    except Exception as error:  # a parser fed by strangers: whatever it stumbles over, the file is at fault
        raise Unreadable("no_calendar") from error
    clipped = [Span(max(each.start, window.start), min(each.end, window.end)) for each in spans]
    merged = joined(clipped)
    if len(merged) > MOST_EVENTS:
        raise Unreadable("too_many")
    return merged


def _holds(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() != "CANCELLED" and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


def _span(event: Any, zone: ZoneInfo) -> Span:
    start, end = event.start, event.end
    return Span(_instant(start, zone), _instant(end, zone))


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())

    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def window_of(now: datetime, zone: ZoneInfo) -> Span:
    """From this morning half a year ahead: the same all day long, so that reading again changes nothing."""

    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return Span(midnight.astimezone(UTC), (midnight + timedelta(days=180)).astimezone(UTC))
