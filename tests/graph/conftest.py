"""The village: two filled sites that the graph's tests read, and the two ways to answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from conftest import Cluster
from graph.both import Both
from graph.places import Place, settle
from graph.village import GRAPH
from world import Administrator, Site, open_city

from quartier.database.engine import TenantEngine
from quartier.database.lanes import Lanes
from quartier.insight.figures import publish
from quartier_graph.city import city
from quartier_graph.site import site


@dataclass(frozen=True)
class Village:
    """West and East with equal content; `both` answers a document the compiled and the ordinary way."""

    city: Site
    west: Place
    east: Place
    both: Both


@pytest_asyncio.fixture(scope="session")
async def app_lanes(postgres: Cluster, database: str, engine: TenantEngine) -> AsyncIterator[Lanes]:
    lanes = Lanes(postgres.address(database), "app", size=2)
    await lanes.start()
    yield lanes
    await lanes.stop()


@pytest_asyncio.fixture(scope="session")
async def city_lanes(postgres: Cluster, database: str, engine: TenantEngine) -> AsyncIterator[Lanes]:
    lanes = Lanes(postgres.address(database), "city", size=2)
    await lanes.start()
    yield lanes
    await lanes.stop()


@pytest.fixture(scope="session")
def site_both(app_lanes: Lanes, postgres: Cluster) -> Both:
    """The schema of a site, both ways."""
    return Both(site(), app_lanes, postgres.keyring.cursor)


@pytest.fixture(scope="session")
def city_both(city_lanes: Lanes, postgres: Cluster) -> Both:
    """The schema of the city, both ways."""
    return Both(city(), city_lanes, postgres.keyring.cursor)


@pytest_asyncio.fixture(scope="session")
async def village(administrator: Administrator, app_lanes: Lanes, postgres: Cluster, database: str) -> Village:
    await publish(postgres.dsn(database))  # what figures mean
    city = await open_city(administrator)
    west, east = [await settle(administrator, city.realm.city_id, word) for word in ("west", "east")]
    both = Both(GRAPH, app_lanes, postgres.keyring.cursor)
    for place in (west, east):
        place.cursors = await both.cursors(place.desk())
    return Village(city, west, east, both)
