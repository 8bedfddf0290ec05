"""Who follows a page hears that something changed as long as she may; what changed is read by a request of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from console.conftest import Town
from console.reader import Reader

from quartier.access.people.actions import block_person
from quartier.kit.ids import new_id
from quartier_graph.feed import BOOKINGS


class Stream:
    """A stream of the real house, piece by piece; a client of HTTP would wait for its end."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.over = asyncio.Event()
        self.status = 0

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif body := message.get("body"):
            self.told.put_nowait(body.decode().partition("event: ")[2].partition("\r\n")[0])

        elif not message.get("more_body"):
            self.over.set()

    async def next(self) -> str:
        async with asyncio.timeout(5):
            return await self.told.get()


@contextlib.asynccontextmanager
async def followed(reader: Reader) -> AsyncIterator[tuple[Stream, asyncio.Task[None]]]:
    stream, asked = Stream(), False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await stream.over.wait()  # servers tell of a line that is closed when the answer has ended
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = {"host": reader.site.realm.host} | reader.headers
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": "/heute/strom", "raw_path": b"/heute/strom", "query_string": b"", "root_path": "", "state": {},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 443),
    }  # fmt: skip
    task = asyncio.create_task(reader.app(scope, receive, stream.send))
    try:
        yield stream, task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_40_who_is_kept_out_hears_nothing_more_of_a_page_she_left_open(town: Town) -> None:
    site = town.west.site
    reader, other = await town.reader("front_desk"), await town.reader("front_desk")
    [row] = await site.sql(
        "select s.person_id from auth.session s where s.tenant_id = $1 and s.token_hash = sha256($2::bytea)",
        site.id, (reader.session or "").encode(),
    )  # fmt: skip
    async with followed(reader) as (stream, task), followed(other) as (others, _):
        for each in (stream, others):
            assert [await each.next(), await each.next()] == ["here", "changed"]
        BOOKINGS.told(f"{site.id}:{new_id()}")
        assert [await stream.next(), await others.next()] == ["changed", "changed"]
        with site.speaking():
            await block_person(site.desk("manager"), row["person_id"], 1, reason="hat das Haus verlassen")
        BOOKINGS.told(f"{site.id}:{new_id()}")
        assert await others.next() == "changed"
        async with asyncio.timeout(5):
            await task
        assert (stream.status, stream.told.qsize()) == (200, 0)
    assert (await reader.get("/heute/strom")).status_code == 303  # to the sign-in
