"""Inviting by page: the letter that goes out, what it leads to, and what the pages refuse."""

import re
from datetime import date

from console.conftest import Town
from console.reader import Reader, signed_in, words

from quartier.access.post import Letterbox
from quartier.kit.ids import new_id

ZUGANG = "/verwaltung/zugang"


def letters(town: Town) -> Letterbox:
    assert isinstance(town.app.front.post, Letterbox)
    return town.app.front.post


async def lead_of(town: Town) -> tuple[Reader, str]:
    """A lead of West's first organisation, at her desk."""
    site, organisation = town.west.site, town.west.keys["org"][0]
    jana = await site.person("Jana Leitung")
    await site.sql(
        "insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at) "
        "values ($1, $2, $3, $4, 'admin', daterange($5, null), now())",
        site.id, new_id(), jana, organisation, date(2026, 1, 1),
    )  # fmt: skip
    return await signed_in(town.app, site, person=jana), f"org_{organisation}"


async def test_an_administrator_invites_once_and_withdraws(town: Town) -> None:
    admin = await town.reader("site_admin")
    form = {"adresse": "Nele@Mail.example", "name": "Nele Ost", "als": "front_desk", "bis_tag": "2027-06-30"}
    form |= {"key": str(new_id())}
    before = len(letters(town).letters)
    assert (await admin.post(f"{ZUGANG}/einladung", form)).status_code == 303
    assert (await admin.post(f"{ZUGANG}/einladung", form)).status_code == 303  # the button was pressed twice
    assert len(letters(town).letters) == before + 1
    letter = letters(town).letters[0]
    assert (letter.to, "Jana Fried lädt Sie zu" in letter.text) == ("nele@mail.example", True)
    [token] = re.findall(r"/auth/invitation/(qtri_[\w-]{43})\n", letter.text)
    rows = await town.west.site.sql("select answer::text as kept from auth.idempotency where key = $1", form["key"])
    assert token not in rows[0]["kept"]
    assert (await town.stranger().get(f"/auth/invitation/{token}")).status_code == 200
    page = await admin.get(ZUGANG)
    assert "Nele Ost" in words(page)
    [path] = set(re.findall(r"/verwaltung/zugang/(einladung/inv_[\w-]+/zurueck)", page.text))
    again = await admin.post(f"{ZUGANG}/einladung", form | {"key": str(new_id())})
    assert (again.status_code, "schon eingeladen" in words(again)) == (422, True)
    assert 'value="Nele@Mail.example"' in again.text
    assert (await admin.post(f"{ZUGANG}/{path}", {"key": str(new_id())})).status_code == 303
    assert (await town.stranger().get(f"/auth/invitation/{token}")).status_code == 404


async def test_a_lead_invites_colleagues_of_her_own_organisation_alone(town: Town) -> None:
    lead, own = await lead_of(town)
    assert "Jemanden einladen" in words(await lead.get("/mein"))
    form = {"adresse": "kim@mail.example", "name": "Kim", "englisch": "ja", "key": str(new_id())}
    assert (await lead.post(f"/mitglieder/{own}/einladen", form)).status_code == 303
    assert "invites you to" in letters(town).letters[0].text
    page = await lead.get("/mein")
    assert "eingeladen bis" in words(page)
    other = town.west.ids("org")[1]
    told = await lead.post(f"/mitglieder/{other}/einladen", form | {"key": str(new_id())})
    assert told.status_code in {403, 404}
    [path] = set(re.findall(r"/mitglieder/org_[\w-]+/einladungen/inv_[\w-]+/zurueck", page.text))
    assert (await lead.post(path, {"key": str(new_id())})).status_code == 303
    bad = await lead.post(f"/mitglieder/{own}/einladen", form | {"adresse": "kim", "key": str(new_id())})
    assert (bad.status_code, 'id="e-adresse"' in bad.text) == (422, True)
    theirs = await (await town.reader("member")).get("/mein")
    assert "Jemanden einladen" not in words(theirs)


async def test_the_neighbour_s_organisation_is_not_here_to_invite_into(town: Town) -> None:
    manager = await town.reader("manager")
    theirs = f"org_{town.east.keys['org'][0]}"
    form = {"adresse": "kim@mail.example", "name": "Kim", "key": str(new_id())}
    assert (await manager.post(f"/mitglieder/{theirs}/einladen", form)).status_code == 404
    letter = {"adresse": "kim@mail.example", "name": "Kim", "key": str(new_id())}
    own = town.west.ids("org")[0]
    assert (await manager.post(f"/mitglieder/{own}/einladen", letter)).status_code == 303
    assert town.east.site.id not in {each.realm for each in letters(town).letters}


async def test_where_no_letter_can_be_sent_nobody_is_invited(town: Town) -> None:
    manager, own, front = await town.reader("manager"), town.west.ids("org")[0], town.app.front
    post, front.post = front.post, None
    try:
        form = {"adresse": "ohne@mail.example", "name": "Kim", "key": str(new_id())}
        told = await manager.post(f"/mitglieder/{own}/einladen", form)
        assert (told.status_code, "kein Mailversand" in words(told)) == (422, True)
    finally:
        front.post = post
    assert await town.west.site.count("auth.invitation", "address = 'ohne@mail.example'") == 0


async def test_who_came_with_another_address_is_seen_with_both_and_let_in(town: Town) -> None:
    lead, own = await lead_of(town)
    form = {"adresse": "ada@mail.example", "name": "Ada", "key": str(new_id())}
    assert (await lead.post(f"/mitglieder/{own}/einladen", form)).status_code == 303
    site, came = town.west.site, await town.west.site.person("Ada Anders")
    await site.sql(
        "update auth.invitation set claimed_by = $2, claimed_at = now(), claimed_address = 'ada@other.example' "
        "where tenant_id = $1 and address = 'ada@mail.example'",
        site.id, came,
    )  # fmt: skip
    page = await lead.get("/mein")
    for seen in ("Ada Anders", "eingeladen war ada@mail.example", "gekommen mit ada@other.example"):
        assert seen in words(page), seen
    admin = await town.reader("site_admin")
    assert "gekommen mit ada@other.example" in words(await admin.get(ZUGANG))
    [path] = set(re.findall(r"/mitglieder/org_[\w-]+/einladungen/inv_[\w-]+/einlassen", page.text))
    assert (await lead.post(path, {"key": str(new_id())})).status_code == 303
    page = await lead.get("/mein")
    assert ("gilt ab der nächsten Anmeldung" in words(page), "/einlassen" in page.text) == (True, False)
    again = await lead.post(path, {"key": str(new_id())})
    assert (again.status_code, "wartet niemand auf Einlass" in words(again)) == (422, True)
