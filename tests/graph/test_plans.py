"""How PostgreSQL would read for the trusted documents where a site is large: never a whole table."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from conftest import Cluster, MakeDatabase
from graph.places import settle
from graph.test_contract import TRUSTED, asks, given, operation, plans
from graphql import OperationType
from world import Site, open_city

from quartier.database.administrator import connect
from quartier.database.engine import SESSION
from quartier.insight.figures import publish
from quartier_graph.statement import Env

LARGE = 1_000  # rows; smaller tables are rightly read whole
CROWD = 1_200


@dataclass
class Explained:
    """A connection as the application has it, and the realms whose rows it would read."""

    connection: Any
    site: Site
    city: Site
    large: dict[str, int]

    async def scans(self, sql: str, values: list[Any], realm: UUID) -> list[str]:
        """Large tables that this statement would read from end to end."""
        text = await self.connection.fetchval(f"explain (format json, verbose) {sql}", str(realm), "-", *values)
        return [
            f"{node['Schema']}.{node['Relation Name']}"
            for node in nodes(json.loads(text)[0]["Plan"])
            if node["Node Type"] == "Seq Scan" and f"{node['Schema']}.{node['Relation Name']}" in self.large
        ]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest_asyncio.fixture(scope="module")
async def large(make_database: MakeDatabase, postgres: Cluster) -> AsyncIterator[Explained]:
    """Two sites with 1,200 members and 6,000 bookings each, and their statistics."""
    name = await make_database("large")
    root = await connect(postgres.dsn(name))
    await publish(postgres.dsn(name))
    city = await open_city(root)
    west, _ = [await settle(root, city.realm.city_id, word, crowd=CROWD) for word in ("west", "east")]
    await root.execute("analyze")
    rows = await root.fetch(
        "select relnamespace::regnamespace || '.' || relname as name, reltuples::int as n from pg_class"
        " where relkind = 'r' and relnamespace in ('app'::regnamespace, 'city'::regnamespace) and reltuples > $1",
        LARGE,
    )
    connection = await asyncpg.connect(
        **postgres.address(name).login("quartier_app"), server_settings=SESSION, statement_cache_size=0
    )
    await connection.execute("set plan_cache_mode = force_generic_plan")
    yield Explained(connection, west.site, city, {row["name"]: row["n"] for row in rows})
    await connection.close()
    await root.close()


async def test_the_site_is_large_where_it_matters(large: Explained) -> None:
    assert large.large.keys() >= {"app.person", "app.organisation", "app.booking", "app.membership", "app.affiliation"}


QUERIES = [(realm, name) for realm, name in TRUSTED if realm == "site"]


@pytest.mark.parametrize("name", [name for _, name in QUERIES])
async def test_a_trusted_query_never_reads_a_large_table_whole(large: Explained, name: str) -> None:
    library, found = operation("site", name)
    if found.kind is not OperationType.QUERY or asks("site", found):
        return
    variables = library.variables(found, given(library, found))
    desk = large.site.desk(person=UUID(int=1), own=frozenset({UUID(int=2)}))
    made = plans("site", name)
    assert made
    for speaker, plan in made.items():
        values = plan.values(Env(desk, b"key", variables))
        assert await large.scans(plan.sql, values, large.site.id) == [], (name, speaker)


async def test_a_query_without_an_index_would_be_noticed(large: Explained) -> None:
    """The check itself: something nobody has an index for is found."""
    sql = "select $1::text, $2::text, (select count(*) from app.booking where title = $3)"
    assert await large.scans(sql, ["x"], large.site.id) == ["app.booking"]
