"""Inputs: wishes of mutations and filters of lists become Strawberry input types."""

import dataclasses
import typing
from typing import Any, TypeVar

import strawberry

from quartier_graph.declare import Asked, Filter, Where, stripped

C = TypeVar("C", bound=type)

KEY_DOC = (
    "Makes the mutation happen once: the same key gives the same answer for 48 hours, with another input it is refused "
    "as KEY_REUSED. Any text of 1 to 200 characters; a fresh uuid is a good choice."
)
DRY_DOC = "Answer what would happen, or every reason against it, and change nothing."


def make_wish(declared: C) -> C:
    """Rebuild a declared wish as an input type with its key and dry run; `asked()` fields keep their order."""
    hints = typing.get_type_hints(declared, include_extras=True)
    names = {name: vars(declared)[name] for name in hints if isinstance(vars(declared).get(name), Asked)}
    space: dict[str, Any] = {"__doc__": declared.__doc__, "__module__": declared.__module__}
    annotations: dict[str, Any] = {}
    for name, how in names.items():
        annotations[name] = hints[name]
        space[name] = _field(how.doc, how.default)
    annotations["idempotency_key"] = str
    space["idempotency_key"] = _field(KEY_DOC, dataclasses.MISSING)
    annotations["dry_run"] = bool
    space["dry_run"] = _field(DRY_DOC, False)
    space["__annotations__"] = annotations
    doc = " ".join((declared.__doc__ or "").split())
    if not doc:
        raise TypeError(f"{declared.__name__} has no description")
    return strawberry.input(type(declared.__name__, (), space), description=doc)  # type: ignore[return-value]


def _field(doc: str, default: Any) -> Any:
    if not doc.strip():
        raise TypeError("an input field has no description")
    if default is dataclasses.MISSING:
        return strawberry.field(description=doc)
    if isinstance(default, list):
        return strawberry.field(description=doc, default_factory=lambda: list(default))
    return strawberry.field(description=doc, default=default)


@dataclasses.dataclass(frozen=True, slots=True)
class FilterField:
    """One predicate of a filter: its python name, template, and how its value is bound."""

    name: str
    graphql_name: str
    sql: str
    cast: str
    id: str | None
    listed: bool
    rows: typing.Mapping[str, str | None]


def filter_fields(declared: type[Filter]) -> dict[str, FilterField]:
    """The predicates of a filter by GraphQL name."""
    from quartier_graph.declare import camel

    found = {}
    for name, hint in typing.get_type_hints(declared).items():
        how = vars(declared).get(name)
        if not isinstance(how, Where):
            continue
        inner, nullable = stripped(hint)
        if not nullable:
            raise TypeError(f"{declared.__name__}.{name} has to be optional")
        listed = typing.get_origin(inner) is list
        if listed:
            (inner,) = typing.get_args(inner)
        cast = pg_type(inner) + ("[]" if listed else "")
        found[camel(name)] = FilterField(name, camel(name), how.sql, cast, how.id, listed, how.rows)
    return found


def filter_input(declared: type[Filter]) -> type:
    """The Strawberry input of a filter."""
    space: dict[str, Any] = {"__doc__": declared.__doc__, "__module__": declared.__module__}
    annotations: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(declared).items():
        how = vars(declared).get(name)
        if isinstance(how, Where):
            annotations[name] = hint
            space[name] = strawberry.field(description=how.doc, default=strawberry.UNSET)
    space["__annotations__"] = annotations
    doc = " ".join((declared.__doc__ or "").split())
    return strawberry.input(type(declared.__name__, (), space), description=doc)


def pg_type(python: Any) -> str:
    """The PostgreSQL type that a bound value of this Python type is cast to."""
    import enum
    from datetime import date, datetime

    from quartier_graph.scalars import Cents

    if python is strawberry.ID:
        return "uuid"
    if isinstance(python, type) and issubclass(python, enum.Enum):
        return "text"
    known = {str: "text", bool: "boolean", int: "bigint", Cents: "bigint", datetime: "timestamptz", date: "date"}
    return known[python]
