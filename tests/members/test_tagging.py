"""Tags: one spelling each, many organisations at once."""

import json
from uuid import UUID, uuid4

import rows
from refusing import refusals
from world import Site

from quartier.members.tagging import tag_organisations, tags_in_use


async def tags(site: Site, organisation: UUID) -> list[str]:
    [row] = await site.sql("select tags from app.organisation where id = $1", organisation)
    found: list[str] = row["tags"]
    return found


async def test_many_get_and_lose_tags_at_once_in_one_spelling(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    one, two = await rows.organisation(at_west, "Eins"), await rows.organisation(at_west, "Zwei")
    assert await tag_organisations(desk, [one], add=["Öko  Handel", "Rad"]) == 1
    assert await tag_organisations(desk, [one, two], add=["ÖKO HANDEL", "öko handel"], remove=["rad"]) == 2
    assert await tags(at_west, one) == await tags(at_west, two) == ["Öko Handel"]
    assert await tags_in_use(desk) == [("Öko Handel", 2)]
    assert await tag_organisations(desk, [one], add=["öko handel"]) == 0
    lines = await at_west.sql(
        "select numbers from app.audit_entry where tenant_id = $1 and action = 'organisation.tagged' order by seq",
        at_west.id,
    )
    assert [json.loads(line["numbers"]) for line in lines] == [
        {"organisations": [str(one)], "added": 2, "removed": 0, "fields": ["tags"]},
        {"organisations": sorted([str(one), str(two)]), "added": 1, "removed": 1, "fields": ["tags"]},
    ]
    with east.speaking():
        assert await tags_in_use(east.desk("manager")) == []


async def test_what_is_no_tag_or_not_here_changes_nothing(at_west: Site, east: Site) -> None:
    desk = at_west.desk("manager")
    one, theirs = await rows.organisation(at_west, "Eins"), await rows.organisation(east, "Dort")
    for several, add in (([], ["a"]), ([one], ["x" * 41]), ([one], ["a,b"]), ([one], [" "]), ([uuid4()] * 2, ["a,"])):
        assert list(await refusals(tag_organisations(desk, several, add=add))) == ["FIELD_INVALID"]
    assert list(await refusals(tag_organisations(desk, [one, theirs], add=["a"]))) == ["NOT_FOUND"]
    assert list(await refusals(tag_organisations(desk, [one], add=[f"t{n}" for n in range(31)]))) == ["FIELD_INVALID"]
    assert list(await refusals(tag_organisations(at_west.desk("front_desk"), [one], add=["a"]))) == ["NOT_ALLOWED"]
    assert await tags(at_west, one) == []
    assert await at_west.count("app.audit_entry") == 0
