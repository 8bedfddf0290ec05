"""The reference: ordinary resolvers over loaders. Every statement names its tenant.

It defines what an answer is; compiled reads have to give the same bytes, and whatever cannot be
compiled is answered here.
"""

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry import ID

from quartier_graph import cursors, ids
from quartier_graph.context import Context, Forbidden
from quartier_graph.declare import Asking, Column, Computed, Entity, Field, One
from quartier_graph.loader import Loader
from quartier_graph.statement import LIST_DEFAULT, Order, Params, conditions, fill, order_of, predicate

if TYPE_CHECKING:
    from quartier_graph.build import Graph, List

Row = Mapping[str, Any]
MOST_NODES = 100


@dataclass(slots=True)
class Slice:
    """One page: its rows with their cursors, in the list's order."""

    nodes: list[Any]
    marks: list[str]
    info: dict[str, Any]
    total: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list[tuple[Any, str]]:
        return list(zip(self.nodes, self.marks, strict=True))


def require(context: Context, permissions: frozenset[str] | Sequence[str], what: str) -> None:
    if permissions and not any(map(context.desk.may, permissions)):
        raise Forbidden(what, permissions)


def leaf(context: Context, entity: Entity, field: Field, row: Row) -> Any:
    """A column's value as its scalar takes it."""
    how = field.how
    assert isinstance(how, Column)
    if how.may and not context.desk.may(how.may):
        raise Forbidden(f"{entity.name}.{field.graphql_name}", [how.may])
    if how.masked and not context.desk.may(how.masked):
        return None
    value = row[field.name]
    if field.type is ID and value is not None:
        return ids.write(str(entity.prefix), value)
    if isinstance(field.type, type) and issubclass(field.type, enum.Enum) and value is not None:
        return [field.type(v) for v in value] if field.listed else field.type(value)
    return value


async def computed(context: Context, field: Field, row: Row) -> Any:
    assert isinstance(field.how, Computed)
    require(context, [field.how.may] if field.how.may else [], field.graphql_name)
    return await context.running.end(field.how.work(context.desk, row["id"]))


async def one(context: Context, graph: "Graph", entity: Entity, field: Field, row: Row) -> Any:
    assert isinstance(field.how, One)
    assert field.target is not None
    needed = frozenset([field.how.may]) if field.how.may else field.target.may
    require(context, needed, f"{entity.name}.{field.graphql_name}")
    if field.how.reverse:
        return await _loader(context, graph, field.target, field.how.by).load(row["id"])
    target = row[field.how.by]
    return None if target is None else await _loader(context, graph, field.target).load(target)


async def by_id(context: Context, graph: "Graph", entity: Entity, key: str) -> Any:
    require(context, entity.may, entity.name)
    found = ids.seek(key, str(entity.prefix))
    return None if found == ids.NOBODY else await _loader(context, graph, entity).load(found)


async def node(context: Context, graph: "Graph", key: str) -> Any:
    parts = ids.split(key)
    entity = next((e for e in graph.declarations.entities.values() if parts and e.prefix == parts[0]), None)
    # A type one may not read answers like a thing that does not exist.
    if parts is None or entity is None or not any(map(context.desk.may, entity.may)):
        return None
    return await _loader(context, graph, entity).load(parts[1])


async def nodes(context: Context, graph: "Graph", keys: Sequence[str]) -> list[Any]:
    if len(keys) > MOST_NODES:
        raise GraphQLError(f"nodes takes at most {MOST_NODES} ids.", extensions={"code": "FIELD_INVALID"})
    return [await node(context, graph, key) for key in keys]


async def of_realm(context: Context, graph: "Graph", entity: Entity) -> Any:
    require(context, entity.may, entity.name)
    params = Params()
    where = conditions(entity, "t", params, context.desk.permissions)
    sql = f"select {_columns(entity, params)} from {entity.table} t where {' and '.join(where)}"
    [row] = await context.fetch(sql, *params.values(context.env))
    return _made(graph, entity, row)


async def asked(context: Context, root: Asking, arguments: Mapping[str, Any]) -> Any:
    require(context, root.may, "This question")
    for value in arguments.values():
        bound(value, None)
    return await context.running.end(root.work(context.desk, **arguments))


def _columns(entity: Entity, params: Params) -> str:
    """Everything declared of a row; an edge brings its key."""
    wanted = {}
    for field in entity.fields.values():
        if isinstance(field.how, Column):
            wanted[field.name] = fill(field.how.sql or f"{{t}}.{field.name}", "t", params)
        elif isinstance(field.how, One) and not field.how.reverse:
            wanted[field.how.by] = f"t.{field.how.by}"
    return ", ".join(f'{sql} as "{name}"' for name, sql in wanted.items())


def _made(graph: "Graph", entity: Entity, row: Row) -> Any:
    return graph.classes[entity.name](row=row)


def _loader(context: Context, graph: "Graph", entity: Entity, by: str = "id") -> Loader[UUID, Any]:
    """Rows by a unique key, one statement for all that ask at the same time."""
    name = (entity.name, by)
    if name not in context.loaders:

        async def load(keys: list[UUID]) -> list[Any]:
            params = Params()
            where = [*conditions(entity, "t", params, context.desk.permissions)]
            where.append(f"t.{by} = any({params.constant(list(set(keys)))}::uuid[])")
            columns = f"{_columns(entity, params)}, t.{by} as __key"
            sql = f"select {columns} from {entity.table} t where {' and '.join(where)}"
            rows = await context.desk.fetch(sql, *params.values(context.env))
            found = {row["__key"]: _made(graph, entity, row) for row in rows}
            return [found.get(key) for key in keys]

        context.loaders[name] = Loader(context.running, load)
    return context.loaders[name]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which part of a list is asked for."""

    most: int
    backward: bool
    cursor: str | None


def bounds(arguments: Mapping[str, Any], most: int) -> Bounds:
    """Read Relay's arguments. Refuses FIELD_INVALID with what is allowed."""
    first, last, after, before = (given(arguments.get(name)) for name in ("first", "last", "after", "before"))
    if first is not None and last is not None:
        raise _invalid("Ask for first or for last, not for both.")
    backward = last is not None or (first is None and before is not None)
    if (backward and after is not None) or (not backward and before is not None):
        raise _invalid("after goes with first, before goes with last.")
    size = last if backward else first
    if size is None:
        size = LIST_DEFAULT
    if not 0 <= size <= most:
        raise _invalid(f"{'last' if backward else 'first'} is a number from 0 to {most}; {size} is not.")
    return Bounds(size, backward, before if backward else after)


def _invalid(text: str) -> GraphQLError:
    return GraphQLError(text, extensions={"code": "FIELD_INVALID"})


async def page(
    context: Context,
    graph: "Graph",
    listed: "List",
    arguments: Mapping[str, Any],
    *,
    parent: UUID | None = None,
    may: str | None = None,
) -> Any:
    """A page of a list; pages of many parents with the same arguments come in one statement."""
    entity = listed.entity
    require(context, [may] if may else entity.may, entity.name)
    asked_for = bounds(arguments, listed.most)
    chosen = given(arguments.get("order"))
    order = order_of(entity, chosen.value if chosen is not None else listed.orders[0])
    position = None
    if asked_for.cursor is not None:
        try:
            position = cursors.read(context.cursor_key, order.name, asked_for.cursor)
        except cursors.InvalidCursor:
            raise GraphQLError(
                "This cursor does not belong to this list in this order; take one from a page of it.",
                extensions={"code": "INVALID_CURSOR"},
            ) from None
    wanted = _wanted(listed, given(arguments.get("filter")))
    name = (listed.by, entity.name, asked_for, order.name, repr(wanted))
    if name not in context.loaders:
        context.loaders[name] = Loader(
            context.running,
            lambda parents: _pages(context, graph, listed, asked_for, order, position, wanted, parents),
        )
    cut: Slice = await context.loaders[name].load(parent)
    return graph.classes[entity.name + "Connection"](slice=cut)


def given(value: Any) -> Any:
    """An argument's value; one that was left out is None."""
    return None if value is strawberry.UNSET else value


def _wanted(listed: "List", wanted: Any) -> list[tuple[str, Any]]:
    """The filters that were given, in declared order, as values to bind."""
    found = []
    for name, one in listed.filters.items():
        value = given(getattr(wanted, one.name)) if wanted is not None else None
        if value is not None:
            found.append((name, bound(value, one.id)))
    return found


def bound(value: Any, prefix: str | None) -> Any:
    """A filter's value as it is bound: ids become uuids, enums their stored words. Refuses FIELD_INVALID."""
    if isinstance(value, list):
        return [bound(v, prefix) for v in value]
    if prefix is not None:
        return ids.seek(value, prefix)
    if isinstance(value, str) and "\0" in value:
        raise _invalid("A text has no zero byte.")  # PostgreSQL's cannot hold it
    return value.value if isinstance(value, enum.Enum) else value


async def _pages(
    context: Context,
    graph: "Graph",
    listed: "List",
    asked_for: Bounds,
    order: Order,
    position: tuple[str, str] | None,
    wanted: list[tuple[str, Any]],
    parents: list[UUID | None],
) -> list[Slice]:
    entity = listed.entity
    params = Params()
    where = conditions(entity, "t", params, context.desk.permissions)
    if listed.by is not None:
        where.append(f"t.{listed.by} = parent.id")
    may = context.desk.permissions
    where += [predicate(listed.filters[n], "t", params, params.constant(v), may) for n, v in wanted]
    if position is not None:
        value, row_id = (params.constant(part) for part in position)
        where.append(order.beyond("t", value, row_id, backward=asked_for.backward))
    columns = f"{_columns(entity, params)}, {order.position('t')} as __position"
    inner = (
        f"select {columns} from {entity.table} t where {' and '.join(where)} "
        f"order by {order.by('t', backward=asked_for.backward)} limit {asked_for.most + 1}"
    )
    over = "(select null::uuid as id) parent"
    if listed.by is not None:
        over = f"(select unnest({params.constant(parents)}::uuid[]) as id) parent"
    sql = f"select parent.id as __parent, x.* from {over} cross join lateral ({inner}) x"
    rows = await context.desk.fetch(sql, *params.values(context.env))
    found: dict[UUID | None, list[Row]] = {parent: [] for parent in parents}
    for row in rows:
        found[row["__parent"]].append(row)

    def sliced(parent: UUID | None) -> Slice:
        here = found[parent]
        more = len(here) > asked_for.most
        here = here[: asked_for.most]
        if asked_for.backward:
            here.reverse()
        marks = [cursors.write(context.cursor_key, order.name, row["__position"]) for row in here]
        beyond = asked_for.cursor is not None
        info = {
            "has_next_page": beyond if asked_for.backward else more,
            "has_previous_page": more if asked_for.backward else beyond,
            "start_cursor": marks[0] if marks else None,
            "end_cursor": marks[-1] if marks else None,
        }

        async def total() -> int:
            again = Params()
            rules = conditions(entity, "t", again, context.desk.permissions)
            if listed.by is not None:
                rules.append(f"t.{listed.by} = {again.constant(parent)}::uuid")
            rules += [predicate(listed.filters[n], "t", again, again.constant(v), may) for n, v in wanted]
            sql = f"select count(*) n from {entity.table} t where {' and '.join(rules)}"
            return int((await context.fetch(sql, *again.values(context.env)))[0]["n"])

        return Slice([_made(graph, entity, row) for row in here], marks, info, total)

    return [sliced(parent) for parent in parents]
