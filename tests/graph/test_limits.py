"""ATTACKS 24 to 29: what costs too much is refused by its code, before it can cost anything.

No wall time is asserted; process CPU only, with a bound far above what is measured and printed.
"""

import gc
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graph.conftest import Village
from graph.places import speakers
from graph.village import GRAPH
from graphql import get_introspection_query

from quartier_graph import limits
from quartier_graph.compile import Plan
from quartier_graph.plans import Library, RequestRefused

HOUSE = speakers()["house"]
CPU = 0.5  # seconds; 50 ms are meant, and hold on a machine of its own


def bomb(levels: int) -> str:
    """Fragments that spread the next one twice: 2 to the power of `levels` objects in little text."""
    parts = ['{ organisation(id: "x") { ...F0 } }']
    for n in range(levels):
        parts.append(
            f"fragment F{n} on Organisation {{ a: mergedInto {{ ...F{n + 1} }} b: mergedInto {{ ...F{n + 1} }} }}"
        )
    return "\n".join([*parts, f"fragment F{levels} on Organisation {{ id }}"])


def flat_bomb(levels: int) -> str:
    """The same on one level, so that no depth tells it."""
    parts = [f"fragment F{n} on Organisation {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "\n".join(['{ organisation(id: "x") { ...F0 } }', *parts, f"fragment F{levels} on Organisation {{ id }}"])


def nested(levels: int) -> str:
    return '{ organisation(id: "x") {' + "mergedInto {" * levels + "id" + "}" * levels + "} }"


def aliases(count: int, what: str = "__typename", letter: str = "a") -> str:
    return " ".join(f"{letter}{n}: {what}" for n in range(count))


RENAME = 'renameSpace(input: {space: "x", name: "y", idempotencyKey: "k"}) { dryRun }'
ONE = 'organisation(id: "x") { ...F0 }'
PEOPLE = "{ affiliations(last: 100) { nodes { id } } }"
ON_ORGANISATION = '{ organisation(id: "x") { %s } }'

REFUSED = {
    "24 depth 20": nested(20),
    "24 depth 500": nested(500),
    "24 lists in lists": "{ organisations(filter: {tagged: " + "[" * 900 + "]" * 900 + "}) { totalCount } }",
    "24 objects in objects": "{ organisations(filter: " + "{a: " * 300 + "1" + "}" * 300 + ") { totalCount } }",
    "25 5,000 aliases": "{ " + aliases(5_000) + " }",
    "25 600 aliases": "{ " + aliases(600) + " }",
    "25 aliases in parts": "{ " + " ".join("... { " + f"b{n}: __typename " + "}" for n in range(31)) + " }",
    "26 100 x 100": "{ " + aliases(100, 'organisation(id: "x") { ' + aliases(100, "id") + " }") + " }",
    "26 first 100000": "{ people(first: 100000) { nodes { id } } }",
    "26 last with first null": "{ people(first: null, last: 100) { nodes " + PEOPLE + " } }",
    "26 nested pages": "{ organisations(first: 50) { nodes { people(first: 100) { nodes { id } } } } }",
    "26 a hundred ids": "{ nodes(ids: [" + '"x", ' * 100 + "]) { ... on Person " + PEOPLE + " } }",
    "27 bomb": bomb(22),
    "27 bomb on one level": flat_bomb(22),
    "27 bomb of fragments nobody wrote": flat_bomb(22).rpartition("\n")[0],
    "27 bomb nobody spreads": "{ house { slug } } " + bomb(22).split("\n", 1)[1],
    "27 bomb in an empty page": flat_bomb(22).replace(ONE, "organisations(first: 0) { nodes { ...F0 } }"),
    "27 bomb behind skip": flat_bomb(22).replace('(id: "x")', '(id: "x") @skip(if: true)'),
    "28 circle": "{ house { ...A } } fragment A on House { ...B } fragment B on House { ...A }",
    "28 circle nobody enters": "{ house { slug } } fragment A on House { ...B } fragment B on House { ...A }",
    "28 5,000 directives": "{ house " + "@skip(if: false) " * 5_000 + "{ slug } }",
    "28 51 directives": "{ " + aliases(26, "__typename @skip(if: false) @include(if: true)") + " }",
    "28 20,000 equal fields": "{ house {" + " slug" * 20_000 + " } }",
    "28 1,900 equal fields": "{ house {" + " slug" * 1_900 + " } }",
    "28 450 equal objects": ON_ORGANISATION % ("mergedInto { id } " * 450),
    "28 equal objects in equal objects": ON_ORGANISATION % ("mergedInto { id mergedInto { id } } " * 150),
    "28 fields that differ in arguments": ON_ORGANISATION
    % " ".join(f"people(first: {n % 5}) {{ nodes {{ id }} }}" for n in range(150)),
    "28 fragments to compare": ON_ORGANISATION % " ".join(f"...F{n}" for n in range(100))
    + " ".join(f"fragment F{n} on Organisation {{ id name kind }}" for n in range(100)),
    "28 2,001 tokens": "{ house { slug } } " + "," * 10 + "# \n" + "query Q { house { slug } } " * 250,
    "29 login by alias": "mutation { " + aliases(100, RENAME) + " }",
    "29 11 mutations": "mutation { " + aliases(11, RENAME) + " }",
    "29 mutations in parts": "mutation { ... { " + aliases(6, RENAME) + " } ... { " + aliases(6, RENAME, "b") + " } }",
    "29 21 root fields": "{ " + "house { slug } " * 21 + " }",
    "29 root fields in fragments": "{ ...A ...B } fragment A on Query { " + aliases(15) + " } fragment B on Query { "
    + aliases(15, letter="b") + " }",
}  # fmt: skip


def prepared(text: str, variables: Mapping[str, Any] | None = None) -> tuple[Plan | None, float]:
    """A plan from a library that has never seen the document, and the seconds of CPU it took."""
    library = Library(GRAPH)
    begun = time.process_time()
    try:
        operation = library.operation(text, None if "query Q" not in text else "Q")
        plan = library.plan(operation, HOUSE, library.variables(operation, variables or {}))
        return plan, time.process_time() - begun
    finally:
        print(f"{1000 * (time.process_time() - begun):6.1f} ms", end=" ")


@pytest.fixture
def quiet() -> Iterator[None]:
    """No garbage of other tests is collected while work is measured."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", REFUSED)
def test_24_to_29_what_costs_too_much_is_refused_before_it_costs_anything(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(RequestRefused) as refused:
        prepared(REFUSED[name])
    assert [error.extensions["code"] for error in refused.value.errors] == ["COST_EXCEEDED"]  # type: ignore[index]
    assert refused.value.status == 400
    assert time.process_time() - begun < CPU


HEAVY = {
    "600 aliased fields": "{ " + aliases(20, 'organisation(id: "x") { ' + aliases(29, "id") + " }") + " }",
    "a tree of fragments": bomb(10),
    "62 of one field": ON_ORGANISATION % ("id " * 62),
    "100 kB of comment": "{ house { slug } } #" + "a" * 99_000,
    "a text of 95 kB": '{ organisations(filter: {search: "' + "a" * 95_000 + '"}) { totalCount } }',
}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", HEAVY)
def test_what_is_just_allowed_is_prepared_quickly(name: str) -> None:
    plan, seconds = prepared(HEAVY[name])
    assert plan is not None
    assert seconds < CPU


def test_errors_of_validation_are_cut_off() -> None:
    with pytest.raises(RequestRefused) as refused:
        prepared("{ house { " + " ".join(f"x{n}" for n in range(500)) + " } }")
    assert len(refused.value.errors) == 21


@pytest.mark.parametrize("size", [101, 10**6, 2**31 - 1])
def test_sizes_in_variables_count_as_they_are_sent(size: int) -> None:
    text = "query($n: Int) { people(first: 5) { nodes { affiliations(first: $n) { nodes { id } } } } }"
    assert prepared(text, {"n": 100})[0] is not None
    if size > 1000:
        with pytest.raises(RequestRefused) as refused:
            prepared(text, {"n": size})
        assert refused.value.errors[0].extensions["limit"] == "a cost of"  # type: ignore[index]


def test_a_list_of_ids_counts_as_long_as_it_is() -> None:
    text = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Organisation { people(first: 50) { nodes { id } } } } }"
    assert prepared(text, {"ids": ["x"] * 10})[0] is None  # behind an interface: ordinary execution
    with pytest.raises(RequestRefused):
        prepared(text, {"ids": ["x"] * 100})


@pytest.mark.parametrize(
    ("argument", "told"), [("first: 51", "0 to 50"), ("last: -1", "0 to 50"), ("first: -1", "0 to 50")]
)
async def test_26_a_page_size_out_of_range_says_what_is_allowed(village: Village, argument: str, told: str) -> None:
    answer = await village.both.answer(village.west.desk(), f"{{ organisations({argument}) {{ totalCount }} }}")
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "FIELD_INVALID"
    assert told in error["message"]


def test_the_library_holds_a_bounded_number_of_characters() -> None:
    library = Library(GRAPH)
    for n in range(100):
        library.operation("{ house { slug } } #" + "a" * 9_000 + str(n), None)
    assert len(library._known) < limits.BODY  # entries
    assert sum(len(text) for text, _ in library._known) <= 300_000
    assert len(library._known) == 33


def test_one_operation_keeps_plans_for_a_bounded_number_of_speakers() -> None:
    library = Library(GRAPH)
    operation = library.operation("{ house { slug } }", None)
    for n in range(200):
        library.plan(operation, HOUSE | {f"extra:{n}"}, {})
    assert len(operation.plans) <= 64


def test_what_tools_ask_of_the_schema_is_allowed_once() -> None:
    for more in (False, True):
        text = get_introspection_query(schema_description=more, specified_by_url=more, directive_is_repeatable=more)
        operation = Library(GRAPH).operation(text, None)
        operation.cost.check({})
        assert operation.introspects
    for twice in (
        "{ a: __schema { types { name } } b: __schema { types { name } } }",
        "{ __schema { a: types { name } b: types { name } } }",
        "{ __schema { types { ...T } } } fragment T on __Type { a: fields { name } b: fields { name } }",
    ):
        with pytest.raises(RequestRefused) as refused:
            prepared(twice)
        assert refused.value.errors[0].extensions["code"] == "COST_EXCEEDED"  # type: ignore[index]
    with pytest.raises(RequestRefused):
        prepared("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")


async def test_the_description_is_the_same_for_everybody_and_needs_no_database(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = get_introspection_query()
    first = await village.both.watched.run(village.west.desk(), text, {}, "IntrospectionQuery")
    monkeypatch.setattr(village.both.watched, "_execute", None)
    again = await village.both.watched.run(village.east.desk(frozenset()), text, {}, "IntrospectionQuery")
    assert again == first
    assert b'"name":"Organisation"' in again.body
