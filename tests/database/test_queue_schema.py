"""The queue's tables are frozen in a migration; the installed library must want the same."""

import importlib.util
import json
import uuid
from datetime import timedelta

from conftest import Cluster
from database.bells import WEST, Quarter
from pgqueuer.adapters.persistence import qb

from quartier.database.engine import TenantEngine
from quartier.jobs.settings import QUEUE
from quartier.settings import home


def frozen() -> str:
    path = home("migrations") / "m0001_walls.py"
    spec = importlib.util.spec_from_file_location("walls", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tables: str = module.QUEUE_TABLES
    return tables.strip()


def test_the_migration_makes_what_the_library_would_install() -> None:
    wanted = qb.QueryBuilderEnvironment(QUEUE).build_install_query(create_schema=False)
    assert frozen() == wanted.split("\n", 1)[1].strip()  # the first line names the version


async def test_a_job_carries_the_verified_site_and_only_once(db: TenantEngine, quarter: Quarter) -> None:
    put = "select jobs.put($1, $2, $3, $4)"
    subject = str(uuid.uuid4())
    with db.speaking(WEST):
        async with db.work():
            for _ in range(2):
                await db.fetch(put, "test.ring", json.dumps({"bell": subject}), timedelta(), "today")
    rows = await quarter.root.fetch("delete from jobs.pgqueuer where entrypoint = 'test.ring' returning payload")
    assert [json.loads(row["payload"]) for row in rows] == [{"tenant": str(WEST), "args": {"bell": subject}}]


async def test_the_login_roles_exist(postgres: Cluster, quarter: Quarter) -> None:
    roles = await quarter.root.fetch(
        "select rolname from pg_roles where rolname = any($1)", [*postgres.keyring.passwords]
    )
    assert len(roles) == len(postgres.keyring.passwords)
