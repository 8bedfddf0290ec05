"""The matrix: every field to ask for or do, and every role, strangers too. A new field without a row fails.

After a change on purpose: `QUARTIER_WRITE=1 ./quartier test tests/graph/test_matrix.py`, then read the difference.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graph.both import Both, given_up_fields
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from world import Site

from quartier.access.permissions import EVERY, PUBLIC, ROLES
from quartier_graph.build import Graph
from quartier_graph.declare import Column
from quartier_graph.rights import rights_of

STORED = Path(__file__).parent / "permissions.txt"
UNKNOWN = "00000000-0000-7000-8000-000000000000"
SPEAKERS = {**ROLES, "stranger": PUBLIC}
HEAD = """# Who may ask for what and do what. Generated and reviewed; see test_matrix.py.
# reads: roles for which the field answers; the others are refused (FORBIDDEN).
# rows: what a permission shows, the first one held decides. masked: the others read null.
"""


def roles_with(permissions: frozenset[str]) -> list[str]:
    return [speaker for speaker, held in SPEAKERS.items() if held & permissions]


def told(roles: list[str]) -> str:
    return "nobody" if not roles else "everybody" if len(roles) == len(SPEAKERS) else " ".join(roles)


async def reads(both: Both, site: Site, name: str, field: GraphQLField) -> list[str]:
    """The roles that a root answers, found by asking as each of them."""
    below = get_named_type(field.type)
    selection = "" if is_leaf_type(below) else " { __typename }"
    given = ", ".join(f"{n}: {_value(a.type)}" for n, a in field.args.items() if isinstance(a.type, GraphQLNonNull))
    text = f"{{ {name}{f'({given})' if given else ''}{selection} }}"
    found = []
    for role, held in SPEAKERS.items():
        answers = await both.run(replace(site.desk(role), permissions=held), text)
        assert answers.first == answers.second, text
        codes = {error["extensions"]["code"] for error in answers.json.get("errors", [])}
        assert codes <= {"FORBIDDEN", "FIELD_INVALID"}, (text, answers.json)  # whoever may ask may also ask oddly
        if "FORBIDDEN" not in codes:
            found.append(role)
    return found


async def does(both: Both, site: Site, name: str, field: GraphQLField) -> list[str]:
    """The roles that a verb does not answer with NOT_ALLOWED, found by rehearsing as each of them."""
    wish = get_nullable_type(field.args["input"].type)
    assert isinstance(wish, GraphQLInputObjectType)
    text = f"mutation($input: {wish.name}!) {{ {name}(input: $input) {{ refusals {{ code }} }} }}"
    found = []
    for role, held in SPEAKERS.items():
        given = {**_wish(wish), "dryRun": True}
        reply = await both.watched.run(replace(site.desk(role), permissions=held), text, {"input": given}, None)
        answer = json.loads(reply.body)
        refusals = [each["code"] for each in answer["data"][name]["refusals"]] if answer.get("data") else []
        if "NOT_ALLOWED" not in refusals:
            found.append(role)
    return found


def _value(type_: Any) -> str:
    text = json.dumps(_json(type_))
    return (
        text
        if get_named_type(type_).name in ("ID", "String", "Int", "Boolean", "DateTime", "Date")
        else text.replace('"', "")
    )


def _wish(kind: GraphQLInputObjectType) -> dict[str, Any]:
    """A wish in which every needed field has some value of its type."""
    return {name: _json(one.type) for name, one in kind.fields.items() if isinstance(one.type, GraphQLNonNull)}


def _json(type_: Any) -> Any:
    kind = get_nullable_type(type_)
    if hasattr(kind, "of_type"):
        return [_json(kind.of_type)]
    if isinstance(kind, GraphQLInputObjectType):
        return _wish(kind)
    if hasattr(kind, "values"):
        return next(iter(kind.values))
    samples = {"Boolean": True, "Int": 1, "Cents": 1, "Whole": 1, "DateTime": "2027-01-04T09:00:00+01:00"}
    return samples.get(kind.name, "2027-01-04" if kind.name == "Date" else f"xxx_{UNKNOWN}")


def fields(graph: Graph) -> Iterator[str]:
    """Rights of fields and rows below the roots, as they are declared."""
    for entity in sorted(graph.declarations.entities.values(), key=lambda entity: entity.name):
        if entity.rows:
            seen = [f"{p}={'all' if rule is None else 'some'}" for p, rule in entity.rows.items()]
            yield f"{entity.name} rows: {', '.join(seen)}"
        for name, field in entity.fields.items():
            if isinstance(field.how, Column) and field.how.masked:
                yield f"{entity.name}.{name} masked: {told(roles_with(frozenset([field.how.masked])))}"
            needed, _, _ = rights_of(graph, entity.name, name)
            if needed:
                yield f"{entity.name}.{name}: {told(roles_with(needed))}"


async def matrix(both: Both, site: Site) -> str:
    schema = both.graph.schema._schema
    lines = [f"[{both.graph.declarations.realm}]"]
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        lines.append(f"Query.{name}: {told(await reads(both, site, name, field))}")
    for name, field in schema.mutation_type.fields.items() if schema.mutation_type else ():
        able = await does(both, site, name, field)
        assert able == roles_with(frozenset(both.graph.declarations.verbs[name].may)), f"{name} asks for other rights"
        lines.append(f"Mutation.{name}: {told(able)}")
    for name in schema.subscription_type.fields if schema.subscription_type else ():
        lines.append(f"Subscription.{name}: as Booking")
    return "\n".join([*lines, *fields(both.graph), ""])


async def test_16_every_field_has_its_row_and_every_role_its_answer(
    site_both: Both, city_both: Both, west: Site, the_city: Site
) -> None:
    with given_up_fields():
        found = HEAD + "\n".join([await matrix(site_both, west), await matrix(city_both, the_city)])
    if os.environ.get("QUARTIER_WRITE"):
        STORED.write_text(found, "utf-8")
    assert found.splitlines() == STORED.read_text("utf-8").splitlines()


@pytest.mark.parametrize("realm", ["site", "city"])
def test_every_type_field_and_verb_needs_permissions_that_exist(realm: str, site_both: Both, city_both: Both) -> None:
    graph = (site_both if realm == "site" else city_both).graph
    for entity in graph.declarations.entities.values():
        assert entity.may, entity.name
        assert entity.may <= EVERY, entity.name
        for name in entity.fields:
            needed, _, _ = rights_of(graph, entity.name, name)
            assert needed <= EVERY, (entity.name, name)
    for name, verb in graph.declarations.verbs.items():
        assert verb.may, name
        assert frozenset(verb.may) <= EVERY, name
