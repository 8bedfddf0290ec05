"""The definitions stand in the run's database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from conftest import Cluster
from jobs.workers import Queue
from world import Site

from quartier.insight.figures import publish


@pytest_asyncio.fixture(scope="session", autouse=True)
async def definitions(postgres: Cluster, database: str, engine: object) -> AsyncIterator[None]:
    await publish(postgres.dsn(database))
    yield


@pytest_asyncio.fixture
async def opened(west: Site) -> Site:
    """West, open since September: months before it hold nothing."""
    await west.sql("update app.site set opened_on = '2026-09-01' where tenant_id = $1", west.id)
    return west


@pytest.fixture
def queue(postgres: Cluster, database: str, administrator: Any, engine: object) -> Queue:
    return Queue(postgres.address(database), administrator)
