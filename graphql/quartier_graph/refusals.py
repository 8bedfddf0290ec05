"""Refusals as the graph publishes them: a code, a sentence, numbers with their kinds, ways out."""

import enum
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import strawberry

from quartier.kit.refusal import REFUSALS, Refusal
from quartier.kit.spoken import Number, shown
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import SITE, camel
from quartier_graph.scalars import Cents


def _codes() -> type[enum.Enum]:
    """All codes there are, in alphabetical order; rooms have declared them by the time a schema is built."""
    members = {
        code: strawberry.enum_value(code, description=" ".join((kind.__doc__ or kind.en).split()))
        for code, kind in sorted(REFUSALS.items())
    }
    return enum.Enum("RefusalCode", members)  # type: ignore[return-value]


@strawberry.type(description="A number or fact of a refusal: exactly the field that fits its kind is set, text always.")
class RefusalNumber:
    name: str = strawberry.field(description="What it is, such as left_cents or next_at.")
    text: str = strawberry.field(description="It in words, for people.")
    integer: int | None = strawberry.field(description="A count.", default=None)
    cents: Cents | None = strawberry.field(description="An amount.", default=None)
    minutes: int | None = strawberry.field(description="A length of time.", default=None)
    at: datetime | None = strawberry.field(description="An instant.", default=None)
    day: date | None = strawberry.field(description="A day.", default=None)
    id: strawberry.ID | None = strawberry.field(description="The thing it names.", default=None)


@strawberry.type(description="A way out: another time, another space, another amount that would do.")
class RefusalAlternative:
    numbers: list[RefusalNumber] = strawberry.field(description="What it consists of.")


def refusal_type() -> type:
    """The type Refusal; made when every room has declared its codes."""
    codes = strawberry.enum(_codes(), description="Every reason there is. The list only grows.")

    @strawberry.type(name="Refusal", description="One reason why something was not done. All reasons come at once.")
    class RefusalOf:
        code: codes = strawberry.field(description="The reason, for programs.")  # type: ignore[valid-type]
        message: str = strawberry.field(description="The reason in the caller's language, for people.")
        path: list[str] = strawberry.field(description="The input field that can be changed, outermost first.")
        numbers: list[RefusalNumber] = strawberry.field(description="Limits and values behind it.")
        alternatives: list[RefusalAlternative] = strawberry.field(description="Ways out, the nearest first.")

        @classmethod
        def of(cls, refusal: Refusal, desk: Desk) -> "RefusalOf":
            return cls(
                code=codes[refusal.code],
                message=refusal.message(desk.language, desk.zone),
                path=[camel(part) for part in refusal.path],
                numbers=_numbers(refusal.numbers, desk),
                alternatives=[RefusalAlternative(numbers=_numbers(way, desk)) for way in refusal.alternatives],
            )

    return RefusalOf


def _numbers(numbers: Mapping[str, Number], desk: Desk) -> list[RefusalNumber]:
    return [_number(name, value, desk) for name, value in numbers.items()]


def _number(name: str, value: Number, desk: Desk) -> RefusalNumber:
    found = RefusalNumber(name=name, text=shown(name, value, desk.zone, desk.language))
    match value:
        case bool():
            pass
        case int() if name.endswith("_cents"):
            found.cents = Cents(value)
        case int():
            found.integer = value
        case datetime():
            found.at = value
        case date():
            found.day = value
        case UUID():
            found.id = found.text = _id(name, value)
        case timedelta():
            found.minutes = int(value.total_seconds()) // 60
    return found


def _id(name: str, value: UUID) -> strawberry.ID:
    """A thing goes by the name of its type: `space` is a Space."""
    entity = SITE.entities.get("".join(part.title() for part in name.split("_")))
    return strawberry.ID(ids.write(entity.prefix, value) if entity and entity.prefix else str(value))
