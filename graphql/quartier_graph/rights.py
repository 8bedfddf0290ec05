"""Rights in a document, told before anything runs: a refused field that cannot be null refuses the operation."""

from typing import TYPE_CHECKING

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationType,
    SelectionSetNode,
)

from quartier_graph.context import Forbidden
from quartier_graph.declare import Asking, Column, Computed, Many, One, camel, stripped

if TYPE_CHECKING:
    from quartier_graph.build import Graph
    from quartier_graph.plans import Operation


def refused_fields(graph: "Graph", operation: "Operation", permissions: frozenset[str]) -> list[GraphQLError]:
    """Every non-null field of the operation that the permissions do not cover.

    Nullable ones are left to execution: they read null, with an error at their path. A field under
    @skip counts as asked for: what one may see must not hang on a variable.
    """
    if operation.kind is not OperationType.QUERY:
        return []
    found: list[GraphQLError] = []
    seen: set[tuple[str, str]] = set()

    def walk(selections: SelectionSetNode, type_name: str) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                field(node, type_name)
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition.name.value if node.type_condition else type_name
                walk(node.selection_set, on)
            elif isinstance(node, FragmentSpreadNode) and (node.name.value, type_name) not in seen:
                seen.add((node.name.value, type_name))
                part = operation.fragments[node.name.value]
                walk(part.selection_set, part.type_condition.name.value)

    def field(node: FieldNode, type_name: str) -> None:
        needed, nullable, below = rights_of(graph, type_name, node.name.value)
        if needed and not needed & permissions:
            if not nullable:
                found.append(Forbidden(f"{type_name}.{node.name.value}", needed, nodes=[node]))
            return
        if node.selection_set is not None and below:
            walk(node.selection_set, below)

    walk(operation.node.selection_set, "Query")
    return found


def rights_of(graph: "Graph", type_name: str, field_name: str) -> tuple[frozenset[str], bool, str]:
    """What a field needs (one of these permissions), whether it may be null, and the type below it."""
    declared = graph.declarations
    if type_name == "Query":
        root = next((r for n, r in declared.roots.items() if camel(n) == field_name), None)
        if root is None:
            return frozenset(), True, ""
        if isinstance(root, Asking):
            return frozenset(root.may), stripped(root.answer)[1], ""
        entity = declared.entity(root.declared)
        listed = ("Query", field_name) in graph.lists
        nullable = type(root).__name__ == "ById"
        return entity.may, nullable, entity.name + ("Connection" if listed else "")
    for suffix in ("Connection", "Edge"):
        if type_name.endswith(suffix) and type_name not in declared.entities:
            owner = type_name.removesuffix(suffix)
            below = {"nodes": owner, "edges": owner + "Edge", "node": owner, "pageInfo": "PageInfo"}
            return frozenset(), False, below.get(field_name, "")
    owner_entity = declared.entities.get(type_name)
    settled = owner_entity.fields.get(field_name) if owner_entity else None
    if settled is None:
        return frozenset(), True, ""
    how = settled.how
    if isinstance(how, Column | Computed):
        return frozenset([how.may]) if how.may else frozenset(), settled.nullable, ""
    assert settled.target is not None
    needed = frozenset([how.may]) if how.may else settled.target.may
    if isinstance(how, One):
        return needed, settled.nullable, settled.target.name
    assert isinstance(how, Many)
    return needed, False, settled.target.name + "Connection"
