"""Leipzig West with everybody who has a part in giving money."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from conftest import Cluster
from crowd import crowd
from grants.neighbours import Grants
from world import Site

ROLES = ("member", "grants_officer", "award_authority", "finance")


@pytest_asyncio.fixture
async def grants(west: Site) -> Grants:
    await west.person("Zweite Zahlung", "finance")  # a call needs two who can pay
    return Grants(west, {role: await west.person(role.title(), role) for role in ROLES})


@pytest.fixture
def at_west(west: Site) -> Iterator[Site]:
    with west.speaking():
        yield west


@pytest_asyncio.fixture
async def forty_connections(postgres: Cluster, database: str, engine: object) -> AsyncIterator[None]:
    async with crowd(postgres, database):
        yield
