"""Compiles a read into ONE statement whose single value is the answer's JSON text.

The document is walked along the declarations; every edge becomes a join or a lateral page, every
object a concat of literals and columns. What is not known here raises NotCompilable, and ordinary
execution answers. Where the text depends on a variable's value (is it null? true? which filter keys?)
that is noted, and the plan is used again only where it holds.
"""

import enum
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast,
)
from strawberry import ID

from quartier_graph import cursors, ids, reading
from quartier_graph.declare import ById, Column, Entity, Field, Many, One, Own, Paged, camel
from quartier_graph.scalars import Cents, Whole
from quartier_graph.statement import LIST_DEFAULT, Env, Order, Params, columns_of, conditions, fill, order_of, predicate

if TYPE_CHECKING:
    from quartier_graph.build import Graph, List

Selections = dict[str, list[FieldNode]]
_PARAMETER = re.compile(r"\$(\d+)")
MOST_ARGUMENTS = 90  # PostgreSQL's functions take at most 100


class NotCompilable(Exception):
    """Ordinary execution has to answer; the text names the field, for the metric."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a plan assumes about the variables."""

    look: Callable[[Mapping[str, Any]], Hashable]
    expected: Hashable

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return self.look(variables) == self.expected


@dataclass(eq=False, slots=True)
class Plan:
    """One statement and how its parameters are bound. $1 and $2 are the realm and its signed context."""

    sql: str
    params: Params
    conditions: list[Condition]
    bound: list[int]

    def values(self, env: Env) -> list[Any]:
        """The parameters' values. All are read, for one may be wrong even where nothing hangs on it."""
        values = self.params.values(env)
        return [values[place] for place in self.bound]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def concat(parts: list[str]) -> str:
    """concat() of any number of parts."""
    while len(parts) > MOST_ARGUMENTS:
        parts = [concat(parts[i : i + MOST_ARGUMENTS]) for i in range(0, len(parts), MOST_ARGUMENTS)]
    return f"concat({', '.join(parts)})"


class Text:
    """JSON text in the making: literals gather until an expression comes between them."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._literal = ""

    def literal(self, text: str) -> None:
        self._literal += text

    def sql(self, expression: str) -> None:
        if self._literal:
            self.parts.append(quoted(self._literal))
            self._literal = ""
        self.parts.append(expression)

    def done(self) -> str:
        if self._literal:
            self.parts.append(quoted(self._literal))
            self._literal = ""
        return self.parts[0] if len(self.parts) == 1 else concat(self.parts)


class Compiler:
    """Compiles one operation for one set of permissions and one shape of variables."""

    def __init__(
        self,
        graph: "Graph",
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        permissions: frozenset[str],
        variables: Mapping[str, Any],
    ) -> None:
        self.graph, self.operation, self.fragments = graph, operation, fragments
        self.permissions, self.variables = permissions, variables
        self.params = Params(taken=2)
        self.conditions: dict[object, Condition] = {}
        self._aliases = 0

    def plan(self) -> Plan:
        if self.operation.operation.value != "query":
            raise NotCompilable(self.operation.operation.value)
        text = Text()
        text.literal('{"data":')
        self._root(text, self.collect([self.operation.selection_set], "Query"))
        text.literal("}")
        setting = "app.city_id" if self.graph.declarations.realm == "city" else "app.tenant_id"
        # The settings stand in the outer side of a nested loop that the inner side depends on, so they are
        # set before any policy looks; were it ever otherwise, the policies raise and nothing is shown.
        sql = (
            f"select q.j from (select set_config('{setting}', $1, true) a, set_config('app.ctx', $2, true) b "
            f"offset 0) t cross join lateral (select {text.done()} j where t.a is not null and t.b is not null "
            "offset 0) q"
        )
        sql, bound = _renumbered(sql)
        return Plan(sql, self.params, list(self.conditions.values()), bound)

    # -- what depends on variables ------------------------------------------------------------------------------------
    def look(self, name: object, how: Callable[[Mapping[str, Any]], Hashable]) -> Any:
        """Look at the variables and note what was seen."""
        if name not in self.conditions:
            self.conditions[name] = Condition(how, how(self.variables))
        return self.conditions[name].expected

    def is_given(self, node: ValueNode | None) -> bool:
        """Whether an argument has a value other than null."""
        if node is None or isinstance(node, NullValueNode):
            return False
        if isinstance(node, VariableNode):
            name = node.name.value
            return bool(self.look(("given", name), lambda v: v.get(name) is not None))
        return True

    def is_included(self, node: FieldNode | FragmentSpreadNode | InlineFragmentNode) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name not in ("skip", "include"):
                raise NotCompilable("@" + name)
            (argument,) = directive.arguments or ()
            value = argument.value
            if isinstance(value, VariableNode):
                key = value.name.value
                truth = self.look(("true", key), lambda v, key=key: v.get(key))  # type: ignore[misc]
            else:
                truth = isinstance(value, BooleanValueNode) and value.value
            if truth == (name == "skip"):
                return False
        return True

    def collect(self, sets: list[SelectionSetNode], type_name: str, into: Selections | None = None) -> Selections:
        """Fields by response key, in the order in which the specification collects them."""
        found: Selections = {} if into is None else into
        for selections in sets:
            for node in selections.selections:
                if not self.is_included(node):  # type: ignore[arg-type]
                    continue
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                part: InlineFragmentNode | FragmentDefinitionNode
                if isinstance(node, FragmentSpreadNode):
                    part = self.fragments[node.name.value]
                else:
                    assert isinstance(node, InlineFragmentNode)
                    part = node
                on = part.type_condition.name.value if part.type_condition else type_name
                if on == type_name or (on == "Node" and type_name != "Query"):
                    self.collect([part.selection_set], type_name, found)
        return found

    def below(self, nodes: list[FieldNode], type_name: str) -> Selections:
        return self.collect([n.selection_set for n in nodes if n.selection_set], type_name)

    # -- roots --------------------------------------------------------------------------------------------------------
    def _root(self, text: Text, fields: Selections) -> None:
        roots = {camel(n): r for n, r in self.graph.declarations.roots.items()}
        text.literal("{")
        for at, (name, nodes) in enumerate(fields.items()):
            text.literal(("," if at else "") + f'"{name}":')
            node = nodes[0]
            if node.name.value == "__typename":
                text.literal('"Query"')
                continue
            root = roots.get(node.name.value)
            arguments = {a.name.value: a.value for a in node.arguments or ()}
            if isinstance(root, ById):
                entity = self.graph.declarations.entity(root.declared)
                self.require(entity.may, node)
                text.sql(self._by_id(entity, arguments["id"], self.below(nodes, entity.name)))
            elif isinstance(root, Own):
                entity = self.graph.declarations.entity(root.declared)
                self.require(entity.may, node)
                text.sql(self._own(entity, self.below(nodes, entity.name)))
            elif isinstance(root, Paged):
                listed = self.graph.lists["Query", node.name.value]
                self.require(listed.entity.may, node)
                text.sql(self._page(listed, arguments, self.below(nodes, listed.entity.name + "Connection"), None))
            else:
                raise NotCompilable(node.name.value)
        text.literal("}")

    def require(self, permissions: frozenset[str], node: FieldNode) -> None:
        if permissions and not permissions & self.permissions:
            raise NotCompilable(f"{node.name.value} (refused)")

    def _by_id(self, entity: Entity, value: ValueNode, fields: Selections) -> str:
        t = self._alias()
        prefix = str(entity.prefix)
        key = self._bind(value, "uuid", lambda given: ids.seek(given, prefix), way=prefix)
        joins: list[str] = []
        made = self._object(entity, t, fields, joins, set())
        where = [*conditions(entity, t, self.params, self.permissions), f"{t}.id = {key}"]
        rows = f"select {made} from {entity.table} {t} {' '.join(joins)} where {' and '.join(where)}"
        return f"coalesce(({rows}), 'null')"

    def _own(self, entity: Entity, fields: Selections) -> str:
        t = self._alias()
        joins: list[str] = []
        made = self._object(entity, t, fields, joins, set())
        where = conditions(entity, t, self.params, self.permissions)
        return f"(select {made} from {entity.table} {t} {' '.join(joins)} where {' and '.join(where)})"

    # -- objects ------------------------------------------------------------------------------------------------------
    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def _object(
        self, entity: Entity, t: str, fields: Selections, joins: list[str], used: set[str], *, optional: bool = False
    ) -> str:
        """The object of one row; `optional` where the row itself may be missing, so that no join drops its parent."""
        text = Text()
        text.literal("{")
        for at, (name, nodes) in enumerate(fields.items()):
            text.literal(("," if at else "") + f'"{name}":')
            node = nodes[0]
            if node.name.value == "__typename":
                text.literal(f'"{entity.name}"')
                continue
            field = entity.fields[node.name.value]
            how = field.how
            if isinstance(how, Column):
                self._column(text, entity, field, how, t, used)
            elif isinstance(how, One):
                self._one(text, field, how, t, nodes, joins, used, optional)
            elif isinstance(how, Many):
                assert field.target is not None
                self.require(frozenset([how.may]) if how.may else field.target.may, node)
                arguments = {a.name.value: a.value for a in node.arguments or ()}
                listed = self.graph.lists[entity.name, field.graphql_name]
                used.add("id")
                text.sql(self._page(listed, arguments, self.below(nodes, field.target.name + "Connection"), f"{t}.id"))
            else:
                raise NotCompilable(f"{entity.name}.{node.name.value}")
        text.literal("}")
        return text.done()

    def _column(self, text: Text, entity: Entity, field: Field, how: Column, t: str, used: set[str]) -> None:
        if how.may and how.may not in self.permissions:
            raise NotCompilable(f"{entity.name}.{field.graphql_name} (refused)")
        if how.masked and how.masked not in self.permissions:
            text.literal("null")
            return
        template = how.sql or f"{{t}}.{field.name}"
        used |= columns_of(template)
        value = fill(template, t, self.params)
        nullable = field.nullable
        if field.type is ID and not nullable:
            text.literal(f'"{entity.prefix}_')
            text.sql(value)
            text.literal('"')
        elif _is_quotable(field) and not nullable:
            text.literal('"')
            text.sql(f"upper({value})" if _is_enum(field) else value)
            text.literal('"')
        else:
            shown = printed(entity, field, value)
            text.sql(f"coalesce({shown}, 'null')" if nullable else shown)

    def _one(
        self,
        text: Text,
        field: Field,
        how: One,
        t: str,
        nodes: list[FieldNode],
        joins: list[str],
        used: set[str],
        optional: bool,
    ) -> None:
        entity = field.target
        assert entity is not None
        self.require(frozenset([how.may]) if how.may else entity.may, nodes[0])
        u = self._alias()
        used.add("id" if how.reverse else how.by)
        edge = f"{u}.{how.by} = {t}.id" if how.reverse else f"{u}.id = {t}.{how.by}"
        on = [*conditions(entity, u, self.params, self.permissions), edge]
        # Inner where the key cannot be null: the planner may then begin at either side.
        optional = optional or field.nullable
        joins.append(f"{'left ' if optional else ''}join {entity.table} {u} on {' and '.join(on)}")
        made = self._object(entity, u, self.below(nodes, entity.name), joins, set(), optional=optional)
        text.sql(f"case when {u}.id is null then 'null' else {made} end" if field.nullable else made)

    # -- pages --------------------------------------------------------------------------------------------------------
    def _page(self, listed: "List", arguments: Mapping[str, ValueNode], fields: Selections, parent: str | None) -> str:
        entity, t, w = listed.entity, self._alias(), self._alias()
        order = self._order(listed, arguments.get("order"))
        backward, size = self._size(listed, arguments)
        cursor = arguments.get("before" if backward else "after")
        beyond = self.is_given(cursor)
        where = conditions(entity, t, self.params, self.permissions)
        if listed.by is not None:
            where.append(f"{t}.{listed.by} = {parent}")
        where += self._filters(listed, arguments.get("filter"), t)
        text, counted = Text(), list(where)
        if beyond:
            assert cursor is not None
            value, row = self._cursor(order, cursor)
            where.append(order.beyond(t, value, row, backward=backward))

        used: set[str] = set(order.columns)
        joins: list[str] = []
        shown: dict[str, str] = {}  # name in w -> expression over t
        needs_more = False

        def column(expression: str) -> str:
            for name, known in shown.items():
                if known == expression:
                    return name
            shown[f"c{len(shown)}"] = expression
            return f"c{len(shown) - 1}"

        def rows(name: str) -> str:
            if needs_more:
                return f"string_agg({w}.{name}, ',' order by {w}.rk) filter (where {w}.rn <= {size})"
            return f"string_agg({w}.{name}, ',' order by {order.ranked(w)})"

        # whether one row more than the page has to be read, known before the parts are written
        asked = {n[0].name.value for n in fields.values()}
        if "pageInfo" in asked:
            info = {n[0].name.value for n in self.below(self._named(fields, "pageInfo"), "PageInfo").values()}
            needs_more = ("hasPreviousPage" if backward else "hasNextPage") in info
        text.literal("{")
        for at, (name, nodes) in enumerate(fields.items()):
            text.literal(("," if at else "") + f'"{name}":')
            match nodes[0].name.value:
                case "__typename":
                    text.literal(f'"{entity.name}Connection"')
                case "nodes":
                    made = self._object(entity, t, self.below(nodes, entity.name), joins, used)
                    text.literal("[")
                    text.sql(rows(column(made)))
                    text.literal("]")
                case "edges":
                    made = self._edge(entity, t, order, self.below(nodes, entity.name + "Edge"), joins, used)
                    text.literal("[")
                    text.sql(rows(column(made)))
                    text.literal("]")
                case "pageInfo":
                    info_fields = self.below(nodes, "PageInfo")
                    self._info(text, info_fields, order, t, w, size, backward, beyond, needs_more, column)
                case "totalCount":
                    text.sql(f"(select count(*) from {entity.table} {t} where {' and '.join(counted)})")
                case other:
                    raise NotCompilable(f"{entity.name}Connection.{other}")
        text.literal("}")
        answer = text.done()
        if not shown and not needs_more:
            return answer
        # The page first, its objects only then. The joins may disturb the order, so it is said once more for
        # the few rows of the page: by number where one row too many was read, else by the keys themselves.
        by = order.by(t, backward=backward)
        chosen = ", ".join(f"{t}.{c}" for c in sorted(used))
        source = f"from {entity.table} {t} where {' and '.join(where)} order by {by} limit"
        objects = "".join(f", {expression} {name}" for name, expression in shown.items())
        if needs_more:
            inner = f"select {chosen}, row_number() over (order by {by}) rn {source} {size} + 1"
            rank = f"{t}.rn, {'-' if backward else ''}{t}.rn rk"
        else:
            inner = f"select {chosen} {source} {size}"
            rank = order.rank(t)
        return f"(select {answer} from (select {rank}{objects} from ({inner}) {t} {' '.join(joins)}) {w})"

    @staticmethod
    def _named(fields: Selections, name: str) -> list[FieldNode]:
        return [n for nodes in fields.values() for n in nodes if n.name.value == name]

    def _edge(self, entity: Entity, t: str, order: Order, fields: Selections, joins: list[str], used: set[str]) -> str:
        text = Text()
        text.literal("{")
        for at, (name, nodes) in enumerate(fields.items()):
            text.literal(("," if at else "") + f'"{name}":')
            match nodes[0].name.value:
                case "__typename":
                    text.literal(f'"{entity.name}Edge"')
                case "node":
                    text.sql(self._object(entity, t, self.below(nodes, entity.name), joins, used))
                case "cursor":
                    text.literal('"')
                    text.sql(order.cursor(t, self.params))
                    text.literal('"')
        text.literal("}")
        return text.done()

    def _info(
        self,
        text: Text,
        fields: Selections,
        order: Order,
        t: str,
        w: str,
        size: str,
        backward: bool,
        beyond: bool,
        needs_more: bool,
        column: Callable[[str], str],
    ) -> None:
        text.literal("{")
        for at, (name, nodes) in enumerate(fields.items()):
            text.literal(("," if at else "") + f'"{name}":')
            match nodes[0].name.value:
                case "__typename":
                    text.literal('"PageInfo"')
                case "hasNextPage" | "hasPreviousPage" as which:
                    if (which == "hasNextPage") != backward:
                        text.sql(f"case when count(*) > {size} then 'true' else 'false' end")
                    else:
                        text.literal("true" if beyond else "false")
                case "startCursor" | "endCursor" as which:
                    mark = column(order.position(t))
                    last = which == "endCursor"
                    if needs_more:
                        ranked = f"{w}.rk desc" if last else f"{w}.rk"
                        first = f"(array_agg({w}.{mark} order by {ranked}) filter (where {w}.rn <= {size}))[1]"
                    else:
                        first = f"(array_agg({w}.{mark} order by {order.ranked(w, backward=last)}))[1]"
                    text.sql(_nullable(cursors.sql(self.params.cursor_key(), order.name, first)))
        text.literal("}")

    def _order(self, listed: "List", node: ValueNode | None) -> Order:
        name = listed.orders[0]
        if listed.order_type is not None and self.is_given(node):
            if isinstance(node, VariableNode):
                key = node.name.value
                chosen = self.look(("value", key), lambda v: v.get(key))
                name = chosen.value if isinstance(chosen, enum.Enum) else listed.order_type[chosen].value
            else:
                assert isinstance(node, EnumValueNode)
                name = listed.order_type[node.value].value
        return order_of(listed.entity, name)

    def _size(self, listed: "List", arguments: Mapping[str, ValueNode]) -> tuple[bool, str]:
        """Direction and number of rows; every doubtful combination is left to the reference to refuse."""
        given = {name: self.is_given(arguments.get(name)) for name in ("first", "last", "after", "before")}
        if given["first"] and given["last"]:
            raise NotCompilable("first and last")
        backward = given["last"] or (not given["first"] and given["before"])
        if (backward and given["after"]) or (not backward and given["before"]):
            raise NotCompilable("cursor of the other direction")
        name = "last" if backward else "first"
        if not given[name]:
            return backward, str(LIST_DEFAULT)
        node, most = arguments[name], listed.most
        if isinstance(node, IntValueNode):
            if not 0 <= int(node.value) <= most:
                raise NotCompilable("page size")
            return backward, str(int(node.value))

        def size(value: Any) -> int:
            if type(value) is not int or not 0 <= value <= most:
                raise NotCompilable("page size")
            return value

        return backward, self._bind(node, "bigint", size, way=most)

    def _cursor(self, order: Order, node: ValueNode) -> tuple[str, str]:
        if not isinstance(node, VariableNode):
            text = getattr(node, "value", None)
            return (
                self.params.put(("position", order.name, text, 0), lambda env: _position(env, order, text)[0]),
                self.params.put(("position", order.name, text, 1), lambda env: _position(env, order, text)[1]),
            )
        key = node.name.value
        return (
            self.params.put(("at", order.name, key, 0), lambda env: _position(env, order, env.variables[key])[0]),
            self.params.put(("at", order.name, key, 1), lambda env: _position(env, order, env.variables[key])[1]),
        )

    def _filters(self, listed: "List", node: ValueNode | None, t: str) -> list[str]:
        if not self.is_given(node):
            return []
        found = []
        if isinstance(node, VariableNode):
            key = node.name.value
            fields = listed.filters

            def seen(variables: Mapping[str, Any]) -> Hashable:
                whole = variables[key]
                return frozenset(n for n, f in fields.items() if part(whole, f.name, n) is not None)

            names = self.look(("filter", key), seen)
            for name, one in fields.items():
                if name in names:
                    value = self.params.put(
                        ("in", key, name),
                        lambda env, one=one, name=name: _bound(part(env.variables[key], one.name, name), one.id),  # type: ignore[misc]
                    )
                    found.append(predicate(one, t, self.params, value, self.permissions))
            return found
        assert isinstance(node, ObjectValueNode)
        given = {f.name.value: f.value for f in node.fields}
        for name, one in listed.filters.items():
            value_node = given.get(name)
            if not self.is_given(value_node):
                continue
            assert value_node is not None
            value = self._bind(
                value_node,
                "",
                lambda v, one=one: _bound(v, one.id),  # type: ignore[misc]
                listed,
                one.name,
                one.id,
            )
            found.append(predicate(one, t, self.params, value, self.permissions))
        return found

    def _bind(
        self,
        node: ValueNode,
        cast: str,
        convert: Callable[[Any], Any],
        listed: "List | None" = None,
        field: str = "",
        way: Hashable = None,
    ) -> str:
        """A value of the document as a parameter: variables at each request, literals read once.

        `way` tells conversions apart: one variable may be read as the id of two types, or size two lists.
        """
        suffix = f"::{cast}" if cast else ""
        if isinstance(node, VariableNode):
            key = node.name.value
            return self.params.put(("var", key, cast, field, way), lambda env: convert(env.variables[key])) + suffix
        if listed is None:
            literal = convert(getattr(node, "value", None))
        else:
            if _holds_variable(node):
                raise NotCompilable("variable inside a literal list")
            assert listed.filter_type is not None
            kind: Any = self.graph.schema._schema.type_map[listed.filter_type.__name__]
            literal = convert(value_from_ast(node, kind.fields[camel(field)].type))
        return self.params.constant(literal) + suffix


def _renumbered(sql: str) -> tuple[str, list[int]]:
    """Leave out parameters that the text does not use (a cursor where only the count is asked): they have no type."""
    used = sorted({int(number) for number in _PARAMETER.findall(sql)} - {1, 2})
    numbers = {old: new for new, old in enumerate(used, 3)} | {1: 1, 2: 2}
    return _PARAMETER.sub(lambda found: f"${numbers[int(found[1])]}", sql), [old - 3 for old in used]


def part(whole: Any, python_name: str, graphql_name: str) -> Any:
    """A field of a coerced filter: graphql-core hands dictionaries over."""
    if isinstance(whole, Mapping):
        return whole.get(graphql_name, whole.get(python_name))
    return getattr(whole, python_name)


def _bound(value: Any, prefix: str | None) -> Any:
    try:
        return reading.bound(value, prefix)
    except GraphQLError:
        raise NotCompilable("text") from None


def _position(env: Env, order: Order, cursor: Any) -> tuple[str, str]:
    if not isinstance(cursor, str):
        raise NotCompilable("cursor")
    try:
        return cursors.read(env.cursor_key, order.name, cursor)
    except cursors.InvalidCursor:
        raise NotCompilable("cursor") from None


def _holds_variable(node: Any) -> bool:
    return isinstance(node, VariableNode) or any(map(_holds_variable, getattr(node, "values", ())))


def _nullable(expression: str) -> str:
    return f"coalesce('\"' || {expression} || '\"', 'null')"


def _is_enum(field: Field) -> bool:
    return isinstance(field.type, type) and issubclass(field.type, enum.Enum)


def _is_quotable(field: Field) -> bool:
    """Types whose text needs quotes and no escapes."""
    return not field.listed and (field.type is date or _is_enum(field))


def printed(entity: Entity, field: Field, value: str) -> str:
    """A column as JSON text, null staying null: the SQL half of each scalar's one rule."""
    kind = field.type
    if field.listed:
        return f"to_json(upper(({value})::text)::text[])::text" if _is_enum(field) else f"to_json({value})::text"
    if kind is bool:
        return f"case when {value} then 'true' when not {value} then 'false' end"
    if kind in (int, Cents, Whole):
        return f"({value})::text"
    if kind is str:
        return f"to_json(({value})::text)::text"
    if kind is datetime:
        return f"to_json({value})::text"
    if kind is ID:
        return f"'\"{entity.prefix}_' || ({value})::text || '\"'"
    if _is_enum(field):
        return f"'\"' || upper({value}) || '\"'"
    if kind is date:
        return f"'\"' || ({value})::text || '\"'"
    raise NotCompilable(f"{entity.name}.{field.graphql_name}")
