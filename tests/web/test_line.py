"""Raw sockets against the real server: heads that two could read in two ways, heads that never end, sockets."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from world import Site

from quartier.app import App
from quartier.web import line
from quartier.web.port import PortTaken, listening
from quartier.web.serve import server


@dataclass
class Wire:
    """One running server, and lines to it."""

    port: int

    async def say(self, *parts: bytes, close: bool = False) -> bytes:
        """Send as it stands, and read until the server closes or is quiet."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        heard = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
            if close:
                writer.write_eof()
            while data := await asyncio.wait_for(reader.read(65536), 3):
                heard += data
        writer.close()
        return heard


def statuses(heard: bytes) -> list[int]:
    return [int(part.split(b" ", 1)[0]) for part in heard.split(b"HTTP/1.1 ")[1:]]


@pytest_asyncio.fixture(scope="session")
async def wire(app: App) -> AsyncIterator[Wire]:
    sock = listening("127.0.0.1", 0)
    running = server(app)
    task = asyncio.create_task(running.serve([sock]))
    yield Wire(sock.getsockname()[1])
    running.should_exit = True
    await task


@pytest_asyncio.fixture
async def host(app: App, west: Site, east: Site) -> bytes:
    await app.house.directory.load()
    return west.realm.host.encode()


def head(host: bytes, *fields: bytes, start: bytes = b"POST /graphql HTTP/1.1") -> bytes:
    return b"\r\n".join([start, b"host: " + host, b"connection: close", *fields, b"", b""])


async def test_an_ordinary_request_is_answered(wire: Wire, host: bytes) -> None:
    heard = await wire.say(head(host, b"content-length: 2") + b"{}")
    assert statuses(heard) == [200]
    assert b"\r\nserver:" not in heard.lower()


@pytest.mark.parametrize(
    "fields",
    [
        (b"content-length: 2", b"content-length: 3"),
        (b"content-length: 2", b"transfer-encoding: gzip, chunked"),
        (b"transfer-encoding: chunked, identity",),
        (b"content-length : 2",),
        (b"content-length: +2",),
        (b"x: a\x00b",),
        (b"host: other.test",),
        (b"no-colon-at-all",),
    ],
)
async def test_59_a_head_that_two_could_read_in_two_ways_is_refused(
    wire: Wire, host: bytes, fields: tuple[bytes, ...]
) -> None:
    heard = await wire.say(head(host, *fields) + b"0\r\n\r\n", close=True)
    assert statuses(heard) in ([400], [501])
    assert b"Traceback" not in heard


async def test_59_length_and_chunks_together_end_the_line(wire: Wire, host: bytes) -> None:
    """RFC 9112, 6.3: what follows such a body could be a request that somebody before us took for the body."""
    both = head(host, b"content-length: 400", b"transfer-encoding: chunked").replace(b"connection: close\r\n", b"")
    assert statuses(await wire.say(both + b"0\r\n\r\n" + head(host, start=b"GET /smuggled HTTP/1.1"))) == [400]


async def test_59_a_head_that_never_ends_is_431(wire: Wire, host: bytes) -> None:
    assert statuses(await wire.say(head(host, b"x: " + b"a" * 20_000))) == [431]
    assert statuses(await wire.say(b"GET / HTTP/1.1\r\nx: " + b"a" * 70_000)) == [431]


async def test_59_a_head_that_drips_in_is_408(wire: Wire, host: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "HEAD_WITHIN", 0.05)
    assert statuses(await wire.say(b"GET / HTTP/1.1\r\nhost: ")) == [408]
    assert statuses(await wire.say(b"")) == [408]
    whole = head(host, b"content-length: 0").replace(b"connection: close\r\n", b"")
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(whole)
    assert statuses(await reader.readuntil(b"}\r\n0\r\n\r\n")) == [200]
    writer.write(b"GET / HT")  # on a line that has been answered once
    assert statuses(await asyncio.wait_for(reader.read(), 5)) == [408]
    writer.close()


@pytest.mark.parametrize("start", [b"\xff\xfe / HTTP/1.1", b"GET  HTTP/1.1", b"{}", b"GET /\xc3\xa4 HTTP/1.1"])
async def test_what_is_no_http_is_400(wire: Wire, host: bytes, start: bytes) -> None:
    assert statuses(await wire.say(head(host, start=start), close=True)) == [400]


async def test_36_an_absolute_target_and_the_host_name_the_same_site(wire: Wire, host: bytes, east: Site) -> None:
    other = east.realm.host.encode()
    for target, status in (
        (b"http://" + host + b"/graphql", 200),
        (b"http://" + host.upper() + b":8000/graphql?x=y", 200),
        (b"http://" + other + b"/graphql", 421),
        (b"http://" + host + b"@" + other + b"/graphql", 421),
        (b"http://" + other + b"@" + host + b"/graphql", 421),
        (b"ftp://" + host + b"/graphql", 421),
        (b"//" + other + b"/graphql", 404),  # a path of this host
        (b"*", 421),
    ):
        heard = await wire.say(head(host, b"content-length: 0", start=b"POST " + target + b" HTTP/1.1"))
        assert statuses(heard) == [status], target


async def test_pipelined_requests_of_two_sites_are_answered_each_by_its_own(
    wire: Wire, host: bytes, east: Site
) -> None:
    """The second begins while the first is being answered: nothing of it may be left in its context."""
    keep = head(host, b"content-length: 0").replace(b"connection: close\r\n", b"")
    heard = await wire.say(keep * 3 + head(east.realm.host.encode(), b"content-length: 0"))
    assert statuses(heard) == [200] * 4
    realms = [found.decode() for found in re.findall(rb'"realm": "([^"]*)"', heard)]
    assert realms == [host.decode().removesuffix(".test")] * 3 + [east.realm.slug]


async def test_36_39_a_socket_opens_at_a_known_host_for_a_page_of_that_host(
    wire: Wire, host: bytes, east: Site
) -> None:
    async def status(authority: str, **options: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(
                f"ws://{authority}/graphql",
                host="127.0.0.1",
                port=wire.port,
                proxy=None,
                **options,  # type: ignore[arg-type]
            ):
                pass
        return refused.value.response.status_code

    assert await status("unknown.test") == 421
    assert await status(host.decode(), origin=f"https://{east.realm.host}") == 403
    assert await status(host.decode(), origin="https://evil.example") == 403
    assert await status(host.decode(), origin="null") == 403


async def test_a_taken_port_is_told_before_anything_starts(wire: Wire) -> None:
    with pytest.raises(PortTaken) as refused:
        listening("127.0.0.1", wire.port)
    assert refused.value.port == wire.port
