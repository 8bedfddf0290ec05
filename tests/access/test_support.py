"""Support looks only where the site let it in, changes nothing, and leaves every query behind."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from conftest import Cluster
from refusing import refusals
from world import Administrator, Site

from quartier.access.support.actions import approve_visit, end_visit
from quartier.access.support.queries import entries, visits
from quartier.database import visit
from quartier.database.engine import DB, Address
from quartier.database.visit import VisitRefused
from quartier.kit.ids import new_id

pytestmark = pytest.mark.usefixtures("engine")
ANNA, BERT = "operator:anna", "operator:bert"
WHY = "Ticket 4711: a booking cannot be cancelled"
PEOPLE = "select tenant_id, name from app.person order by name"


@pytest.fixture
def address(postgres: Cluster, database: str) -> Address:
    return postgres.address(database)


@pytest_asyncio.fixture
async def admin(west: Site) -> AsyncIterator[Any]:
    yield west.desk("site_admin", person=await west.person("Ralf Zeidler"))


async def asked(address: Address, site: Site) -> UUID:
    return await visit.ask(address, site.id, ANNA, WHY)


async def approve(desk: Any, grant: UUID, hours: int = 1) -> None:
    with DB.speaking(desk.tenant_id, "app"):
        await approve_visit(desk, grant, hours)


async def end(desk: Any, grant: UUID) -> None:
    with DB.speaking(desk.tenant_id, "app"):
        await end_visit(desk, grant)


async def test_an_operator_reads_the_one_site_that_let_her_in_and_it_reads_what_she_asked(
    address: Address, west: Site, east: Site, admin: Any
) -> None:
    await east.person("Ida Ost")
    grant = await asked(address, west)
    with pytest.raises(VisitRefused, match="Not let in"):
        await visit.look(address, grant, ANNA, PEOPLE)
    await approve(admin, grant)
    rows = await visit.look(address, grant, ANNA, PEOPLE)
    assert [(row["tenant_id"], row["name"]) for row in rows] == [(west.id, "Ralf Zeidler")]
    assert [(each.operator, each.query) for each in await entries(admin)] == [(ANNA, PEOPLE)]
    assert await entries(east.desk("site_admin")) == []
    assert await visits(east.desk("site_admin")) == []
    [line] = await west.sql("select action, subject, person from app.audit_entry where tenant_id = $1", west.id)
    assert tuple(line) == ("support.approved", grant, admin.person)
    with pytest.raises(VisitRefused, match="Not let in"):
        await visit.look(address, grant, BERT, PEOPLE)


@pytest.mark.parametrize(
    "query",
    [
        "update app.person set name = 'x' returning name", "delete from app.person returning id",
        "select secret_hash from auth.api_client", "select token_hash from auth.session", "select * from sec.key",
        "select 1) as seen; delete from app.person; select * from (select 2",
        "with gone as (delete from app.person returning id) select * from gone", "select pg_sleep(9)",
        "select set_config('app.tenant_id', gen_random_uuid()::text, true), (select count(*) from app.person)",
    ],
)  # fmt: skip
async def test_nothing_is_changed_and_no_secret_is_read_and_the_try_is_written_down(
    address: Address, west: Site, admin: Any, query: str
) -> None:
    grant = await asked(address, west)
    await approve(admin, grant)
    with pytest.raises(VisitRefused, match="A look is one SELECT|may not see this"):
        await visit.look(address, grant, ANNA, query)
    assert [each.query for each in await entries(admin)] == [query]
    assert await west.count("app.person") == 1


async def test_a_look_is_cut_at_its_most(address: Address, west: Site, admin: Any) -> None:
    grant = await asked(address, west)
    await approve(admin, grant)
    rows = await visit.look(address, grant, ANNA, "select generate_series(1, 1000) as n")
    assert len(rows) == visit.MOST


async def test_the_site_ends_a_look_at_once_and_refuses_a_request(address: Address, west: Site, admin: Any) -> None:
    grant, other = await asked(address, west), await asked(address, west)
    await approve(admin, grant)
    await end(admin, grant)
    await end(admin, other)
    for each in (grant, other):
        with pytest.raises(VisitRefused):
            await visit.look(address, each, ANNA, PEOPLE)
        assert list(await refusals(end(admin, each))) == ["VISIT_OVER"]
        assert list(await refusals(approve(admin, each))) == ["VISIT_OVER"]
    assert await entries(admin) == []


async def test_what_ran_out_lets_nobody_in(address: Address, west: Site, admin: Any) -> None:
    grant = await asked(address, west)
    await approve(admin, grant, 4)
    [row] = await west.sql("select valid_until - approved_at as lasts from sec.operator_grant where id = $1", grant)
    assert row["lasts"] == timedelta(hours=4)
    await west.sql("update sec.operator_grant set valid_until = now() - interval '1 s' where id = $1", grant)
    with pytest.raises(VisitRefused):
        await visit.look(address, grant, ANNA, PEOPLE)
    assert list(await refusals(end(admin, grant))) == ["VISIT_OVER"]


async def test_who_may_let_in_is_told_what_is_wrong(address: Address, west: Site, east: Site, admin: Any) -> None:
    grant = await asked(address, west)
    for hours in (0, 5, -1):
        assert list(await refusals(approve(admin, grant, hours))) == ["FIELD_INVALID"]
    stranger = east.desk("site_admin", person=await east.person("Ida Ost"))
    assert list(await refusals(approve(stranger, grant))) == ["NOT_FOUND"]
    assert list(await refusals(end(stranger, grant))) == ["NOT_FOUND"]
    assert list(await refusals(approve(admin, new_id()))) == ["NOT_FOUND"]
    assert list(await refusals(approve(west.desk("site_admin"), grant))) == ["NOT_ALLOWED"]  # the house lets nobody in
    for role in ("manager", "front_desk", "finance"):
        desk = west.desk(role, person=admin.person)
        assert list(await refusals(approve(desk, grant))) == ["NOT_ALLOWED"]
        assert list(await refusals(visits(desk))) == ["NOT_ALLOWED"]
        assert list(await refusals(entries(desk))) == ["NOT_ALLOWED"]
    with pytest.raises(VisitRefused, match="more than 20 letters"):
        await visit.ask(address, west.id, ANNA, "   look   ")


async def test_in_an_emergency_a_second_person_lets_in_for_an_hour_and_the_site_sees_it(
    address: Address, west: Site, admin: Any, administrator: Administrator, postgres: Cluster, database: str
) -> None:
    grant, owner = await asked(address, west), postgres.dsn(database)
    with pytest.raises(VisitRefused, match="second person"):
        await visit.emergency(owner, grant, ANNA)
    await visit.emergency(owner, grant, BERT)
    with pytest.raises(VisitRefused, match="no request"):
        await visit.emergency(owner, grant, BERT)
    assert len(await visit.look(address, grant, ANNA, PEOPLE)) == 1
    [seen] = await visits(admin)
    assert (seen.emergency, seen.approved_by) == (True, BERT)
    assert seen.valid_until
    assert seen.approved_at
    assert seen.valid_until - seen.approved_at == timedelta(hours=1)
    await end(admin, grant)
    with pytest.raises(VisitRefused):
        await visit.look(address, grant, ANNA, PEOPLE)


async def test_no_login_of_the_house_calls_the_emergency(address: Address, west: Site) -> None:
    grant = await asked(address, west)
    for role in ("quartier_operator", "quartier_app", "quartier_auth"):
        connection = await asyncpg.connect(**address.login(role))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("select sec.operator_emergency($1, 'x')", grant)
        finally:
            await connection.close()
