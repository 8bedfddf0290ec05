"""Limits: what a document may cost. One memoised walk, before validation; each bound is refused in milliseconds.

Libraries' own limiters walk every fragment at every place it is spread, which is exponential; this
walk visits each fragment once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

DEPTH = 12
COST = 5_000
ALIASES = 30
ROOT_FIELDS = 20
DIRECTIVES = 50
TOKENS = 2_000
BODY = 100_000
MUTATIONS = 10
LIST_DEFAULT = 20
UNBOUNDED = 10**9  # stands for every number that is refused anyway


class TooCostly(GraphQLError):
    """A bound is passed; says which, by how much, and what is allowed."""

    def __init__(self, what: str, found: int | str, allowed: int) -> None:
        super().__init__(
            f"This document has {what} {found}; allowed is {allowed}.",
            extensions={"code": "COST_EXCEEDED", "limit": what, "allowed": allowed},
        )


@dataclass(slots=True)
class _Sum:
    """Cost of a selection: a constant and, by the variables that size its lists, further terms."""

    depth: int = 0
    terms: dict[tuple[str, ...], int] = field(default_factory=dict)
    directives: int = 0

    def add(self, other: "_Sum", times: int = 1, variable: str | None = None) -> None:
        self.directives = min(self.directives + other.directives, UNBOUNDED)
        for names, number in other.terms.items():
            key = names if variable is None else tuple(sorted((*names, variable)))
            self.terms[key] = min(self.terms.get(key, 0) + number * times, UNBOUNDED)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an operation as a sum over its list sizes; cheap to evaluate at each request."""

    terms: tuple[tuple[tuple[str, ...], int], ...]

    def check(self, variables: Mapping[str, Any]) -> None:
        """Refuses TooCostly for these variables."""
        total = 0
        for names, number in self.terms:
            for name in names:
                size = variables.get(name)
                number *= max(size, 0) if type(size) is int else LIST_DEFAULT
            total += number
        if total > COST:
            raise TooCostly("a cost of", min(total, UNBOUNDED), COST)


def measure(document: DocumentNode, operation: OperationDefinitionNode, lists: frozenset[str]) -> Cost:
    """Measure the operation; `lists` are the names of fields that answer a page.

    Refuses TooCostly for depth, aliases, roots, directives, cyclic fragments.
    """
    walk = _Walk({d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}, lists)
    found = walk.selections(operation.selection_set, root=True)
    if len(operation.directives or ()) + found.directives > DIRECTIVES:
        raise TooCostly("directives, counted with their repetitions,", found.directives, DIRECTIVES)
    if found.depth > DEPTH:
        raise TooCostly("a depth of", found.depth, DEPTH)
    roots = len(operation.selection_set.selections)
    if operation.operation.value == "mutation" and roots > MUTATIONS:
        raise TooCostly("mutations in one request:", roots, MUTATIONS)
    return Cost(tuple(found.terms.items()))


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], lists: frozenset[str]) -> None:
        self.fragments, self.lists = fragments, lists
        self.known: dict[str, _Sum | None] = {}

    def fragment(self, name: str) -> _Sum:
        if name not in self.fragments:
            return _Sum()  # validation says it better
        if name in self.known:
            found = self.known[name]
            if found is None:
                raise TooCostly("fragments that spread each other in a circle:", name, 0)
            return found
        self.known[name] = None
        self.known[name] = found = self.selections(self.fragments[name].selection_set)
        return found

    def selections(self, selections: SelectionSetNode, *, root: bool = False) -> _Sum:
        total = _Sum()
        aliases = 0
        for node in selections.selections:
            total.directives = min(total.directives + len(node.directives or ()), UNBOUNDED)
            if isinstance(node, FieldNode):
                aliases += node.alias is not None
                self._field(total, node)
                continue
            if isinstance(node, FragmentSpreadNode):
                part = self.fragment(node.name.value)
            else:
                assert isinstance(node, InlineFragmentNode)
                part = self.selections(node.selection_set)
            total.depth = max(total.depth, part.depth)
            total.add(part)
        if aliases > ALIASES:
            raise TooCostly("aliases on one level:", aliases, ALIASES)
        if root and len(selections.selections) > ROOT_FIELDS:
            raise TooCostly("root fields:", len(selections.selections), ROOT_FIELDS)
        return total

    def _field(self, total: _Sum, node: FieldNode) -> None:
        total.terms[()] = min(total.terms.get((), 0) + 1, UNBOUNDED)
        if node.selection_set is None:
            total.depth = max(total.depth, 1)
            return
        below = self.selections(node.selection_set)
        total.depth = max(total.depth, below.depth + 1)
        total.add(below, *self._size(node))

    def _size(self, node: FieldNode) -> tuple[int, str | None]:
        """How often a field's selection is answered: the page size of a list, once for everything else."""
        if node.name.value not in self.lists:
            return 1, None
        return _page_size(node)


def _page_size(node: FieldNode) -> tuple[int, str | None]:
    asked = {a.name.value: a.value for a in node.arguments or ()}
    value = asked.get("first", asked.get("last"))
    if isinstance(value, IntValueNode):
        return max(0, min(int(value.value), UNBOUNDED)), None
    if isinstance(value, VariableNode):
        return 1, value.name.value
    return LIST_DEFAULT, None
