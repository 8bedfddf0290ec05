"""The contract: the schemas' text is fresh, everything is described, and trusted documents hold what they promise."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    get_nullable_type,
    type_from_ast,
)

from quartier.access.permissions import EVERY, ROLES, permissions_of
from quartier_graph import contract, limits
from quartier_graph.compile import Plan
from quartier_graph.declare import Asking, camel
from quartier_graph.documents import Documents
from quartier_graph.edges import graph_of
from quartier_graph.plans import Library, Operation

REALMS = ("site", "city")
TRUSTED = [(realm, name) for realm in REALMS for name, _ in Documents(realm)]
SPEAKERS = {"house": EVERY} | {role: permissions_of(frozenset({role})) for role in ROLES}


def schema(realm: str) -> GraphQLSchema:
    return graph_of(realm).schema._schema


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Everything that has a description, by where it stands."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in ("ID", "String", "Int", "Boolean"):
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            continue  # members speak for themselves
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument.description
        if isinstance(kind, GraphQLInputObjectType):
            for field_name, wanted in kind.fields.items():
                yield f"{name}.{field_name}", wanted.description


@pytest.mark.parametrize("kind", [*REALMS, contract.REFUSALS])
def test_the_written_contract_is_the_one_that_is_served(kind: str) -> None:
    assert contract.is_fresh(kind), "Change the contract on purpose: ./quartier schema --write"


@pytest.mark.parametrize("realm", REALMS)
def test_everything_is_described(realm: str) -> None:
    assert [where for where, text in described(schema(realm)) if not (text or "").strip()] == []


@pytest.mark.parametrize("realm", REALMS)
def test_no_number_is_a_float_and_nothing_is_shapeless(realm: str) -> None:
    assert not schema(realm).type_map.keys() & {"Float", "JSON", "Any"}


@pytest.mark.parametrize("realm", REALMS)
def test_lists_hold_no_nulls_and_are_never_null_in_answers(realm: str) -> None:
    wrong = []
    for name, kind in schema(realm).type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType):
            continue
        for field_name, field in kind.fields.items():
            inner = get_nullable_type(field.type)
            if hasattr(inner, "of_type"):
                whole = isinstance(field.type, GraphQLNonNull) and isinstance(inner.of_type, GraphQLNonNull)
                if not whole and f"{name}.{field_name}" not in ("Query.nodes",):
                    wrong.append(f"{name}.{field_name}: {field.type}")
    assert wrong == []


def test_every_mutation_can_be_repeated_and_rehearsed() -> None:
    mutation = schema("site").mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        wish = get_nullable_type(field.args["input"].type)
        payload = get_nullable_type(field.type)
        assert isinstance(wish, GraphQLInputObjectType)
        assert isinstance(payload, GraphQLObjectType)
        assert str(wish.fields["idempotencyKey"].type) == "String!", name
        assert str(wish.fields["dryRun"].type) == "Boolean!", name
        assert str(payload.fields["refusals"].type) == "[Refusal!]!", name
        assert str(payload.fields["dryRun"].type) == "Boolean!", name
        assert isinstance(field.type, GraphQLNonNull), name


def test_every_mutation_has_a_trusted_document() -> None:
    mutation = schema("site").mutation_type
    assert mutation is not None
    assert mutation.fields.keys() - {name for name, _ in Documents("site")} == set()


def operation(realm: str, name: str) -> tuple[Library, Operation]:
    library = Library(graph_of(realm))
    text = Documents(realm).text(name)
    assert text is not None
    return library, library.operation(text, name)


def given(library: Library, operation: Operation) -> dict[str, Any]:
    """Every variable with some value, so that nothing a document can ask for is left out."""
    samples: dict[str, Any] = {
        "Int": 5,
        "ID": "xxx_00000000-0000-7000-8000-000000000000",
        "String": "x",
        "Boolean": True,
        "DateTime": "2026-11-19T08:40:00Z",
        "Date": "2026-10-01",
    }
    found = {}
    for definition in operation.node.variable_definitions or ():
        name = definition.variable.name.value
        written: Any = type_from_ast(library.schema, definition.type)
        kind: Any = get_nullable_type(written)
        if name in ("after", "before"):
            continue  # a cursor has to be a real one
        inner = get_nullable_type(kind.of_type) if hasattr(kind, "of_type") else kind
        value = next(iter(inner.values)) if isinstance(inner, GraphQLEnumType) else samples[inner.name]
        found[name] = [value] if hasattr(kind, "of_type") else value
    return found


def plans(realm: str, name: str) -> dict[str, Plan]:
    """The plans of a trusted query for every role that may run it as it stands."""
    library, found = operation(realm, name)
    variables = library.variables(found, given(library, found))
    made = {}
    for speaker, permissions in SPEAKERS.items():
        try:
            plan = library.plan(found, permissions, variables)
        except Exception:  # noqa: S112  (not for this role)
            continue
        if plan is not None:
            made[speaker] = plan
    return made


@pytest.mark.parametrize(("realm", "name"), TRUSTED)
def test_a_trusted_document_is_valid_and_far_from_every_limit(realm: str, name: str) -> None:
    library, found = operation(realm, name)
    assert found.node.name is not None
    assert found.node.name.value == name, "the operation is called like its file"
    if found.kind is not OperationType.QUERY:
        return
    variables = library.variables(found, given(library, found))
    total = 0
    for sizes, number in found.cost.terms:
        for names in sizes:
            number *= max(limits._size_of(variables.get(each)) for each in names)
        total += number
    assert total <= limits.COST * 2 // 3


@pytest.mark.parametrize(("realm", "name"), TRUSTED)
def test_a_trusted_query_is_one_compiled_statement(realm: str, name: str) -> None:
    _, found = operation(realm, name)
    if found.kind is OperationType.QUERY and not asks(realm, found):
        assert "house" in plans(realm, name)


def asks(realm: str, found: Operation) -> bool:
    """Whether a root of the document is answered by a room's own query, which never compiles."""
    roots = {camel(name) for name, root in graph_of(realm).declarations.roots.items() if isinstance(root, Asking)}
    return any(isinstance(node, FieldNode) and node.name.value in roots for node in found.node.selection_set.selections)
