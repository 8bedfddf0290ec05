"""Which fields of an operation show people, and whom an answer named: what the log of looks is told."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, visit

from quartier.access.looks import ANYBODY, Looks
from quartier.tenancy.desk import Desk
from quartier_graph.declare import Asking, Column, camel

if TYPE_CHECKING:
    from quartier_graph.build import Graph
    from quartier_graph.plans import Operation

PERSONAL = frozenset(
    {
        "members:read", "members:approve", "members:import", "spaces:desk", "programme:attend", "programme:select",
        "advice:notes", "access:read", "access:admit", "access:grant",
    }
)  # fmt: skip
"""Permissions by which one sees other people's data; what one sees by another right is one's own or everybody's."""

_PEOPLE = re.compile(rb'"prs_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
Protected = tuple[tuple[str, frozenset[str]], ...]


def protected(graph: "Graph", operation: "Operation") -> Protected:
    """The fields that show people, each with the permissions that open it: `Person.name`, `Booking.title`."""
    found: dict[str, frozenset[str]] = {}
    info = TypeInfo(graph.schema._schema)
    declared = graph.declarations
    people = {camel(name): root for name, root in declared.roots.items() if isinstance(root, Asking) and root.personal}

    class Reader(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = info.get_parent_type()
            owner, name = parent.name if parent else "", node.name.value
            if owner == "Query" and name in people:
                found[name] = frozenset(people[name].may) & PERSONAL
            entity = declared.entities.get(owner)
            settled = entity.fields.get(name) if entity else None
            if entity is None or settled is None or name == "id" or not isinstance(settled.how, Column):
                return
            if settled.type is int:
                return  # a count shows nobody
            may = entity.may if entity.personal else {settled.how.may, settled.how.masked}
            about = entity.personal or any(
                each.target and each.target.name == "Person" for each in entity.fields.values()
            )
            if about and (opens := PERSONAL & may):
                found[f"{owner}.{name}"] = opens

    for node in (operation.node, *operation.fragments.values()):
        visit(node, TypeInfoVisitor(info, Reader()))
    return tuple(sorted(found.items()))


def shown(fields: Protected, permissions: frozenset[str]) -> tuple[str, ...]:
    """Those of the fields that these permissions open."""
    return tuple(name for name, opens in fields if opens & permissions)


def people_in(body: bytes) -> Iterable[UUID]:
    """The people whose ids stand in an answer."""
    return {UUID(found.decode()) for found in _PEOPLE.findall(body)}


def note(looks: Looks, graph: "Graph", desk: Desk, operation: "Operation", body: bytes) -> None:
    """Tell the log who was shown whom by this answer."""
    if operation.protected is None:
        operation.protected = protected(graph, operation)
    fields = shown(operation.protected, desk.permissions)
    if fields:
        name = operation.node.name.value if operation.node.name else None
        nameless = {ANYBODY} if any(_shows_without_id(graph, each) for each in fields) else set()
        looks.take(desk, name, fields, {*people_in(body), *nameless})


def _shows_without_id(graph: "Graph", field: str) -> bool:
    """Whether a field shows people whom no id names, as the lines of a list do before it is taken in."""
    owner = field.partition(".")[0]
    entity = graph.declarations.entities.get(owner)
    return entity is not None and entity.personal and owner != "Person"
