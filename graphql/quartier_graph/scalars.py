"""Scalars, printed by one rule on both execution paths: the bytes have to be equal."""

import enum
from datetime import UTC, date, datetime
from typing import Any, NewType, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Cents = NewType("Cents", int)
Whole = NewType("Whole", int)  # a number that may pass the 32 bits of GraphQL's Int
HIDDEN: Any = strawberry.Private[Any]  # type: ignore[misc]  # a field of ours that the schema does not show
YEARS = range(1000, 2200)  # beyond them a sum of dates overflows, here or in the database
LARGEST = 2**53  # integers beyond it are not exact in a client's JSON

E = TypeVar("E", bound=type[enum.Enum])


def print_datetime(value: datetime) -> str:
    """RFC 3339 in UTC, trailing zeros of the fraction stripped: as PostgreSQL's to_json prints it.

    >>> print_datetime(datetime(2026, 11, 19, 8, 40, 0, 120000, tzinfo=UTC))
    '2026-11-19T08:40:00.12+00:00'
    """
    text = value.astimezone(UTC).isoformat()
    if value.microsecond:
        head, _, zone = text.partition("+")
        text = head.rstrip("0") + "+" + zone
    return text


def read_datetime(value: object) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None and moment.year in YEARS:
            return moment.astimezone(UTC)
    raise GraphQLError(
        f"DateTime is RFC 3339 with an offset, such as 2026-11-19T09:40:00+01:00, from {YEARS[0]} to {YEARS[-1]}; "
        f"not {_short(value)}.",
        extensions={"code": "FIELD_INVALID"},
    )


def read_date(value: object) -> date:
    if isinstance(value, str) and len(value) == 10:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and day.year in YEARS:
            return day
    raise GraphQLError(
        f"Date is YYYY-MM-DD, such as 2026-11-19, from {YEARS[0]} to {YEARS[-1]}; not {_short(value)}.",
        extensions={"code": "FIELD_INVALID"},
    )


def read_cents(value: object) -> int:
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    raise GraphQLError(
        f"Cents is a whole number of EUR cents from 0 to {LARGEST}; not {_short(value)}.",
        extensions={"code": "FIELD_INVALID"},
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _scalar(name: str, description: str, serialize: Any, parse: Any) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=serialize, parse_value=parse)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: _scalar(
        "DateTime",
        "An instant, RFC 3339. Answers are in UTC; inputs need an offset and a year from 1000 to 2199.",
        print_datetime,
        read_datetime,
    ),
    date: _scalar(
        "Date", "A day of the site's calendar, YYYY-MM-DD; inputs from 1000 to 2199.", date.isoformat, read_date
    ),
    Cents: _scalar("Cents", "Whole EUR cents, at most 2^53.", int, read_cents),
    Whole: _scalar("Whole", "A whole number, at most 2^53; its unit stands beside it.", int, read_cents),
}


def described(kind: E) -> E:
    """Publish an enum whose members hold the stored lower-case words; its docstring describes it.

    A member is written `OPEN = "open"`; the graph says OPEN, the row says open.
    """
    for member in kind:
        if member.value != member.name.lower():
            raise TypeError(f"{kind.__name__}.{member.name} has to hold {member.name.lower()!r}")
    return strawberry.enum(kind, description=(kind.__doc__ or "").strip())
