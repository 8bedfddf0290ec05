"""How a published type is declared: once. From it come the Strawberry type and the compiled read.

    @published(tables.Booking, prefix="bkg", may="spaces:read", orders={"starts": key("lower({t}.during)")})
    class Booking(Node):
        "A span of time in which a space is held."
        number: str = column("Human number, such as LW-B-2026-0014.")
        space: "Space" = one("The space.", by="space_id")

Everything is explicit: a column of a table that is not declared here is not published.
"""

import dataclasses
import sys
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from strawberry import ID

from quartier.tenancy.desk import Desk
from quartier.tenancy.once import Power

T = TypeVar("T")
C = TypeVar("C", bound=type)
Realm = Literal["site", "city"]
BOTH: tuple[Realm, ...] = ("site", "city")
Done = Mapping[str, Any]


class Node:
    """A type with a global id."""


class Plain:
    """A published type without an id of its own: figures, shares of a whole."""


class Page(Generic[T]):
    """A list of T as Relay's connection."""


class Filter:
    """Base of the typed filters of a list: every field is optional, given ones all have to hold."""


class Wish:
    """Base of what a mutation is asked to do."""

    idempotency_key: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Key:
    """What a list is ordered by: an expression that is never null, and its PostgreSQL type."""

    sql: str
    type: str


def key(sql: str, type: str = "text") -> Key:
    return Key(sql, type)


@dataclass(frozen=True, slots=True)
class Column:
    doc: str
    sql: str | None = None
    may: str | None = None
    masked: str | None = None


@dataclass(frozen=True, slots=True)
class One:
    """`reverse`: the other row's key `by` points here, and a unique constraint lets only one do so."""

    doc: str
    by: str
    may: str | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    doc: str
    by: str
    orders: Sequence[str] = ()
    filter: type[Filter] | None = None
    may: str | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A field that only Python can answer; documents that ask for it fall back to ordinary execution."""

    doc: str
    work: Callable[..., Any]
    may: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    doc: str
    sql: str
    id: str | None = None
    rows: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    doc: str
    default: Any = dataclasses.MISSING


def column(doc: str, *, sql: str | None = None, may: str | None = None, masked: str | None = None) -> Any:
    """A column; `sql` is an expression over `{t}`. Without `masked` it reads null, without `may` it is refused."""
    return Column(doc, sql, may, masked)


def one(doc: str, *, by: str, may: str | None = None) -> Any:
    """The row that the composite key (tenant_id, `by`) points to; nullable exactly where the key is."""
    return One(doc, by, may)


def one_reverse(doc: str, *, by: str, may: str | None = None) -> Any:
    """The one row whose unique key `by` points here, or null."""
    return One(doc, by, may, reverse=True)


def many(
    doc: str, *, by: str, orders: Sequence[str] = (), filter: type[Filter] | None = None, may: str | None = None
) -> Any:
    """The rows whose key `by` points here, as a page. The first order is the default; `-name` is descending."""
    return Many(doc, by, orders, filter, may)


def computed(doc: str, work: Callable[..., Any], *, may: str | None = None) -> Any:
    """A value that `work(desk, row id)` answers."""
    return Computed(doc, work, may)


def where(doc: str, sql: str, *, id: str | None = None, rows: Mapping[str, str | None] | None = None) -> Any:
    """A filter: a predicate over `{t}` and the value `{v}`; `id` is the prefix of the ids it takes.

    `rows`: for a filter that tells what not everybody may read of every row, the rows it can find, as in
    `published()`; without one of these permissions it finds none.
    """
    return Where(doc, sql, id, rows or {})


def asked(doc: str, default: Any = dataclasses.MISSING) -> Any:
    """A field of a wish. A default makes it optional."""
    return Asked(doc, default)


class Table(Protocol):
    _meta: Any


@dataclass(slots=True)
class Entity:
    """A published type. `rows` says by permission which rows are seen: None all, else a predicate."""

    name: str
    declared: type
    table: str
    prefix: str | None
    may: frozenset[str]
    orders: Mapping[str, Key]
    rows: Mapping[str, str | None]
    realm_column: str
    identity: Key
    personal: bool = False
    fields: dict[str, "Field"] = field(default_factory=dict)

    @property
    def doc(self) -> str:
        return " ".join((self.declared.__doc__ or "").split())


@dataclass(slots=True)
class Field:
    """A declared field with its type settled: `type` is the Python type or, for edges, the entity's name."""

    name: str
    graphql_name: str
    how: Column | One | Many | Computed
    type: Any
    nullable: bool
    listed: bool = False
    target: Entity | None = None


@dataclass(frozen=True, slots=True)
class ById:
    declared: type
    doc: str


@dataclass(frozen=True, slots=True)
class Paged:
    declared: type
    doc: str
    filter: type[Filter] | None
    orders: Sequence[str]
    most: int


@dataclass(frozen=True, slots=True)
class Own:
    """The one row of the realm itself."""

    declared: type
    doc: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A root that a room's query answers; falls back to ordinary execution.

    `apart`: it speaks with a power of its own, so no snapshot of the request's power may be open around it.
    `personal`: it shows people, so who asks is written down.
    """

    work: Callable[..., Awaitable[Any]]
    answer: Any
    doc: str
    may: tuple[str, ...]
    apart: bool = False
    personal: bool = False


Before = Callable[[Desk, Any], Awaitable[Any]]
After = Callable[[Desk, Any, Done], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A mutation. `before` runs outside of its transaction, with another power, and what it finds is handed to `work`;
    `after` is told the answer when it is committed, so it has to be harmless when it is done twice or never.
    `once_only` are values that are answered once and never kept with the key: secrets."""

    name: str
    may: tuple[str, ...]
    work: Callable[..., Awaitable[Done]]
    wish: type
    changes: Mapping[str, type]
    values: Mapping[str, tuple[Any, str]]
    doc: str
    power: Power = "app"
    before: Before | None = None
    after: After | None = None
    once_only: frozenset[str] = frozenset()


Root = ById | Paged | Own | Asking


@dataclass(slots=True)
class Declarations:
    """Everything declared for one schema, filled while the rooms' files are imported."""

    realm: Realm
    name: str = ""
    entities: dict[str, Entity] = field(default_factory=dict)
    roots: dict[str, Root] = field(default_factory=dict)
    verbs: dict[str, Verb] = field(default_factory=dict)
    settled: bool = False

    def entity(self, declared: type) -> Entity:
        return next(e for e in self.entities.values() if e.declared is declared)

    def arrange(self, rooms: Sequence[str]) -> None:
        """Put everything in the rooms' order, whoever was imported first: the schema's text hangs on it."""

        def place(declared: Any) -> int:
            return rooms.index(declared.__module__.rpartition(".")[2])

        self.entities = dict(sorted(self.entities.items(), key=lambda pair: place(pair[1].declared)))
        self.verbs = dict(sorted(self.verbs.items(), key=lambda pair: place(pair[1].work)))
        self.roots = dict(sorted(self.roots.items(), key=lambda pair: place(_made_by(pair[1]))))

    def settle(self) -> None:
        """Resolve the annotations, once every file has been read."""
        if self.settled:
            return
        self.settled = True
        names = {e.name: e.declared for e in self.entities.values()}
        for entity in self.entities.values():
            scope = {**vars(sys.modules[entity.declared.__module__]), **names}
            hints = typing.get_type_hints(entity.declared, globalns=scope, include_extras=True)
            if entity.prefix:
                entity.fields["id"] = Field("id", "id", Column("Global id."), ID, nullable=False)
            for name, hint in hints.items():
                how = vars(entity.declared).get(name)
                if isinstance(how, Column | One | Many | Computed):
                    entity.fields[camel(name)] = self._settled(entity, name, how, hint)

    def _settled(self, entity: Entity, name: str, how: Any, hint: Any) -> Field:
        if not how.doc.strip():
            raise TypeError(f"{entity.name}.{name} has no description")
        hint, nullable = stripped(hint)
        listed = typing.get_origin(hint) is list
        if listed:
            (hint,) = typing.get_args(hint)
        if isinstance(how, Column) and how.masked and not nullable:
            raise TypeError(f"{entity.name}.{name} is masked, so it has to be nullable")
        target = None
        if isinstance(how, Many):
            (hint,) = typing.get_args(hint)
        if isinstance(how, One | Many):
            target = self.entity(hint)
            if isinstance(how, One) and not nullable and _may_hide(target, how):
                raise TypeError(f"{entity.name}.{name}: rows of {target.name} may be hidden, so it has to be nullable")
        return Field(name, camel(name), how, hint, nullable, listed, target)


def _made_by(root: Root) -> Any:
    return root.work if isinstance(root, Asking) else root.declared


def _may_hide(target: Entity, how: One) -> bool:
    """Whether somebody who may follow the edge may still not see every row behind it."""
    needed = {how.may} if how.may else target.may
    partly = any(rule is not None for rule in target.rows.values())
    return how.reverse or partly or (bool(target.rows) and not needed <= target.rows.keys())


SITE = Declarations("site")
CITY = Declarations("city")


def _of(realm: Realm | Declarations) -> Declarations:
    if isinstance(realm, Declarations):
        return realm
    return SITE if realm == "site" else CITY


def published(
    table: type[Table] | str,
    *,
    may: str | Sequence[str],
    prefix: str | None = None,
    orders: Mapping[str, Key] | None = None,
    rows: Mapping[str, str | None] | None = None,
    realm: Realm | Declarations = "site",
    realm_column: str = "tenant_id",
    identity: Key | None = None,
    personal: bool = False,
) -> Callable[[C], C]:
    """Publish a table under explicit fields.

    `may`: a permission, or several of which one is enough. `rows`: permission to predicate over `{t}`,
    `{own}` (uuid[]), `{person}`, `{now}`; the first one that the desk holds decides, None shows all.
    `identity`: breaks ties of an order and names the row in cursors; the id by default.
    `personal`: all its columns show people, so who asks by another right than her own is written down.
    """
    name = table if isinstance(table, str) else table._meta.get_formatted_tablename().replace('"', "")
    permissions = frozenset([may] if isinstance(may, str) else may) | frozenset(rows or ())

    def declare(declared: C) -> C:
        entity = Entity(
            declared.__name__,
            declared,
            name,
            prefix,
            permissions,
            orders or {},
            rows or {},
            realm_column,
            identity or Key("{t}.id", "uuid"),
            personal,
        )
        if not entity.doc:
            raise TypeError(f"{entity.name} has no description")
        _of(realm).entities[entity.name] = entity
        return declared

    return declare


def by_id(declared: type, doc: str) -> ById:
    return ById(declared, doc)


def page(
    declared: type, doc: str, *, filter: type[Filter] | None = None, orders: Sequence[str] = (), most: int = 100
) -> Paged:
    """A list of everything of a type; `most` is the largest page."""
    return Paged(declared, doc, filter, orders, most)


def own(declared: type, doc: str) -> Own:
    return Own(declared, doc)


def asking(
    work: Callable[..., Awaitable[Any]],
    answer: Any,
    doc: str,
    *,
    may: Sequence[str] = (),
    apart: bool = False,
    personal: bool = False,
) -> Asking:
    """A root answered by `work(desk, **arguments)`, an ordinary resolver; see `Asking` for `apart` and `personal`.

    Arguments of the field are the keyword-only parameters of `work`: annotated, described with
    `Annotated[…, strawberry.argument(description=…)]`, with defaults.
    """
    return Asking(work, answer, doc, tuple(may), apart, personal)


def roots(realm: Realm | Declarations = "site", **declared: Root) -> None:
    """Publish roots of a schema under their names."""
    declarations = _of(realm)
    for name, root in declared.items():
        if name in declarations.roots:
            raise TypeError(f"two roots are called {name}")
        declarations.roots[name] = root


def wish(declared: C) -> C:
    """Make an input: `idempotencyKey` and `dryRun` are added, the fields are written with `asked()`."""
    from quartier_graph.inputs import make_wish

    return make_wish(declared)


def verb(
    *may: str,
    changes: Mapping[str, type] | None = None,
    values: Mapping[str, tuple[Any, str]] | None = None,
    realms: Sequence[Realm | Declarations] = ("site",),
    power: Power = "app",
    before: Before | None = None,
    after: After | None = None,
    once_only: Sequence[str] = (),
) -> Callable[[Callable[..., Awaitable[Done]]], Callable[..., Awaitable[Done]]]:
    """Publish one mutation of the site, or of several kinds of realm; it runs with a power, in its transaction.

    The function answers the uuids of what changed (under the names of `changes`) and the plain values
    (under the names of `values`). Refusals are raised; the payload carries them. A value that is a list of a type of
    ours is answered as plain JSON, since it is kept with the key; the type's `read` makes it of that. `before`,
    `after` and `once_only`: see `Verb`.
    """

    def declare(work: Callable[..., Awaitable[Done]]) -> Callable[..., Awaitable[Done]]:
        hints = typing.get_type_hints(work)
        doc = " ".join((work.__doc__ or "").split())
        if not doc:
            raise TypeError(f"{work.__name__} has no description")
        name = camel(work.__name__)
        for realm in realms:
            _of(realm).verbs[name] = Verb(
                name, may, work, hints["wish"], changes or {}, values or {}, doc, power, before, after,
                frozenset(once_only),
            )  # fmt: skip
        return work

    return declare


def camel(name: str) -> str:
    """GraphQL's spelling of a Python name.

    >>> camel("starts_at")
    'startsAt'
    """
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.title() for part in rest)


def stripped(hint: Any) -> tuple[Any, bool]:
    """Take `| None` off a type."""
    import types

    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return hint, False
