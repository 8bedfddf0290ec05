"""One pair of filled sites for the room: nothing of what is tried there stays."""

import pytest_asyncio
from conftest import Cluster
from isolation.sites import Walls, settle
from world import Administrator

from quartier.database.engine import TenantEngine


@pytest_asyncio.fixture(scope="session")
async def walls(postgres: Cluster, database: str, administrator: Administrator, engine: TenantEngine) -> Walls:
    return await settle(postgres, database, administrator)
