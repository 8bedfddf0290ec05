"""Tags at the console: given from the list, found by the filter, taken on the page of one organisation."""

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id


async def test_tags_are_given_from_the_list_and_taken_on_the_page(town: Town) -> None:
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    one, two = town.west.ids("org")[1:3]
    form = {"org": one, "dazu": "Lastenrad, Leise <b>", "stand": "ACTIVE", "schlagwort": "", "key": str(new_id())}
    done = await manager.post("/mitglieder/schlagworte", form)
    assert (done.status_code, done.headers["location"]) == (303, "/mitglieder?stand=ACTIVE&getan=verschlagwortet")
    shown = await desk.get("/mitglieder?schlagwort=Lastenrad")
    assert f"/mitglieder/{one}" in shown.text
    assert f"/mitglieder/{two}" not in shown.text
    assert "Leise &lt;b&gt;" in shown.text
    assert 'name="org"' not in shown.text
    told = await manager.post("/mitglieder/schlagworte", form | {"org": "", "key": str(new_id())})
    assert told.status_code == 422
    here = await manager.get(f"/mitglieder/{one}")
    assert 'name="weg" value="Lastenrad"' in here.text
    away = {"org": one, "von": one, "weg": "Lastenrad", "dazu": "", "key": str(new_id())}
    assert (await desk.post("/mitglieder/schlagworte", away)).status_code == 403
    assert (await manager.post("/mitglieder/schlagworte", away)).headers[
        "location"
    ] == f"/mitglieder/{one}?getan=verschlagwortet"
    assert "Lastenrad" not in words(await manager.get("/mitglieder?schlagwort=Lastenrad")).partition("Stand")[0]
    bad = await manager.post("/mitglieder/schlagworte", away | {"dazu": "x" * 50, "key": str(new_id())})
    assert bad.status_code == 422
    theirs = town.east.ids("org")[0]
    gone = await manager.post("/mitglieder/schlagworte", form | {"org": theirs, "key": str(new_id())})
    assert gone.status_code == 404
