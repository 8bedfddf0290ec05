"""Memberships begin at once and end after their notice."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from world import NOW, Site

from quartier.kit.refusal import Refused
from quartier.members import actions, queries
from quartier.members.words import OrganisationKind, Profile

TODAY = date(2026, 11, 19)


async def plan(site: Site, key: str) -> UUID:
    [row] = await site.sql("select id from app.plan where tenant_id = $1 and key = $2", site.id, key)
    found: UUID = row["id"]
    return found


async def organisation(site: Site, name: str, kind: OrganisationKind = "association", nonprofit: bool = True) -> UUID:
    return (await actions.register_organisation(site.desk("manager"), Profile(name, kind, nonprofit, False))).id


async def terms(site: Site, membership: UUID) -> list[tuple[Any, ...]]:
    rows = await site.sql(
        "select kind, lower(during), upper(during), price from app.membership_term where membership_id = $1", membership
    )
    return [tuple(row) for row in rows]


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


async def test_an_association_is_a_member_from_today(at_west: Site) -> None:
    mira = await at_west.person("Mira Lindner")
    desk = at_west.desk("manager", person=mira)
    kitchen = await organisation(at_west, "Löffelweise e. V.")
    made = await actions.open_membership(desk, await plan(at_west, "verein"), organisation=kitchen)
    assert (made.number, made.state, made.starts_on, made.ends_on, made.family) == (
        "LW-M-2026-0001",
        "active",
        TODAY,
        None,
        "use",
    )
    assert await terms(at_west, made.id) == [("paid", TODAY, None, 1500)]
    assert await queries.membership_in_force(desk, [kitchen], TODAY) == made
    assert await queries.membership_in_force(desk, [kitchen], TODAY - timedelta(days=1)) is None
    [row] = await at_west.sql("select decided_by, created_at from app.membership where id = $1", made.id)
    assert tuple(row) == (mira, NOW)
    [line] = await at_west.sql(
        "select subject from app.audit_entry where action = 'membership.opened' and tenant_id = $1", at_west.id
    )
    assert line["subject"] == made.id


async def test_numbers_count_each_site_for_itself_and_a_refusal_takes_none(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    for name in ("Eins", "Zwei"):
        await actions.open_membership(
            desk, await plan(at_west, "verein"), organisation=await organisation(at_west, name)
        )
        with pytest.raises(Refused):
            await actions.open_membership(
                desk, await plan(at_west, "quartierspass"), organisation=await organisation(at_west, name)
            )
    rows = await at_west.sql("select number from app.membership where tenant_id = $1 order by number", at_west.id)
    assert [row["number"] for row in rows] == ["LW-M-2026-0001", "LW-M-2026-0002"]
    with east.speaking():
        there = await actions.open_membership(
            east.desk("manager"), await plan(east, "verein"), organisation=await organisation(east, "Drei")
        )
    assert there.number == "LE-M-2026-0001"


async def test_the_year_of_a_number_is_the_sites(at_west: Site) -> None:
    new_year = at_west.desk("manager", now=NOW.replace(month=12, day=31, hour=23, minute=30))  # 00:30 in Leipzig
    made = await actions.open_membership(
        new_year, await plan(at_west, "verein"), organisation=await organisation(at_west, "Hofgrün")
    )
    assert (made.number, made.starts_on) == ("LW-M-2027-0001", date(2027, 1, 1))


async def test_one_membership_for_each_family_at_a_time(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    kitchen = await organisation(at_west, "Löffelweise e. V.")
    made = await actions.open_membership(desk, await plan(at_west, "verein"), organisation=kitchen)
    with pytest.raises(Refused) as refused:
        await actions.open_membership(desk, await plan(at_west, "partner"), organisation=kitchen)
    [refusal] = refused.value.refusals
    assert refusal.code == "MEMBERSHIP_EXISTS"
    assert refusal.numbers == {"number": made.number, "since": TODAY, "membership": made.id}
    assert refusal.message("de", desk.zone).startswith(
        "Es gibt schon eine Mitgliedschaft dieser Art (LW-M-2026-0001, seit 19.11.2026)"
    )
    lena = await at_west.person("Lena Voss")
    own = await actions.open_membership(desk, await plan(at_west, "quartierspass"), person=lena)
    assert (own.person, own.organisation, own.family) == (lena, None, "person")
    assert await at_west.count("app.membership") == 2


async def test_every_reason_is_told_at_once(at_west: Site) -> None:
    lena = await at_west.person("Lena Voss")
    desk = at_west.desk("manager", person=lena)
    with pytest.raises(Refused) as refused:
        await actions.open_membership(
            desk, await plan(at_west, "verein"), person=lena, starts_on=date(2025, 1, 1), reason="\n"
        )
    assert codes(refused) == ["PLAN_NOT_OFFERED", "PLAN_DOES_NOT_FIT", "OWN_CASE", "FIELD_INVALID"]
    assert await at_west.count("app.membership") == 0
    assert await at_west.count("app.audit_entry") == 0
    assert await at_west.count("app.counter") == 0


async def test_nobody_decides_about_her_own_organisation(at_west: Site) -> None:
    kitchen = await organisation(at_west, "Löffelweise e. V.")
    desk = at_west.desk("manager", own=frozenset({kitchen}))
    with pytest.raises(Refused) as refused:
        await actions.open_membership(desk, await plan(at_west, "verein"), organisation=kitchen)
    assert codes(refused) == ["OWN_CASE"]


async def test_foreign_and_unknown_things_are_not_found(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    kitchen, verein = await organisation(at_west, "Löffelweise"), await plan(at_west, "verein")
    with east.speaking():
        theirs = await organisation(east, "Nadelöhr Ost e. V.")
        open_there = await actions.open_membership(
            east.desk("manager"), await plan(east, "verein"), organisation=theirs
        )
    wishes = [
        actions.open_membership(desk, await plan(east, "verein"), organisation=kitchen),
        actions.open_membership(desk, uuid4(), organisation=kitchen),
        actions.open_membership(desk, verein, organisation=theirs),
        actions.open_membership(desk, verein, person=uuid4()),
        actions.close_membership(desk, open_there.id, 1),
    ]
    for wish in wishes:
        with pytest.raises(Refused) as refused:
            await wish
        assert codes(refused) == ["NOT_FOUND"]
    assert await at_west.count("app.membership") == 0
    assert (await east.sql("select state from app.membership where id = $1", open_there.id))[0]["state"] == "active"


async def test_a_membership_runs_out_after_its_notice(at_west: Site) -> None:
    desk = at_west.desk("manager")
    kitchen = await organisation(at_west, "Löffelweise e. V.")
    made = await actions.open_membership(desk, await plan(at_west, "verein"), organisation=kitchen)
    with pytest.raises(Refused) as refused:
        await actions.close_membership(desk, made.id, 1, ends_on=date(2026, 12, 18))
    assert codes(refused) == ["NOTICE_PERIOD"]
    closed = await actions.close_membership(desk, made.id, 1, reason="zieht um")
    assert (closed.state, closed.ends_on, closed.version) == ("ending", date(2026, 12, 19), 2)
    assert await terms(at_west, made.id) == [("paid", TODAY, date(2026, 12, 20), 1500)]
    assert await queries.membership_in_force(desk, [kitchen], date(2026, 12, 19)) == closed
    assert await queries.membership_in_force(desk, [kitchen], date(2026, 12, 20)) is None
    last_day = at_west.desk(now=NOW + timedelta(days=30))
    await actions.end_memberships(last_day)
    assert await queries.membership(desk, made.id) == closed
    day_after = at_west.desk(now=NOW + timedelta(days=31))
    for _ in range(2):
        await actions.end_memberships(day_after)
        ended = await queries.membership(desk, made.id)
        assert (ended.state, ended.version) == ("ended", 3)
    lines = await at_west.sql("select action from app.audit_entry where tenant_id = $1 order by seq", at_west.id)
    assert [line["action"] for line in lines][-2:] == ["membership.closed", "membership.ended"]


async def test_without_notice_a_membership_ends_today_and_another_may_begin_tomorrow(at_west: Site) -> None:
    desk = at_west.desk("manager")
    garden = await organisation(at_west, "Hofgrün", "initiative")
    first = await actions.open_membership(desk, await plan(at_west, "initiative"), organisation=garden)
    closed = await actions.close_membership(desk, first.id, 1)
    assert (closed.state, closed.ends_on) == ("ended", TODAY)
    again = await actions.open_membership(
        desk, await plan(at_west, "initiative"), organisation=garden, starts_on=TODAY + timedelta(days=1)
    )
    assert again.state == "active"


async def test_an_old_page_closes_nothing(at_west: Site) -> None:
    desk = at_west.desk("manager")
    made = await actions.open_membership(
        desk, await plan(at_west, "verein"), organisation=await organisation(at_west, "Hofgrün")
    )
    closed = await actions.close_membership(desk, made.id, 1)
    with pytest.raises(Refused) as refused:
        await actions.close_membership(desk, made.id, 1)
    [stale] = refused.value.refusals
    assert (stale.code, stale.numbers) == ("STALE_VERSION", {"version": 2, "seen": 1})
    with pytest.raises(Refused) as refused:
        await actions.close_membership(desk, made.id, 2)
    [step] = refused.value.refusals
    assert (step.code, step.numbers["state"]) == ("STEP_NOT_POSSIBLE", "ending")
    assert await queries.membership(desk, made.id) == closed


async def test_who_leads_an_organisation_may_end_its_membership(at_west: Site) -> None:
    desk = at_west.desk("manager")
    kitchen = await organisation(at_west, "Löffelweise e. V.")
    made = await actions.open_membership(desk, await plan(at_west, "verein"), organisation=kitchen)
    lena, kim = await at_west.person("Lena Voss"), await at_west.person("Kim Behr")
    await actions.add_affiliation(desk, lena, kitchen, "admin")
    await actions.add_affiliation(desk, kim, kitchen, "member")
    for stranger in (at_west.desk("member", person=kim, own=frozenset({kitchen})), at_west.desk("member")):
        with pytest.raises(Refused) as refused:
            await actions.close_membership(stranger, made.id, 1)
        assert codes(refused) == ["NOT_FOUND"]
    hers = at_west.desk("member_admin", person=lena, own=frozenset({kitchen}))
    assert (await actions.close_membership(hers, made.id, 1)).state == "ending"


async def test_ten_managers_at_once_open_one_membership(at_west: Site) -> None:
    kitchen, verein = await organisation(at_west, "Löffelweise e. V."), await plan(at_west, "verein")
    lena, pass_ = await at_west.person("Lena Voss"), await plan(at_west, "quartierspass")

    async def wish(what: UUID, organisation: UUID | None, person: UUID | None) -> str:
        desk = at_west.desk("manager")
        try:
            return (await actions.open_membership(desk, what, organisation=organisation, person=person)).state
        except Refused as refused:
            return refused.refusals[0].code

    for what, body, person in ((verein, kitchen, None), (pass_, None, lena)):
        answers = await asyncio.gather(*(wish(what, body, person) for _ in range(10)))
        assert sorted(answers) == ["MEMBERSHIP_EXISTS"] * 9 + ["active"]
    assert await at_west.count("app.membership") == 2
    assert await at_west.count("app.membership_term") == 2


async def test_not_even_sql_makes_a_second_membership(at_west: Site) -> None:
    made = await actions.open_membership(
        at_west.desk("manager"), await plan(at_west, "verein"), organisation=await organisation(at_west, "Hofgrün")
    )
    copy = (
        "insert into app.membership"
        " (tenant_id, id, number, organisation_id, family, starts_on, state, created_at, changed_at)"
        " select tenant_id, gen_random_uuid(), 'X', organisation_id, family, starts_on, state, created_at, changed_at"
        " from app.membership where id = $1"
    )
    with pytest.raises(asyncpg.ExclusionViolationError) as broken:
        await at_west.sql(copy, made.id)
    assert broken.value.constraint_name == "membership_one_per_family"
