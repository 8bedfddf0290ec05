"""A site's own fields at the console: made, answered by the team and by who leads, found by the filter."""

import re

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

HERE = "/mitglieder/felder"


def key() -> dict[str, str]:
    return {"key": str(new_id())}


async def drop_all(town: Town) -> None:
    for table in ("own_value", "own_field"):
        await town.west.site.sql(f"delete from app.{table} where tenant_id = $1", town.west.site.id)


async def test_a_field_is_made_answered_found_and_retired(town: Town) -> None:
    await drop_all(town)
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    org = town.west.ids("org")[1]
    wrong = await manager.post(HERE, {"deutsch": "Gewerk", "art": "CHOICE", "auswahl": "Holz"} | key())
    assert (wrong.status_code, 'value="Gewerk"' in wrong.text) == (422, True)
    made = {
        "deutsch": "Gewerk <b>",
        "englisch": "Trade",
        "art": "CHOICE",
        "auswahl": "Holz\r\nTextil\r\n",
        "sichtbar": "1",
    }
    assert (await manager.post(HERE, made | key())).headers["location"] == f"{HERE}?getan=gespeichert"
    assert (await manager.post(HERE, {"deutsch": "Fläche", "art": "NUMBER"} | key())).status_code == 303
    assert (await desk.get(HERE)).status_code == 403
    page = await manager.get(f"/mitglieder/{org}")
    trade, area = re.findall(r'name="feld-(ofd_[^"]+)"', page.text)
    version = re.findall(r'-felder"><input type="hidden" name="version" value="(\d+)"', page.text)[0]
    given = {"version": version, f"feld-{trade}": "Textil", f"feld-{area}": "viel"}
    refused = await manager.post(f"/mitglieder/{org}/felder", given | key())
    assert refused.status_code == 422
    assert 'value="viel"' in refused.text
    assert "eine Zahl wie 12 oder 1234,5" in words(refused)
    done = await manager.post(f"/mitglieder/{org}/felder", given | {f"feld-{area}": "1.084,5"} | key())
    assert (done.status_code, done.headers["location"]) == (303, f"/mitglieder/{org}?getan=gespeichert")
    told = words(await desk.get(f"/mitglieder/{org}"))
    assert "1084,5" in told
    assert "Textil" in told
    stale = await manager.post(f"/mitglieder/{org}/felder", given | {f"feld-{area}": "2"} | key())
    assert stale.status_code == 409
    found = await desk.get("/mitglieder?feld=gewerk-b%3DTextil")
    assert re.findall(r'scope="row"><a href="/mitglieder/([^"]+)"', found.text) == [org]
    none = await desk.get("/mitglieder?feld=gewerk-b%3DHolz")
    assert re.findall(r'scope="row"><a href="/mitglieder/([^"]+)"', none.text) == []
    fields = await manager.get(HERE)
    assert "Gewerk &lt;b&gt;" in fields.text
    still = await manager.post(f"{HERE}/{trade}/stilllegen", {"version": "1"} | key())
    assert still.status_code == 303
    assert "Textil" not in words(await desk.get(f"/mitglieder/{org}")).partition("Weitere Angaben")[2][:200]
    assert (await manager.post(f"{HERE}/{trade}/wieder", {"version": "2"} | key())).status_code == 303
    up = await manager.post(f"{HERE}/{area}/hoch", key())
    assert up.status_code == 303
    order = re.findall(rf'action="{HERE}/(ofd_[^/]+)/aendern"', (await manager.get(HERE)).text)
    assert order == [area, trade]
    await drop_all(town)


async def test_fields_of_the_other_house_are_not_there(town: Town) -> None:
    await drop_all(town)
    manager, org = await town.reader("manager"), town.west.ids("org")[1]
    [theirs, *_] = await town.east.site.sql(
        "select id from app.own_field where tenant_id = $1 and state = 'active'", town.east.site.id
    )
    for path, sent in (
        (f"/mitglieder/{org}/felder", {"version": "1", f"feld-ofd_{theirs['id']}": "x"}),
        (f"{HERE}/ofd_{theirs['id']}/stilllegen", {"version": "1"}),
        (f"{HERE}/ofd_{theirs['id']}/hoch", {}),
    ):
        answer = await manager.post(path, sent | key())
        assert answer.status_code in {404, 409, 303}, path
    [row] = await town.east.site.sql(
        "select state, version from app.own_field where tenant_id = $1 and id = $2", town.east.site.id, theirs["id"]
    )
    assert (row["state"], row["version"]) == ("active", 1)
    stands = await town.west.site.count("app.own_value")
    assert stands == 0
