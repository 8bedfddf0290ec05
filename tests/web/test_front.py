"""The front door: which house a request is for, what is too much, and what is said when something breaks."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest
from doorway import LOG, client, logged, who_speaks
from world import Site

from quartier.access.arrival import Arrival, arrived
from quartier.app import App
from quartier.database.faults import DatabaseAway, PoolExhausted
from quartier.tenancy.directory import RealmSuspended
from quartier.web import body as bodies
from quartier_graph.edges import _admit


def problem(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert sorted(told) == ["detail", "reference", "status", "title", "type"]
    assert told["status"] == answer.status_code
    assert told["reference"] == answer.headers["x-request-id"]
    return dict(told)


# -- which house -----------------------------------------------------------------------------------
async def test_36_the_host_alone_names_the_site(app: App, at_west: httpx2.AsyncClient, west: Site, east: Site) -> None:
    for host in (west.realm.host, west.realm.host.upper(), west.realm.host + ".", west.realm.host + ":8000"):
        others = {
            "x-forwarded-host": east.realm.host,
            "forwarded": f"host={east.realm.host}",
            "x-host": east.realm.host,
        }
        answer = await at_west.post(f"/graphql?host={east.realm.host}", headers={"host": host, **others})
        assert answer.json()["realm"] == west.realm.slug


@pytest.mark.parametrize("host", ["", "unknown.test", "127.0.0.1", "[::1]:8000", "a b", "ünknown.test", "x" * 300])
@pytest.mark.parametrize("path", ["/", "/graphql", "/oauth/token", "/nothing"])
async def test_36_at_an_unknown_host_nobody_is_at_home(at_west: httpx2.AsyncClient, host: str, path: str) -> None:
    answer = await at_west.post(path, headers={b"host": host.encode()})
    assert problem(answer)["title"] == "Misdirected Request"
    assert answer.status_code == 421


async def test_a_suspended_site_asks_to_come_back_later(app: App, at_west: httpx2.AsyncClient, west: Site) -> None:
    await west.sql("update city.tenant set state = 'suspended' where id = $1", west.id)
    await app.house.directory.load()
    answer = await at_west.post("/graphql")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert problem(answer)["detail"] == "Dieser Standort ist vorübergehend geschlossen."


async def test_40_who_arrived_before_a_site_was_suspended_speaks_there_no_more(
    app: App, at_west: httpx2.AsyncClient, west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals: list[Arrival] = []

    async def remember(scope: Any, receive: Any, send: Any) -> None:
        arrivals.append(arrived(scope))
        await who_speaks(scope, receive, send)

    monkeypatch.setattr(app.front, "graphql", remember)
    await at_west.post("/graphql")
    [arrival] = arrivals
    assert (await arrival.speak(None)).realm.slug == west.realm.slug
    await west.sql("update city.tenant set state = 'suspended' where id = $1", west.id)
    await app.house.directory.load()
    with pytest.raises(RealmSuspended):
        await arrival.speak(None)
    assert await _admit(arrival, None) is None  # an open socket's next operation


# -- what is too much ------------------------------------------------------------------------------
async def test_a_body_has_at_most_100_kilobytes(at_west: httpx2.AsyncClient) -> None:
    most = 100 * 1024
    assert (await at_west.post("/graphql", content=b"x" * most)).json()["size"] == most
    answer = await at_west.post("/graphql", content=b"x" * (most + 1))
    assert (answer.status_code, problem(answer)["detail"]) == (413, "Die Anfrage ist zu groß.")
    assert answer.headers["connection"] == "close"

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(200):  # no content-length: counted as it comes
            yield b"x" * 1024

    assert (await at_west.post("/graphql", content=dripping())).status_code == 413


async def test_a_body_that_never_ends_is_not_waited_for(
    app: App, at_west: httpx2.AsyncClient, west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "WITHIN", 0.01)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope(west), never, send)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "9" * 30])
async def test_a_length_that_is_none_is_refused(app: App, at_west: httpx2.AsyncClient, west: Site, length: str) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope(west, (b"content-length", length.encode())), no_body, send)
    assert sent[0]["status"] == (413 if length.isdigit() else 400)


async def test_a_head_has_at_most_16_kilobytes(at_west: httpx2.AsyncClient) -> None:
    assert (await at_west.post("/graphql", headers={"x-more": "x" * 15_000})).status_code == 200
    answer = await at_west.post("/graphql", headers={"x-more": "x" * 17_000})
    assert (answer.status_code, problem(answer)["title"]) == (431, "Request Header Fields Too Large")


@pytest.mark.parametrize("name", [b"host", b"authorization", b"content-type", b"content-length"])
async def test_36_what_names_one_thing_stands_once(
    app: App, at_west: httpx2.AsyncClient, west: Site, name: bytes
) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    twice = (name, west.realm.host.encode() if name == b"host" else b"0")
    await app(scope(west, *([twice] if name == b"host" else [twice, twice])), no_body, send)
    assert sent[0]["status"] == 400


# -- what is said when something breaks ------------------------------------------------------------
async def test_unknown_paths_and_methods_are_answered_in_two_languages(at_west: httpx2.AsyncClient) -> None:
    answer = await at_west.get("/nothing/here")
    assert (answer.status_code, problem(answer)["detail"]) == (404, "Diese Seite gibt es hier nicht.")
    answer = await at_west.get("/oauth/token", headers={"accept-language": "en"})
    assert (answer.status_code, problem(answer)["detail"]) == (405, "This method is not possible here.")
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert (await at_west.get("/%FF%00")).status_code == 404
    assert (await at_west.post("/health/live")).status_code == 405


CANARY = "mira.lindner@canary.example"


class Broken(Exception):
    """Carries what no answer and no log may show."""


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Broken(f"user={CANARY} password=geheim"), 500),
        (KeyError(CANARY), 500),
        (FileNotFoundError(CANARY), 500),
        (OSError(28, CANARY), 503),
        (DatabaseAway(CANARY), 503),
        (PoolExhausted(CANARY), 503),
        (ConnectionRefusedError(CANARY), 503),
        (asyncpg.AdminShutdownError(CANARY), 503),
        (asyncpg.QueryCanceledError(CANARY), 503),
        (asyncpg.TooManyConnectionsError(CANARY), 503),
        (asyncpg.DiskFullError(CANARY), 503),
        (asyncpg.ReadOnlySQLTransactionError(CANARY), 503),
        (asyncpg.UniqueViolationError(f"Key (email)=({CANARY}) already exists."), 500),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/"])
async def test_31_60_a_fault_shows_a_reference_and_nothing_of_itself(
    app: App, west: Site, at_west: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int,
    path: str,
) -> None:  # fmt: skip
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        raise fault

    monkeypatch.setattr(app.front, "graphql", breaks)
    monkeypatch.setattr(app.front, "rest", breaks)
    before = len(LOG.getvalue())
    answer = await at_west.post(path)
    told = problem(answer)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) is (status == 503)
    assert "canary" not in answer.text
    lines = [json.loads(line) for line in LOG.getvalue()[before:].splitlines()]
    [fact] = [line for line in lines if line["event"] == "fault"]
    assert (fact["request_id"], fact["kinds"][0]) == (told["reference"], type(fault).__name__)
    assert any("breaks" in place for place in fact["places"])
    assert "canary" not in LOG.getvalue()
    assert "geheim" not in LOG.getvalue()


async def test_31_a_fault_of_a_page_is_told_the_same_way(
    app: App, at_west: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> Any:
        raise Broken(CANARY)

    monkeypatch.setattr("quartier.web.landing.arrived", breaks)
    answer = await at_west.get("/")
    assert problem(answer)["title"] == "Internal Server Error"
    assert "canary" not in answer.text + LOG.getvalue()


async def test_half_an_answer_is_cut_not_mended(app: App, at_west: httpx2.AsyncClient, west: Site) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise Broken(CANARY)

    whole, app.front.graphql = app.front.graphql, breaks
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(ConnectionAbortedError):
        await app(scope(west), no_body, send)
    app.front.graphql = whole
    assert [message["type"] for message in sent] == ["http.response.start"]


# -- what every answer carries ---------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/graphql", "/nothing", "/oauth/token", "/health/live"])
async def test_every_answer_carries_the_same_safeguards(at_west: httpx2.AsyncClient, path: str) -> None:
    answer = await at_west.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    assert answer.headers.get("strict-transport-security") is None  # the demo speaks plain HTTP
    assert answer.headers.get_list("cache-control") == ["no-store"]


async def test_outside_the_demo_browsers_are_told_to_stay_with_tls(
    app: App, at_west: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.front, "settings", msgspec.structs.replace(app.front.settings, demo=False))
    answer = await at_west.get("/.well-known/oauth-authorization-server")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.json()["issuer"] == str(at_west.base_url).rstrip("/")  # https, and no port


async def test_a_request_id_is_taken_over_or_made(at_west: httpx2.AsyncClient) -> None:
    given = "trace-0123.abc_9"
    assert (await at_west.get("/", headers={"x-request-id": given})).headers["x-request-id"] == given
    for bad in ("short", "x" * 65, "with space here", "läuft-nicht", 'quo"te"quo"te'):
        made = (await at_west.get("/", headers={b"x-request-id": bad.encode()})).headers["x-request-id"]
        assert made != bad
        assert len(made) == 32


async def test_60_the_log_has_the_request_and_no_secret(at_west: httpx2.AsyncClient, west: Site) -> None:
    before = len(LOG.getvalue())
    secret, long = "qtr_" + "s3cr3t" * 7 + "x", "aB3" * 15
    answer = await at_west.post(
        f"/uploads/{long}/a%0d%0aevil?code={secret}&state={secret}",
        headers={"authorization": f"Bearer {secret}", "cookie": f"__Host-session={secret}", "referer": f"/?{secret}"},
        content=f"email={CANARY}",
    )
    text = LOG.getvalue()[before:]
    line = logged(answer.headers["x-request-id"])
    assert (line["method"], line["path"], line["status"], line["realm"]) == (
        "POST", "/uploads/…/a\r\nevil", 401, west.realm.slug,
    )  # fmt: skip
    assert sorted(line) == [
        "event", "level", "method", "ms", "path", "realm", "reason", "request_id", "status", "timestamp",
    ]  # fmt: skip
    assert len(text.splitlines()) == 1  # a line break in a path stays inside its JSON text
    for hidden in (secret, long, "code=", "canary", "?"):
        assert hidden not in text


async def test_45_only_a_trusted_proxy_says_where_a_visitor_comes_from(
    app: App, at_west: httpx2.AsyncClient, west: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(app, west, headers={"x-forwarded-for": "198.51.100.7, 192.0.2.1"}) as http:
        assert (await http.post("/graphql")).json()["address"] == "127.0.0.1"
        trusting = msgspec.structs.replace(app.front.settings, trusted_proxies=frozenset({"127.0.0.1"}))
        monkeypatch.setattr(app.front, "settings", trusting)
        assert (await http.post("/graphql")).json()["address"] == "192.0.2.1"


async def test_the_landing_page_speaks_german_and_english(app: App, at_west: httpx2.AsyncClient, west: Site) -> None:
    await west.sql("update city.tenant set name = 'West & <Ost>' where id = $1", west.id)
    await app.house.directory.load()
    answer = await at_west.get("/")
    assert "<h1>West &amp; &lt;Ost&gt;</h1>" in answer.text
    assert (answer.status_code, answer.headers["content-language"]) == (200, "de")
    assert "Standort eines Quartierszentrums" in answer.text
    assert 'href="/explorer"' in answer.text
    answer = await at_west.get("/", headers={"accept-language": "en-GB, de;q=0.5"})
    assert (answer.headers["content-language"], answer.headers["vary"]) == ("en", "Accept-Language")
    assert "Site of a neighbourhood center" in answer.text


# -- by hand ---------------------------------------------------------------------------------------
def scope(site: Site, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [(b"host", site.realm.host.encode()), *headers],
        "client": ("127.0.0.1", 1),
    }


async def no_body() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}
