"""Spans of time. The end is excluded: otherwise every meeting would clash with the next."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time between two aware instants; a caller checks that it is not empty."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share a moment.

        >>> from datetime import UTC
        >>> nine, ten, noon = (datetime(2026, 11, 19, h, tzinfo=UTC) for h in (9, 10, 12))
        >>> Span(nine, ten).overlaps(Span(ten, noon))
        False
        """
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> "Span":
        return Span(self.start - before, self.end + after)
