"""Builds a Strawberry schema from declarations: the types, and the reference resolvers behind them."""

import enum
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry
from strawberry import ID
from strawberry.schema.config import StrawberryConfig

from quartier_graph import reading
from quartier_graph.declare import Asking, ById, Column, Computed, Declarations, Entity, Field, Many, One, Own, Paged
from quartier_graph.inputs import FilterField, filter_fields, filter_input
from quartier_graph.mutations import mutation
from quartier_graph.scalars import HIDDEN, SCALARS

Info = strawberry.Info[Any, Any]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="More rows follow.")
    has_previous_page: bool = strawberry.field(description="Rows lie before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row here.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row here.")


@strawberry.interface(name="Node", description="Anything with a global id.")
class NodeInterface:
    id: ID = strawberry.field(description="Global id.")


@dataclass(frozen=True, slots=True)
class List:
    """One published list: a root or a nested page, as both executors need it."""

    entity: Entity
    by: str | None
    orders: tuple[str, ...]
    filters: dict[str, FilterField]
    most: int
    filter_type: type | None
    order_type: type[enum.Enum] | None


@dataclass
class Graph:
    """A schema with what the compiler has to know of it."""

    declarations: Declarations
    schema: strawberry.Schema = field(init=False)
    classes: dict[str, type] = field(default_factory=dict)
    lists: dict[tuple[str, str], List] = field(default_factory=dict)
    module: str = ""

    def entity(self, type_name: str) -> Entity | None:
        return self.declarations.entities.get(type_name)


def build(declarations: Declarations, subscription: Callable[["Graph"], type] | None = None) -> Graph:
    """Make the schema. A declared thing without description or permission stops here, before anything is served."""
    declarations.settle()
    graph = Graph(declarations)
    graph.module = f"quartier_graph._{declarations.name or declarations.realm}_types"
    # Types refer to each other by name; Strawberry resolves lazy names in a module, so they get one.
    home = types.ModuleType(graph.module)
    sys.modules[graph.module] = home
    for entity in declarations.entities.values():
        for made in _types_of(graph, entity):
            setattr(home, made.__name__, made)
            graph.classes[made.__name__] = made
    graph.schema = strawberry.Schema(
        _query(graph),
        mutation(graph),
        subscription(graph) if subscription else None,
        types=[graph.classes[name] for name in declarations.entities],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    return graph


def _class(name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
    return type(name, bases, space)


def lazy(graph: Graph, name: str) -> Any:
    return Annotated[name, strawberry.lazy(graph.module)]


def _types_of(graph: Graph, entity: Entity) -> list[type]:
    space: dict[str, Any] = {"__module__": graph.module, "__annotations__": {"row": HIDDEN}}
    for declared in entity.fields.values():
        space[declared.name] = strawberry.field(
            resolver=_resolver(graph, entity, declared), description=declared.how.doc, name=declared.graphql_name
        )
    bases = (NodeInterface,) if entity.prefix else ()
    made = [strawberry.type(_class(entity.name, bases, space), description=entity.doc)]
    if not _is_listed(graph, entity):
        return made
    node = lazy(graph, entity.name)
    edge = {
        "__module__": graph.module,
        "__annotations__": {"node": node, "cursor": str},
        "node": strawberry.field(description="The row."),
        "cursor": strawberry.field(description="Its place in the list."),
    }
    connection = {"__module__": graph.module, "__annotations__": {"slice": HIDDEN}}
    connection |= {
        "nodes": _member(list[node], lambda cut: cut.nodes, "The rows of this page."),  # type: ignore[valid-type]
        "edges": _member(
            list[lazy(graph, entity.name + "Edge")],  # type: ignore[misc]
            lambda cut: [graph.classes[entity.name + "Edge"](node=n, cursor=c) for n, c in cut.edges],
            "The rows with their cursors.",
        ),
        "page_info": _member(PageInfo, lambda cut: PageInfo(**cut.info), "Where this page lies."),
        "total_count": _member(int, lambda cut: cut.total(), "How many rows there are in all; costs a count."),
    }
    made.append(strawberry.type(_class(entity.name + "Edge", (), edge), description=f"{entity.name} in a list."))
    made.append(
        strawberry.type(_class(entity.name + "Connection", (), connection), description=f"A page of {entity.name}.")
    )
    return made


def _is_listed(graph: Graph, entity: Entity) -> bool:
    declared = graph.declarations
    nested = (f.target for e in declared.entities.values() for f in e.fields.values() if isinstance(f.how, Many))
    paged = (declared.entity(r.declared) for r in declared.roots.values() if isinstance(r, Paged))
    return entity in [*nested, *paged]


def _member(answer: Any, read: Callable[[Any], Any], doc: str) -> Any:
    def resolve(self: Any) -> Any:
        return read(self.slice)

    resolve.__annotations__ = {"return": answer}
    return strawberry.field(resolver=resolve, description=doc)


def _resolver(graph: Graph, entity: Entity, declared: Field) -> Callable[..., Any]:
    how = declared.how
    resolve: Callable[..., Any]
    if isinstance(how, Column):

        def resolve_column(self: Any, info: Info) -> Any:
            return reading.leaf(info.context, entity, declared, self.row)

        resolve = resolve_column
        answer = _leaf_type(declared)
        resolve.__annotations__ = {"info": Info, "return": answer}
        return resolve
    if isinstance(how, Computed):

        async def resolve_computed(self: Any, info: Info) -> Any:
            return await reading.computed(info.context, declared, self.row)

        resolve_computed.__annotations__ = {"info": Info, "return": _leaf_type(declared)}
        return resolve_computed
    assert declared.target is not None
    if isinstance(how, One):

        async def resolve_one(self: Any, info: Info) -> Any:
            return await reading.one(info.context, graph, entity, declared, self.row)

        target = lazy(graph, declared.target.name)
        resolve_one.__annotations__ = {"info": Info, "return": (target | None) if declared.nullable else target}
        return resolve_one
    listed = _list(graph, entity.name, declared.graphql_name, declared.target, how.by, how.orders, how.filter, 100)

    async def resolve_many(self: Any, info: Info, **arguments: Any) -> Any:
        return await reading.page(info.context, graph, listed, arguments, parent=self.row["id"], may=how.may)

    return _paging(graph, listed, resolve_many, with_self=True)


def _leaf_type(declared: Field) -> Any:
    answer = list[declared.type] if declared.listed else declared.type  # type: ignore[name-defined]
    return answer | None if declared.nullable else answer


def _list(
    graph: Graph,
    owner: str,
    name: str,
    entity: Entity,
    by: str | None,
    orders: Any,
    filter: Any,
    most: int,
) -> List:
    for order in orders:
        if order.lstrip("-") not in entity.orders:
            raise TypeError(f"{owner}.{name} is ordered by {order}, which {entity.name} does not declare")
    chosen = tuple(orders) or ("",)
    filter_type = None
    if filter is not None:
        filter_type = graph.classes.get(filter.__name__)
        if filter_type is None:
            filter_type = graph.classes[filter.__name__] = filter_input(filter)
    fields = filter_fields(filter) if filter is not None else {}
    graph.lists[owner, name] = listed = List(
        entity, by, chosen, fields, most, filter_type, _order_enum(graph, entity, chosen)
    )
    return listed


def _order_enum(graph: Graph, entity: Entity, orders: tuple[str, ...]) -> type[enum.Enum] | None:
    if len(orders) < 2:
        return None
    members = {_order_name(o): o for o in orders}
    name = f"{entity.name}Order"
    known = graph.classes.get(name)
    if known is not None:
        if {m.name: m.value for m in known} != members:  # type: ignore[attr-defined]
            raise TypeError(f"lists of {entity.name} offer different orders; offer the same ones everywhere")
        return known
    made = enum.Enum(name, members)  # type: ignore[misc]
    strawberry.enum(made, description=f"Orders of {entity.name}.")
    graph.classes[name] = made
    return made


def _order_name(order: str) -> str:
    return order.lstrip("-").upper() + ("_DESC" if order.startswith("-") else "")


def _paging(graph: Graph, listed: List, resolve: Callable[..., Any], *, with_self: bool) -> Callable[..., Any]:
    """Give a list's resolver the arguments that its list takes."""
    most = listed.most
    arguments: dict[str, Any] = {
        "first": Annotated[
            int | None, strawberry.argument(description=f"How many from the start: 20, at most {most}.")
        ],
        "after": Annotated[str | None, strawberry.argument(description="Begin behind this cursor.")],
        "last": Annotated[int | None, strawberry.argument(description=f"How many from the end, at most {most}.")],
        "before": Annotated[str | None, strawberry.argument(description="End in front of this cursor.")],
    }
    if listed.filter_type is not None:
        arguments["filter"] = Annotated[
            listed.filter_type | None, strawberry.argument(description="Only rows for which all of this holds.")
        ]
    if listed.order_type is not None:
        arguments["order"] = Annotated[
            listed.order_type | None,
            strawberry.argument(description=f"The order; {_order_name(listed.orders[0])} unless given."),
        ]
    kinds = inspect.Parameter
    head = [kinds("self", kinds.POSITIONAL_OR_KEYWORD)] if with_self else []
    head.append(kinds("info", kinds.POSITIONAL_OR_KEYWORD, annotation=Info))
    tail = [kinds(n, kinds.POSITIONAL_OR_KEYWORD, default=strawberry.UNSET, annotation=a) for n, a in arguments.items()]
    answer = lazy(graph, listed.entity.name + "Connection")
    resolve.__signature__ = inspect.Signature(head + tail, return_annotation=answer)  # type: ignore[attr-defined]
    resolve.__annotations__ = {"info": Info, "return": answer, **arguments}
    return resolve


def _query(graph: Graph) -> type:
    space: dict[str, Any] = {"__module__": graph.module, "__annotations__": {}}
    for name, root in graph.declarations.roots.items():
        space[name] = strawberry.field(resolver=_root(graph, name, root), description=root.doc)
    if graph.declarations.realm == "site":
        space["node"] = strawberry.field(resolver=_node(graph), description="Anything by its global id.")
        space["nodes"] = strawberry.field(resolver=_nodes(graph), description="Several things by their global ids.")
    return strawberry.type(_class("Query", (), space), description="What can be asked.")


def _root(graph: Graph, name: str, root: Any) -> Callable[..., Any]:
    from quartier_graph.declare import camel

    if isinstance(root, Asking):

        async def answer(info: Info, **arguments: Any) -> Any:
            return await reading.asked(info.context, root, arguments)

        taken = inspect.signature(root.work, eval_str=True).parameters.values()
        given = [one for one in taken if one.kind is one.KEYWORD_ONLY]
        info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
        answer.__signature__ = inspect.Signature([info, *given], return_annotation=root.answer)  # type: ignore[attr-defined]
        answer.__annotations__ = {"info": Info, "return": root.answer} | {one.name: one.annotation for one in given}
        return answer
    entity = graph.declarations.entity(root.declared)
    if isinstance(root, ById):

        async def by_id(info: Info, id: ID) -> Any:
            return await reading.by_id(info.context, graph, entity, id)

        by_id.__annotations__ = {
            "info": Info,
            "id": Annotated[ID, strawberry.argument(description="Its global id.")],
            "return": lazy(graph, entity.name) | None,
        }
        return by_id
    if isinstance(root, Own):

        async def of_realm(info: Info) -> Any:
            return await reading.of_realm(info.context, graph, entity)

        of_realm.__annotations__ = {"info": Info, "return": lazy(graph, entity.name)}
        return of_realm
    assert isinstance(root, Paged)
    listed = _list(graph, "Query", camel(name), entity, None, root.orders, root.filter, root.most)

    async def paged(info: Info, **arguments: Any) -> Any:
        return await reading.page(info.context, graph, listed, arguments)

    return _paging(graph, listed, paged, with_self=False)


def _node(graph: Graph) -> Callable[..., Any]:
    async def node(info: Info, id: ID) -> Any:
        return await reading.node(info.context, graph, id)

    node.__annotations__ = {
        "info": Info,
        "id": Annotated[ID, strawberry.argument(description="Its global id.")],
        "return": NodeInterface | None,
    }
    return node


def _nodes(graph: Graph) -> Callable[..., Any]:
    async def nodes(info: Info, ids: list[ID]) -> Any:
        return await reading.nodes(info.context, graph, ids)

    nodes.__annotations__ = {
        "info": Info,
        "ids": Annotated[list[ID], strawberry.argument(description="Global ids, at most 100.")],
        "return": list[NodeInterface | None],
    }
    return nodes
