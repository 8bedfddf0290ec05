"""What a person sees and ends of her own sign-ins, the link in the letter, and what the pages wear."""

import httpx2
import pytest
from access.test_passkeys import browser, noted, other
from access.test_sign_in import Browser, somebody
from rows import add
from world import NOW, Site

from quartier.access.cookies import form_word
from quartier.access.marks import mark
from quartier.access.post import Letterbox
from quartier.kit.ids import new_id

__all__ = ["browser", "other"]

pytestmark = pytest.mark.usefixtures("at_west")


async def session_of(browser: Browser, site: Site) -> str:
    kept = mark(browser.jar["__Host-session"])
    [row] = await site.sql("select id from auth.session where tenant_id = $1 and token_hash = $2", site.id, kept)
    return str(row["id"])


async def end(browser: Browser, session: str, **more: str) -> httpx2.Response:
    form = {"session": session, "_csrf": form_word(browser.jar["__Host-session"])} | more
    return await browser.send("POST", "/auth/sessions/end", data=form)


async def test_one_ends_a_session_of_one_s_own_and_never_another_s(
    browser: Browser, other: Browser, west: Site
) -> None:
    person, address = await somebody(west)
    await browser.sign_in(address)
    await other.sign_in(address)
    assert (await browser.send("GET", "/auth/sessions")).text.count("Code per E-Mail") == 2
    gone = await end(browser, await session_of(other, west))
    assert (gone.status_code, gone.headers["location"]) == (303, "/auth/sessions")
    assert (await other.speaks()).json()["person"] is None
    assert await noted(west, "session.ended") == [("session.ended", "by_hand")]
    _, address = await somebody(west)
    await other.sign_in(address)
    mine = await session_of(browser, west)
    assert (await end(other, mine)).status_code == 404
    assert (await end(other, "x")).status_code == 400
    assert (await end(other, mine, _csrf=form_word("another"))).status_code == 403
    assert (await browser.speaks()).json()["person"] == str(person)


async def test_the_page_tells_what_a_stronger_sign_in_would_wake_and_nothing_else(browser: Browser, west: Site) -> None:
    person, address = await somebody(west, "grants_officer", "front_desk", "city_analyst")
    grant = {"source": "person:x", "granted_by": new_id(), "valid_from": NOW, "created_at": NOW}
    until = NOW.replace(year=NOW.year + 1)
    await add(west, "auth.role_grant", person_id=person, role="finance", valid_until=until, **grant)
    await browser.sign_in(address)
    page = (await browser.send("GET", "/auth/sessions", headers={"accept-language": "en"})).text
    told = page.split('id="asleep"')[1].split("</section>")[0]
    assert "than a code:\n    grants officer.\n" in told


async def test_the_link_in_the_letter_fills_the_code_in_and_uses_nothing_up(browser: Browser, west: Site) -> None:
    _, address = await somebody(west)
    code = await browser.ask(address)
    assert isinstance(browser.post, Letterbox)
    assert code is not None
    link = f"/auth/code?code={code}&next=%2Fauth%2Fsessions"
    assert f"{browser.origin}{link}" in browser.post.letters[0].text
    for _ in range(7):  # a scanner, several times
        assert f'value="{code}"' in (await browser.send("GET", link)).text
    assert (await browser.redeem(code)).status_code == 303


@pytest.mark.parametrize("code", ['"><script>', "1234567", "123456789", "1234567x", "١٢٣٤٥٦٧٨"])
async def test_a_link_fills_in_nothing_but_eight_digits(browser: Browser, code: str) -> None:
    page = await browser.send("GET", "/auth/code", params={"code": code, "next": "//evil.example"})
    assert 'autocomplete="one-time-code" maxlength="20" required\n        value="">' in page.text
    assert 'name="next" value="/"' in page.text


async def test_a_site_s_pages_wear_its_colours_and_its_name(browser: Browser, west: Site, east: Site) -> None:
    plain = ":root{}@media (prefers-color-scheme:dark){:root{}}"
    assert (await browser.send("GET", "/auth/brand.css")).text == plain
    brand = '{"accent": "#a8321e", "ground": "url(//evil.example)", "accent_dark": "#f0907c"}'
    await add(west, "app.setting", key="brand", value=brand, valid_from=NOW.date(), created_at=NOW)
    answer = await browser.send("GET", "/auth/brand.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.text == ":root{--accent:#a8321e}@media (prefers-color-scheme:dark){:root{--accent:#f0907c}}"
    page = (await browser.send("GET", "/auth/login")).text
    assert west.realm.name in page
    assert "style=" not in page
    assert "<script>" not in page


async def test_a_browser_keeps_the_look_until_it_changes(browser: Browser) -> None:
    page = (await browser.send("GET", "/auth/login")).text
    for part in ("look.css", "passkey.js"):
        [address] = {piece for piece in page.split('"') if part in piece}
        assert (await browser.send("GET", address)).headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await browser.send("GET", address + "x")).headers["cache-control"] == "public, max-age=600"
