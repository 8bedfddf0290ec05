"""The explorer: everything from this host, nothing inline, names that may be kept for good."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest
from graph.conftest import Village
from litestar import Litestar

from quartier.access.arrival import Arrival, put
from quartier.console import assets, vendor
from quartier_graph.explorer import EXAMPLES, PAGES, WORDS


class Page(HTMLParser):
    """What a page loads, says and asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.seed = ""
        self._within: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = dict(attrs).get("id")

    def handle_data(self, data: str) -> None:
        if self._within == "seed":
            self.seed += data

    def handle_endtag(self, tag: str) -> None:
        self._within = None

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


@pytest.fixture
def client(village: Village) -> httpx2.AsyncClient:
    app = Litestar([*PAGES], openapi_config=None, logging_config=None)

    async def arriving(scope: Any, receive: Any, send: Any) -> None:
        place = village.west
        language = "en" if b"accept-language" in dict(scope["headers"]) else "de"
        put(
            scope,
            Arrival(
                realm=place.site.realm,
                origin="https://west.test",
                address="127.0.0.1",
                request_id="request-1",
                language=language,
                desk=place.stranger(),
                speak=None,  # type: ignore[arg-type]
                lanes={},
            ),
        )
        await app(scope, receive, send)

    transport = httpx2.ASGITransport(app=arriving)
    return httpx2.AsyncClient(transport=transport, base_url="https://west.test")


async def page(client: httpx2.AsyncClient, **headers: str) -> tuple[httpx2.Response, Page]:
    answer = await client.get("/explorer", headers=headers)
    assert answer.status_code == 200
    return answer, Page(answer.text)


async def test_everything_the_page_loads_is_of_this_host_and_kept_for_good(client: httpx2.AsyncClient) -> None:
    _, shown = await page(client)
    seed = json.loads(shown.seed)
    loaded = [a["src"] for a in shown.all("script") if a.get("src")] + [a["href"] for a in shown.all("link")]
    loaded += seed["scripts"] + seed["styles"]
    assert len(loaded) == 6
    for address in loaded:
        assert address is not None
        assert re.fullmatch(r"/static/[a-z./-]+\.[0-9a-f]{12}\.(js|css)", address)
        answer = await client.get(address, headers={"accept-encoding": "identity"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashlib.sha256(answer.content).hexdigest().startswith(address.split(".")[-2])
        assert answer.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")


async def test_no_request_leaves_the_host(client: httpx2.AsyncClient) -> None:
    answer, _ = await page(client)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' wss://west.test"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert not re.search(r"https?://", answer.text)
    own = (assets.STATIC / "explorer" / "explorer.js").read_text("utf-8")
    assert re.findall(r"(?:fetch|WebSocket)\(([^,)]*)", own) == [
        "'/oauth/token'",
        "'/graphql'",
        "location.origin.replace(/^http/",
    ]


async def test_nothing_runs_that_stands_in_the_page_itself(client: httpx2.AsyncClient) -> None:
    _, shown = await page(client)
    for script in shown.all("script"):
        assert script.get("src") or script.get("type") == "application/json"
    for _, attributes in shown.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


async def test_secret_and_token_are_kept_nowhere(client: httpx2.AsyncClient) -> None:
    answer, shown = await page(client)
    assert answer.headers["cache-control"] == "no-store"
    own = (assets.STATIC / "explorer" / "explorer.js").read_text("utf-8")
    assert not re.search(r"localStorage\.|sessionStorage|document\.cookie|indexedDB", own)
    for field in shown.all("input"):
        assert field["autocomplete"] == "off"
    secret = {field["id"]: field.get("type") for field in shown.all("input")}
    assert secret == {"client": None, "secret": "password", "token": "password"}


async def test_every_field_has_a_label_and_messages_are_read_aloud(client: httpx2.AsyncClient) -> None:
    _, shown = await page(client)
    assert {label["for"] for label in shown.all("label")} == {field["id"] for field in shown.all("input")}
    assert [a for a in shown.all("p") if a.get("role") == "status"][0]["aria-live"] == "polite"


async def test_it_speaks_german_and_english(client: httpx2.AsyncClient) -> None:
    assert WORDS["de"].keys() == WORDS["en"].keys()
    answer, shown = await page(client)
    assert next(shown.all("html"))["lang"] == "de"
    assert "Geheimnis" in answer.text
    answer, shown = await page(client, **{"accept-language": "en"})
    assert next(shown.all("html"))["lang"] == "en"
    assert answer.headers["content-language"] == "en"


async def test_packed_files_are_the_same_files(client: httpx2.AsyncClient) -> None:
    address = assets.address("vendor/graphiql/graphiql.min.js")
    plain = await client.get(address, headers={"accept-encoding": "identity"})
    async with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < 1_200_000


@pytest.mark.parametrize(
    "name",
    [
        "explorer/explorer.js",
        "../explorer.py",
        "%2e%2e/assets.py",
        "vendor/../../assets.py",
        "",
        "vendor/NOTICE",
        "x.000000000000.js",
    ],
)
async def test_only_known_names_are_served(client: httpx2.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404


def test_the_files_of_others_are_unmodified_and_named() -> None:
    notice = (vendor.OUT / "NOTICE").read_text("utf-8")
    assert notice == vendor.notice()
    found = {path.relative_to(vendor.OUT).as_posix() for path in vendor.OUT.rglob("*") if path.is_file()}
    named = set()
    for package in vendor.PACKAGES:
        for path, digest in package.files.items():
            file = vendor.OUT / package.folder / path.rsplit("/", 1)[-1]
            named.add(file.relative_to(vendor.OUT).as_posix())
            assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert found == named | {"NOTICE"}


async def test_the_example_answers(village: Village) -> None:
    from quartier_graph.edges import graph_of
    from quartier_graph.plans import Library

    for kind, text in EXAMPLES.items():
        assert Library(graph_of(kind)).operation(text, None)
