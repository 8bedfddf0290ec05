"""Both sites and the city with their invented people, told once for the run."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from conftest import Cluster, names_its_tenant

from quartier.database.engine import TenantEngine
from quartier.insight import figures
from quartier.settings import home
from quartier_demo.story import World
from quartier_demo.town import open_town

TODAY = datetime(2026, 11, 19, 8, 40, tzinfo=UTC)  # Thursday, 09:40 in Leipzig


def silent(what: str, share: float) -> None:
    """Nobody watches."""


@pytest_asyncio.fixture(scope="session")
async def town(engine: TenantEngine, postgres: Cluster, database: str) -> dict[str, World]:
    """Every realm by its slug."""
    dsn = postgres.dsn(database)
    await figures.publish(dsn)
    worlds = await open_town(dsn, home("tenants"), today=TODAY, bare=False, progress=silent)
    return {world.realm.slug: world for world in worlds}


@pytest_asyncio.fixture
async def elsewhere(engine: TenantEngine, postgres: Cluster, database: str, fresh_database: str) -> AsyncIterator[str]:
    """The administrator's address of an empty database, to which the run's engine speaks for one test."""
    await engine.stop()
    engine.configure(postgres.address(fresh_database), postgres.keyring.signer)
    await engine.start()
    yield postgres.dsn(fresh_database)
    await engine.stop()
    engine.configure(postgres.address(database), postgres.keyring.signer, watch=names_its_tenant)
    await engine.start()
