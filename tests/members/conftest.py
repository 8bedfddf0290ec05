"""Leipzig West and East with the plans of their blueprints."""

from collections.abc import Iterator

import pytest
import pytest_asyncio
from world import Site

from quartier.members import opening
from quartier.settings import home
from quartier.tenancy.blueprint import SiteBlueprint, read_site


@pytest.fixture(scope="session")
def blueprint() -> SiteBlueprint:
    return read_site(home("tenants") / "leipzig-west")


@pytest_asyncio.fixture
async def plans(west: Site, east: Site, blueprint: SiteBlueprint) -> None:
    for site in (west, east):
        with site.speaking("worker"):
            desk = site.desk()
            async with desk.transaction():
                await opening.furnish(desk, blueprint)


@pytest.fixture
def at_west(west: Site, plans: None) -> Iterator[Site]:
    """The test speaks at West's desk."""
    with west.speaking():
        yield west
