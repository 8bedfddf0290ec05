"""Who did not agree is found nowhere in the directory: not by a member, the team, a program, a stranger, or East."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
import rows
from conftest import Cluster
from graph.asking import Ask
from graph.both import Both
from spaces.house import House, furnish
from world import NOW, Site

from quartier.access.permissions import PUBLIC
from quartier.database.lanes import Lanes
from quartier.members.consents.actions import give_consent, withdraw_consent
from quartier.members.consents.words import TEXTS
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier.tenancy.desk import Desk
from quartier_graph.city import city
from quartier_graph.site import site as schema

VERSION = TEXTS["directory"].version
LIST = "{ directory(first: 50) { totalCount nodes { id name isPerson kind website line audience } } }"
EVERYTHING = """query ($id: ID!, $search: String) {
  directory(first: 50, filter: { search: $search }) { totalCount nodes { name line } }
  node(id: $id) { id ... on DirectoryEntry { name } }
}"""


@pytest.fixture
def ask(app_lanes: Lanes, postgres: Cluster) -> Ask:
    return Ask(Both(schema(), app_lanes, postgres.keyring.cursor))


@pytest_asyncio.fixture
async def house(west: Site) -> House:
    return await furnish(west, read_site(home("tenants") / "leipzig-west"))


def speakers(house: House) -> dict[str, Desk]:
    member = house.site.desk("member", person=house.lena, own=frozenset({house.kitchen}))
    nobody = replace(house.site.desk("front_desk"), person=None)
    seeing = {
        "member": member,
        "mentor": house.site.desk("mentor", person=house.lena),
        "team": house.site.desk("front_desk", person=house.lena),
        "program": replace(nobody, client=uuid4(), permissions=frozenset({"network:read"}) | PUBLIC),
        "stranger": replace(nobody, permissions=PUBLIC),
    }
    return {name: replace(desk, permissions=desk.permissions | PUBLIC) for name, desk in seeing.items()}


async def names(ask: Ask, desk: Desk) -> list[str]:
    return [each["name"] for each in (await ask.read(desk, LIST))["directory"]["nodes"]]


async def test_only_who_agreed_stands_there_and_only_for_whom(ask: Ask, house: House) -> None:
    lead = replace(house.member, permissions=house.member.permissions | PUBLIC)
    for desk in speakers(house).values():
        assert (await ask.read(desk, LIST))["directory"] == {"totalCount": 0, "nodes": []}
    with house.site.speaking():
        await give_consent(lead, "directory", VERSION, organisation=house.kitchen, audience="members", line="Kocht.")
        own = await give_consent(lead, "directory", VERSION, audience="public", line="Ich koche.")
    wide, narrow = ["Löffelweise e. V.", "Lena Voss"], ["Lena Voss"]
    found = {name: sorted(await names(ask, desk)) for name, desk in speakers(house).items()}
    assert found == {
        "member": sorted(wide), "mentor": sorted(wide), "team": sorted(wide), "program": narrow, "stranger": narrow,
    }  # fmt: skip
    with house.site.speaking():
        await withdraw_consent(lead, own)
    for name, desk in speakers(house).items():
        assert "Lena Voss" not in await names(ask, desk), name
        told = await ask.both.run(desk, EVERYTHING, {"id": f"dir_{own}", "search": "koche"})
        assert b"Lena" not in told.first.body, name
        assert json.loads(told.first.body)["data"]["node"] is None, name


@pytest.mark.parametrize(
    "undone",
    [
        "update app.consent set text_version = '2020-01' where tenant_id = $1",
        "update app.consent set withdrawn_at = given_at where tenant_id = $1",
        "update app.consent set purpose = 'newsletter' where tenant_id = $1",
        "update app.person set state = 'blocked' where tenant_id = $1",
    ],
)
async def test_what_is_no_consent_to_this_text_shows_nobody(ask: Ask, house: House, undone: str) -> None:
    with house.site.speaking():
        await give_consent(house.member, "directory", VERSION, audience="public")
    assert [len(await names(ask, desk)) for desk in speakers(house).values()] == [1] * 5
    await house.site.sql(undone, house.site.id)
    assert [len(await names(ask, desk)) for desk in speakers(house).values()] == [0] * 5


async def test_an_archived_organisation_is_not_listed(ask: Ask, house: House) -> None:
    with house.site.speaking():
        await give_consent(house.member, "directory", VERSION, organisation=house.kitchen, audience="public")
    await house.site.sql("update app.organisation set state = 'archived' where id = $1", house.kitchen)
    assert [await names(ask, desk) for desk in speakers(house).values()] == [[]] * 5


async def test_the_neighbour_and_the_city_never_see_it(ask: Ask, house: House, east: Site) -> None:
    with house.site.speaking():
        given = await give_consent(house.member, "directory", VERSION, audience="public", line="Ich koche.")
    theirs = replace(east.desk("member", person=await east.person("Ada")), permissions=PUBLIC | {"network:read"})
    assert await names(ask, theirs) == []
    told = await ask.both.run(theirs, EVERYTHING, {"id": f"dir_{given}", "search": "koche"})
    assert b"Lena" not in told.first.body
    assert "DirectoryEntry" in str(schema().schema)
    assert "irectory" not in str(city().schema)


async def test_members_see_their_own_consents_and_nobody_else_s(ask: Ask, house: House) -> None:
    other = await rows.organisation(house.site, "Fremd")
    stranger = await house.site.person("Fremd")
    for whose in ({"organisation_id": other}, {"person_id": stranger}):
        await rows.add(
            house.site, "app.consent", purpose="directory", text_version=VERSION, audience="members", line="geheim",
            given_at=NOW, given_by=stranger, **whose, **rows.DATED,
        )  # fmt: skip
    done = await ask.do(
        house.member, "giveConsent", {"purpose": "DIRECTORY", "textVersion": VERSION, "audience": "PUBLIC"},
        "consent { id line isCurrent }",
    )  # fmt: skip
    assert (done["refusals"], done["consent"]["isCurrent"]) == ([], True)
    seen: Any = await ask.read(house.member, "{ consents(first: 9) { nodes { id line } } }")
    assert seen == {"consents": {"nodes": [{"id": done["consent"]["id"], "line": ""}]}}
    assert UUID(done["consent"]["id"][4:])
