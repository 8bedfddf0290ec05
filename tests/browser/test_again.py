"""A session ends while somebody types: she signs in beside it, and sends what stands there."""

import pytest
from axe_playwright_python.async_playwright import Axe
from browser.test_console import OVERFLOW, RULES, Desk, browser, desk, entered, watched
from console.reader import Reader, signed_in
from playwright.async_api import Browser, BrowserContext, Page

from quartier.access.queries import as_auth
from quartier.access.sessions import end_session
from quartier.database.engine import DB

__all__ = ["browser", "desk"]


async def typing(browser: Browser, desk: Desk, title: str, **options: bool) -> tuple[BrowserContext, Page]:
    """Somebody at the filled form, whose session has just ended."""
    reader = await signed_in(desk.app, desk.west.site, "front_desk")
    context = await entered(browser, reader, **options)
    page = await context.new_page()
    await page.goto(desk.at(f"/raeume/buchen?raum={desk.west.ids('spc')[2]}&tag=2026-12-11&von=10:00&bis=11:00"))
    await page.fill("#f-titel", title)
    with as_auth(desk.west.site.desk("site_admin")):
        async with DB.work():
            await end_session(desk.west.site.desk("site_admin"), reader.session or "")
    desk.app.house.speakers.forget(None)
    return context, page


async def signs_in(context: BrowserContext, desk: Desk, beside: Page) -> None:
    """In the window that has opened: the browser's session is a new one from now on."""
    assert beside.url.endswith("/auth/login?next=/wieder-da")
    reader: Reader = await signed_in(desk.app, desk.west.site, "front_desk")
    host = desk.west.site.realm.host
    kept = {"name": "__Host-session", "value": reader.session, "domain": host, "path": "/", "secure": True}
    await context.add_cookies([kept | {"httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]
    await beside.goto(desk.at("/wieder-da"))
    assert "Sie sind angemeldet" in await beside.inner_text("h1")


async def test_what_stands_in_the_form_stays_and_is_sent_with_the_new_sign_in(browser: Browser, desk: Desk) -> None:
    context, page = await typing(browser, desk, "Beim Tippen abgelaufen")
    wrong = watched(page)
    await page.press("#f-titel", "Tab")  # asked while she types
    async with context.expect_page() as opened:
        await page.click("#pruefung >> text=Anmelden (neues Fenster)")
    beside = await opened.value
    await signs_in(context, desk, beside)
    await beside.close()
    await page.bring_to_front()
    await page.evaluate("window.dispatchEvent(new Event('focus'))")  # a browser without a screen has no focus to give
    await page.wait_for_selector("text=Die Anmeldung gilt wieder.")
    assert await page.input_value("#f-titel") == "Beim Tippen abgelaufen"
    await page.click("text=Buchen >> nth=-1")
    await page.wait_for_url("**/buchungen/**")
    assert "Beim Tippen abgelaufen" in await page.inner_text("h1")
    assert wrong == []
    await context.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_form_that_was_sent_too_late_is_given_back(browser: Browser, desk: Desk, *, scripts: bool) -> None:
    title = f"Zu spät gesendet, {'mit' if scripts else 'ohne'} Skript"
    context, page = await typing(browser, desk, title, java_script_enabled=scripts)
    await page.fill("#f-personen", "1" if scripts else "2")
    await page.select_option("#f-von", "12:00" if scripts else "14:00")
    await page.select_option("#f-bis", "13:00" if scripts else "15:00")
    await page.click("main button.primary")
    assert title in await page.inner_text("main")
    if scripts:
        await page.set_viewport_size({"width": 320, "height": 800})
        assert await page.evaluate(OVERFLOW) <= 0
        assert (await Axe().run(page, options=RULES)).response["violations"] == []
    async with context.expect_page() as opened:
        await page.click("main >> text=Anmelden (neues Fenster)")
    beside = await opened.value
    await beside.wait_for_load_state()
    await signs_in(context, desk, beside)
    await beside.close()
    if scripts:
        await page.evaluate("window.dispatchEvent(new Event('focus'))")
        await page.wait_for_selector("text=Die Anmeldung gilt wieder.")
    await page.click("text=Noch einmal senden")
    if not scripts:  # nothing has told this page the word of now: asked once more
        assert "Noch nicht gesendet" in await page.inner_text("h1")
        await page.click("text=Noch einmal senden")
    await page.wait_for_url("**/buchungen/**")
    assert title in await page.inner_text("h1")
    await context.close()
