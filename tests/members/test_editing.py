"""Organisations are written anew: by the team all of it, by their leads how they show themselves."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import rows
from refusing import refusals
from world import Site

from quartier.kit.refusal import Refused
from quartier.members.actions import register_organisation
from quartier.members.editing import edit_organisation
from quartier.members.words import Profile

KITCHEN = Profile(
    "Löffelweise e. V.", "association", True, False, legal_form=" e. V. ", postcode="04229", about_de="Kocht.",
    identifiers={"register": "Leipzig VR 77"},
)  # fmt: skip


async def stands(site: Site) -> dict[str, Any]:
    [row] = await site.sql("select * from app.organisation where tenant_id = $1", site.id)
    return dict(row)


async def edits(site: Site) -> list[Any]:
    lines = await site.sql(
        "select numbers from app.audit_entry where tenant_id = $1 and action = 'organisation.edited' order by seq",
        site.id,
    )
    return [json.loads(line["numbers"]) for line in lines]


async def test_the_team_writes_an_organisation_anew_and_the_line_names_what_changed(at_west: Site) -> None:
    desk = at_west.desk("manager")
    made = await register_organisation(desk, KITCHEN)
    wanted = replace(KITCHEN, name="Öffelweise gGmbH", kind="company", street="Karl-Heine-Straße 1", about_de="")
    await edit_organisation(desk, made.id, 1, wanted)
    row = await stands(at_west)
    assert (row["name"], row["sort_key"], row["kind"], row["street"]) == (
        "Öffelweise gGmbH", "offelweise ggmbh", "company", "Karl-Heine-Straße 1",
    )  # fmt: skip
    assert (row["about_de"], row["version"]) == ("", 2)
    assert await at_west.count("app.organisation_identifier") == 1
    await edit_organisation(desk, made.id, 2, wanted)
    assert (await stands(at_west))["version"] == 2
    assert await edits(at_west) == [{"fields": ["name", "kind", "street", "about_de"]}]


async def test_all_reasons_are_told_and_nothing_changes(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    made = await register_organisation(desk, KITCHEN)
    bad = replace(KITCHEN, name=" ", website="javascript:x", nace="x", founded_on=date(2999, 1, 1))
    with pytest.raises(Refused) as refused:
        await edit_organisation(desk, made.id, 1, bad)
    told = [(each.code, *each.path) for each in refused.value.refusals]
    assert told == [("FIELD_INVALID", name) for name in ("name", "website", "founded_on", "nace")]
    assert list(await refusals(edit_organisation(desk, made.id, 7, bad))) == ["STALE_VERSION"]
    theirs = await rows.organisation(east, "Dort")
    for other in (theirs, uuid4()):
        assert list(await refusals(edit_organisation(desk, other, 1, KITCHEN))) == ["NOT_FOUND"]
    assert list(await refusals(edit_organisation(at_west.desk("front_desk"), made.id, 1, KITCHEN))) == ["NOT_ALLOWED"]
    assert ((await stands(at_west))["version"], await edits(at_west)) == (1, [])


async def test_a_lead_writes_how_it_shows_itself_and_nothing_the_house_decides_by(at_west: Site) -> None:
    made = await register_organisation(at_west.desk("manager"), KITCHEN)
    lena = await at_west.person("Lena Voss")
    lead = at_west.desk("member_admin", person=lena, own=frozenset({made.id}))
    await edit_organisation(lead, made.id, 1, replace(KITCHEN, website="https://loeffel.example", about_en="Cooks."))
    assert (await stands(at_west))["about_en"] == "Cooks."
    for more in ({"name": "Anders"}, {"nonprofit": False}, {"economic": True}, {"postcode": "04177"}):
        wanted = replace(KITCHEN, website="https://loeffel.example", about_en="Cooks.", **more)
        assert list(await refusals(edit_organisation(lead, made.id, 2, wanted))) == ["NOT_ALLOWED"]
    colleague = at_west.desk("member_admin", person=lena, own=frozenset({made.id}), leads=frozenset())
    assert list(await refusals(edit_organisation(colleague, made.id, 2, KITCHEN))) == ["NOT_FOUND"]
    assert await edits(at_west) == [{"fields": ["website", "about_en"]}]


async def test_what_is_merged_is_not_written_any_more(at_west: Site) -> None:
    desk = at_west.desk("manager")
    made = await register_organisation(desk, replace(KITCHEN, identifiers={}))
    other = await rows.organisation(at_west, "Bleibt")
    await at_west.sql("update app.organisation set state = 'merged', merged_into = $2 where id = $1", made.id, other)
    assert list(await refusals(edit_organisation(desk, made.id, 1, KITCHEN))) == ["ORGANISATION_MERGED"]
