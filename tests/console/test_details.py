"""An organisation is written anew on a page of its own: whoever is too late keeps her words and sees what changed."""

import re

from console.conftest import Town
from console.reader import signed_in, words
from console.test_allowances import member

from quartier.kit.ids import new_id

FORM = {
    "name": "Kontor Neu", "art": "ASSOCIATION", "rechtsform": "e. V.", "gemeinnuetzig": "ja", "strasse": "Weg 1",
    "plz": "04229", "ort": "Leipzig", "stadtteil": "Plagwitz", "website": "", "text": "Kocht.", "text-en": "",
}  # fmt: skip


async def test_the_team_writes_an_organisation_anew(town: Town) -> None:
    organisation, _ = await member(town, 600)
    manager, desk = await town.reader("manager"), await town.reader("front_desk")
    here = f"/mitglieder/{organisation}/angaben"
    assert f'href="{here}"' in (await manager.get(f"/mitglieder/{organisation}")).text
    assert (await desk.get(here)).status_code == 403

    def form(version: int, **more: str) -> dict[str, str]:
        return FORM | {"version": str(version), "key": str(new_id())} | more

    done = await manager.post(here, form(1))
    assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, f"/mitglieder/{organisation}")
    assert "Kontor Neu" in words(await desk.get(f"/mitglieder/{organisation}"))
    late = await manager.post(here, form(1, ort="Halle"))
    assert late.status_code == 409
    assert re.search(r"war am 19\.11\. um \d\d:\d\d Uhr schneller: Name, Rechtsform, Straße", words(late))
    assert 'value="Halle"' in late.text
    assert "Jetzt: Leipzig" in words(late)
    wrong = await manager.post(here, form(2, nace="x", website="ftp://x", gegruendet="bald"))
    assert (wrong.status_code, "Bitte einen Tag wie" in words(wrong)) == (422, True)
    both = await manager.post(here, form(2, nace="x", website="ftp://x"))
    assert (both.status_code, both.text.count('class="problem"')) == (422, 2)
    assert (await manager.get(f"/mitglieder/{town.east.ids('org')[0]}/angaben")).status_code == 404


async def test_a_lead_writes_how_it_shows_itself_and_no_more(town: Town) -> None:
    organisation, jana = await member(town, 600)
    own = await signed_in(town.app, town.west.site, person=jana)
    here = f"/mitglieder/{organisation}/angaben"
    assert f'href="{here}"' in (await own.get("/mein")).text
    assert 'name="name"' not in (await own.get(here)).text
    form = FORM | {"website": "https://kontor.example", "version": "1", "key": str(new_id())}
    done = await own.post(here, form)
    assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, "/mein")
    [row] = await town.west.site.sql(
        "select name, postcode, website from app.organisation where id = $1", organisation.partition("_")[2]
    )
    assert (row["name"].startswith("Kontor "), row["name"] == "Kontor Neu") == (True, False)
    assert (row["postcode"], row["website"]) == (None, "https://kontor.example")
