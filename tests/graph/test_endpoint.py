"""GraphQL over HTTP as clients meet it: methods, media types, bodies, and errors that leak nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from conftest import Cluster
from graph.conftest import Village
from graph.host import Host, open_host
from graph.village import GRAPH
from graphql import ExecutionResult, GraphQLError

from quartier.database.faults import PoolExhausted
from quartier.database.lanes import Lanes
from quartier_graph.documents import Documents

HOUSE = "{ house { zone } }"
RESPONSE = "application/graphql-response+json"
OLD = "application/json"


@pytest.fixture
def host(village: Village, app_lanes: Lanes, postgres: Cluster, tmp_path: Path) -> Host:
    folder = tmp_path / "clients" / "site"
    folder.mkdir(parents=True)
    (folder / "zone.graphql").write_text("query zone { house { zone } }")
    places = {"west.test": village.west, "east.test": village.east}
    return open_host(GRAPH, app_lanes, postgres.keyring.cursor, places, Documents("site", tmp_path))


async def ask(host: Host, query: str, speaker: str | None = "manager", **more: Any) -> httpx2.Response:
    async with host.client(speaker=speaker) as client:
        return await client.post("/graphql", json={"query": query, **more}, headers={"accept": RESPONSE})


def code(answer: httpx2.Response) -> str:
    [error] = answer.json()["errors"]
    assert error["extensions"]["reference"].startswith("request-")
    return str(error["extensions"]["code"])


async def test_a_query_is_answered_and_kept_by_nobody(host: Host) -> None:
    answer = await ask(host, HOUSE)
    assert answer.status_code == 200
    assert answer.json() == {"data": {"house": {"zone": "Europe/Berlin"}}}
    assert answer.headers["content-type"] == f"{RESPONSE}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_hosts_answer_with_their_own_site(host: Host, village: Village) -> None:
    for name, place in (("west.test", village.west), ("east.test", village.east)):
        async with host.client(name) as client:
            answer = await client.post("/graphql", json={"query": "{ spaces { nodes { id } } }"})
        assert {node["id"] for node in answer.json()["data"]["spaces"]["nodes"]} == set(place.ids("spc"))


async def test_33_hosts_in_turn_on_one_worker_never_share_a_page(host: Host, village: Village) -> None:
    async with host.client("west.test") as west, host.client("east.test") as east:
        for _ in range(20):
            for client, place in ((west, village.west), (east, village.east)):
                answer = await client.post("/graphql", json={"query": "{ bookings(first: 1) { nodes { id } } }"})
                assert answer.json()["data"]["bookings"]["nodes"][0]["id"] in place.ids("bkg")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}; charset=utf-8, {OLD};q=0.9", RESPONSE),
        (OLD, OLD),
        ("*/*", OLD),
        ("application/*;q=0.5", OLD),
    ],
)
async def test_the_media_type_is_the_one_that_is_accepted(host: Host, accept: str, given: str) -> None:
    async with host.client() as client:
        answer = await client.post("/graphql", json={"query": HOUSE}, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(given)


async def test_other_media_types_are_not_acceptable(host: Host) -> None:
    async with host.client() as client:
        answer = await client.post("/graphql", json={"query": HOUSE}, headers={"accept": "text/html"})
    assert answer.status_code == 406
    assert OLD in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_32_a_request_that_a_foreign_page_can_make_is_not_taken(host: Host, method: str) -> None:
    async with host.client(speaker=None) as client:
        answer = await client.request(method, "/graphql", params={"query": HOUSE})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_32_a_mutation_never_comes_by_get(host: Host) -> None:
    text = 'mutation { renameSpace(input: {space: "x", name: "y", idempotencyKey: "k"}) { dryRun } }'
    async with host.client() as client:
        answer = await client.get("/graphql", params={"query": text})
        assert answer.status_code == 405
        assert "data" not in answer.json()
        good = await client.get("/graphql", params={"query": HOUSE, "variables": "{}"})
        assert good.json() == {"data": {"house": {"zone": "Europe/Berlin"}}}
        for wrong in ({"query": HOUSE, "variables": "{"}, {"query": HOUSE, "variables": "[]"}, {"query": ""}, {}):
            assert (await client.get("/graphql", params=wrong)).status_code == 400


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/graphql", ""],
)
async def test_32_bodies_that_a_form_can_send_are_not_taken(host: Host, kind: str) -> None:
    async with host.client() as client:
        answer = await client.post(
            "/graphql", content=json.dumps({"query": HOUSE}), headers={"content-type": kind} if kind else {}
        )
    assert answer.status_code == 415
    assert "data" not in answer.json()


async def test_a_body_in_another_character_set_is_not_taken(host: Host) -> None:
    async with host.client() as client:
        body = json.dumps({"query": HOUSE})
        latin = await client.post(
            "/graphql", content=body.encode("utf-16"), headers={"content-type": f"{OLD}; charset=utf-16"}
        )
        named = await client.post("/graphql", content=body, headers={"content-type": f"{OLD}; charset=UTF-8"})
    assert latin.status_code == 415
    assert named.status_code == 200


BODIES = {
    "nothing": b"",
    "not JSON": b"{",
    "invalid UTF-8": b'{"query": "{ house { zone } } # \xff"}',
    "invalid UTF-8 in a name": b'{"\xff": 1}',
    "half a surrogate": b'{"query": "{ organisations(filter: {search: \\"\\\\ud800\\"}) { totalCount } }"}',
    "a batch": b'[{"query": "{ house { zone } }"}]',
    "a number": b"1",
    "null": b"null",
    "no query": b"{}",
    "an empty query": b'{"query": ""}',
    "query null": b'{"query": null}',
    "query a number": b'{"query": 1}',
    "query an array": b'{"query": ["{ house { zone } }"]}',
    "variables an array": b'{"query": "{ house { zone } }", "variables": []}',
    "variables a text": b'{"query": "{ house { zone } }", "variables": "{}"}',
    "name a number": b'{"query": "{ house { zone } }", "operationName": 1}',
    "extensions an array": b'{"query": "{ house { zone } }", "extensions": []}',
    "query and document": b'{"query": "{ house { zone } }", "documentId": "zone"}',
    "depth in variables": b'{"query": "{ house { zone } }", "variables": {"a": '
    + b"[" * 40_000
    + b"]" * 40_000
    + b"}}",
    "a variable in lists in lists": b'{"query": "query($t: [String!]) { organisations(filter: {tagged: $t}) '
    b'{ totalCount } }", "variables": {"t": ' + b"[" * 800 + b"]" * 800 + b"}}",
    "a syntax error": b'{"query": "{ house { "}',
    "an unknown field": b'{"query": "{ hause }"}',
    "an unknown operation": b'{"query": "query A { house { zone } }", "operationName": "B"}',
    "two operations, none named": b'{"query": "query A { house { zone } } query B { house { zone } }"}',
    "no operation": b'{"query": "fragment A on House { zone }"}',
    "an empty selection": b'{"query": "{ }"}',
    "a comment": b'{"query": "# nothing"}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_no_request_is_refused_in_words(host: Host, name: str) -> None:
    async with host.client() as client:
        answer = await client.post("/graphql", content=BODIES[name], headers={"content-type": OLD, "accept": RESPONSE})
    assert answer.status_code == 400, answer.text
    assert "data" not in answer.json()
    for error in answer.json()["errors"]:
        assert error["message"]
        assert error["extensions"]["code"] in {"INVALID", "COST_EXCEEDED"}
        assert "Traceback" not in answer.text


async def test_29_a_batch_is_refused(host: Host) -> None:
    async with host.client() as client:
        answer = await client.post("/graphql", json=[{"query": HOUSE}] * 2)
    assert answer.status_code == 400
    assert "Batches" in answer.json()["errors"][0]["message"]


async def test_28_a_huge_body_is_refused_before_it_is_read_whole(host: Host) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(1_000):
            read += 10_000
            yield b"x" * 10_000

    async with host.client() as client:
        answer = await client.post("/graphql", content=endless(), headers={"content-type": OLD})
    assert answer.status_code == 413
    assert "100000" in answer.text


async def test_30_strangers_learn_nothing_of_the_schema(host: Host) -> None:
    for text in ("{ __schema { types { name } } }", "{ __typename }", HOUSE, "{ hause }", ""):
        answer = await ask(host, text, speaker=None)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert code(answer) == "UNAUTHENTICATED"


async def test_30_a_typing_error_brings_no_suggestions(host: Host) -> None:
    for text in ("{ hous { zone } }", "{ house { zon } }", "{ organisations(firts: 1) { totalCount } }"):
        answer = await ask(host, text)
        assert answer.status_code == 400
        assert "Did you mean" not in answer.text


async def test_introspection_is_for_those_who_are_signed_in(host: Host) -> None:
    answer = await ask(host, '{ __schema { queryType { name } } __type(name: "Booking") { name } }', speaker="member")
    assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__type": {"name": "Booking"}}}


async def test_the_older_media_type_answers_a_well_formed_request_with_200(host: Host) -> None:
    async with host.client() as client:
        answer = await client.post("/graphql", json={"query": "{ hause }"}, headers={"accept": OLD})
    assert answer.status_code == 200
    assert "data" not in answer.json()


async def test_variables_that_do_not_fit_name_themselves(host: Host) -> None:
    text = "query($first: Int!) { bookings(first: $first) { totalCount } }"
    wrong: Any
    for wrong in (
        {},
        {"first": None},
        {"first": "1"},
        {"first": 1.5},
        {"first": 2**31},
        {"first": [1, 2]},
        {"first": {}},
    ):
        answer = await ask(host, text, variables=wrong)
        assert answer.status_code == 400
        assert "$first" in answer.json()["errors"][0]["message"]
    assert (await ask(host, text, variables={"first": 1.0})).status_code == 200


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-11-20T10:00:00", "offset"),
        ("gestern", "RFC 3339"),
        ("0001-01-01T00:00:00Z", "from 1000 to 2199"),
        ("9999-12-31T23:59:59-12:00", "from 1000 to 2199"),
        (7, "RFC 3339"),
        ("2026-13-01T10:00:00Z", "RFC 3339"),
    ],
)
async def test_an_instant_that_is_none_says_what_one_is(host: Host, value: object, told: str) -> None:
    text = "query($at: DateTime) { bookings(filter: {endsAfter: $at}) { totalCount } }"
    answer = await ask(host, text, variables={"at": value})
    assert answer.status_code == 400
    assert told in answer.json()["errors"][0]["message"]
    assert code(answer) == "FIELD_INVALID"


async def test_a_text_with_a_zero_byte_is_refused_in_words(host: Host) -> None:
    text = "query($s: String) { organisations(filter: {search: $s}) { totalCount } }"
    assert code(await ask(host, text, variables={"s": "a\0b"})) == "FIELD_INVALID"
    answer = await ask(host, '{ organisations(filter: {tagged: ["a", "\\u0000"]}) { totalCount } }')
    assert code(answer) == "FIELD_INVALID"


async def test_a_wish_with_a_zero_byte_is_refused_by_its_field(host: Host) -> None:
    text = "mutation($input: RenameSpaceInput!) { renameSpace(input: $input) { refusals { code path } } }"
    wish = {"space": "x", "name": "a\0b", "idempotencyKey": "\0"}
    answer = await ask(host, text, variables={"input": wish})
    assert answer.json()["data"]["renameSpace"]["refusals"] == [
        {"code": "FIELD_INVALID", "path": ["name"]},
        {"code": "FIELD_INVALID", "path": ["idempotencyKey"]},
    ]


@pytest.mark.parametrize("name", ["Saal\a", "\x1b[31mSaal", "Saal\x85", "x" * 20_001])
async def test_a_wish_holds_texts_that_people_write(host: Host, name: str) -> None:
    text = "mutation($input: RenameSpaceInput!) { renameSpace(input: $input) { refusals { code path } } }"
    answer = await ask(host, text, variables={"input": {"space": "x", "name": name, "idempotencyKey": "a"}})
    assert answer.json()["data"]["renameSpace"]["refusals"] == [{"code": "FIELD_INVALID", "path": ["name"]}]


async def test_31_a_resolver_that_breaks_tells_a_reference_and_nothing_else(host: Host) -> None:
    answer = await ask(host, "{ trouble }", speaker="house")
    assert "10.0.0.5" not in answer.text
    assert "quartier failed" not in answer.text
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["reference"] in error["message"]


async def test_31_a_statement_that_breaks_tells_a_reference_and_nothing_else(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = host.endpoint.services["site"]
    assert service.lanes is not None
    run = service.lanes.run
    monkeypatch.setattr(service.lanes, "run", lambda key, sql, args: run("broken", "select 1/0 from app.person", ()))
    answer = await ask(host, HOUSE)
    assert answer.status_code == 200
    assert "division" not in answer.text
    assert "app." not in answer.text
    assert code(answer) == "INTERNAL"


NOT_NOW = (
    PoolExhausted("canary"),
    asyncpg.DiskFullError("canary"),
    asyncpg.TooManyConnectionsError("canary"),
    asyncpg.ReadOnlySQLTransactionError("canary"),
)


@pytest.mark.parametrize("fault", NOT_NOW, ids=lambda fault: type(fault).__name__)
async def test_a_database_that_has_no_room_is_503_and_worth_another_try(
    host: Host, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async def full(*_: object) -> object:
        raise fault

    async def half(*_: object) -> ExecutionResult:
        return ExecutionResult(None, [GraphQLError("failed", original_error=fault)])

    service = host.endpoint.services["site"]
    wish = {"space": "x", "name": "Saal", "idempotencyKey": "a"}
    rename = "mutation($input: RenameSpaceInput!) { renameSpace(input: $input) { refusals { code } } }"
    monkeypatch.setattr(service.lanes, "run", full)
    answers = [await ask(host, HOUSE)]
    for broken in (full, half):  # before the first statement, and in the middle
        monkeypatch.setattr(service, "_execute", broken)
        answers.append(await ask(host, rename, variables={"input": wish}))
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert code(answer) == "UNAVAILABLE"
        assert "canary" not in answer.text


async def test_trusted_documents_are_run_by_their_names(host: Host) -> None:
    async with host.client() as client:
        good = await client.post("/graphql", json={"documentId": "zone"})
        unknown = await client.post("/graphql", json={"documentId": "../zone"})
    assert good.json() == {"data": {"house": {"zone": "Europe/Berlin"}}}
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_subscriptions_are_sent_to_the_socket(host: Host) -> None:
    answer = await ask(host, 'subscription { bookingsOfDay(day: "2026-11-20") { id } }')
    assert answer.status_code == 400


async def test_a_client_that_goes_away_half_way_is_no_fault(host: Host) -> None:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "headers": [(b"host", b"west.test"), (b"authorization", b"Bearer manager"), (b"content-type", OLD.encode())],
        "query_string": b"",
    }
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await host(scope, receive, send)
    assert sent[0]["status"] == 400


async def test_33_two_questions_about_the_schema_in_one_document_keep_their_answers(host: Host) -> None:
    both = "query A { __schema { queryType { name } } } query B { __schema { mutationType { name } } }"
    for name, kind in (("A", "queryType"), ("B", "mutationType"), ("A", "queryType")):
        answer = await ask(host, both, operationName=name)
        assert list(answer.json()["data"]["__schema"]) == [kind]
