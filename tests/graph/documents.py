"""Random valid documents over a whole schema, for Hypothesis.

A document is valid by construction: response keys of a level are remembered with what they stand for,
fragments use keys of their own. Values are drawn per type, as literals or as variables, mostly ones
that mean something (`Pools`), now and then ones that do not.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
May = Callable[[str, str], bool]
DEEPEST = 5
UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"
NULL = "null"


@dataclass(frozen=True)
class Pools:
    """What values are drawn from: ids by prefix (own and foreign), cursors by `Type.order`, texts."""

    ids: Mapping[str, Sequence[str]]
    cursors: Mapping[str, Sequence[str]]
    foreign_cursors: Sequence[str]
    texts: Sequence[str]
    instants: Sequence[str] = ("2026-11-20T10:00:00+01:00", "2026-11-19T08:40:00.000100Z")
    days: Sequence[str] = ("2026-03-01", "1993-01-04", "2026-11-20")


@dataclass(frozen=True)
class Document:
    text: str
    variables: Mapping[str, Any]


@dataclass
class Level:
    """The response keys of one place of the answer: the call each stands for, and the level below it."""

    calls: dict[str, tuple[str, "Level"]] = field(default_factory=dict)


@st.composite
def documents(
    draw: Draw, schema: GraphQLSchema, pools: Pools, prefixes: Mapping[str, str], may: May, *, bold: bool = True
) -> Document:
    """A document of one query. `may(type, field)` guides: refused fields are drawn rarely.

    `prefixes` are those of ids by type name and by `Filter.field`; without `bold` no value is wrong on purpose.
    """
    return _Writer(draw, schema, pools, prefixes, may, bold).document()


class _Writer:
    def __init__(
        self, draw: Draw, schema: GraphQLSchema, pools: Pools, prefixes: Mapping[str, str], may: May, bold: bool
    ) -> None:
        self.draw, self.schema, self.pools = draw, schema, pools
        self.prefixes, self.may, self.bold = prefixes, may, bold
        self.variables: dict[str, tuple[str, str | None, bool, Any]] = {}  # name -> type, default, given, value
        self.fragments: list[str] = []
        self.spreads: list[tuple[str, str]] = []  # type, name
        self.keys = 0

    def chance(self, percent: int) -> bool:
        """Whether; shrinks to no."""
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def pick(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def document(self) -> Document:
        query = self.schema.query_type
        assert query is not None
        body = self.selection(query, Level(), 0, "", range(1, 4))
        heads = []
        for name, (kind, default, _, _) in self.variables.items():
            heads.append(f"${name}: {kind}" + (f" = {default}" if default is not None else ""))
        name = self.pick(["", " Q"]) if not heads else " Q"
        head = f"query{name}" + (f"({', '.join(heads)})" if heads else "")
        given = {n: value for n, (_, _, is_given, value) in self.variables.items() if is_given}
        return Document("\n".join([f"{head} {body}", *self.fragments]), given)

    # -- selections ---------------------------------------------------------------------------------------------------
    def selection(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, level: Level, depth: int, prefix: str, count: range
    ) -> str:
        """A selection set over a type; `prefix` keeps the keys of fragments apart from all others."""
        parts = []
        for _ in range(self.draw(st.integers(count.start, count.stop - 1))):
            parts.append(self.part(type_, level, depth, prefix))
        if not any(parts):
            parts = ["__typename" if not prefix else f"{prefix}t: __typename"]
        return "{ " + " ".join(part for part in parts if part) + " }"

    def part(self, type_: Any, level: Level, depth: int, prefix: str) -> str:
        what = self.draw(st.integers(0, 11))
        if what == 11 and self.chance(70):
            return self.inline(type_, level, depth, prefix)
        if what == 10 and self.chance(70):
            return self.spread(type_, depth)
        if what == 9:
            key = f"{prefix}{self.pick(['t', 'u'])}"
            return self.call(level, key, "__typename") + self.directives()
        return self.field(type_, level, depth, prefix)

    def inline(self, type_: Any, level: Level, depth: int, prefix: str) -> str:
        if isinstance(type_, GraphQLInterfaceType):
            possible = self.schema.get_possible_types(type_)
            inner = self.pick([t for t in possible if self.allowed("", t.name)] or possible)
            self.keys += 1
            body = self.selection(inner, Level(), depth, f"{prefix}n{self.keys}", range(1, 4))
            return f"... on {inner.name}{self.directives()} {body}"
        on = self.pick(["", f" on {type_.name}", *(f" on {i.name}" for i in type_.interfaces)])
        if on and not on.endswith(type_.name):
            interface = next(i for i in type_.interfaces if on.endswith(i.name))
            return f"...{on}{self.directives()} {self.selection(interface, level, DEEPEST, prefix, range(1, 3))}"
        return f"...{on}{self.directives()} {self.selection(type_, level, depth, prefix, range(1, 4))}"

    def spread(self, type_: Any, depth: int) -> str:
        """A named fragment, an earlier one now and then."""
        known = [name for kind, name in self.spreads if kind == type_.name]
        if known and self.chance(40):
            return f"...{self.pick(known)}{self.directives()}"
        name = f"F{len(self.fragments)}"
        at = len(self.fragments)
        self.fragments.append("")
        # Its own keys: the fragment fits wherever it is spread.
        body = self.selection(type_, Level(), depth, f"{name.lower()}_", range(1, 4))
        self.fragments[at] = f"fragment {name} on {type_.name} {body}"
        self.spreads.append((type_.name, name))
        return f"...{name}{self.directives()}"

    def allowed(self, type_name: str, name: str) -> bool:
        return self.may(type_name, name) or self.chance(6)

    def field(self, type_: Any, level: Level, depth: int, prefix: str) -> str:
        fields: list[tuple[str, GraphQLField]] = []
        for name, one in type_.fields.items():
            if depth >= DEEPEST and not is_leaf_type(get_named_type(one.type)):
                continue
            fields.append((name, one))
        edges = [pair for pair in fields if not is_leaf_type(get_named_type(pair[1].type))]
        chosen = edges if edges and self.chance(55) else fields
        if not chosen:
            return ""
        name, one = self.pick(chosen)
        if not self.allowed(type_.name, name):
            return ""
        arguments = self.arguments(type_, name, one, depth)
        call = name + arguments
        key = prefix + name
        if prefix or arguments or self.chance(15):
            key = f"{prefix}{self.pick('abcdef')}_{name}" if not arguments else self.fresh(prefix)
        head = self.call(level, key, call)
        if not head:
            return ""
        below = get_named_type(one.type)
        if is_leaf_type(below):
            return head + self.directives()
        body = self.selection(below, level.calls[key][1], depth + 1, prefix, range(1, 5))
        return f"{head}{self.directives()} {body}"

    def fresh(self, prefix: str) -> str:
        self.keys += 1
        return f"{prefix}k{self.keys}"

    def call(self, level: Level, key: str, call: str) -> str:
        """Write `key: call`, unless the key stands for something else at this level."""
        known = level.calls.setdefault(key, (call, Level()))
        if known[0] != call:
            return ""
        return call if key == call.split("(")[0] else f"{key}: {call}"

    def directives(self) -> str:
        if not self.chance(8):
            return ""
        name = self.pick(["skip", "include"])
        return f" @{name}(if: {self.value(GraphQLNonNull(self.schema.type_map['Boolean']), 'if', None)})"

    # -- arguments ----------------------------------------------------------------------------------------------------
    def arguments(self, type_: Any, name: str, one: GraphQLField, depth: int) -> str:
        if {"first", "last"} <= one.args.keys():
            return self.page(one, depth)
        found = []
        target = get_named_type(one.type).name
        for argument, details in one.args.items():
            if not isinstance(details.type, GraphQLNonNull) and self.chance(30):
                continue
            found.append(f"{argument}: {self.value(details.type, argument, target)}")
        return f"({', '.join(found)})" if found else ""

    def page(self, one: GraphQLField, depth: int) -> str:
        found = []
        target = get_named_type(one.type).name.removesuffix("Connection")
        order = ""
        if "order" in one.args:
            enum = get_named_type(one.args["order"].type)
            assert isinstance(enum, GraphQLEnumType)
            order = next(iter(enum.values))  # unless another one is asked for
            if self.chance(50):
                order = self.pick(sorted(enum.values))
                found.append(f"order: {self.or_variable(enum.name, order, order)}")
        backward = self.chance(35)
        size, mark = ("last", "before") if backward else ("first", "after")
        if depth > 1 or not self.chance(15):
            found.append(f"{size}: {self.value(one.args[size].type, size, None)}")
        if self.chance(45 if any(key.startswith(f"{target}.") for key in self.pools.cursors) else 3):
            text = self.cursor(target, order)
            found.append(f"{mark}: {self.or_variable('String', json.dumps(text), text)}")
        if self.bold and self.chance(3):
            extra = self.pick(["first", "last", "after", "before"])
            if not any(part.startswith(extra) for part in found):
                found.append(f"{extra}: {self.value(one.args[extra].type, extra, None)}")
        if "filter" in one.args and self.chance(55):
            found.append(f"filter: {self.value(one.args['filter'].type, 'filter', target)}")
        return f"({', '.join(self.draw(st.permutations(found)))})" if found else ""

    def cursor(self, target: str, order: str) -> str:
        orders = {key: marks for key, marks in self.pools.cursors.items() if key.split(".")[0] == target and marks}
        name = order.removesuffix("_DESC").lower()
        fitting = f"{target}.{'-' if order.endswith('_DESC') else ''}{name}"
        if not order or fitting not in orders:
            fitting = next(iter(orders), "")
        what = self.draw(st.integers(0, 99)) if self.bold else 0
        if what < 88 and fitting:
            return str(self.pick(orders[fitting]))
        everything = [mark for marks in self.pools.cursors.values() for mark in marks]
        if what < 92:
            return str(self.pick(everything))
        if what < 95:
            return str(self.pick(self.pools.foreign_cursors))
        if what < 98:
            mark = str(self.pick(everything))
            at = self.draw(st.integers(0, len(mark) - 1))
            return f"{mark[:at]}{self.pick('Aa0_-')}{mark[at + 1 :]}"
        return str(self.pick(["", "x", "ä", "====", "AAAA", "'", "bnVsbA"]))

    # -- values -------------------------------------------------------------------------------------------------------
    def value(self, type_: Any, name: str, target: str | None) -> str:
        """A value as it stands in the document, perhaps as a variable."""
        needed = isinstance(type_, GraphQLNonNull)
        kind = get_nullable_type(type_)
        if not needed and self.chance(8):
            return NULL if self.chance(50) else self.variable(str(kind), NULL, None, type_)
        if isinstance(kind, GraphQLInputObjectType) and not self.chance(30):
            return self.object(kind, target)
        if isinstance(kind, GraphQLList) and not self.chance(40):
            if self.chance(15):
                return self.plain(get_nullable_type(kind.of_type), name, target)[0]  # stands for a list of it
            many = self.draw(st.integers(0, 3))
            return f"[{', '.join(self.value(kind.of_type, name, target) for _ in range(many))}]"
        literal, plain = self.plain(kind, name, target)
        return self.or_variable(str(kind), literal, plain, type_)

    def or_variable(self, kind: str, literal: str, plain: Any, place: Any = None) -> str:
        return self.variable(kind, literal, plain, place) if self.chance(45) else literal

    def variable(self, kind: str, literal: str, plain: Any, place: Any) -> str:
        """A variable for a place of this type: with and without default, given, left out, null."""
        needed = isinstance(place, GraphQLNonNull)
        declared, default, given = kind, None, True
        if plain is not None and self.chance(25):
            default, given = literal, not self.chance(60)
            if not needed and self.chance(20):
                given, plain = True, None
        elif needed or (plain is not None and self.chance(30)):
            declared = kind + "!"
        elif plain is None:
            given = self.chance(50)
        known = [n for n, (k, d, _, _) in self.variables.items() if k == declared and (d is None) == (default is None)]
        if known and self.chance(4 if kind == "String" else 25):  # one text rarely fits two places
            return f"${self.pick(known)}"
        name = f"v{len(self.variables)}"
        if self.bold and given and plain is not None and self.chance(1):
            plain = self.pick([{}, [], "?", -1, True, 1.5, "\u0000", 2**31])
        self.variables[name] = (declared, default, given, plain)
        return f"${name}"

    def object(self, kind: GraphQLInputObjectType, target: str | None) -> str:
        found = []
        for name, one in kind.fields.items():
            if self.chance(25):
                found.append(f"{name}: {self.value(one.type, name, f'{kind.name}.{name}')}")
        return "{" + ", ".join(found) + "}"

    def plain(self, kind: Any, name: str, target: str | None) -> tuple[str, Any]:
        """A value as literal and as JSON."""
        if isinstance(kind, GraphQLList):
            each = [self.plain(get_nullable_type(kind.of_type), name, target) for _ in range(self.pick([0, 1, 2]))]
            return f"[{', '.join(literal for literal, _ in each)}]", [plain for _, plain in each]
        if isinstance(kind, GraphQLInputObjectType):
            pairs = {
                n: self.plain(get_nullable_type(one.type), n, f"{kind.name}.{n}")
                for n, one in kind.fields.items()
                if self.chance(30)
            }
            return "{" + ", ".join(f"{n}: {v[0]}" for n, v in pairs.items()) + "}", {n: v[1] for n, v in pairs.items()}
        if isinstance(kind, GraphQLEnumType):
            word = self.pick(sorted(kind.values))
            return word, word
        plain = self.scalar(kind.name, name, target)
        return json.dumps(plain, ensure_ascii=self.chance(30)), plain

    def scalar(self, kind: str, name: str, target: str | None) -> Any:
        match kind:
            case "Boolean":
                return self.draw(st.booleans())
            case "Int" if name in ("first", "last"):
                return self.pick([0, 1, 1, 2, 2, 3, 3, 4] * 6 + ([-1, 51, 101] if self.bold else []))
            case "Int" | "Cents":
                return self.draw(st.integers(0, 20))
            case "ID":
                return self.id(name, target)
            case "DateTime":
                return self.pick(self.pools.instants)
            case "Date":
                return self.pick(self.pools.days)
            case _:
                return self.pick(self.pools.texts)

    def id(self, name: str, target: str | None) -> str:
        prefix = self.prefixes.get(target or "")
        fitting = self.pools.ids.get(prefix or "") or [key for keys in self.pools.ids.values() for key in keys]
        what = self.draw(st.integers(0, 19))
        if what < 15:
            return str(self.pick(fitting))
        if what < 18:
            return str(self.pick([key for keys in self.pools.ids.values() for key in keys]))
        return str(self.pick([f"{prefix or 'xxx'}_{UNKNOWN_ID}", "", "x", "7", f"{prefix}_nobody", UNKNOWN_ID]))
