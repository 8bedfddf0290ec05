"""Attacks 1 and 4 one storey up: every operation with East's id at West's desk answers exactly like an unknown id.

Generated over the site's schema, so a new root, filter or verb is tried the day it is published. Each try has its
control: with West's own id the same operation answers otherwise.
"""

import inspect
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio
from conftest import Cluster
from graph.both import Both, given_up_fields
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_named_type, get_nullable_type, is_leaf_type
from isolation.factories import FACTORIES
from isolation.sites import Walls, settle
from world import Administrator

from quartier.database.engine import TenantEngine
from quartier.database.lanes import Lanes
from quartier.tenancy.desk import Desk
from quartier_graph.declare import ById, Paged, camel
from quartier_graph.inputs import filter_fields
from quartier_graph.site import site

UNPUBLISHED = {
    "fil": "app.file",
    "rgr": "auth.role_grant",
    "inv": "auth.invitation",
    "sup": "sec.operator_grant",
}  # what verbs name by id and no type publishes: it is read with another power


_REQUEST = """
insert into sec.operator_grant (tenant_id, operator, reason)
values ($1, 'operator:anna', 'Ticket 4711: nothing works')"""


@dataclass(frozen=True)
class Ids:
    """Global ids by prefix: West's own, East's, and one that nobody has."""

    own: dict[str, str]
    foreign: dict[str, str]
    unknown: dict[str, str]


@dataclass(frozen=True)
class House:
    walls: Walls
    both: Both
    ids: Ids

    @property
    def desk(self) -> Desk:
        """Somebody of West's with every permission and an organisation of hers."""
        rows = self.walls.of_west
        return self.walls.west.desk(person=UUID(rows.id("person")), own=frozenset({UUID(rows.id("organisation"))}))

    async def read(self, text: str, /, **variables: Any) -> bytes:
        """The answer as it goes out, the same both ways; its ids are taken out, for they were asked for."""
        answers = await self.both.run(self.desk, text, variables)
        assert answers.first == answers.second, text
        return answers.first.body

    async def rehearse(self, verb: str, wish: dict[str, Any]) -> bytes:
        name = verb[0].upper() + verb[1:] + "Input"
        mutation = self.both.graph.schema._schema.mutation_type
        assert mutation is not None
        selection = _selection(mutation.fields[verb].type, 3)
        text = f"mutation ($input: {name}!) {{ {verb}(input: $input) {selection} }}"
        given = {**wish, "idempotencyKey": str(uuid4()), "dryRun": True}
        return (await self.both.plain.run(self.desk, text, {"input": given}, None)).body


@pytest_asyncio.fixture(scope="module")
async def house(
    postgres: Cluster, database: str, administrator: Administrator, engine: TenantEngine
) -> AsyncIterator[House]:
    """In the run's database: verbs speak through `DB`."""
    walls = await settle(postgres, database, administrator)
    lanes = Lanes(walls.cluster.address(walls.database), "app", size=2)
    await lanes.start()
    graph = site()
    own: dict[str, str] = {}
    foreign: dict[str, str] = {}
    unknown: dict[str, str] = {}
    tables = {e.prefix: e.table for e in graph.declarations.entities.values() if e.prefix} | UNPUBLISHED
    for prefix, table in tables.items():
        for here, found in ((walls.west, own), (walls.east, foreign)):
            if table == "sec.operator_grant":  # of the walls themselves: no row of a site's
                await walls.root.execute(_REQUEST, here.id)
            made = None if table.startswith("sec.") else walls.rows[here.id].id(table.partition(".")[2])  # pointed to
            key = await walls.root.fetchval(
                f"select id from {table} where tenant_id = $1 order by id = $2::uuid desc limit 1", here.id, made
            )
            assert key is not None, f"{table} has no row: see tests/isolation/factories.py"
            found[prefix] = f"{prefix}_{key}"
        unknown[prefix] = f"{prefix}_{uuid4()}"
    yield House(walls, Both(graph, lanes, walls.cluster.keyring.cursor), Ids(own, foreign, unknown))
    await lanes.stop()


def _roots(house: House) -> list[tuple[str, Any]]:
    return [(camel(name), root) for name, root in house.both.graph.declarations.roots.items()]


def _selection(type_: Any, depth: int) -> str:
    """Everything that can be told of an answer, some levels deep."""
    kind = get_named_type(type_)
    if is_leaf_type(kind):
        return ""
    parts = ["__typename"]
    for name, field in kind.fields.items():
        if any(isinstance(a.type, GraphQLNonNull) for a in field.args.values()):
            continue
        if is_leaf_type(get_named_type(field.type)):
            parts.append(name)
        elif depth > 1:
            parts.append(f"{name} {_selection(field.type, depth - 1)}")
    return "{ " + " ".join(parts) + " }"


# -- reading ------------------------------------------------------------------------------------------
async def test_01_a_root_by_id_answers_the_neighbours_id_like_an_unknown_one(house: House) -> None:
    tried = 0
    for name, root in _roots(house):
        if not isinstance(root, ById):
            continue
        prefix = str(house.both.graph.declarations.entity(root.declared).prefix)
        text = f"query ($id: ID!) {{ {name}(id: $id) {{ id }} }}"
        foreign = await house.read(text, id=house.ids.foreign[prefix])
        assert foreign == await house.read(text, id=house.ids.unknown[prefix]), name
        assert json.loads(foreign) == {"data": {name: None}}
        own = house.ids.own[prefix]
        assert json.loads(await house.read(text, id=own)) == {"data": {name: {"id": own}}}
        tried += 1
    assert tried >= 10


async def test_01_node_and_nodes_answer_the_neighbours_ids_like_unknown_ones(house: House) -> None:
    text = "query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }"
    for prefix, foreign in house.ids.foreign.items():
        if prefix in UNPUBLISHED:
            continue
        own, unknown = house.ids.own[prefix], house.ids.unknown[prefix]
        # In one list with an own id: a loader that forgets the site would answer for all of them.
        told = await house.read(text, id=foreign, ids=[own, foreign])
        assert told == await house.read(text, id=unknown, ids=[own, unknown]), prefix
        assert json.loads(told) == {"data": {"node": None, "nodes": [{"id": own}, None]}}, prefix


async def test_01_a_filter_by_the_neighbours_id_finds_as_little_as_one_by_an_unknown_id(house: House) -> None:
    tried = 0
    for name, root in _roots(house):
        if not isinstance(root, Paged) or root.filter is None:
            continue
        for field in filter_fields(root.filter).values():
            if field.id is None:
                continue

            async def asked(key: str, name: str = name, field: Any = field, root: Paged = root) -> bytes:
                kind = root.filter.__name__ if root.filter else ""
                given = [key] if field.listed else key
                text = f"query ($f: {kind}) {{ {name}(filter: $f) {{ totalCount nodes {{ __typename }} }} }}"
                return await house.read(text, f={field.graphql_name: given})

            foreign = await asked(house.ids.foreign[field.id])
            assert foreign == await asked(house.ids.unknown[field.id]), (name, field.name)
            assert json.loads(foreign)["data"][name]["totalCount"] == 0, (name, field.name)
            tried += 1
    assert tried >= 5


# -- doing --------------------------------------------------------------------------------------------
def _prefixes(verb: Any) -> dict[str, str]:
    """Which type's id a field of a wish takes: as the verb's own module reads it."""
    source = inspect.getsource(sys.modules[verb.work.__module__])
    one = re.findall(r'ids\.read\(\w+\.(\w+), "(\w+)"\)', source)
    several = re.findall(r'ids\.read\(each, "(\w+)"\) for each in \w+\.(\w+)', source)
    return {camel(name): prefix for name, prefix in [*one, *((name, prefix) for prefix, name in several)]}


# Values without which a wish is refused before anybody looks for what it names.
SAMPLES = {"endsAt": "2026-12-04T12:00:00+01:00", "closesAt": "2026-12-04T12:00:00+01:00", "place": "Hof"}


def _wish(kind: GraphQLInputObjectType, prefixes: dict[str, str], own: dict[str, str]) -> dict[str, Any]:
    """A wish in which every needed field has a value, and every id is one of West's."""

    def value(name: str, type_: Any) -> Any:
        inner = get_nullable_type(type_)
        if hasattr(inner, "of_type"):
            return [value(name, inner.of_type)]
        if isinstance(inner, GraphQLInputObjectType):
            return _wish(inner, prefixes, own)
        if hasattr(inner, "values"):
            return next(iter(inner.values))
        if inner.name == "ID":
            return own[prefixes[name]]
        if name in SAMPLES:
            return SAMPLES[name]
        known = {"Boolean": True, "Int": 1, "Cents": 1, "DateTime": "2026-12-04T10:00:00+01:00", "Date": "2026-12-04"}
        return known.get(inner.name, "x")

    return {
        name: value(name, field.type)
        for name, field in kind.fields.items()
        if (isinstance(field.type, GraphQLNonNull) or name in SAMPLES) and name not in ("idempotencyKey", "dryRun")
    }


Place = tuple[str, ...]


def _places(kind: GraphQLInputObjectType, above: Place = ()) -> Iterator[Place]:
    """Every field of the wish that takes an id, with the way to it."""
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType):
            yield from _places(inner, (*above, name))
        elif inner.name == "ID":
            yield (*above, name)


def _put(wish: dict[str, Any], place: Place, key: str) -> dict[str, Any]:
    head, *rest = place
    if not rest:
        return {**wish, head: [key] if isinstance(wish.get(head), list) else key}
    below = wish.get(head)
    if isinstance(below, list):
        return {**wish, head: [_put(each, tuple(rest), key) for each in below]}
    return {**wish, head: _put(below or {}, tuple(rest), key)}


async def test_01_a_verb_answers_the_neighbours_id_like_an_unknown_one(house: House) -> None:
    tried, same = [], []
    before = await _of_east(house.walls)
    with given_up_fields():
        for name, verb in house.both.graph.declarations.verbs.items():
            mutation = house.both.graph.schema._schema.mutation_type
            assert mutation is not None
            kind = get_nullable_type(mutation.fields[name].args["input"].type)
            assert isinstance(kind, GraphQLInputObjectType)
            prefixes = _prefixes(verb)
            wish = _wish(kind, prefixes, house.ids.own)
            for place in _places(kind):
                prefix = prefixes[place[-1]]
                told = {}
                for whose in ("own", "foreign", "unknown"):
                    key = getattr(house.ids, whose)[prefix]
                    told[whose] = (await house.rehearse(name, _put(wish, place, key))).replace(key.encode(), b"the id")
                assert told["foreign"] == told["unknown"], (name, place)
                assert b"NOT_FOUND" in told["foreign"], (name, place, told["foreign"])
                tried.append((name, place))
                if told["own"] == told["foreign"]:
                    same.append((name, place, told["own"]))
    assert await _of_east(house.walls) == before
    assert same == []
    assert len(tried) >= 20


async def _of_east(walls: Walls) -> dict[str, str]:
    """A sum over all rows of East, by table."""
    return {
        table: await walls.root.fetchval(
            f"select md5(string_agg(t::text, ' ' order by t::text)) from {table} t where tenant_id = $1", walls.east.id
        )
        for table in FACTORIES
    }


async def test_04_the_neighbours_room_is_not_found_and_never_taken(house: House) -> None:
    """It is held at that time by a booking of East's; our own room, held at the same time, is taken."""
    span = {"startsAt": "2026-12-01T10:00:00+01:00", "endsAt": "2026-12-01T12:00:00+01:00", "override": True}
    codes = {}
    for whose in ("own", "foreign", "unknown"):
        told = await house.rehearse("bookSpace", {"space": getattr(house.ids, whose)["spc"], **span})
        codes[whose] = [each["code"] for each in json.loads(told)["data"]["bookSpace"]["refusals"]]
    assert codes == {"own": ["SPACE_TAKEN"], "foreign": ["NOT_FOUND"], "unknown": ["NOT_FOUND"]}
