"""One pair of filled sites for the room: nothing of what is tried there stays."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

for tests in ("isolation.test_attacks", "access.test_machine_tokens", "web.test_front"):
    pytest.register_assert_rewrite(tests)  # test_layers.py runs them again and reads what they say

from conftest import Cluster, MakeDatabase  # noqa: E402
from isolation.sites import Walls, settle  # noqa: E402
from world import Administrator  # noqa: E402

from quartier.database.administrator import connect  # noqa: E402
from quartier.database.catalog import holes, lint  # noqa: E402
from quartier.database.engine import TenantEngine  # noqa: E402


@pytest_asyncio.fixture(scope="session")
async def walls(
    postgres: Cluster, make_database: MakeDatabase, administrator: Administrator, engine: TenantEngine
) -> AsyncIterator[Walls]:
    """In a database of its own, where no other room's job cleans up.

    At the end of the run, after whatever all tests wrote, the walls stand in both and every key leads somewhere.
    """
    name = await make_database("walls")
    root = await connect(postgres.dsn(name))
    yield await settle(postgres, name, root)
    for database in (root, administrator):
        assert await holes(database) == []
        assert await lint(database) == []
    await root.close()
