"""One pair of filled sites for the room: nothing of what is tried there stays."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

for tests in ("isolation.test_attacks", "access.test_machine_tokens", "web.test_front"):
    pytest.register_assert_rewrite(tests)  # test_layers.py runs them again and reads what they say

from conftest import Cluster  # noqa: E402
from isolation.sites import Walls, settle  # noqa: E402
from world import Administrator  # noqa: E402

from quartier.database.catalog import holes, lint  # noqa: E402
from quartier.database.engine import TenantEngine  # noqa: E402


@pytest_asyncio.fixture(scope="session")
async def walls(
    postgres: Cluster, database: str, administrator: Administrator, engine: TenantEngine
) -> AsyncIterator[Walls]:
    """At the end of the run, after whatever all tests wrote, the walls stand and every key leads somewhere."""
    yield await settle(postgres, database, administrator)
    assert await holes(administrator) == []
    assert await lint(administrator) == []
