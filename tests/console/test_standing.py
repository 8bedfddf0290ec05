"""A membership rests, is suspended, changes its plan and ends by the forms on the member's page and on one's own."""

from console.conftest import Town
from console.reader import signed_in, words
from console.test_allowances import member

from quartier.kit.ids import new_id


async def test_the_team_suspends_frees_and_changes_the_plan(town: Town) -> None:
    organisation, jana = await member(town, 600)
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    page = await manager.get(f"/mitglieder/{organisation}?getan=gespeichert")
    key = page.text.partition("/mitgliedschaften/")[2].partition("/")[0]
    assert "/mitgliedschaften/" not in (await desk.get(f"/mitglieder/{organisation}")).text

    def form(version: int, **more: str) -> dict[str, str]:
        return {"von": organisation, "version": str(version), "key": str(new_id())} | more

    wrong = await manager.post(f"/mitgliedschaften/{key}/sperren", form(1, grund="x" * 501))
    assert (wrong.status_code, "x" * 501 in wrong.text) == (422, True)  # what was typed stands there
    done = await manager.post(f"/mitgliedschaften/{key}/sperren", form(1, grund="Hausordnung <b>"))
    assert (done.status_code, done.headers["location"]) == (303, f"/mitglieder/{organisation}?getan=gespeichert")
    assert "Mitgliedschaft gesperrt : Hausordnung <b>" in words(
        await (await signed_in(town.app, town.west.site, person=jana)).get("/mein")
    ).replace("&lt;b&gt;", "<b>").replace("gesperrt:", "gesperrt :")
    assert (await desk.post(f"/mitgliedschaften/{key}/entsperren", form(2))).status_code == 403
    assert (await manager.post(f"/mitgliedschaften/{key}/entsperren", form(1))).status_code == 409
    assert (await manager.post(f"/mitgliedschaften/{key}/entsperren", form(2))).status_code == 303
    [plan] = await town.west.site.sql(
        "select t.plan_id from app.membership_term t where t.membership_id = $1", key.partition("_")[2]
    )
    changed = await manager.post(f"/mitgliedschaften/{key}/tarif", form(3, tarif=f"pln_{plan['plan_id']}"))
    assert changed.status_code == 303
    assert (await manager.post(f"/mitgliedschaften/{key}/loeschen", form(4))).status_code == 404
    theirs = await manager.post(f"/mitgliedschaften/mbr_{new_id()}/sperren", form(1, grund="x"))
    assert theirs.status_code == 404


async def test_who_leads_lets_it_rest_goes_on_and_ends_it(town: Town) -> None:
    organisation, jana = await member(town, 600)
    await town.west.site.sql(
        "update app.plan set pause_months = 2 where tenant_id = $1 and key in (select p.key from app.plan p"
        " join app.membership_term t on t.plan_id = p.id join app.membership m on m.id = t.membership_id"
        " where m.organisation_id = $2)", town.west.site.id, organisation.partition("_")[2],
    )  # fmt: skip
    own = await signed_in(town.app, town.west.site, person=jana)
    page = await own.get("/mein")
    key = page.text.partition("/mitgliedschaften/")[2].partition("/")[0]

    def form(version: int, **more: str) -> dict[str, str]:
        return {"von": "", "version": str(version), "key": str(new_id())} | more

    assert (await own.post(f"/mitgliedschaften/{key}/pausieren", form(1, bis="bald"))).status_code == 422
    long = await own.post(f"/mitgliedschaften/{key}/pausieren", form(1, bis="2027-02-01"))
    assert "Dieser Tarif darf im Jahr 2 Monate ruhen. Letzter möglicher Tag ist zurzeit: 18.01.2027." in words(long)
    assert 'id="f-until" name="bis" type="date" value="2027-02-01"' in long.text
    done = await own.post(f"/mitgliedschaften/{key}/pausieren", form(1, bis="2026-12-31"))
    assert (done.status_code, done.headers["location"]) == (303, "/mein?getan=gespeichert")
    assert "Heute weitermachen" in words(await own.get("/mein"))
    assert (await own.post(f"/mitgliedschaften/{key}/fortsetzen", form(2))).status_code == 303
    assert (await own.post(f"/mitgliedschaften/{key}/sperren", form(3, grund="x"))).status_code == 403
    assert (await own.post(f"/mitgliedschaften/{key}/beenden", form(3))).status_code == 303
