"""Asking for a membership: who may, what is in the way, who decides, and what the applicant hears."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from members.scene import Scene, opened
from refusing import refusals
from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members.applications import actions as applications
from quartier.members.rules import FARTHEST

TODAY = date(2026, 11, 19)


@pytest_asyncio.fixture
async def scene(west: Site) -> Any:
    made = await opened(west)
    with west.speaking():
        yield made


async def test_a_lead_asks_the_team_approves_and_she_hears_of_it(scene: Scene) -> None:
    asked = await scene.apply(starts_on=TODAY + timedelta(days=10))
    assert (asked.state, asked.version, asked.applied_by, asked.organisation) == (
        "applied",
        1,
        scene.lena,
        scene.garden,
    )
    [row] = await scene.site.sql("select * from app.membership where tenant_id = $1", scene.site.id)
    assert (row["statement"], row["number"], row["during"].lower) == (
        "Wir gärtnern.",
        "LW-M-2026-0001",
        asked.starts_on,
    )
    assert await scene.site.count("app.membership_term") == 0  # nothing is owed yet
    await scene.accept(asked)
    made = await applications.approve_membership(scene.manager, asked.id, 1, reason="passt")
    assert (made.state, made.starts_on, made.version) == ("active", TODAY + timedelta(days=10), 2)
    [term] = await scene.site.sql(
        "select plan_id, lower(during) as since from app.membership_term where tenant_id = $1", scene.site.id
    )
    assert (term["plan_id"], term["since"]) == (scene.plans["verein"], made.starts_on)
    assert await scene.told() == [("membership_approved", scene.lena)]
    actions = await scene.site.sql(
        "select action from app.audit_entry where tenant_id = $1 order by seq", scene.site.id
    )
    assert [each["action"] for each in actions][-3:] == [
        "membership.applied",
        "membership.paper_decided",
        "membership.approved",
    ]


async def test_a_wish_that_is_past_when_it_is_decided_begins_today(scene: Scene) -> None:
    asked = await scene.apply(starts_on=TODAY)
    await scene.accept(asked)
    later = scene.manager.at(NOW + timedelta(days=9))
    made = await applications.approve_membership(later, asked.id, 1)
    assert made.starts_on == TODAY + timedelta(days=9)


async def test_the_team_asks_the_applicant_answers_and_it_goes_on(scene: Scene) -> None:
    asked = await scene.apply()
    waits = await applications.ask_for_more(scene.manager, asked.id, 1, " Wie viele seid ihr? ")
    assert (waits.state, waits.version) == ("more_info", 2)
    assert await scene.told() == [("membership_question", scene.lena)]
    back = await applications.answer_application(scene.member, asked.id, 2, "Zwölf.\nIm Sommer mehr.")
    assert (back.state, back.version) == ("in_review", 3)
    [row] = await scene.site.sql("select question, answer from app.membership where tenant_id = $1", scene.site.id)
    assert (row["question"], row["answer"]) == ("Wie viele seid ihr?", "Zwölf.\nIm Sommer mehr.")
    no = await applications.decline_membership(scene.manager, asked.id, 3, "Kein Platz mehr.")
    assert no.state == "declined"
    assert [key for key, _ in await scene.told()] == ["membership_question", "membership_declined"]
    assert (await scene.apply()).state == "applied"  # and she may ask again


async def test_who_asks_may_take_it_back_and_nobody_else_may(scene: Scene, east: Site) -> None:
    asked = await scene.apply()
    other = scene.site.desk("member_admin", person=await scene.site.person("Jemand"), own=frozenset({uuid4()}))
    for work in (
        applications.withdraw_application(other, asked.id, 1),
        applications.answer_application(other, asked.id, 1, "ich"),
        applications.withdraw_application(scene.member, new_id(), 1),
    ):
        assert list(await refusals(work)) == ["NOT_FOUND"]
    gone = await applications.withdraw_application(scene.member, asked.id, 1)
    assert gone.state == "withdrawn"
    assert list(await refusals(applications.approve_membership(scene.manager, asked.id, 2))) == ["STEP_NOT_POSSIBLE"]
    assert await scene.told() == []


async def test_all_that_is_in_the_way_is_said_at_once(scene: Scene) -> None:
    await scene.apply()
    twice = scene.apply(statement="x" * 4001, starts_on=TODAY - timedelta(days=1))
    found = await refusals(twice)
    assert set(found) == {"FIELD_INVALID", "APPLICATION_OPEN"}
    await scene.site.sql("update app.plan set public = false where tenant_id = $1", scene.site.id)
    hidden = await refusals(scene.apply())
    assert "PLAN_NOT_OFFERED" in hidden
    assert list(await refusals(scene.apply(organisation=uuid4()))) == ["NOT_FOUND"]
    assert list(await refusals(applications.apply_for_membership(scene.member, uuid4()))) == ["NOT_FOUND"]
    machine = replace(scene.member, person=None, client=uuid4())
    assert list(await refusals(applications.apply_for_membership(machine, scene.plans["verein"]))) == ["NOT_ALLOWED"]


@pytest.mark.parametrize("days", [-1, 400])
async def test_nobody_asks_for_the_past_or_for_a_year_that_nobody_plans_yet(scene: Scene, days: int) -> None:
    found = await refusals(scene.apply(starts_on=TODAY + timedelta(days=days)))
    assert list(found) == ["FIELD_INVALID"]
    assert f"{TODAY + FARTHEST:%d.%m.%Y}" in found["FIELD_INVALID"].message("de", scene.site.desk().zone)
    await scene.apply(starts_on=TODAY + timedelta(days=300))


async def test_a_plan_that_is_for_others_is_refused_when_one_asks_and_when_one_decides(scene: Scene) -> None:
    alone = applications.apply_for_membership(scene.member, scene.plans["verein"], papers=await scene.handed())
    assert list(await refusals(alone)) == ["PLAN_DOES_NOT_FIT"]  # it is for organisations
    asked = await scene.apply()
    await scene.accept(asked)
    await scene.site.sql("update app.organisation set nonprofit = false where tenant_id = $1", scene.site.id)
    assert list(await refusals(applications.approve_membership(scene.manager, asked.id, 1))) == ["PLAN_DOES_NOT_FIT"]


async def test_who_is_a_member_already_is_not_one_twice(scene: Scene) -> None:
    asked = await scene.apply()
    await scene.accept(asked)
    await members.open_membership(scene.manager, scene.plans["verein"], organisation=scene.garden)
    assert list(await refusals(applications.approve_membership(scene.manager, asked.id, 1))) == ["MEMBERSHIP_EXISTS"]
    await applications.decline_membership(scene.manager, asked.id, 1, "gibt es schon")
    assert list(await refusals(scene.apply())) == ["MEMBERSHIP_EXISTS"]


@pytest.mark.parametrize("of", ["hers", "her organisation's"])
async def test_nobody_decides_about_her_own(scene: Scene, of: str) -> None:
    asked = await scene.apply()
    await scene.accept(asked)
    person = scene.lena if of == "hers" else scene.mara
    own = frozenset({scene.garden}) if of != "hers" else frozenset[UUID]()
    desk = scene.site.desk("manager", person=person, own=own)
    for work in (
        applications.approve_membership(desk, asked.id, 1),
        applications.decline_membership(desk, asked.id, 1, "nein"),
        applications.ask_for_more(desk, asked.id, 1, "was?"),
    ):
        assert list(await refusals(work)) == ["OWN_CASE"]


async def test_an_old_page_is_told_and_words_are_wanted(scene: Scene) -> None:
    asked = await scene.apply()
    await applications.ask_for_more(scene.manager, asked.id, 1, "Wie viele?")
    for work in (
        applications.approve_membership(scene.manager, asked.id, 1),
        applications.decline_membership(scene.manager, asked.id, 1, "nein"),
        applications.withdraw_application(scene.member, asked.id, 1),
    ):
        assert list(await refusals(work)) == ["STALE_VERSION"]
    for text in ("", " ", "x" * 501):
        assert list(await refusals(applications.decline_membership(scene.manager, asked.id, 2, text))) == [
            "FIELD_INVALID"
        ]
    assert list(await refusals(applications.answer_application(scene.member, asked.id, 2, " "))) == ["FIELD_INVALID"]


async def test_a_member_decides_nothing_and_east_knows_nothing_of_it(scene: Scene, east: Site) -> None:
    asked = await scene.apply()
    assert list(await refusals(applications.approve_membership(scene.member, asked.id, 1))) == ["NOT_ALLOWED"]
    mine = east.desk("manager", person=await east.person("Ida Ost"))
    with east.speaking():
        assert list(await refusals(applications.approve_membership(mine, asked.id, 1))) == ["NOT_FOUND"]
