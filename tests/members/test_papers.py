"""Papers of an application: all that the plan asks for, looked at one by one, and nobody else's to read."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from handed import waiting_file
from members.scene import Scene, opened
from refusing import refusals
from world import Site

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members.applications import actions as applications
from quartier.members.papers import actions as papers
from quartier.members.papers import queries
from quartier.members.papers.words import Handed, Paper
from quartier.members.words import Profile


@pytest_asyncio.fixture
async def scene(west: Site) -> AsyncIterator[Scene]:
    made = await opened(west)
    with west.speaking():
        yield made


async def only(scene: Scene, asked: Any) -> Paper:
    [found] = await queries.papers(scene.manager, asked.id)
    return found


async def files(scene: Scene) -> list[str]:
    rows = await scene.site.sql("select state from app.file where tenant_id = $1 order by state", scene.site.id)
    return [row["state"] for row in rows]


async def test_an_application_comes_with_every_paper_of_its_plan_and_with_no_other(scene: Scene) -> None:
    found = await refusals(scene.apply(papers=[]))
    assert list(found) == ["PAPER_MISSING"]
    assert found["PAPER_MISSING"].message("de", scene.manager.zone) == (
        "Für diesen Tarif fehlen noch Unterlagen (1): Registerauszug. Bitte hochladen."
    )
    [extract] = await scene.handed()
    twice = await refusals(scene.apply(papers=[extract, extract]))
    assert list(twice) == ["PAPER_NOT_ASKED_FOR"]
    strange = Handed("haftpflicht", extract.file)
    assert list(await refusals(scene.apply(papers=[extract, strange]))) == ["PAPER_NOT_ASKED_FOR"]
    foreign = Handed("registerauszug", await waiting_file(scene.site, scene.mara))
    assert list(await refusals(scene.apply(papers=[foreign]))) == ["NOT_FOUND"]
    photo = Handed("registerauszug", await waiting_file(scene.site, scene.lena, "space_photo"))
    assert list(await refusals(scene.apply(papers=[photo]))) == ["FILE_FOR_OTHER"]
    assert await scene.site.count("app.membership") == 0
    asked = await scene.apply(papers=[extract])
    paper = await only(scene, asked)
    assert (paper.kind, paper.state, paper.file) == ("registerauszug", "given", extract.file)


async def test_nobody_becomes_a_member_by_a_paper_that_nobody_has_accepted(scene: Scene) -> None:
    asked = await scene.apply()
    approve = applications.approve_membership
    found = await refusals(approve(scene.manager, asked.id, 1))
    assert list(found) == ["PAPER_NOT_ACCEPTED"]
    paper = await only(scene, asked)
    await papers.decide_paper(scene.manager, paper.id, 1, accepted=False, note=" Zu alt. ")
    assert list(await refusals(approve(scene.manager, asked.id, 1))) == ["PAPER_NOT_ACCEPTED"]
    assert await scene.told() == [("membership_paper", scene.lena)]
    [row] = await scene.site.sql("select state, note from app.membership_paper where id = $1", paper.id)
    assert (row["state"], row["note"]) == ("refused", "Zu alt.")
    better = Handed("registerauszug", await waiting_file(scene.site, scene.lena))
    made = await papers.hand_in_paper(scene.member, asked.id, better)
    assert await files(scene) == ["kept"]  # the one before is gone with its content
    assert await scene.site.count("app.file_content") == 1
    await papers.decide_paper(scene.manager, made, 1, accepted=True)
    one_more = Handed("registerauszug", await waiting_file(scene.site, scene.lena))
    again = papers.hand_in_paper(scene.member, asked.id, one_more)
    assert list(await refusals(again)) == ["PAPER_NOT_ASKED_FOR"]  # what is accepted stays
    assert (await approve(scene.manager, asked.id, 1)).state == "active"


async def test_an_application_from_before_papers_were_asked_for_is_completed(scene: Scene) -> None:
    asked = await scene.apply()
    await scene.site.sql("delete from app.membership_paper where tenant_id = $1", scene.site.id)
    assert list(await refusals(applications.approve_membership(scene.manager, asked.id, 1))) == ["PAPER_NOT_ACCEPTED"]
    await papers.hand_in_paper(scene.member, asked.id, (await scene.handed())[0])
    await scene.accept(asked)
    assert (await applications.approve_membership(scene.manager, asked.id, 1)).state == "active"


async def test_who_acts_on_a_market_is_known_by_a_number_before_she_is_a_member(scene: Scene) -> None:
    with scene.site.speaking("worker"):
        shop = await members.register_organisation(scene.site.desk(), Profile("Laden GmbH", "company", False, True))
        await members.add_affiliation(scene.site.desk(), scene.lena, shop.id, "owner")
    lena = replace(scene.member, own=frozenset({shop.id}))
    handed = await scene.handed("startplatz")
    asked = await applications.apply_for_membership(
        lena, scene.plans["startplatz"], organisation=shop.id, papers=handed
    )
    await scene.accept(asked)
    found = await refusals(applications.approve_membership(scene.manager, asked.id, 1))
    assert list(found) == ["IDENTIFIER_MISSING"]
    assert "Wirtschafts-ID" in found["IDENTIFIER_MISSING"].message("de", scene.manager.zone)
    record = members.record_identifier
    assert list(await refusals(record(scene.manager, shop.id, "vat", "DE12"))) == ["FIELD_INVALID"]
    assert list(await refusals(record(scene.manager, uuid4(), "vat", "DE123456789"))) == ["NOT_FOUND"]
    await record(scene.manager, scene.garden, "vat", "DE 123 456 789")
    taken = await refusals(record(scene.manager, shop.id, "vat", "DE123456789"))
    assert list(taken) == ["IDENTIFIER_TAKEN"]
    await record(scene.manager, shop.id, "vat", "DE111111111")
    await record(scene.manager, shop.id, "vat", "DE222222222")  # in place of the one before
    rows = await scene.site.sql("select value from app.organisation_identifier where organisation_id = $1", shop.id)
    assert [row["value"] for row in rows] == ["DE222222222"]
    assert (await applications.approve_membership(scene.manager, asked.id, 1)).state == "active"


async def test_a_refusal_says_why_and_nobody_looks_at_her_own_paper(scene: Scene) -> None:
    asked = await scene.apply()
    paper = await only(scene, asked)
    decide = papers.decide_paper
    assert list(await refusals(decide(scene.manager, paper.id, 1, accepted=False))) == ["FIELD_INVALID"]
    assert list(await refusals(decide(scene.manager, paper.id, 1, accepted=True, note="x" * 501))) == ["FIELD_INVALID"]
    own = replace(scene.manager, own=frozenset({scene.garden}))
    assert list(await refusals(decide(own, paper.id, 1, accepted=True))) == ["OWN_CASE"]
    herself = replace(scene.manager, person=scene.lena)
    assert list(await refusals(decide(herself, paper.id, 1, accepted=True))) == ["OWN_CASE"]
    assert list(await refusals(decide(scene.member, paper.id, 1, accepted=True))) == ["NOT_ALLOWED"]
    assert list(await refusals(decide(scene.manager, paper.id, 2, accepted=True))) == ["STALE_VERSION"]
    assert list(await refusals(decide(scene.manager, new_id(), 1, accepted=True))) == ["NOT_FOUND"]
    await applications.decline_membership(scene.manager, asked.id, 1, "Kein Platz.")
    assert list(await refusals(decide(scene.manager, paper.id, 1, accepted=True))) == ["STEP_NOT_POSSIBLE"]


async def test_what_is_taken_back_leaves_no_paper(scene: Scene) -> None:
    asked = await scene.apply()
    await applications.withdraw_application(scene.member, asked.id, 1)
    assert await files(scene) == []
    assert await scene.site.count("app.membership_paper") == 0


@pytest.mark.parametrize("who", ["another member", "the manager", "nobody"])
async def test_papers_are_handed_in_for_one_s_own_application_alone(scene: Scene, who: str) -> None:
    asked = await scene.apply()
    desk = {
        "another member": replace(scene.member, person=scene.mara, own=frozenset({uuid4()})),
        "the manager": scene.manager,
        "nobody": replace(scene.member, person=None),
    }[who]
    handed = Handed("registerauszug", await waiting_file(scene.site, scene.mara))
    assert list(await refusals(papers.hand_in_paper(desk, asked.id, handed))) == ["NOT_FOUND"]


async def test_a_paper_is_read_by_those_who_decide_and_those_whose_it_is(scene: Scene, east: Site) -> None:
    asked = await scene.apply()
    paper = await only(scene, asked)
    colleague = replace(scene.member, person=scene.mara)
    for desk in (scene.member, scene.manager, colleague):
        assert await queries.readable(desk, paper.id) == (paper.file, scene.lena)
    stranger = replace(scene.member, person=scene.mara, own=frozenset())
    for desk in (stranger, scene.site.desk("front_desk", person=scene.mara), replace(stranger, person=None)):
        assert await queries.readable(desk, paper.id) is None
    no_member_any_more = replace(scene.member, permissions=frozenset())
    assert await queries.readable(no_member_any_more, paper.id) is None
    with east.speaking():
        assert await queries.readable(east.desk("manager", person=new_id()), paper.id) is None
