"""The house with the real graph and its pages, and two filled sites whose texts break careless templates."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from conftest import Cluster
from console.reader import Reader, signed_in
from doorway import installed, log, running
from graph.places import Place, settle
from world import NOW, Administrator, Site, open_city

from quartier.app import App, create_app
from quartier.database.engine import TenantEngine
from quartier.insight.figures import publish
from quartier.settings import Settings
from quartier_graph.edges import edges

__all__ = ["log"]


@dataclass(frozen=True)
class Town:
    """A running house, two sites with equal content, and their city."""

    app: App
    city: Site
    west: Place
    east: Place

    async def reader(self, *roles: str, place: Place | None = None, language: str = "de") -> Reader:
        return await signed_in(self.app, (place or self.west).site, *roles, language=language)

    def stranger(self, site: Site | None = None, language: str = "de") -> Reader:
        return Reader(self.app, site or self.west.site, language=language)


@pytest_asyncio.fixture(scope="session")
async def town(
    engine: TenantEngine, postgres: Cluster, database: str, administrator: Administrator
) -> AsyncIterator[Town]:
    await publish(postgres.dsn(database))
    city = await open_city(administrator)
    west, east = [await settle(administrator, city.realm.city_id, word) for word in ("west", "east")]
    settings = Settings(data=Path("unused"), demo=True, clock_ahead=NOW - datetime.now(UTC))
    installation = installed(postgres, database, settings)
    app = create_app(settings, edges(settings, installation), installation)
    async with running(app):
        yield Town(app, city, west, east)
