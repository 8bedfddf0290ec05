"""The directory at the console: agreed to, seen by whom one chose, and gone with the answer to the withdrawal."""

import re

from console.conftest import Town
from console.reader import words
from world import NOW

from quartier.kit.ids import new_id
from quartier.members import actions as members
from quartier.members.consents.words import TEXTS
from quartier.members.words import Profile

HERE = "/mein/verzeichnis"


async def test_a_lead_agrees_and_withdraws_and_strangers_see_what_is_for_them(town: Town) -> None:
    site = town.west.site
    lead, stranger = await town.reader("manager"), town.stranger()
    [row] = await site.sql("select person_id from auth.session where tenant_id = $1 order by id desc limit 1", site.id)
    with site.speaking():
        body = await members.register_organisation(
            site.desk(), Profile("Fahrradküche", "association", True, False, website="https://rad.example")
        )
        await members.add_affiliation(site.desk(), row["person_id"], body.id, "owner", since=NOW.date())
    own, text = f"org_{body.id}", TEXTS["directory"]
    assert text.de in words(await lead.get(HERE))
    form = {"fuer": own, "fassung": text.version, "wer": "haus", "satz": "Wir <b>schrauben</b>."}
    assert (await lead.post(HERE, form | {"key": str(new_id()), "fassung": "2020-01"})).status_code == 422
    assert (await lead.post(HERE, form | {"key": str(new_id())})).status_code == 303
    assert "Fahrradküche nur im Haus sichtbar" in words(await lead.get("/netzwerk"))
    assert "Wir &lt;b&gt;schrauben" in (await lead.get("/netzwerk?q=schraub")).text
    assert "Fahrradküche" not in (await stranger.get("/netzwerk")).text
    assert (await lead.post(HERE, form | {"key": str(new_id()), "wer": "alle"})).status_code == 303
    assert "Fahrradküche" in words(await stranger.get("/netzwerk"))
    assert "Fahrradküche" not in words(await stranger.get("/netzwerk?wer=menschen"))
    assert "Fahrradküche" not in words(await town.stranger(town.east.site).get("/netzwerk"))
    [path] = re.findall(rf'action="({HERE}/cns_[^"]+)"', (await lead.get(HERE)).text)
    desk = await town.reader("front_desk")
    assert (await desk.post(path, {"key": str(new_id())})).status_code == 403
    assert "Fahrradküche" in words(await stranger.get("/netzwerk"))
    assert "Im Verzeichnis seit" in words(await lead.get(f"/mitglieder/{own}"))
    assert (await lead.post(path, {"key": str(new_id())})).status_code == 303
    assert "Fahrradküche" not in words(await stranger.get("/netzwerk"))
    assert "Im Verzeichnis seit" not in words(await lead.get(f"/mitglieder/{own}"))
