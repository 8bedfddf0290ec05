"""Where a booking stands in the grid of a day: in quarter hours from the first hour shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from quartier.console.visitor import Data, Visitor

QUARTER = 15  # minutes
ROWS = 12  # that the style sheet knows
EARLIEST, LATEST = 8, 20  # hours shown where a house names none


@dataclass(frozen=True, slots=True)
class Grid:
    """The hours of one day on screen. Columns are quarter hours, 1 is the first."""

    day: date
    opens: int
    closes: int
    visitor: Visitor

    @property
    def hours(self) -> int:
        return self.closes - self.opens

    @property
    def columns(self) -> int:
        return self.hours * 4

    @property
    def now(self) -> int | None:
        """The column of this moment; None on another day or outside of the hours."""
        local = self.visitor.now.astimezone(self.visitor.zone)
        column = self._column(local.hour * 60 + local.minute)
        return column if local.date() == self.day and 1 <= column <= self.columns else None

    def laid(self, bookings: Iterable[Data]) -> list[tuple[Data, int, int, int]]:
        """Bookings of one space with column, width and row: like places that are held at once lie below each other."""
        ends: list[int] = []  # of each row
        found = []
        for each in sorted(bookings, key=lambda each: (each["startsAt"], each["endsAt"])):
            at = self.place(each["startsAt"], each["endsAt"])
            if at is None:
                continue
            row = next((i for i, end in enumerate(ends) if end <= at[0]), len(ends))
            ends[row : row + 1] = [at[0] + at[1]]
            found.append((each, *at, min(row + 1, ROWS)))
        return found

    def place(self, starts: str, ends: str) -> tuple[int, int] | None:
        """Column and width; what begins before or ends after the shown hours is cut, what lies outside is None."""
        first, last = self._minute(starts), self._minute(ends)
        begin = max(self._column(first), 1)
        end = min(self._column(last + QUARTER - 1), self.columns + 1)
        return (begin, end - begin) if end > begin else None

    def _minute(self, moment: str) -> int:
        """Minutes of wall time since this day's midnight."""
        local = datetime.fromisoformat(moment).astimezone(self.visitor.zone)
        return (local.date() - self.day).days * 1440 + local.hour * 60 + local.minute

    def _column(self, minute: int) -> int:
        return (minute - self.opens * 60) // QUARTER + 1


def hours_of(openings: Iterable[Data], bookings: Iterable[Data], visitor: Visitor) -> tuple[int, int]:
    """The hours to show: those of the house, widened by what is booked outside of them."""
    spans = [(each["startMinute"], each["endMinute"]) for each in openings if each["kind"] == "OPEN"]
    for each in bookings:
        start = datetime.fromisoformat(each["startsAt"]).astimezone(visitor.zone)
        end = datetime.fromisoformat(each["endsAt"]).astimezone(visitor.zone)
        if start.date() == end.date():
            spans.append((start.hour * 60, end.hour * 60 + end.minute))
    opens = min((start // 60 for start, _ in spans), default=EARLIEST)
    closes = max((-(-end // 60) for _, end in spans), default=LATEST)
    return opens, max(closes, opens + 1)
