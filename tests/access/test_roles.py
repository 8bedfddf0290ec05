"""Who gives which role, what never meets in one person, and whose second word wakes a role of money."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from refusing import refusals
from world import NOW, Site, moved

from quartier.access.actions import machine_now, open_demo_session
from quartier.access.permissions import CITY_ROLES, ROLES
from quartier.access.roles.actions import (
    confirm_role,
    confirm_roles,
    end_role,
    end_unconfirmed,
    grant_role,
    holding,
)
from quartier.access.roles.queries import grants, grants_of, holders
from quartier.access.roles.rules import APART, BY_RIGHT, GIVERS, permissions_here, roles_here
from quartier.access.roles.words import HouseRoles
from quartier.access.speaker import Speakers
from quartier.app import App
from quartier.database.engine import DB
from quartier.jobs.calendar import yearly
from quartier.kit.ids import new_id
from quartier.kit.moments import Clock
from quartier.tenancy.setting import put_setting

YEAR = NOW + timedelta(days=365)
LATER = NOW + timedelta(hours=1)


def staff(site: Site, person: UUID, *roles: str) -> Any:
    return site.desk(*roles, person=person)


async def roles(site: Site, person: UUID) -> list[str]:
    return [grant.role for grant in await grants_of(site.desk(), person)]


async def says(app: App, site: Site, person: UUID, now: datetime = NOW + timedelta(minutes=1)) -> frozenset[str]:
    """What a person may at a moment of the world, as a process finds it that remembers nothing."""
    token = await open_demo_session(site.desk(), person)
    speakers = Speakers(clock=Clock(now - machine_now()), ear=app.house.ear, demo=True)
    desk = await speakers.desk(site.realm, f"Bearer {token}", language=None, request_id="test")
    return desk.permissions


# -- who gives --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("giver", "given"),
    [
        ("manager", {"front_desk", "advisor", "mentor", "observer"}),
        (
            "site_admin",
            {"front_desk", "advisor", "mentor", "observer", "manager", "grants_officer", "finance", "data_protection",
             "site_admin"},
        ),
        ("grants_officer", {"jury"}),
        ("front_desk", set()), ("advisor", set()), ("finance", set()), ("data_protection", set()),
    ],
)  # fmt: skip
async def test_everybody_gives_what_is_theirs_to_give(engine: Any, west: Site, giver: str, given: set[str]) -> None:
    desk = staff(west, await west.person("Ralf Zeidler"), giver)
    for role in ROLES:
        person = await west.person("Jana Fried")
        bound_to = new_id() if role == "jury" else None
        found = await refusals(grant_role(desk, person, role, until=YEAR, bound_to=bound_to))
        assert await roles(west, person) == ([role] if role in given else []), (role, found)
        if role not in given:
            city = {"ROLE_UNKNOWN"} if role in CITY_ROLES else {"ROLE_NOT_YOURS"}
            assert set(found) <= city | {"NOT_ALLOWED"}, role
            assert found, role


async def test_the_city_gives_its_own_roles_and_no_site_s(engine: Any, the_city: Site) -> None:
    desk = staff(the_city, await the_city.person("Beate Kunze"), "platform_operator")
    person = await the_city.person("Uwe Strobel")
    assert list(await refusals(grant_role(desk, person, "manager", until=YEAR))) == ["ROLE_UNKNOWN"]
    await grant_role(desk, person, "city_analyst", until=YEAR)
    assert await roles(the_city, person) == ["city_analyst"]


async def test_all_reasons_come_at_once(engine: Any, west: Site) -> None:
    mira, jan = await west.person("Mira Lindner"), await west.person("Jan Petzold", "finance")
    long = grant_role(staff(west, mira, "manager"), jan, "manager", until=YEAR + timedelta(days=1), bound_to=new_id())
    assert list(await refusals(long)) == ["ROLE_NOT_YOURS", "ROLE_TOO_LONG", "FIELD_INVALID", "ROLE_EXCLUDED"]
    assert await west.count("auth.event") == 0


async def test_a_juror_needs_a_call_and_nobody_of_the_neighbour_s_gets_a_role(
    engine: Any, west: Site, east: Site
) -> None:
    desk = staff(west, await west.person("Amal Haddad"), "grants_officer")
    assert list(await refusals(grant_role(desk, await west.person("Uwe"), "jury", until=YEAR))) == ["FIELD_INVALID"]
    for unknown in (await east.person("Selma Yıldız"), new_id()):
        found = await refusals(grant_role(desk, unknown, "jury", until=YEAR, bound_to=new_id()))
        assert list(found) == ["NOT_FOUND"]


async def test_a_stale_session_gives_no_weighty_role(engine: Any, west: Site) -> None:
    desk = replace(staff(west, await west.person("Ralf"), "site_admin"), asks_again=frozenset({"access:grant"}))
    person = await west.person("Jana Fried")
    assert list(await refusals(grant_role(desk, person, "manager", until=YEAR))) == ["SIGN_IN_AGAIN"]
    assert await refusals(grant_role(desk, person, "observer", until=YEAR)) == {}


# -- what never meets -------------------------------------------------------------------------------------------------
SITE_PAIRS = sorted(tuple(sorted(pair)) for pair in APART if not pair & CITY_ROLES)


@pytest.mark.parametrize(("first", "second"), [*SITE_PAIRS, *((b, a) for a, b in SITE_PAIRS)])
async def test_excluding_roles_never_meet_in_one_person(engine: Any, west: Site, first: str, second: str) -> None:
    person = await west.person("Jana Fried")
    await grant_role(west.desk(), person, first, until=YEAR)
    found = await refusals(grant_role(west.desk(), person, second, until=YEAR))
    assert list(found) == ["ROLE_EXCLUDED"]
    assert found["ROLE_EXCLUDED"].numbers == {"role": second, "others": first}
    assert await roles(west, person) == [first]


def test_the_exclusions_are_the_specification_s() -> None:
    finance = {"manager", "front_desk", "advisor", "grants_officer", "site_admin", "jury"}
    wanted = {frozenset({"finance", other}) for other in finance}
    wanted |= {frozenset({"jury", other}) for other in ("grants_officer", "award_authority")}
    assert {pair for pair in APART if not pair & CITY_ROLES} == wanted
    for role in CITY_ROLES:
        assert {frozenset({role, other}) for other in roles_here("site")} <= APART
    assert GIVERS.keys().isdisjoint(BY_RIGHT | {"award_authority"})


@pytest.mark.parametrize("pair", sorted(tuple(sorted(pair)) for pair in APART))
async def test_the_database_holds_every_exclusion_too(engine: Any, west: Site, pair: tuple[str, str]) -> None:
    person = await west.person("Jana Fried")
    with pytest.raises(asyncpg.CheckViolationError, match="roles_apart"):
        await west.sql("insert into auth.role_holder values ($1, $2, $3, $4)", west.id, person, list(pair), NOW)


async def test_of_two_excluding_grants_at_once_one_wins(engine: Any, west: Site) -> None:
    for _ in range(12):
        person = await west.person("Jana Fried")
        pair = ("finance", "manager")
        told = await asyncio.gather(*(refusals(grant_role(west.desk(), person, r, until=YEAR)) for r in pair))
        assert sorted(list(each) for each in told) == [[], ["ROLE_EXCLUDED"]]
        assert len(await roles(west, person)) == 1


async def test_whoever_writes_grants_past_the_rule_breaks_the_constraint(engine: Any, west: Site) -> None:
    person, desk = await west.person("Jana Fried", "finance"), west.desk()
    insert = (
        "insert into auth.role_grant (tenant_id, id, person_id, role, source, valid_from, valid_until, created_at)"
        " values ($1, $2, $3, 'manager', 'idp:x', $4, $5, $4)"
    )
    with west.speaking("auth"), pytest.raises(asyncpg.CheckViolationError, match="roles_apart"):
        async with DB.work(), holding(desk, person):
            await desk.fetch(insert, west.id, new_id(), person, NOW, YEAR)
    assert await roles(west, person) == ["finance"]


async def test_a_site_s_own_setting_excludes_in_both_directions_and_an_ended_role_does_not(
    engine: Any, west: Site
) -> None:
    with west.speaking("worker"):
        async with west.desk().transaction():
            rule = {"manager": {"excludes": ["award_authority"]}}
            await put_setting(west.desk(), "roles", rule, valid_from=NOW.date())
    for first, second in pairwise(["manager", "award_authority", "manager"]):
        person = await west.person("Jana Fried")
        grant = await grant_role(west.desk(), person, first, until=YEAR)
        assert list(await refusals(grant_role(west.desk(), person, second, until=YEAR))) == ["ROLE_EXCLUDED"]
        later = moved(west.desk(), LATER)
        await end_role(later, grant)
        assert await refusals(grant_role(later, person, second, until=YEAR)) == {}


# -- four eyes --------------------------------------------------------------------------------------------------------
async def test_money_sleeps_until_somebody_else_has_confirmed_it(app: App, engine: Any, west: Site) -> None:
    giver, other, karin = [await west.person(name) for name in ("Ralf", "Ines", "Katrin Oehme")]
    grant = await grant_role(staff(west, giver, "site_admin"), karin, "finance", until=YEAR)
    assert (await says(app, west, karin), await holders(west.desk(), "finance")) == (frozenset(), 0)
    assert [each.id for each in await grants(west.desk(), waiting=True)] == [grant]
    assert list(await refusals(confirm_role(staff(west, giver, "site_admin"), grant))) == ["SAME_PERSON"]
    assert list(await refusals(confirm_role(staff(west, karin, "data_protection"), grant))) == ["OWN_ACCESS"]
    assert list(await refusals(confirm_role(staff(west, other, "manager"), grant))) == ["NOT_ALLOWED"]
    assert list(await refusals(confirm_role(west.desk(), grant))) == ["NOT_ALLOWED"]
    await confirm_roles(staff(west, other, "site_admin"), [grant])  # the yearly look wakes nothing
    assert await says(app, west, karin) == frozenset()
    await confirm_role(staff(west, other, "data_protection"), grant)
    assert await says(app, west, karin) == ROLES["finance"]
    assert await holders(west.desk(), "finance") == 1
    assert list(await refusals(confirm_role(staff(west, other, "data_protection"), grant))) == ["ROLE_CONFIRMED"]


@pytest.mark.parametrize("who", ["granted_by", "person_id"])
async def test_the_database_holds_four_eyes_too(engine: Any, west: Site, who: str) -> None:
    ralf, karin = await west.person("Ralf"), await west.person("Katrin")
    await grant_role(staff(west, ralf, "site_admin"), karin, "finance", until=YEAR)
    with pytest.raises(asyncpg.CheckViolationError, match="role_grant_four_eyes"):
        await west.sql(f"update auth.role_grant set confirmed_by = {who} where tenant_id = $1", west.id)


async def test_given_anew_it_waits_anew_and_the_house_s_own_does_not(app: App, engine: Any, west: Site) -> None:
    ralf, ines, karin, georg = [await west.person(name) for name in ("Ralf", "Ines", "Katrin", "Georg")]
    grant = await grant_role(staff(west, ralf, "site_admin"), karin, "finance", until=NOW + timedelta(days=9))
    await confirm_role(staff(west, ines, "data_protection"), grant)
    assert await grant_role(staff(west, ralf, "site_admin"), karin, "finance", until=YEAR) == grant
    assert [each.waits for each in await grants_of(west.desk(), karin)] == [True]
    await grant_role(west.desk(), georg, "finance", until=YEAR, source="demo")
    assert await says(app, west, georg) == ROLES["finance"]


# -- ends -------------------------------------------------------------------------------------------------------------
async def test_a_role_that_was_ended_is_gone_at_the_next_request(app: App, engine: Any, west: Site) -> None:
    jan = await west.person("Jan Petzold")
    grant = await grant_role(west.desk(), jan, "front_desk", until=YEAR)
    assert await says(app, west, jan) == ROLES["front_desk"]
    assert list(await refusals(end_role(staff(west, await west.person("A"), "grants_officer"), grant))) == [
        "ROLE_NOT_YOURS"
    ]
    await end_role(moved(staff(west, await west.person("Mira"), "manager"), LATER), grant)
    assert await says(app, west, jan, LATER) == frozenset()
    assert list(await refusals(end_role(moved(west.desk(), LATER), grant))) == ["NOT_FOUND"]
    rows = await west.sql("select kind, reason from auth.event where tenant_id = $1 order by id", west.id)
    assert [(r["kind"], r["reason"]) for r in rows if r["kind"].startswith("role.")] == [
        ("role.given", "front_desk"), ("role.ended", "front_desk"),
    ]  # fmt: skip


async def test_the_neighbour_s_grant_is_not_there(engine: Any, west: Site, east: Site) -> None:
    grant = await grant_role(east.desk(), await east.person("Paul Gerlach"), "front_desk", until=YEAR)
    desk = staff(west, await west.person("Ralf"), "site_admin")
    for wish in (end_role(desk, grant), confirm_role(desk, grant), confirm_roles(desk, [grant])):
        assert list(await refusals(wish)) == ["NOT_FOUND"]
    assert await roles(east, (await grants(east.desk()))[0].person) == ["front_desk"]


async def test_what_nobody_confirms_ends_with_january(engine: Any, west: Site) -> None:
    ralf = await west.person("Ralf Zeidler")
    desk = staff(west, ralf, "site_admin")
    made: dict[str, UUID] = {}
    for name, source in (("seen", None), ("unseen", None), ("demo", "demo"), ("idp", f"idp:{new_id()}")):
        person = await west.person(name)
        speaks = desk if source is None else west.desk()
        made[name] = await grant_role(speaks, person, "observer", until=YEAR, source=source or "house")
    january = datetime(2027, 1, 20, 9, tzinfo=UTC)
    made["fresh"] = await grant_role(moved(desk, january), await west.person("fresh"), "observer", until=YEAR)
    await confirm_roles(moved(desk, january), [made["seen"]])
    over = moved(west.desk(), datetime(2027, 1, 31, 23, 5, tzinfo=UTC))  # five past midnight at the site
    assert await end_unconfirmed(over) == 1
    assert await end_unconfirmed(over) == 0
    left = {each.id for each in await grants(over)}
    assert left == {made[name] for name in ("seen", "demo", "idp", "fresh")}


def test_the_calendar_s_year_turns_at_the_site_s_own_midnight() -> None:
    due, zone = yearly(2, 1, 0, 5), ZoneInfo("Europe/Berlin")
    assert due(datetime(2027, 1, 31, 23, 5, tzinfo=UTC), zone) == datetime(2027, 1, 31, 23, 5, tzinfo=UTC)
    assert due(datetime(2027, 1, 31, 23, 4, tzinfo=UTC), zone) == datetime(2026, 1, 31, 23, 5, tzinfo=UTC)


# -- a site's own narrowing -------------------------------------------------------------------------------------------
async def test_a_site_takes_away_from_a_role_and_adds_nothing(app: App, engine: Any, west: Site) -> None:
    jan = await west.person("Jan Petzold")
    await grant_role(west.desk(), jan, "front_desk", until=YEAR)
    with west.speaking("worker"):
        async with west.desk().transaction():
            rule = {"front_desk": {"may": ["spaces:read", "grants:budget"]}}
            await put_setting(west.desk(), "roles", rule, valid_from=NOW.date())
    assert await says(app, west, jan) == {"spaces:read"}
    assert permissions_here(["front_desk", "observer"], HouseRoles()) == ROLES["front_desk"] | ROLES["observer"]
