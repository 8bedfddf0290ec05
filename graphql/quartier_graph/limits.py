"""Limits: what a document may cost. One memoised walk, before validation; each bound is refused in milliseconds.

Libraries' own limiters walk every fragment at every place it is spread, which is exponential; this
walk visits each fragment once. It comes before validation, whose rule on overlapping fields is quadratic.
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
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

DEPTH = 12
COST = 5_000
ALIASES = 30
ROOT_FIELDS = 20
DIRECTIVES = 50
TOKENS = 2_000
DEFINITIONS = 50  # validation compares every fragment with every other
REPEATS = 2_000  # validation compares every field with all others of its name on its level
BODY = 100_000
MUTATIONS = 10
LIST_DEFAULT = 20
SCHEMA_FIELD = 20  # what a field of the schema's description counts; tools ask for 113 of them at once
UNBOUNDED = 10**9  # stands for every number that is refused anyway

Variables = tuple[str, ...] | None  # of which the largest sizes a list
Sizes = tuple[tuple[str, ...], ...]


class TooCostly(GraphQLError):
    """A bound is passed; says which, by how much, and what is allowed."""

    def __init__(self, what: str, found: int | str, allowed: int) -> None:
        super().__init__(
            f"This document has {what} {found}; allowed is {allowed}.",
            extensions={"code": "COST_EXCEEDED", "limit": what, "allowed": allowed},
        )


@dataclass(slots=True)
class _Sum:
    """Cost of a selection: a constant and, by the variables that size its lists, further terms.

    `fields` and `aliases` are those of its own level, fragments unfolded.
    """

    depth: int = 0
    terms: dict[Sizes, int] = field(default_factory=dict)
    directives: int = 0
    fields: int = 0
    aliases: int = 0
    renamed: int = 0  # aliases of all levels

    def beside(self, other: "_Sum") -> None:
        """Take in a fragment: what it selects stands on this level."""
        self.depth = max(self.depth, other.depth)
        self.fields = min(self.fields + other.fields, UNBOUNDED)
        self.aliases = min(self.aliases + other.aliases, UNBOUNDED)
        self._add(other, 1, None)

    def below(self, other: "_Sum", times: int, variables: "Variables") -> None:
        """Take in the selection of a field."""
        self.depth = max(self.depth, other.depth + 1)
        self._add(other, times, variables)

    def _add(self, other: "_Sum", times: int, variables: "Variables") -> None:
        self.directives = min(self.directives + other.directives, UNBOUNDED)
        self.renamed = min(self.renamed + other.renamed, UNBOUNDED)
        for sizes, number in other.terms.items():
            key = sizes if variables is None else tuple(sorted((*sizes, variables)))
            self.terms[key] = min(self.terms.get(key, 0) + number * times, UNBOUNDED)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an operation as a sum over its list sizes; cheap to evaluate at each request."""

    terms: tuple[tuple[Sizes, int], ...]

    def check(self, variables: Mapping[str, Any]) -> None:
        """Refuses TooCostly for these variables."""
        total = 0
        for sizes, number in self.terms:
            for names in sizes:
                number *= max(_size_of(variables.get(name)) for name in names)
            total += number
        if total > COST:
            raise TooCostly("a cost of", min(total, UNBOUNDED), COST)


def _size_of(value: Any) -> int:
    """The rows that a size or a list of ids asks for; never none, for a selection costs even where no row is."""
    if isinstance(value, list):
        return max(len(value), 1)
    return max(value, 1) if type(value) is int else LIST_DEFAULT


def measure(document: DocumentNode, lists: frozenset[str]) -> list[Cost]:
    """Measure a document: the cost of each of its operations; `lists` are the names of fields that answer a page.

    Refuses TooCostly for whatever does not hang on the variables' values, in fragments that nobody uses as well.
    """
    if len(document.definitions) > DEFINITIONS:
        raise TooCostly("operations and fragments:", len(document.definitions), DEFINITIONS)
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    walk = _Walk({fragment.name.value: fragment for fragment in fragments}, lists)
    costs = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            costs.append(_operation(walk, definition))
    for fragment in fragments:
        if fragment.name.value not in walk.known:
            _bounded(walk.fragment(fragment.name.value))
            walk.compare([fragment.selection_set])
    return costs


def _operation(walk: "_Walk", operation: OperationDefinitionNode) -> Cost:
    found = walk.selections(operation.selection_set)
    found.directives += len(operation.directives or ())
    if found.fields > ROOT_FIELDS:
        raise TooCostly("root fields:", found.fields, ROOT_FIELDS)
    if operation.operation.value == "mutation" and found.fields > MUTATIONS:
        raise TooCostly("mutations in one request:", found.fields, MUTATIONS)
    _bounded(found)
    walk.compare([operation.selection_set])
    return Cost(tuple(found.terms.items()))


def _bounded(found: _Sum) -> None:
    if found.directives > DIRECTIVES:
        raise TooCostly("directives, counted with their repetitions,", found.directives, DIRECTIVES)
    if found.depth > DEPTH:
        raise TooCostly("a depth of", found.depth, DEPTH)
    if (least := sum(found.terms.values())) > COST:  # with every list as short as can be
        raise TooCostly("a cost of", min(least, UNBOUNDED), COST)


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], lists: frozenset[str]) -> None:
        self.fragments, self.lists = fragments, lists
        self.known: dict[str, _Sum | None] = {}
        self.repeats = 0

    def fragment(self, name: str) -> _Sum:
        if name not in self.fragments:
            return _Sum(terms={(): 1})  # validation says it better; it counts, for many of them cost to walk
        if name in self.known:
            found = self.known[name]
            if found is None:
                raise TooCostly("fragments that spread each other in a circle:", name, 0)
            return found
        self.known[name] = None
        self.known[name] = found = self.selections(self.fragments[name].selection_set)
        return found

    def selections(self, selections: SelectionSetNode) -> _Sum:
        total = _Sum()
        for node in selections.selections:
            total.directives = min(total.directives + len(node.directives or ()), UNBOUNDED)
            if isinstance(node, FieldNode):
                self._field(total, node)
            elif isinstance(node, FragmentSpreadNode):
                total.beside(self.fragment(node.name.value))
            else:
                assert isinstance(node, InlineFragmentNode)
                total.beside(self.selections(node.selection_set))
        if total.aliases > ALIASES:
            raise TooCostly("aliases on one level:", total.aliases, ALIASES)
        return total

    def _field(self, total: _Sum, node: FieldNode) -> None:
        total.fields += 1
        total.aliases += node.alias is not None
        total.renamed += node.alias is not None
        total.terms[()] = min(total.terms.get((), 0) + 1, UNBOUNDED)
        total.depth = max(total.depth, 1)
        if node.name.value in ("__schema", "__type"):
            self._description(total, node)
        elif node.selection_set is not None:
            total.below(self.selections(node.selection_set), *self._size(node))

    def _description(self, total: _Sum, node: FieldNode) -> None:
        """What is asked of the schema itself: no row of anybody, but long.

        Tools nest it deeper than our limit, but never ask anything of it twice.
        """
        if node.selection_set is not None:
            found = self.selections(node.selection_set)
            renamed = (node.alias is not None) + found.renamed
            if renamed:
                raise TooCostly("aliases in what it asks of the schema:", renamed, 0)
            fields = min(sum(found.terms.values()) * SCHEMA_FIELD, UNBOUNDED)
            total.terms[()] = min(total.terms[()] + fields, UNBOUNDED)
            total.directives = min(total.directives + found.directives, UNBOUNDED)

    def _size(self, node: FieldNode) -> tuple[int, Variables]:
        """How often a field's selection is answered: the page size of a list, once for everything else."""
        asked = {a.name.value: a.value for a in node.arguments or ()}
        if node.name.value in self.lists:
            return _times([asked[name] for name in ("first", "last") if name in asked] or [NullValueNode()])
        return _times([asked["ids"]]) if "ids" in asked else (1, None)

    def compare(self, sets: list[SelectionSetNode]) -> None:
        """Count pairs of fields with one name on one level, fragments unfolded; the cost bounds the way."""
        level: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._unfold(selections, level)
        for nodes in level.values():
            self.repeats += len(nodes) * (len(nodes) - 1) // 2
            if self.repeats > REPEATS:
                raise TooCostly("pairs of fields with one name on one level:", self.repeats, REPEATS)
            if below := [node.selection_set for node in nodes if node.selection_set]:
                self.compare(below)

    def _unfold(self, selections: SelectionSetNode, level: dict[str, list[FieldNode]]) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                level.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._unfold(node.selection_set, level)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self.fragments:
                self._unfold(self.fragments[node.name.value].selection_set, level)


def _times(values: list[ValueNode]) -> tuple[int, Variables]:
    """The largest of some sizes; where one is a variable, only the request can tell."""
    names = tuple(value.name.value for value in values if isinstance(value, VariableNode))
    if names:
        return 1, names
    return max(map(_written, values)), None


def _written(value: ValueNode) -> int:
    if isinstance(value, IntValueNode):
        return max(1, min(int(value.value[:12]), UNBOUNDED))
    return max(1, len(value.values)) if isinstance(value, ListValueNode) else LIST_DEFAULT
