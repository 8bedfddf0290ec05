"""The SQL that both execution paths share: parameters, predicates, pages. No value ever enters the text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quartier.tenancy.desk import Desk
from quartier_graph import cursors
from quartier_graph.declare import Entity, Key
from quartier_graph.inputs import FilterField

_COLUMN = re.compile(r"\{t\}\.([a-z_0-9]+)")
LIST_DEFAULT = 20


@dataclass(slots=True)
class Env:
    """What a statement's parameters are bound from: one request."""

    desk: Desk
    cursor_key: bytes
    variables: Mapping[str, Any] = field(default_factory=dict)


Source = Callable[[Env], Any]


class Params:
    """The parameters of one statement, in order; the same source is bound once."""

    def __init__(self, taken: int = 0) -> None:
        self.sources: list[Source] = []
        self._names: dict[object, str] = {}
        self._taken = taken

    def put(self, name: object, source: Source) -> str:
        if name not in self._names:
            self.sources.append(source)
            self._names[name] = f"${self._taken + len(self.sources)}"
        return self._names[name]

    def constant(self, value: object) -> str:
        return self.put(("constant", len(self.sources)), lambda env: value)

    def values(self, env: Env) -> list[Any]:
        return [source(env) for source in self.sources]

    # what every statement may ask of the request
    def realm(self, entity: Entity) -> str:
        if entity.realm_column == "city_id":
            return self.put("city", lambda env: env.desk.realm.city_id) + "::uuid"
        return self.put("tenant", lambda env: env.desk.tenant_id) + "::uuid"

    def own(self) -> str:
        return self.put("own", lambda env: list(env.desk.own)) + "::uuid[]"

    def person(self) -> str:
        return self.put("person", lambda env: env.desk.person) + "::uuid"

    def now(self) -> str:
        return self.put("now", lambda env: env.desk.now) + "::timestamptz"

    def cursor_key(self) -> str:
        return self.put("cursor_key", lambda env: env.cursor_key) + "::bytea"


def columns_of(template: str) -> set[str]:
    return set(_COLUMN.findall(template))


def fill(template: str, t: str, params: Params, value: str | None = None) -> str:
    """Write a declared expression for the alias `t`."""
    text = template.replace("{t}", t)
    if value is not None:
        text = text.replace("{v}", value)
    if "{" in text:
        text = re.sub(r"\{(own|person|now)\}", lambda m: getattr(params, m[1])(), text)
    return text


def visible(rows: Mapping[str, str | None], permissions: frozenset[str]) -> str | None:
    """The predicate for the rows these permissions show; None shows all."""
    for permission, rule in rows.items():
        if permission in permissions:
            return rule
    return "false" if rows else None


@dataclass(frozen=True, slots=True)
class Order:
    """A list's order and its name, which cursors carry."""

    name: str
    key: Key
    identity: Key
    descending: bool

    def by(self, t: str, *, backward: bool = False) -> str:
        way = "DESC" if self.descending != backward else "ASC"
        return f"{self.key.sql.replace('{t}', t)} {way}, {self.identity.sql.replace('{t}', t)} {way}"

    def rank(self, t: str) -> str:
        """The keys as columns, for rows that are ordered once more."""
        return f"{self.key.sql.replace('{t}', t)} k0, {self.identity.sql.replace('{t}', t)} k1"

    def ranked(self, w: str, *, backward: bool = False) -> str:
        way = "desc" if self.descending != backward else "asc"
        return f"{w}.k0 {way}, {w}.k1 {way}"

    def position(self, t: str) -> str:
        """Text of the row's place: instants in ISO so that both paths print them alike."""
        value = self.key.sql.replace("{t}", t)
        shown = f"(to_json({value}) #>> '{{}}')" if self.key.type == "timestamptz" else f"({value})::text"
        return f"({shown} || '|' || ({self.identity.sql.replace('{t}', t)})::text)"

    def beyond(self, t: str, value: str, row: str, *, backward: bool) -> str:
        """Rows after the position (or before it, going backward)."""
        sign = "<" if self.descending != backward else ">"
        here = f"({self.key.sql.replace('{t}', t)}, {self.identity.sql.replace('{t}', t)})"
        return f"{here} {sign} ({value}::text::{self.key.type}, {row}::text::{self.identity.type})"

    @property
    def columns(self) -> set[str]:
        return columns_of(self.key.sql) | columns_of(self.identity.sql)

    def cursor(self, t: str, params: Params) -> str:
        return cursors.sql(params.cursor_key(), self.name, self.position(t))


def order_of(entity: Entity, name: str) -> Order:
    """The order behind `starts` or `-starts`; an entity without orders is listed by its identity."""
    key = entity.orders[name.lstrip("-")] if name else entity.identity
    return Order(f"{entity.name}.{name}", key, entity.identity, name.startswith("-"))


def predicate(one: FilterField, t: str, params: Params, value: str, permissions: frozenset[str]) -> str:
    """A filter, and the rows that it can find: else it would tell what its column may not."""
    found = "(" + fill(one.sql, t, params, f"{value}::{one.cast}") + ")"
    rule = visible(one.rows, permissions)
    return found if rule is None else f"({found} and ({fill(rule, t, params)}))"


def conditions(entity: Entity, t: str, params: Params, permissions: frozenset[str]) -> list[str]:
    """Realm and visibility: what every read of the entity carries."""
    found = [f"{t}.{entity.realm_column} = {params.realm(entity)}"]
    rule = visible(entity.rows, permissions)
    if rule is not None:
        found.append(f"({fill(rule, t, params)})")
    return found
