"""Leipzig West with a manager who plans."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from conftest import Cluster
from crowd import crowd
from programme.courses import Programme
from world import Site


@pytest_asyncio.fixture
async def programme(west: Site) -> Programme:
    return Programme(west, await west.person("Mira Lindner", "manager"))


@pytest.fixture
def at_west(west: Site) -> Iterator[Site]:
    with west.speaking():
        yield west


@pytest_asyncio.fixture
async def forty_connections(postgres: Cluster, database: str, engine: object) -> AsyncIterator[None]:
    async with crowd(postgres, database):
        yield
