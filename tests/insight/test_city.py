"""The city compares its sites and reaches nothing else. Attacks 14 and 19."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from asyncpg import Range
from conftest import Cluster
from graph.both import Both
from world import NOW, Site, open_city, open_site

from quartier.database.administrator import connect
from quartier.database.engine import DB
from quartier.database.faults import NoTenant
from quartier.database.lanes import Lanes
from quartier.insight import figures
from quartier.insight.figures import DEFINITIONS, DefinitionChanged, publish
from quartier_graph.city import city

NOVEMBER = Range(date(2026, 11, 1), date(2026, 12, 1))
FIGURE = """
insert into city.figure (tenant_id, city_id, code, version, min_n, period, slice, n, num, den, tallied_at)
values ($1, $2, $3, 1, $4, $5, $6, $7, $7::int, $8, $9)"""
COMPARE = """
query Compare($from: Date!, $codes: [String!]) {
  comparison(first: 50, filter: {period: MONTH, starts: $from, indicators: $codes, slices: ["all"]}) {
    nodes { site { name } indicator slice period firstDay lastDay state n num den }
  }
}"""
VARIABLES = {"from": "2026-11-01", "codes": ["memberships", "sessions"]}


async def figure(site: Site, code: str, n: int | None, *, den: int | None = None) -> None:
    least = next(one.least for one in DEFINITIONS if one.code == code)
    values = (site.id, site.realm.city_id, code, least, NOVEMBER, "all", n, den, NOW)
    await site.administrator.execute(FIGURE, *values)


@pytest_asyncio.fixture(scope="session")
async def city_lanes(postgres: Cluster, database: str, engine: object) -> AsyncIterator[Lanes]:
    lanes = Lanes(postgres.address(database), "city", size=2)
    await lanes.start()
    yield lanes
    await lanes.stop()


@dataclass(frozen=True)
class Compared:
    """The city's two ways to answer, and somebody of the city who may compare."""

    both: Both
    realm: Site

    async def ask(self, text: str, variables: Any = None, *roles: str) -> Any:
        return await self.both.answer(self.realm.desk(*(roles or ("city_analyst",))), text, variables)


@pytest.fixture
def compared(the_city: Site, city_lanes: Lanes, postgres: Cluster) -> Compared:
    return Compared(Both(city(), city_lanes, postgres.keyring.cursor), the_city)


async def test_the_sites_stand_beside_each_other_shown_hidden_and_missing(
    compared: Compared, west: Site, east: Site
) -> None:
    await figure(west, "memberships", 14)
    await figure(east, "memberships", None)
    await figure(west, "sessions", 3)
    answer = await compared.ask(COMPARE, VARIABLES)
    assert "errors" not in answer
    days = {"slice": "all", "period": "MONTH", "firstDay": "2026-11-01", "lastDay": "2026-11-30"}

    def line(site: str, code: str, state: str, number: int | None) -> dict[str, Any]:
        told = {"state": state, "n": number, "num": number, "den": None}
        return {"site": {"name": site}, "indicator": code, **days, **told}

    nodes = sorted(answer["data"]["comparison"]["nodes"], key=lambda node: (node["indicator"], node["site"]["name"]))
    assert nodes == [
        line("East", "memberships", "HIDDEN", None),
        line("West", "memberships", "SHOWN", 14),
        line("East", "sessions", "MISSING", None),
        line("West", "sessions", "SHOWN", 3),
    ]


async def test_the_comparison_is_one_statement(compared: Compared, west: Site) -> None:
    await figure(west, "memberships", 14)
    answers = await compared.both.run(compared.realm.desk("city_analyst"), COMPARE, VARIABLES)
    assert answers.compiled


async def test_a_total_holds_what_is_shown_and_says_what_is_not(compared: Compared, west: Site, east: Site) -> None:
    south = await open_site(west.administrator, west.realm.city_id, "south")
    await figure(west, "attendance", 12, den=20)
    await figure(east, "attendance", None)
    await figure(south, "attendance", 8, den=10)
    text = '{ totals(filter: {indicators: ["attendance"]}) { nodes { period slice num den shown hidden missing } } }'
    answer = await compared.ask(text)
    assert answer["data"]["totals"]["nodes"] == [
        {"period": "MONTH", "slice": "all", "num": 20, "den": 30, "shown": 2, "hidden": 1, "missing": 0}
    ]


async def test_another_city_sees_other_sites(compared: Compared, west: Site, administrator: Any) -> None:
    await figure(west, "memberships", 14)
    elsewhere = await open_city(administrator)
    desk = elsewhere.desk("city_analyst")
    answer = await compared.both.answer(desk, COMPARE, VARIABLES)
    assert answer["data"]["comparison"]["nodes"] == []
    answer = await compared.both.answer(desk, "{ sites { nodes { name } } indicators { nodes { code } } }")
    assert answer["data"]["sites"]["nodes"] == []
    assert {one.code for one in DEFINITIONS} <= {node["code"] for node in answer["data"]["indicators"]["nodes"]}


async def test_the_city_itself_is_no_site(compared: Compared, west: Site, east: Site) -> None:
    answer = await compared.ask("{ sites { nodes { name slug state } } }")
    assert answer["data"]["sites"]["nodes"] == [
        {"name": site.realm.name, "slug": site.realm.slug, "state": "OPEN"} for site in (east, west)
    ]


async def test_the_indicators_say_how_they_are_counted(compared: Compared) -> None:
    text = "{ indicators { nodes { code version unit subject smallestCell formulaDe } } }"
    nodes = (await compared.ask(text))["data"]["indicators"]["nodes"]
    assert [node["code"] for node in nodes] == sorted(node["code"] for node in nodes)
    by_code = {node["code"]: node for node in nodes}
    assert (by_code["memberships"]["subject"], by_code["memberships"]["smallestCell"]) == ("PERSON", 5)


@pytest.mark.parametrize("role", ["manager", "site_admin", "platform_operator"])
async def test_only_who_may_compare_compares(compared: Compared, role: str) -> None:
    answer = await compared.ask(COMPARE, VARIABLES, role)
    assert answer.get("data") is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


# -- the city's reach --------------------------------------------------------------------------------------------
ALLOWED = {"city.figure", "city.indicator", "city.comparison", "city.total", "city.catalogue"}
EVERY = """
select n.nspname || '.' || c.relname as t from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('app', 'auth', 'sec', 'city', 'jobs', 'public') and c.relkind in ('r', 'p', 'v', 'm')"""
As = Callable[[str], Awaitable[Any]]


@pytest_asyncio.fixture
async def as_city(postgres: Cluster, database: str) -> AsyncIterator[As]:
    """Raw SQL with the city's own login: what an injection there could do."""
    login = postgres.address(database).login("quartier_city")
    connection = await connect(login.pop("dsn"), **login)
    yield connection.fetch
    await connection.close()


async def test_19_the_city_reads_figures_and_names_and_no_other_table(as_city: As, administrator: Any) -> None:
    tables = {row["t"] for row in await administrator.fetch(EVERY)}
    assert len(tables) > 50
    for table in sorted(tables - ALLOWED - {"city.tenant"}):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_city(f"select 1 from {table}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_city("select host from city.tenant")
    assert await as_city("select name from city.tenant limit 1")


async def test_19_without_a_signed_city_there_are_no_figures(as_city: As, west: Site) -> None:
    await figure(west, "memberships", 14)
    for view in ("city.figure", "city.comparison", "city.total"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="context rejected"):
            await as_city(f"select * from {view} where city_id = '{west.realm.city_id}'")


async def test_19_the_city_writes_nothing(as_city: As, west: Site) -> None:
    await figure(west, "memberships", 14)
    with west.speaking("city"), pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await DB.fetch("update city.figure set n = 99 where city_id = $1", west.realm.city_id)
    await as_city("set default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_city("delete from city.figure")


async def test_19_the_city_has_no_tenant(west: Site) -> None:
    with west.speaking("city"), pytest.raises(asyncpg.InsufficientPrivilegeError):
        await DB.fetch("select 1 from app.person where tenant_id = $1", west.id)
    with pytest.raises(NoTenant):
        await DB.fetch("select code from city.figure where city_id = $1", west.realm.city_id)


async def test_19_a_site_cannot_write_into_another_city(west: Site, administrator: Any) -> None:
    elsewhere = await open_city(administrator)
    values = (west.id, elsewhere.realm.city_id, "memberships", 5, NOVEMBER, "all", 14, None, NOW)

    async def reach() -> None:
        async with DB.work():
            await DB.fetch(FIGURE, *values)

    with west.speaking("worker"), pytest.raises(asyncpg.ForeignKeyViolationError):
        await reach()


async def test_19_a_site_reads_its_own_figures_only(west: Site, east: Site) -> None:
    await figure(west, "memberships", 14)
    await figure(east, "memberships", 9)
    with west.speaking():
        rows = await DB.fetch("select tenant_id, n from city.figure")
    assert [(row["tenant_id"], row["n"]) for row in rows] == [(west.id, 14)]


# -- definitions ---------------------------------------------------------------------------------------------------
async def test_definitions_are_published_as_often_as_wanted(postgres: Cluster, database: str, west: Site) -> None:
    await publish(postgres.dsn(database))
    rows = await west.sql(
        "select code, unit, subject, min_n, name_de, formula from city.indicator where code = any($1) order by code",
        [one.code for one in DEFINITIONS],
    )
    assert [tuple(row) for row in rows] == [
        (one.code, one.unit, one.subject, one.least, one.name_de, one.formula_de)
        for one in sorted(DEFINITIONS, key=lambda one: one.code)
    ]


async def test_what_a_figure_means_cannot_change_under_its_number(
    postgres: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tuple(replace(one, least=3) if one.code == "attendance" else one for one in DEFINITIONS)
    monkeypatch.setattr(figures, "DEFINITIONS", changed)
    with pytest.raises(DefinitionChanged, match="attendance 1"):
        await publish(postgres.dsn(database))


def test_persons_are_guarded_from_five_on() -> None:
    assert all(one.least >= 5 and one.least_slice >= 5 for one in DEFINITIONS if one.guards_persons)
    assert len({(one.code, one.version) for one in DEFINITIONS}) == len(DEFINITIONS)
