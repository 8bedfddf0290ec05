"""A form that came after its sign-in had ended: nothing is done or lost, and one button sends it once more."""

import html
import re

import httpx2
from console.conftest import Town
from console.reader import Reader, signed_in, words

from quartier.access.cookies import form_word
from quartier.access.queries import as_auth
from quartier.access.sessions import end_session
from quartier.database.engine import DB
from quartier.kit.ids import new_id

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def wish(town: Town, title: str) -> dict[str, str]:
    space = town.west.ids("spc")[3]
    typed = {"titel": title, "personen": "4", "fuer": "", "sichtbar": "PRIVATE"}
    return {"raum": space, "tag": "2026-12-09", "von": "10:00", "bis": "11:00", "key": str(new_id())} | typed


async def ended(town: Town, reader: Reader) -> Reader:
    """The same browser, whose session is no more."""
    desk = town.west.site.desk("site_admin")
    with as_auth(desk):
        async with DB.work():
            await end_session(desk, reader.session or "")
    town.app.house.speakers.forget(None)
    return reader


def given_back(answer: httpx2.Response) -> dict[str, str]:
    """The fields that the button sends."""
    form = answer.text.partition("<main")[2]
    return {name: html.unescape(value) for name, value in HIDDEN.findall(form)}


async def made(town: Town, title: str) -> int:
    rows = await town.west.site.sql(
        "select id from app.booking where tenant_id = $1 and title = $2", town.west.site.id, title
    )
    return len(rows)


async def test_what_was_typed_is_sent_by_one_button_after_the_new_sign_in(town: Town) -> None:
    typed = wish(town, 'Chor "Süd" & Gäste <b>')
    before = await ended(town, await town.reader("front_desk"))
    away = await before.post("/raeume/buchen", typed)
    assert away.status_code == 401
    assert "Was Sie eingegeben haben, steht noch da." in words(away)
    assert 'href="/auth/login?next=/wieder-da" target="_blank"' in away.text
    assert given_back(away) == typed | {"_csrf": ""}
    assert "Chor &#34;Süd&#34;" in away.text.partition("Ihr Text")[2]
    now = await signed_in(town.app, town.west.site, "front_desk")
    asked = await now.post("/raeume/buchen", typed, word=False)  # the old page knows no word of the new session
    assert asked.status_code == 403
    assert "Noch nicht gesendet" in words(asked)
    back = given_back(asked)
    assert back == typed | {"_csrf": form_word(now.session or "")}
    assert await made(town, typed["titel"]) == 0
    done = await now.post("/raeume/buchen", back)
    assert done.status_code == 303, words(done)
    assert (await now.post("/raeume/buchen", back)).headers["location"] == done.headers["location"]
    assert await made(town, typed["titel"]) == 1


async def test_what_another_s_page_sends_is_not_given_back(town: Town) -> None:
    foreign = {"origin": "https://evil.example"}
    for reader in (town.stranger(), await town.reader("front_desk")):
        answer = await reader.post("/raeume/buchen", wish(town, "Falle der Fremden"), headers=foreign)
        assert answer.status_code == (403 if reader.session else 401)
        assert "Falle der Fremden" not in answer.text


async def test_a_form_asked_while_typing_stays_and_a_button_of_a_list_loads_its_page_anew(town: Town) -> None:
    gone = await ended(town, await town.reader("front_desk"))
    hx = {"hx-request": "true"}
    told = await gone.post("/raeume/buchen", wish(town, "Leise") | {"nur": "pruefen"}, headers=hx)
    assert (told.status_code, told.headers["hx-reselect"], told.headers["hx-reswap"]) == (401, "#anmelden", "innerHTML")
    assert "Ihre Anmeldung ist abgelaufen." in words(told)
    assert "Leise" not in told.text
    there = await gone.post(f"/buchungen/{town.west.ids('bkg')[1]}/da", {"version": "1"}, headers=hx)
    assert (there.status_code, there.headers["hx-refresh"], there.text) == (401, "true", "")
    live = await gone.get("/heute", headers=hx)
    assert (live.status_code, live.headers["hx-refresh"]) == (401, "true")
    now = await town.reader("front_desk")
    stale = await now.post("/raeume/buchen", wish(town, "Leise") | {"nur": "pruefen"}, word=False, headers=hx)
    assert (stale.status_code, stale.headers["hx-reselect"]) == (403, "#anmelden")
    assert "data-again=" in stale.text


async def test_the_window_of_the_sign_in_knows_the_word_of_now(town: Town) -> None:
    now = await town.reader("front_desk")
    page = await now.get("/wieder-da")
    assert "Dieses Fenster können Sie schließen." in words(page)
    assert f'value="{form_word(now.session or "")}"' in page.text
    stranger = await town.stranger(language="en").get("/wieder-da")
    assert "You are not signed in" in words(stranger)
    assert "_csrf" not in stranger.text


async def test_a_house_that_is_busy_gives_the_form_back(town: Town) -> None:
    desk = await town.reader("front_desk")
    typed = wish(town, "Geduld bitte sehr") | {"tag": "2026-12-10"}
    async with town.west.site.administrator.transaction():
        await town.west.site.sql("lock table app.booking in access exclusive mode")
        busy = await desk.post("/raeume/buchen", typed)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert given_back(busy) == typed | {"_csrf": form_word(desk.session or "")}
    assert (await desk.post("/raeume/buchen", given_back(busy))).status_code == 303
