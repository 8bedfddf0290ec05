"""One server, one migrated template, one engine for the whole run. Each test opens its own sites."""

import base64
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

os.environ["PICCOLO_CONF"] = "quartier.database.piccolo_conf"

from world import Administrator, Site, open_city, open_site  # noqa: E402

from quartier.database import embedded  # noqa: E402
from quartier.database.administrator import connect  # noqa: E402
from quartier.database.catalog import powers  # noqa: E402
from quartier.database.engine import DB, Address, TenantEngine  # noqa: E402
from quartier.database.faults import IsolationError  # noqa: E402
from quartier.database.keyring import LOGINS, Keyring  # noqa: E402
from quartier.database.migrate import migrate  # noqa: E402
from quartier.database.sealing import SEAL  # noqa: E402

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200}
CALL = re.compile(r"\b(jobs|city|sec)\.\w+\(")  # functions that ask for the verified tenant themselves


def _invented(word: str) -> str:
    """The same on every run: two runs on one server share its roles."""
    return hashlib.sha256(f"quartier tests: {word}".encode()).hexdigest()


KEYRING = Keyring(
    signing=bytes.fromhex(_invented("signing")),
    cursor=bytes.fromhex(_invented("cursor")),
    sealing=(base64.urlsafe_b64encode(bytes.fromhex(_invented("sealing"))).decode(),),
    passwords={role: _invented(role)[:32] for role in LOGINS},
)


@dataclass(frozen=True)
class Cluster:
    """A server of the tests, its administrator's address, and the secrets of its login roles."""

    url: str
    keyring: Keyring = KEYRING

    def dsn(self, database: str = "postgres") -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def address(self, database: str) -> Address:
        return Address(dsn=self.dsn(database), passwords=self.keyring.passwords)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server: TEST_DATABASE_URL (never one in use: its roles get new passwords), else our own."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Cluster(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="quartier-tests-"))
    folder.chmod(0o755)  # as root the server runs as another user
    try:
        server = embedded.start(folder / "postgres", FAST)
        try:
            yield Cluster(server.dsn())
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


MakeDatabase = Callable[[str], Awaitable[str]]


@pytest_asyncio.fixture(scope="session")
async def make_database(postgres: Cluster) -> AsyncIterator[MakeDatabase]:
    """Copy the migrated template `base`; give the new database's name. All are dropped at the end."""
    base = f"quartier_test_{os.getpid()}_base"
    await migrate(postgres.dsn(base), postgres.keyring)
    made = [base]

    async def make(name: str) -> str:
        full = f"quartier_test_{os.getpid()}_{name}"
        root = await connect(postgres.dsn())
        await root.execute(f"create database {full} template {base}")
        await root.close()
        made.append(full)
        copy = await connect(postgres.dsn(full))
        await copy.execute(powers())  # a copy loses the rights and limits of the database itself
        await copy.close()
        return full

    yield make
    root = await connect(postgres.dsn())
    for name in reversed(made):
        await root.execute(f"drop database if exists {name} with (force)")
    await root.close()


@pytest_asyncio.fixture(scope="session")
async def database(make_database: MakeDatabase) -> str:
    """The name of the database that the run's engine speaks to."""
    return await make_database("run")


@pytest_asyncio.fixture
async def fresh_database(make_database: MakeDatabase, postgres: Cluster) -> AsyncIterator[str]:
    """The name of a database for one test alone."""
    name = await make_database(f"fresh_{os.urandom(4).hex()}")
    yield name
    root = await connect(postgres.dsn())
    await root.execute(f"drop database if exists {name} with (force)")
    await root.close()


@pytest_asyncio.fixture(scope="session")
async def engine(postgres: Cluster, database: str) -> AsyncIterator[TenantEngine]:
    """`DB`, started for the run. It refuses every statement that does not name its tenant."""
    DB.configure(postgres.address(database), postgres.keyring.signer, watch=names_its_tenant)
    SEAL.configure(postgres.keyring.sealing)
    await DB.start()
    yield DB
    await DB.stop()


def names_its_tenant(sql: str) -> None:
    """Layer 2 of the isolation: the policy is the wall, the filter is the habit."""
    if "tenant_id" not in sql and "city_id" not in sql and not CALL.search(sql):
        raise IsolationError(f"a statement does not name its tenant: {sql}")


@pytest_asyncio.fixture(scope="session")
async def administrator(postgres: Cluster, database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A superuser's connection to the run's database: it sees all sites and checks what was left."""
    connection = await connect(postgres.dsn(database))
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def the_city(administrator: Administrator, engine: TenantEngine) -> Site:
    return await open_city(administrator)


@pytest_asyncio.fixture
async def west(the_city: Site, administrator: Administrator) -> Site:
    return await open_site(administrator, the_city.realm.city_id, "west")


@pytest_asyncio.fixture
async def east(the_city: Site, administrator: Administrator) -> Site:
    return await open_site(administrator, the_city.realm.city_id, "east")
