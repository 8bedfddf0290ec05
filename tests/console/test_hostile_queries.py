"""What strangers write behind the question mark: it is read, or it is told, and never breaks a page."""

from urllib.parse import quote

import pytest
from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "2026-11")
NUMBERS = ("--5", "²", "-1", "2147483648", "99999999999999999999", "1e400")
TEXTS = ("\ud7ff\ufffe", "a" * 4000, "'\"><script>", "spc_", "spc_00000000-0000-0000-0000-000000000000", "%_\\")
CLOCKS = ("10:00+01:00", "25:61")
ODD = (*DAYS, *NUMBERS, *TEXTS, *CLOCKS)
PAGES = {
    "/heute": ("tag",),
    "/raeume": ("tag",),
    "/raeume/monat": ("tag", "raum"),
    "/raeume/buchen": ("tag", "von", "bis", "raum", "personen", "fuer", "jede", "ende"),
    "/raeume/schliessungen": ("tag",),
    "/tuer/{spc}": ("tag",),
    "/mitglieder": ("q", "weiter", "status", "schlagwort"),
    "/suche": ("q",),
    "/netzwerk": ("q", "wer"),
    "/programm": ("welche",),
    "/foerderung/antraege": ("q", "weiter", "stand"),
    "/kennzahlen": ("zeitraum", "ab"),
}
LOG = {
    "/verwaltung/protokoll": ("ab", "bis", "wer", "art", "vor", "taten", "gesehen"),
    "/verwaltung/protokoll.csv": ("ab", "bis", "wer", "art", "welches"),
    "/verwaltung/zugang": ("q", "wer", "person", "rolle"),
}


@pytest.mark.parametrize(("role", "pages"), [("manager", PAGES), ("site_admin", LOG)])
async def test_no_page_breaks_by_what_is_asked_of_it(town: Town, role: str, pages: dict[str, tuple[str, ...]]) -> None:
    reader, space = await town.reader(role), town.west.ids("spc")[0]
    asked = [
        f"{page.format(spc=space)}?{name}={quote(odd)}"
        for page, names in pages.items()
        for name in names
        for odd in ODD
    ]
    asked += [
        f"{page.format(spc=space)}?{rest}" for page in pages for rest in ("&".join(["a=1"] * 300), "tag=%ff", "%")
    ]
    broken = []
    for each in asked:
        status = (await reader.get(each)).status_code
        if status >= 500:
            broken.append((status, each[:120]))
    assert broken == []


@pytest.mark.parametrize("odd", ODD)
async def test_no_form_breaks_by_what_is_typed_into_it(town: Town, odd: str) -> None:
    reader = await town.reader("manager")
    good = {"raum": town.west.ids("spc")[0], "tag": "2026-12-01", "von": "10:00", "bis": "12:00", "titel": "Probe"}
    series = {"wiederholen": "WEEKLY", "jede": "1", "ende": "2026-12-31"}
    for name in (*good, "personen", "fuer", "jede", "ende"):
        form = good | (series if name in series else {}) | {name: odd, "key": str(new_id()), "nur": "pruefen"}
        answer = await reader.post("/raeume/buchen", form)
        assert answer.status_code < 500, (name, words(answer))
    lease = {"raum": good["raum"], "ab": odd, "letzter": odd, "miete": odd, "key": str(new_id())}
    assert (await reader.post("/raeume/vermietung", lease)).status_code < 500
    prices = {"raum": good["raum"], "ab": odd, "preis": odd, "key": str(new_id())}
    assert (await reader.post("/raeume/preise", prices)).status_code < 500
    closed = {"tag": odd, "letzter": odd, "ab": odd, "bis": odd, "grund": odd, "raum": odd, "key": str(new_id())}
    for place in ("/raeume/schliessungen", "/raeume/schliessungen/tage"):
        assert (await reader.post(place, closed)).status_code < 500


@pytest.mark.parametrize(
    ("wish", "leads"),
    [
        ("/suche?q=Gr%C3%B6%C3%9Fe&weiter=1", "/suche?q=Gr%C3%B6%C3%9Fe&weiter=1"),
        ("/Größe", "/Gr%C3%B6%C3%9Fe"),
        ("/\U0001f4a9", "/%F0%9F%92%A9"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("", "/"),
    ],
)
async def test_43_whoever_chooses_a_language_stays_on_this_host(town: Town, wish: str, leads: str) -> None:
    answer = await town.stranger().get(f"/sprache/en?next={quote(wish, safe='')}")
    assert (answer.status_code, answer.headers["location"]) == (303, leads)
