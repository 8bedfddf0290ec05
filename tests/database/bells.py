"""A database of this room's own: two realms, and a table that can be made to fail at COMMIT."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from conftest import Cluster, MakeDatabase

from quartier.database.administrator import connect
from quartier.database.engine import TenantEngine

CITY, WEST, EAST = uuid.UUID(int=0xC1), uuid.UUID(int=0xA), uuid.UUID(int=0xB)
SETUP = f"""
insert into city.city (id, slug, name) values ('{CITY}', 'leipzig', 'Leipzig');
insert into city.tenant (id, city_id, kind, slug, name, host) values
  ('{WEST}', '{CITY}', 'site', 'west', 'Leipzig-West', 'west.test'),
  ('{EAST}', '{CITY}', 'site', 'east', 'Leipzig-Ost', 'east.test');
insert into app.site (tenant_id, slug, name_de, short_de, number_prefix, changed_at)
  select id, slug, name, name, 'L', now() from city.tenant where kind = 'site';
set role quartier_owner;
create table app.bell (tenant_id uuid not null references app.site, id uuid not null, note text not null,
  rings_with uuid, at tstzrange, primary key (tenant_id, id),
  foreign key (tenant_id, rings_with) references app.bell deferrable initially deferred);
select sec.isolate('app.bell');
create function app.slow() returns trigger language plpgsql as 'begin perform pg_sleep(1); return null; end';
create constraint trigger slow after insert on app.bell deferrable initially deferred
  for each row when (new.note = 'slow') execute function app.slow();
reset role;
"""


@dataclass(frozen=True)
class Quarter:
    """The database's name, and a superuser's connection to it."""

    name: str
    root: Any


@pytest_asyncio.fixture(scope="session")
async def bells(make_database: MakeDatabase, postgres: Cluster) -> AsyncIterator[Quarter]:
    name = await make_database("bells")
    root = await connect(postgres.dsn(name))
    await root.execute(SETUP)
    yield Quarter(name, root)
    await root.close()


@pytest_asyncio.fixture
async def quarter(bells: Quarter) -> Quarter:
    """The two realms with one bell each."""
    await bells.root.execute(
        "truncate app.bell; insert into app.bell (tenant_id, id, note) select tenant_id, tenant_id, slug from app.site"
    )
    return bells


@pytest_asyncio.fixture
async def db(quarter: Quarter, postgres: Cluster) -> AsyncIterator[TenantEngine]:
    """An engine with two connections, so that a lost one shows."""
    engine = TenantEngine()
    engine.configure(
        postgres.address(quarter.name),
        postgres.keyring.signer,
        powers=("app", "auth"),
        sizes={"app": 2, "auth": 1},
    )
    await engine.start()
    yield engine
    await engine.stop()
