"""Clocks and wall time. Rules of a site are written in its own wall time and stored as instants."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from quartier.kit.refusal import Refusal


class TimeMissing(Refusal):
    """A local time that the clock change skips; `next_at` is the first instant after the gap."""

    code = "TIME_MISSING"
    de = "Diese Uhrzeit gibt es am Tag der Zeitumstellung nicht. Die nächste mögliche Zeit ist {next_at}."
    en = "This time does not exist on the day the clocks change. The next possible time is {next_at}."


class TimeTwice(Refusal):
    """A local time that the clock change repeats; `first_at` and `second_at` are the two instants."""

    code = "TIME_TWICE"
    de = "Diese Uhrzeit gibt es an diesem Tag zweimal. Bitte wählen Sie eine Zeit vor {first_at} oder nach {second_at}."
    en = "This time exists twice on this day. Please choose a time before {first_at} or after {second_at}."


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time. The demo runs its world on a clock that is set back or forward by `ahead`."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def wall(local: datetime, zone: ZoneInfo) -> datetime:
    """Turn naive wall time into its instant.

    Refuses TIME_MISSING and TIME_TWICE on the two nights a year when the clocks change.

    >>> wall(datetime(2026, 11, 19, 9, 40), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-11-19T08:40:00+00:00'
    """
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        # Inside the gap both readings shift; the later offset gives the instant the gap ends at.
        gap = first.utcoffset(), second.utcoffset()
        width = abs((gap[1] or timedelta()) - (gap[0] or timedelta()))
        ends = (local - timedelta(minutes=local.minute, seconds=local.second)) + width
        raise TimeMissing(next_at=ends.replace(tzinfo=zone).astimezone(UTC))
    raise TimeTwice(first_at=first.astimezone(UTC), second_at=second.astimezone(UTC))
