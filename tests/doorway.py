"""The running house for tests over HTTP: one application for the run, one client per site."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from conftest import Cluster
from world import Site

from quartier.access.arrival import arrived
from quartier.app import App, Edges, create_app
from quartier.database.attach import Installation
from quartier.database.engine import TenantEngine
from quartier.settings import Settings
from quartier.web import logs

LOG = io.StringIO()
"""Everything the house logs during the run."""


@pytest.fixture(scope="session", autouse=True)
def log() -> io.StringIO:
    logs.configure("INFO", out=LOG)
    return LOG


def logged(request_id: str) -> dict[str, Any]:
    """The line that the log has of a request."""
    lines = map(json.loads, LOG.getvalue().splitlines())
    [found] = [line for line in lines if line.get("request_id") == request_id and line["event"] == "request"]
    return dict(found)


async def who_speaks(scope: Any, receive: Any, send: Any) -> None:
    """Stands where the graph is mounted, and tells what it was handed."""
    arrival = arrived(scope)
    desk = arrival.desk
    size, message = 0, await receive()
    while message["type"] == "http.request":
        size += len(message["body"])
        if not message.get("more_body"):
            break
        message = await receive()
    told = {
        "realm": desk.realm.slug,
        "client": str(desk.client) if desk.client else None,
        "person": str(desk.person) if desk.person else None,
        "permissions": sorted(desk.permissions),
        "roles": sorted(desk.roles),
        "language": desk.language,
        "now": desk.now.isoformat(),
        "address": arrival.address,
        "size": size,
    }
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def installed(cluster: Cluster, database: str, settings: Settings) -> Installation:
    return Installation(
        settings=settings,
        keyring=cluster.keyring,
        address=cluster.address(database),
        administrator=cluster.dsn(database),
        embedded=False,
    )


@contextlib.asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    """Enter and leave the lifespan in one task, wherever the fixture runs."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def keep() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(keep())
    await asyncio.wait([task, waiting := asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        yield app
    finally:
        stop.set()
        await task


def client(app: Any, site: Site, **options: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app)
    return httpx2.AsyncClient(transport=transport, base_url=f"https://{site.realm.host}", **options)


@pytest_asyncio.fixture(scope="session")
async def app(engine: TenantEngine, postgres: Cluster, database: str) -> AsyncIterator[App]:
    settings = Settings(data=Path("unused"), demo=True)
    made = create_app(settings, Edges(graphql=who_speaks), installed(postgres, database, settings))
    async with running(made):
        yield made


@pytest_asyncio.fixture
async def at_west(app: App, west: Site, east: Site) -> AsyncIterator[httpx2.AsyncClient]:
    await app.house.directory.load()
    async with client(app, west) as west_client:
        yield west_client


@pytest_asyncio.fixture
async def at_east(app: App, at_west: httpx2.AsyncClient, east: Site) -> AsyncIterator[httpx2.AsyncClient]:
    async with client(app, east) as east_client:
        yield east_client
