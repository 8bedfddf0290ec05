"""The site's own fields of organisations, and what stands in them."""

import enum

import strawberry
from strawberry import ID

from quartier.members import tables
from quartier.members.fields import actions
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.members import Organisation
from quartier_graph.scalars import described


@described
class OwnFieldKind(enum.Enum):
    """What an answer is: a line, a decimal number, a day, yes or no, or one of the field's choices."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


@described
class OwnFieldState(enum.Enum):
    """Whether it is asked for; what stands in a retired one is kept."""

    ACTIVE = "active"
    RETIRED = "retired"


@published(
    tables.OwnField,
    prefix="ofd",
    may=("members:read", "members:own"),
    orders={"position": key("{t}.position", "integer")},
    rows={"members:read": None, "members:own": "({t}.shared and {t}.state = 'active')"},
)
class OwnField(Node):
    """Something the site asks of its organisations; members see what is shared with them."""

    key: str = column("Its lasting name, from its first label.")
    label_de: str = column("What it is called in German.")
    label_en: str | None = column("What it is called in English, where there is a word.")
    kind: OwnFieldKind = column("What an answer is.")
    choices: list[str] = column("What may be chosen; empty for other kinds.")
    shared: bool = column("Whether who leads an organisation reads and writes it too.")
    state: OwnFieldState = column("Whether it is asked for.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")


class OwnFieldFilter(Filter):
    """Which fields."""

    states: list[OwnFieldState] | None = where("In one of these states.", "{t}.state = any({v})")


_SHARED = """exists (select 1 from app.own_field f where f.tenant_id = {t}.tenant_id and f.id = {t}.field_id
  and f.shared and f.state = 'active')"""


@published(
    tables.OwnValue,
    prefix="ovl",
    may=("members:read", "members:own"),
    orders={"field": key("{t}.field_id", "uuid")},
    rows={"members:read": None, "members:own": "({t}.organisation_id = any({own}) and " + _SHARED + ")"},
)
class OwnValue(Node):
    """What stands in a field of an organisation."""

    value: str = column("The answer: a line, 1234.5, 2026-12-31, yes or no, or the choice.")
    field: "OwnField | None" = one("In which field.", by="field_id")
    organisation: "Organisation | None" = one("Of which organisation.", by="organisation_id")


roots(
    own_fields=page(OwnField, "What the site asks of its organisations.", filter=OwnFieldFilter, orders=("position",))
)


@wish
class MakeFieldInput:
    """Something to ask of every organisation."""

    kind: OwnFieldKind = asked("What an answer is; it stays.")
    label_de: str = asked("What it is called in German, at most 60 letters.")
    label_en: str | None = asked("What it is called in English.", default=None)
    choices: list[str] = asked("For a choice: 2 to 30 different ones.", default=[])
    shared: bool = asked("Whether who leads an organisation reads and writes it too.", default=False)


@verb("members:edit", changes={"field": OwnField})
async def make_field(desk: Desk, wish: MakeFieldInput) -> Done:
    """Ask for something more of every organisation."""
    made = await actions.make_field(
        desk, wish.kind.value, wish.label_de, wish.label_en, choices=wish.choices, shared=wish.shared
    )
    return {"field": made}


@wish
class ChangeFieldInput:
    """A field and how it is to look."""

    field: ID = asked("The field.")
    version: int = asked("The version that was seen.")
    label_de: str = asked("What it is called in German, at most 60 letters.")
    label_en: str | None = asked("What it is called in English.", default=None)
    choices: list[str] = asked("For a choice: all that may be chosen.", default=[])
    shared: bool = asked("Whether who leads an organisation reads and writes it too.")


@verb("members:edit", changes={"field": OwnField})
async def change_field(desk: Desk, wish: ChangeFieldInput) -> Done:
    """Name a field anew, and say who sees it and what may be chosen."""
    key = ids.read(wish.field, "ofd")
    what = (wish.version, wish.label_de, wish.label_en)
    await actions.change_field(desk, key, *what, choices=wish.choices, shared=wish.shared)
    return {"field": key}


@wish
class RetireFieldInput:
    """A field that is asked for no more, or again."""

    field: ID = asked("The field.")
    version: int = asked("The version that was seen.")
    retired: bool = asked("False asks for it again.", default=True)


@verb("members:edit", changes={"field": OwnField})
async def retire_field(desk: Desk, wish: RetireFieldInput) -> Done:
    """Ask for something no more, or again; the answers are kept."""
    key = ids.read(wish.field, "ofd")
    await actions.retire_field(desk, key, wish.version, retired=wish.retired)
    return {"field": key}


@wish
class OrderFieldsInput:
    """Fields in a new order."""

    fields: list[ID] = asked("Those that come first, in their order; the others follow as they are.")


@verb("members:edit")
async def order_fields(desk: Desk, wish: OrderFieldsInput) -> Done:
    """Put the fields in another order."""
    await actions.order_fields(desk, [ids.read(each, "ofd") for each in wish.fields])
    return {}


@strawberry.input(description="What is to stand in a field.")
class FieldAnswer:
    field: ID = strawberry.field(description="The field.")
    value: str = strawberry.field(description="The answer, as people write it; empty takes it out.")


@wish
class AnswerFieldsInput:
    """Answers for one organisation."""

    organisation: ID = asked("Which; one's own, or as the team any.")
    version: int = asked("The organisation's version that was seen.")
    answers: list[FieldAnswer] = asked("Each field once; fields that are not named stay as they are.")


@verb("members:edit", "members:own", changes={"organisation": Organisation})
async def answer_fields(desk: Desk, wish: AnswerFieldsInput) -> Done:
    """Write what stands in the site's own fields of an organisation."""
    organisation = ids.read(wish.organisation, "org")
    given = {ids.read(each.field, "ofd"): each.value for each in wish.answers}
    await actions.answer_fields(desk, organisation, wish.version, given)
    return {"organisation": organisation}
