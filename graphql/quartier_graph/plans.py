"""From a document to a plan: parsed, measured, validated, checked against the permissions, compiled; once."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    parse,
    specified_rules,
    type_from_ast,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.type import GraphQLNonNull, GraphQLScalarType

from quartier_graph import limits
from quartier_graph.compile import Compiler, NotCompilable, Plan
from quartier_graph.declare import Asking, camel
from quartier_graph.personal import Protected
from quartier_graph.rights import refused_fields

if TYPE_CHECKING:
    from quartier_graph.build import Graph

KNOWN = 1_000  # documents
HELD = 300_000  # characters of them in all; a parsed document takes 150 times its text
SHAPES = 32  # plans of one operation and one set of permissions: shapes of variables
SPEAKERS = 64  # sets of permissions that one operation has plans for
_PLAIN = {"ID": str, "String": str, "Int": int, "Boolean": bool}


class RequestRefused(Exception):
    """The request never reaches execution; `errors` say why."""

    def __init__(self, errors: list[GraphQLError], status: int = 400) -> None:
        self.errors, self.status = errors, status


@dataclass(slots=True)
class Operation:
    """One operation of a known document, with the plans made for it so far."""

    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    cost: limits.Cost
    plain: dict[str, tuple[type, bool]] | None
    introspects: bool = False
    apart: bool = False
    protected: Protected | None = None
    plans: dict[frozenset[str], list[Plan | str]] = field(default_factory=dict)
    refusals: dict[frozenset[str], list[GraphQLError]] = field(default_factory=dict)

    def retire(self, plan: Plan) -> None:
        """Take a plan out of service for good: what it was made for falls back."""
        for known in self.plans.values():
            if plan in known:
                known[known.index(plan)] = "retired"

    @property
    def kind(self) -> OperationType:
        return self.node.operation


class Library:
    """Bounded memory of documents and their plans, for one schema."""

    def __init__(self, graph: "Graph", *, compiles: bool = True) -> None:
        self.graph, self.compiles = graph, compiles
        self.schema = graph.schema._schema
        self.lists = frozenset(name for _, name in graph.lists)
        roots = graph.declarations.roots.items()
        self.apart = frozenset(camel(name) for name, root in roots if isinstance(root, Asking) and root.apart)
        self._known: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self._held = 0

    def operation(self, text: str, name: str | None) -> Operation:
        """Find or make the operation. Refuses RequestRefused with readable errors."""
        key = text, name
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._read(text, name)
            self._held += len(text)
            while len(self._known) > KNOWN or (self._held > HELD and len(self._known) > 1):
                (oldest, _), _ = self._known.popitem(last=False)
                self._held -= len(oldest)
        else:
            self._known.move_to_end(key)
        return found

    def _read(self, text: str, name: str | None) -> Operation:
        try:
            document = parse(text, max_tokens=limits.TOKENS, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            if "tokens" in error.message:
                raise RequestRefused([limits.TooCostly("more tokens than", limits.TOKENS, limits.TOKENS)]) from None
            if "nested too deeply" in error.message:
                raise RequestRefused([limits.TooCostly("more levels than", limits.DEPTH, limits.DEPTH)]) from None
            raise RequestRefused([error]) from None
        except RecursionError:
            raise RequestRefused([limits.TooCostly("more levels than", limits.DEPTH, limits.DEPTH)]) from None
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        chosen = [o for o in operations if name is None or (o.name and o.name.value == name)]
        if len(chosen) != 1:
            names = ", ".join(o.name.value for o in operations if o.name) or "none is named"
            raise RequestRefused([GraphQLError(f"Name one operation of this document in operationName: {names}.")])
        [node] = chosen
        try:
            costs = limits.measure(document, self.lists)
        except limits.TooCostly as error:
            raise RequestRefused([error]) from None
        except RecursionError:
            raise RequestRefused([limits.TooCostly("more levels than", limits.DEPTH, limits.DEPTH)]) from None
        try:
            if errors := validate(self.schema, document, specified_rules, max_errors=20, hide_suggestions=True):
                raise RequestRefused(errors)
        except RecursionError:  # lists in lists in lists
            raise RequestRefused([limits.TooCostly("more levels than", limits.DEPTH, limits.DEPTH)]) from None
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        return Operation(
            document,
            node,
            fragments,
            costs[operations.index(node)],
            self._plain(node),
            _introspects(node),
            bool(self.apart & _root_fields(node, fragments)),
        )

    def _plain(self, node: OperationDefinitionNode) -> dict[str, tuple[type, bool]] | None:
        """Variables that plain JSON values fit as they are; None when one needs the full coercion."""
        found: dict[str, tuple[type, bool]] = {}
        for definition in node.variable_definitions or ():
            plain = self._plain_variable(definition)
            if plain is None:
                return None
            found[definition.variable.name.value] = plain
        return found

    def _plain_variable(self, definition: VariableDefinitionNode) -> tuple[type, bool] | None:
        kind = type_from_ast(self.schema, definition.type)
        needed = isinstance(kind, GraphQLNonNull)
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if definition.default_value is not None or not isinstance(kind, GraphQLScalarType) or kind.name not in _PLAIN:
            return None
        return _PLAIN[kind.name], needed

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Coerce the variables exactly as GraphQL says. Refuses RequestRefused."""
        plain = operation.plain
        if plain is not None and all(_fits(given.get(name), *kind) for name, kind in plain.items()):
            return {name: given[name] for name in plain if name in given}
        found = get_variable_values(self.schema, operation.node.variable_definitions or (), dict(given))
        if isinstance(found, list):
            raise RequestRefused(found)
        return found.coerced

    def plan(self, operation: Operation, permissions: frozenset[str], variables: Mapping[str, Any]) -> Plan | None:
        """The compiled statement for these permissions and this shape of variables, or None to fall back.

        Refuses RequestRefused for what these variables cost, and for non-null fields that the
        permissions do not cover, all of them at once.
        """
        try:
            operation.cost.check(variables)
        except limits.TooCostly as error:
            raise RequestRefused([error]) from None
        known = operation.plans.get(permissions)
        if known is None:
            if len(operation.plans) >= SPEAKERS:
                operation.plans.clear()
                operation.refusals.clear()
            operation.refusals[permissions] = refused_fields(self.graph, operation, permissions)
            known = operation.plans[permissions] = []
        if operation.refusals[permissions]:
            raise RequestRefused(operation.refusals[permissions], status=403)
        if not self.compiles:
            return None
        for plan in known:
            if isinstance(plan, str):
                return None
            if all(condition.holds(variables) for condition in plan.conditions):
                return plan
        return self._compile(operation, permissions, variables, known)

    def _compile(
        self,
        operation: Operation,
        permissions: frozenset[str],
        variables: Mapping[str, Any],
        known: list[Plan | str],
    ) -> Plan | None:
        compiler = Compiler(self.graph, operation.node, operation.fragments, permissions, variables)
        try:
            plan = compiler.plan()
        except NotCompilable as why:
            # Only what does not hang on a variable holds for every later request.
            if not compiler.conditions:
                known.append(str(why))
            return None
        if len(known) < SHAPES:
            known.append(plan)
        return plan

    def why_not(self, operation: Operation, permissions: frozenset[str], variables: Mapping[str, Any]) -> str:
        """The field that made an operation fall back, for the metric."""
        try:
            Compiler(self.graph, operation.node, operation.fragments, permissions, variables).plan()
        except NotCompilable as why:
            return str(why)
        return ""


def _introspects(node: OperationDefinitionNode) -> bool:
    """Whether the schema alone is asked, without variables: the answer is the same for everybody."""
    asked = node.selection_set.selections
    named = [each.name.value for each in asked if isinstance(each, FieldNode)]
    return (
        len(named) == len(asked)
        and {"__schema"} <= set(named) <= {"__schema", "__type", "__typename"}
        and (not node.variable_definitions and node.operation is OperationType.QUERY)
    )


def _root_fields(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> set[str]:
    """The names of what an operation asks at its root; each fragment is looked at once."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node.selection_set]
    while waiting:
        for each in waiting.pop().selections:
            if isinstance(each, FieldNode):
                found.add(each.name.value)
            elif isinstance(each, InlineFragmentNode):
                waiting.append(each.selection_set)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
                seen.add(each.name.value)
                waiting.append(fragments[each.name.value].selection_set)
    return found


def _fits(value: Any, kind: type, needed: bool) -> bool:
    if value is None:
        return not needed
    if type(value) is not kind:
        return False
    return not isinstance(value, int) or -(2**31) <= value < 2**31
