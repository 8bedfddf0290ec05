"""Invented people: a token of the demo speaks with the roles that are valid now, and nowhere but in the demo."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from conftest import Cluster
from doorway import client, installed, logged, running, who_speaks
from world import NOW, Site

from quartier.access.actions import end_demo_sessions, machine_now, open_demo_session, sweep
from quartier.access.demo import DemoLeft
from quartier.access.permissions import EVERY, MEMBER, ROLES
from quartier.access.roles.actions import grant_role
from quartier.access.words import Belonging
from quartier.app import App, Edges, create_app
from quartier.database.engine import TenantEngine
from quartier.kit.ids import new_id
from quartier.settings import Settings
from quartier.tenancy.desk import Desk

KANALRAD = new_id()
BELONGINGS: dict[Any, Belonging] = {}


async def belongs(desk: Desk) -> Belonging:
    assert not desk.permissions
    assert await desk.fetch("select slug from app.site where tenant_id = $1", desk.tenant_id)  # power app
    return BELONGINGS.get(desk.person, Belonging())


@pytest_asyncio.fixture
async def demo(
    engine: TenantEngine, postgres: Cluster, database: str, west: Site, the_city: Site
) -> AsyncIterator[App]:
    """A house whose clock stands at the world's Thursday morning."""
    settings = Settings(data=Path("unused"), demo=True, clock_ahead=NOW - machine_now())
    made = create_app(settings, Edges(graphql=who_speaks), installed(postgres, database, settings), belongs=belongs)
    async with running(made):
        yield made
    await end_demo_sessions(west.desk())
    await end_demo_sessions(the_city.desk())


async def says(app: App, site: Site, token: str) -> httpx2.Response:
    async with client(app, site) as http:
        return await http.post("/graphql", headers={"authorization": f"Bearer {token}"})


async def test_mira_speaks_as_manager_and_jan_does_not(demo: App, west: Site) -> None:
    mira, jan = await west.person("Mira Lindner", "manager"), await west.person("Jan Petzold")
    told = (await says(demo, west, await open_demo_session(west.desk(), mira))).json()
    assert (told["person"], told["client"], told["roles"]) == (str(mira), None, ["manager"])
    assert frozenset(told["permissions"]) == ROLES["manager"]
    told = (await says(demo, west, await open_demo_session(west.desk(), jan))).json()
    assert (told["person"], told["roles"], told["permissions"]) == (str(jan), [], [])


async def test_a_role_begins_is_remembered_and_ends_by_the_worlds_clock(demo: App, west: Site) -> None:
    nora = await west.person("Dr. Nora Bernhardt")
    token = await open_demo_session(west.desk(), nora)
    assert (await says(demo, west, token)).json()["roles"] == []
    await grant_role(west.desk(), nora, "observer", until=NOW + timedelta(days=2))
    for _ in range(500):  # the notice is on its way
        if told := (await says(demo, west, token)).json()["roles"]:
            break
        await asyncio.sleep(0.01)
    assert told == ["observer"]
    demo.house.speakers.clock = type(demo.house.clock)(demo.house.clock.ahead + timedelta(days=2, seconds=1))
    assert (await says(demo, west, token)).json()["roles"] == []  # at once, although remembered


async def test_a_member_follows_from_what_she_belongs_to(demo: App, west: Site) -> None:
    jette = await west.person("Jette Brandt")
    BELONGINGS[jette] = Belonging(frozenset({KANALRAD}), frozenset({"member"}))
    told = (await says(demo, west, await open_demo_session(west.desk(), jette))).json()
    assert (told["roles"], frozenset(told["permissions"])) == (["member"], MEMBER)
    BELONGINGS[jette] = Belonging(frozenset({KANALRAD}), frozenset({"member", "member_admin", "finance"}))
    told = (await says(demo, west, await open_demo_session(west.desk(), jette))).json()
    assert told["roles"] == ["member", "member_admin"]


async def test_roles_of_the_city_are_nothing_at_a_site_and_the_other_way_round(
    demo: App, west: Site, the_city: Site
) -> None:
    for site, kept in ((west, ["observer"]), (the_city, ["city_analyst"])):
        beate = await site.person("Beate Kunze", "city_analyst", "observer")
        told = (await says(demo, site, await open_demo_session(site.desk(), beate))).json()
        assert told["roles"] == kept


@pytest.mark.parametrize("state", ["pending", "blocked", "erased"])
async def test_who_is_not_active_does_not_speak(demo: App, west: Site, state: str) -> None:
    sina = await west.person("Sina Roth", "observer")
    token = await open_demo_session(west.desk(), sina)
    await west.sql("update app.person set state = $2 where id = $1", sina, state)
    answer = await says(demo, west, token)
    assert answer.status_code == 401
    assert logged(answer.headers["x-request-id"])["reason"] == "person_not_active"


async def test_outside_the_demo_nothing_starts_beside_such_a_token(demo: App, west: Site) -> None:
    token = await open_demo_session(west.desk(), await west.person("Mira Lindner", "manager"))
    settings = Settings(data=Path("unused"))
    with pytest.raises(DemoLeft) as refused:
        async with running(create_app(settings, Edges(), demo.house.installation)):
            pass
    assert west.realm.slug in refused.value.slugs
    # And if it came later, by hand: a process outside the demo does not know such tokens.
    for realm in demo.house.directory.realms:  # other tests' invented people stand in the same database
        await end_demo_sessions(Desk(realm=realm, now=machine_now(), permissions=EVERY))
    async with running(create_app(settings, Edges(graphql=who_speaks), demo.house.installation)) as strict:
        token = await open_demo_session(west.desk(), await west.person("Jan Petzold", "manager"))
        answer = await says(strict, west, token)
        assert answer.status_code == 401
        assert logged(answer.headers["x-request-id"])["reason"] == "demo_only"
    assert await end_demo_sessions(west.desk()) == 1


async def test_what_expired_is_swept_after_a_day(engine: TenantEngine, west: Site) -> None:
    person = await west.person("Mira Lindner")
    for ago in (2, 0):
        await open_demo_session(west.desk(), person, lasts=timedelta(days=-ago, seconds=1))
    await west.sql(
        "insert into auth.attempt (tenant_id, key_hash, window_start, n) "
        "select $1, sha256('x'), t, 1 from unnest($2::timestamptz[]) t",
        west.id,
        [machine_now() - timedelta(minutes=61), machine_now() - timedelta(minutes=59)],
    )
    assert await sweep(west.desk()) == 2
    assert (await west.count("auth.session"), await west.count("auth.attempt")) == (1, 1)
    await end_demo_sessions(west.desk())
