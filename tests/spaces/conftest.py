"""Leipzig West and East, furnished."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from conftest import Cluster
from crowd import crowd
from spaces.house import House, furnish
from world import Site

from quartier.settings import home
from quartier.tenancy.blueprint import SiteBlueprint, read_site


@pytest.fixture(scope="session")
def blueprint() -> SiteBlueprint:
    return read_site(home("tenants") / "leipzig-west")


@pytest_asyncio.fixture
async def house(west: Site, blueprint: SiteBlueprint) -> House:
    return await furnish(west, blueprint)


@pytest_asyncio.fixture
async def house_east(east: Site, blueprint: SiteBlueprint) -> House:
    return await furnish(east, blueprint)


@pytest.fixture
def at_west(house: House) -> Iterator[House]:
    """The test speaks at West's desk."""
    with house.site.speaking():
        yield house


@pytest_asyncio.fixture
async def forty_connections(postgres: Cluster, database: str) -> AsyncIterator[None]:
    async with crowd(postgres, database):
        yield
