"""The house's letters by page: how they read, what was wrong, what was said before."""

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

HERE = "/verwaltung/texte"
OF = f"{HERE}/webhook_off/de"
ENGLISH = f"{HERE}/webhook_off/en"
OWN = {"betreff": "Aus: {hook}", "text": "Hallo,\r\n\r\n{reason} <b>{host}</b>\r\n{link}", "fassung": "0"}


def wish(step: str, **more: str) -> dict[str, str]:
    return OWN | {"key": str(new_id()), "schritt": step} | more


async def test_a_text_is_seen_kept_and_taken_back(town: Town) -> None:
    admin = await town.reader("site_admin")
    assert "Texte der Nachrichten" in words(await admin.get(HERE))
    seen = await admin.post(OF, wish("vorschau"))
    assert (seen.status_code, "Aus: Türschild" in words(seen), "&lt;b&gt;schild.example&lt;/b&gt;" in seen.text) == (
        200, True, True,
    )  # fmt: skip
    assert "<b>schild" not in seen.text
    assert await town.west.site.count("app.notice_text") == 0
    assert (await admin.post(OF, wish("speichern"))).status_code == 303
    page = await admin.get(OF)
    assert "Gerade gilt der eigene Text." in words(page)
    assert 'name="fassung" value="1"' in page.text
    assert "eigener Text" in words(await admin.get(HERE))
    assert (await admin.post(OF, wish("speichern"))).status_code == 409  # of a page that is old by now
    assert (await admin.post(OF, wish("zurueck", fassung="1"))).status_code == 303
    back = words(await admin.get(OF))
    assert "Gerade gilt der mitgelieferte Text." in back
    assert "Fassung 1 · gilt ab" in back


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(town: Town) -> None:
    admin = await town.reader("site_admin", language="en")
    wrong = await admin.post(ENGLISH, wish("speichern", betreff="Off {colour}", text="Nothing", ab="2020-01-01"))
    assert wrong.status_code == 422
    said = words(wrong)
    assert "“{colour}” is no placeholder here. Allowed are: {hook}, {host}" in said
    assert "{link} is missing." in said
    assert ('value="Off {colour}"' in wrong.text, 'id="e-validFrom"' in wrong.text) == (True, False)
    past = await admin.post(ENGLISH, wish("speichern", ab="2020-01-01"))
    assert (past.status_code, 'id="e-validFrom"' in past.text) == (422, True)


async def test_who_may_not_and_letters_that_are_none(town: Town) -> None:
    desk, admin = await town.reader("front_desk"), await town.reader("site_admin")
    assert (await desk.get(HERE)).status_code == 403
    assert (await desk.post(OF, wish("speichern"))).status_code == 403
    assert (await admin.post(OF, wish("speichern"), word=False)).status_code == 403
    for strange in ("/nichts/de", "/webhook_off/fr", "/../x"):
        assert (await admin.get(HERE + strange)).status_code == 404
    assert (await town.stranger().get(OF)).status_code == 303


async def test_the_other_site_keeps_its_own_words(town: Town) -> None:
    east = await town.reader("site_admin", place=town.east)
    assert "Gerade gilt der mitgelieferte Text." in words(await east.get(OF))
    assert "Fassungen 0" in words(await east.get(OF))
