"""A member that is no organisation: her page shows her membership, and the team acts on it there."""

import json

from console.conftest import Town
from console.reader import signed_in, words
from world import NOW

from quartier.kit.ids import new_id
from quartier.members import actions as members


async def holder(town: Town) -> str:
    """Somebody with a pass of her own; her id."""
    site, plan, other = town.west.site, new_id(), new_id()
    for made, name in ((plan, "Pass"), (other, "Großer Pass")):
        await site.sql(
            "insert into app.plan (tenant_id, id, key, position, name_de, family, holder, kinds, price, per,"
            " term_months, notice_days, pause_months, papers, public, valid, created_at)"
            " values ($1, $2, $2::uuid::text, 99, $4, $3, 'person', '{}', 100, 'month', 1, 0, 2, '{}', true,"
            " '[2025-01-01,)', $5)",
            site.id, made, str(plan), name, NOW,
        )  # fmt: skip
    nele = await site.person(f"Nele Pass {plan}")
    with site.speaking():
        await members.open_membership(site.desk(), plan, person=nele)
    return f"prs_{nele}"


async def test_the_team_acts_on_the_membership_of_one_person(town: Town) -> None:
    nele = await holder(town)
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    here = f"/mitglieder/menschen/{nele}"
    page = await manager.get(here)
    key = page.text.partition("/mitgliedschaften/")[2].partition("/")[0]
    assert "Großer Pass (1 €)" in words(page).replace("\u202f", " ").replace("\xa0", " ")
    seen = await desk.get(here)
    assert (seen.status_code, "/mitgliedschaften/" in seen.text) == (200, False)

    def form(version: int, **more: str) -> dict[str, str]:
        return {"von": f"menschen/{nele}", "version": str(version), "key": str(new_id())} | more

    long = await manager.post(f"/mitgliedschaften/{key}/pausieren", form(1, bis="2027-12-31"))
    assert (long.status_code, "Dieser Tarif darf im Jahr 2 Monate ruhen." in words(long)) == (422, True)
    assert 'name="bis" type="date" value="2027-12-31"' in long.text
    done = await manager.post(f"/mitgliedschaften/{key}/pausieren", form(1, bis="2026-12-31"))
    assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, here)
    assert (await manager.post(f"/mitgliedschaften/{key}/fortsetzen", form(1))).status_code == 409
    assert (await manager.post(f"/mitgliedschaften/{key}/fortsetzen", form(2))).headers["location"].partition("?")[
        0
    ] == here
    assert (await desk.post(f"/mitgliedschaften/{key}/beenden", form(3))).status_code == 403
    assert (await manager.post(f"/mitgliedschaften/{key}/beenden", form(3))).headers["location"].partition("?")[
        0
    ] == here
    assert "beendet" in words(await manager.get(here))


async def test_a_single_hit_leads_to_the_person_and_another_site_s_is_nobody(town: Town) -> None:
    nele = await holder(town)
    desk = await town.reader("front_desk")
    [row] = await town.west.site.sql("select name from app.person where id = $1", nele.partition("_")[2])
    found = await desk.get(f"/suche?q={row['name']}")
    assert (found.status_code, found.headers["location"].partition("?")[0]) == (303, f"/mitglieder/menschen/{nele}")
    for stranger in (town.east.ids("prs")[0], f"prs_{new_id()}"):
        assert (await desk.get(f"/mitglieder/menschen/{stranger}")).status_code == 404
    assert (await (await town.reader("member")).get(f"/mitglieder/menschen/{nele}")).status_code == 403


async def test_names_are_written_by_the_team_and_by_herself_and_by_nobody_else(town: Town) -> None:
    nele = await holder(town)
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    own = await signed_in(town.app, town.west.site, person=nele.partition("_")[2])
    here = f"/mitglieder/menschen/{nele}/angaben"

    def form(version: int, name: str, **more: str) -> dict[str, str]:
        return {"version": str(version), "name": name, "sprache": "de", "key": str(new_id())} | more

    done = await manager.post(here, form(1, " Öle Paß "))
    assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, f"/mitglieder/menschen/{nele}")
    late = await own.post(here, form(1, "Nele Neu", von="mein"))
    assert (late.status_code, 'value="Nele Neu"' in late.text, "Jetzt: Öle Paß" in words(late)) == (409, True, True)
    mine = await own.post(here, form(2, "Nele Neu", von="mein", sprache="en"))
    assert (mine.status_code, mine.headers["location"].partition("?")[0]) == (303, "/mein")
    bad = await manager.post(here, form(3, "x" * 201, sprache="fr"))
    assert (bad.status_code, bad.text.count('href="#f-')) == (422, 2)
    other = town.west.ids("prs")[0]
    for stranger in (town.east.ids("prs")[0], f"prs_{new_id()}"):
        assert (await manager.post(f"/mitglieder/menschen/{stranger}/angaben", form(1, "Fremd"))).status_code == 404
    told = await own.post(f"/mitglieder/menschen/{other}/angaben", form(1, "Fremd", von="mein"))
    assert told.status_code == 404
    assert (await desk.post(here, form(3, "Fremd"))).status_code == 403
    [row] = await town.west.site.sql(
        "select name, sort_key, language, version from app.person where id = $1", nele.partition("_")[2]
    )
    assert tuple(row) == ("Nele Neu", "nele neu", "en", 3)
    lines = await town.west.site.sql(
        "select numbers::jsonb -> 'fields' as told from app.audit_entry"
        " where tenant_id = $1 and action = 'person.edited' and subject = $2 order by seq",
        town.west.site.id, nele.partition("_")[2],
    )  # fmt: skip
    assert [json.loads(line["told"]) for line in lines] == [["name"], ["name", "language"]]
