"""One pair of filled sites for the room: nothing of what is tried there stays."""

from collections.abc import AsyncIterator

import pytest_asyncio
from conftest import Cluster
from isolation.sites import Walls, settle
from world import Administrator

from quartier.database.catalog import holes, lint
from quartier.database.engine import TenantEngine


@pytest_asyncio.fixture(scope="session")
async def walls(
    postgres: Cluster, database: str, administrator: Administrator, engine: TenantEngine
) -> AsyncIterator[Walls]:
    """At the end of the run, after whatever all tests wrote, the walls stand and every key leads somewhere."""
    yield await settle(postgres, database, administrator)
    assert await holes(administrator) == []
    assert await lint(administrator) == []
