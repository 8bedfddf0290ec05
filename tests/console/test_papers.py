"""Papers at the console: chosen in the form itself, looked at on the team's page, read by nobody else, never shown."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest_asyncio
from console.applicants import applicant_of
from console.conftest import Town
from console.reader import Reader, words
from handed import PDF, picture

from quartier.access.cookies import form_word
from quartier.kit.ids import new_id

MANY = {"registerauszug", "haftpflicht"}


async def send(reader: Reader, path: str, form: dict[str, str], **files: tuple[str, bytes]) -> httpx2.Response:
    data = {"_csrf": form_word(reader.session or ""), "key": str(new_id())} | form
    parts = {name.replace("_", "-"): (called, body, "text/html") for name, (called, body) in files.items()}
    return await reader.http.post(path, data=data, files=parts, headers=reader.headers)


@dataclass(frozen=True)
class Asking:
    town: Town
    lead: Reader
    manager: Reader
    form: dict[str, str]
    statement: str


@pytest_asyncio.fixture
async def asking(town: Town) -> AsyncIterator[Asking]:
    """A plan that asks for two papers, and a lead who may apply for it; each test has a family of plans of its own."""
    site, organisation, word = town.west.site, town.west.ids("org")[4], str(new_id())
    rows = await site.sql("select id, papers from app.plan where tenant_id = $1 order by position limit 1", site.id)
    plan = rows[0]["id"]
    await site.sql("update app.plan set public = true, holder = 'organisation', kinds = '{}', nonprofit = null,"
                   " family = $2, papers = '{registerauszug,haftpflicht}' where id = $1", plan, word)  # fmt: skip
    lead, manager = await applicant_of(town.app, site, organisation), await town.reader("manager")
    yield Asking(town, lead, manager, {"tarif": f"pln_{plan}", "fuer": organisation, "text": word}, word)
    await site.sql("update app.plan set papers = '{}' where id = $1", plan)


async def papers_of(asking: Asking) -> list[dict[str, Any]]:
    rows = await asking.town.west.site.sql(
        "select d.* from app.membership_paper d join app.membership m on m.id = d.membership_id"
        " where d.tenant_id = $1 and m.statement = $2 order by d.kind",
        asking.town.west.site.id, asking.statement,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def test_papers_are_chosen_in_the_form_and_none_is_chosen_twice(asking: Asking) -> None:
    page = await asking.lead.get("/mein")
    assert 'enctype="multipart/form-data"' in page.text
    assert '<input id="f-papier-haftpflicht" name="papier-haftpflicht" type="file"' in page.text
    one = await send(asking.lead, "/mein/mitgliedschaft", asking.form, papier_registerauszug=("Auszug.pdf", PDF))
    assert one.status_code == 422
    assert "fehlen noch Unterlagen (1): Nachweis der Haftpflicht" in words(one)
    assert "Schon hochgeladen: Auszug.pdf" in words(one)
    kept = re.search(r'name="papier-registerauszug-id" value="(fil_[^"]+)"', one.text)
    assert kept
    again = asking.form | {"papier-registerauszug-id": kept[1], "papier-registerauszug-name": "Auszug.pdf"}
    bad = await send(asking.lead, "/mein/mitgliedschaft", again, papier_haftpflicht=("police.pdf", b"<html>"))
    assert bad.status_code == 422
    assert "police.pdf: Nach ihrem Inhalt ist die Datei keine von diesen: PDF, PNG, JPEG, WebP" in words(bad)
    assert kept[1] in bad.text
    done = await send(asking.lead, "/mein/mitgliedschaft", again, papier_haftpflicht=("police.jpg", picture("JPEG")))
    assert (done.status_code, done.headers["location"]) == (303, "/mein?getan=beantragt"), words(done)
    assert [(row["kind"], row["state"]) for row in await papers_of(asking)] == [
        ("haftpflicht", "given"),
        ("registerauszug", "given"),
    ]


async def test_the_team_looks_at_each_paper_and_the_applicant_mends_it(asking: Asking) -> None:
    both = {"papier_registerauszug": ("a.pdf", PDF), "papier_haftpflicht": ("b.pdf", PDF)}
    assert (await send(asking.lead, "/mein/mitgliedschaft", asking.form, **both)).status_code == 303
    liability, extract = await papers_of(asking)
    listed = await asking.manager.get("/mitglieder/antraege")
    assert f'href="/unterlagen/mpp_{extract["id"]}"' in listed.text
    here = "/mitglieder/antraege/unterlagen/mpp_"
    no = {"version": "1", "urteil": "nein", "key": str(new_id())}
    silent = await asking.manager.post(f"{here}{extract['id']}", no)
    assert silent.status_code == 422
    assert (
        await asking.manager.post(f"{here}{extract['id']}", no | {"anmerkung": "Seite 2 fehlt."})
    ).status_code == 303
    yes = {"version": "1", "urteil": "ja", "key": str(new_id())}
    assert (await asking.manager.post(f"{here}{liability['id']}", yes)).status_code == 303
    assert (await asking.lead.post(f"{here}{extract['id']}", yes)).status_code == 403
    row = extract["membership_id"]
    approve = {"version": "1", "key": str(new_id())}
    early = await asking.manager.post(f"/mitglieder/antraege/mbr_{row}/annehmen", approve)
    assert early.status_code == 422
    assert "Noch nicht angenommen sind diese Unterlagen (1): Registerauszug" in words(early)
    mine = await asking.lead.get("/mein")
    assert "Seite 2 fehlt." in words(mine)
    assert f'id="datei-mbr_{row}-registerauszug"' in mine.text
    assert f'id="datei-mbr_{row}-haftpflicht"' not in mine.text  # that one is accepted
    wish = {"antrag": f"mbr_{row}", "art": "registerauszug"}
    nothing = await send(asking.lead, "/mein/unterlagen", wish, datei=("", b""))
    assert (nothing.status_code, "Bitte eine Datei wählen." in words(nothing)) == (422, True)
    assert (await send(asking.lead, "/mein/unterlagen", wish, datei=("neu.pdf", PDF))).status_code == 303
    states = {each["kind"]: each["state"] for each in await papers_of(asking)}
    assert states == {"haftpflicht": "accepted", "registerauszug": "given"}


async def test_a_paper_is_saved_never_shown_and_every_look_is_on_record(asking: Asking) -> None:
    town = asking.town
    both = {"papier_registerauszug": ('Größe".pdf', PDF), "papier_haftpflicht": ("b.pdf", PDF)}
    assert (await send(asking.lead, "/mein/mitgliedschaft", asking.form, **both)).status_code == 303
    extract = (await papers_of(asking))[1]
    path = f"/unterlagen/mpp_{extract['id']}"
    read = await asking.manager.get(path)
    assert (read.status_code, read.content) == (200, PDF)
    head = read.headers
    assert head["content-type"] == "application/pdf"
    assert head["content-disposition"].startswith('attachment; filename="Gro')
    assert head["x-content-type-options"] == "nosniff"
    assert head["content-security-policy"] == "default-src 'none'; sandbox"
    assert head["cache-control"] == "no-store"
    looks = (
        "select fields, times from app.look_entry where tenant_id = $1 and $2 = any(subjects) and operation = 'paper'"
    )
    site = town.west.site
    [look] = await site.sql(looks, site.id, extract["given_by"])
    assert (look["fields"], look["times"]) == (["MembershipPaper.content"], 1)
    assert (await asking.lead.get(path)).status_code == 200
    assert len(await site.sql(looks, site.id, extract["given_by"])) == 1  # one's own is no look
    for reader in (
        town.stranger(),
        await town.reader("front_desk"),
        await town.reader("member"),
        await town.reader("manager", place=town.east),
    ):
        assert (await reader.get(path)).status_code == 404
    for bent in ("/unterlagen/mpp_1", f"/unterlagen/fil_{extract['file_id']}", f"/unterlagen/mpp_{new_id()}"):
        assert (await asking.manager.get(bent)).status_code == 404


async def test_a_number_is_written_down_where_it_is_missing(asking: Asking) -> None:
    site = asking.town.west.site
    organisation = asking.form["fuer"]
    await site.sql("update app.organisation set economic = true where id = $1", organisation[4:])
    await site.sql("delete from app.organisation_identifier where organisation_id = $1", organisation[4:])
    both = {"papier_registerauszug": ("a.pdf", PDF), "papier_haftpflicht": ("b.pdf", PDF)}
    assert (await send(asking.lead, "/mein/mitgliedschaft", asking.form, **both)).status_code == 303
    assert "Kennung (fehlt noch)" in words(await asking.manager.get("/mitglieder/antraege"))
    path = f"/mitglieder/antraege/kennung/{organisation}"
    bad = await asking.manager.post(path, {"register": "VAT", "nummer": "DE12", "key": str(new_id())})
    assert (bad.status_code, 'value="DE12"' in bad.text) == (422, True)
    assert (await asking.manager.post(path, {"register": "HUND", "nummer": "1"})).status_code == 422
    good = await asking.manager.post(path, {"register": "VAT", "nummer": "DE987654321", "key": str(new_id())})
    assert good.status_code == 303, words(good)
    [row] = await site.sql("select value from app.organisation_identifier where organisation_id = $1", organisation[4:])
    assert row["value"] == "DE987654321"
