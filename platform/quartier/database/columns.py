"""Column types that Piccolo lacks: PostgreSQL's ranges, carried as asyncpg's `Range`."""

from datetime import date, datetime
from typing import Any

from asyncpg import Range
from piccolo.columns import Column
from piccolo.columns.combination import Where
from piccolo.columns.operators.comparison import ComparisonOperator

from quartier.kit.spans import Span


class Overlaps(ComparisonOperator):
    template = "{name} && {value}"


class Holds(ComparisonOperator):
    template = "{name} @> {value}"


class _RangeColumn(Column):
    value_type = Range

    def __init__(self, default: Range[Any] | None = None, **kwargs: Any) -> None:
        self._validate_default(default, (Range, None))
        self.default = default
        super().__init__(default=default, **kwargs)

    def overlaps(self, other: Range[Any]) -> Where:
        """Both sides share a point."""
        return Where(column=self, value=other, operator=Overlaps)

    def holds(self, other: Range[Any]) -> Where:
        """The column's range holds the whole of the other."""
        return Where(column=self, value=other, operator=Holds)


class TstzRange(_RangeColumn):
    """Instants, half-open `[)`; see `ranged` and `span`."""

    @property
    def column_type(self) -> str:
        return "TSTZRANGE"


class DateRange(_RangeColumn):
    """Days; PostgreSQL gives every range back as `[)`, so the last day is the day before `upper`."""

    @property
    def column_type(self) -> str:
        return "DATERANGE"


class Int4Range(_RangeColumn):
    """Whole numbers, given back as `[)`."""

    @property
    def column_type(self) -> str:
        return "INT4RANGE"


def ranged(span: Span) -> Range[Any]:
    return Range(span.start, span.end)


def span(stored: Range[Any]) -> Span:
    """Read a stored range of instants; it has both ends."""
    start, end = stored.lower, stored.upper
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("not a bounded range of instants")
    return Span(start, end)


def days(first: date, after: date | None) -> Range[Any]:
    """Days from `first` up to and without `after`; None is open-ended."""
    return Range(first, after)
