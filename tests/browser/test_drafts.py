"""What was typed into a form is there again after a reload, and gone once it was handed in."""

from axe_playwright_python.async_playwright import Axe
from browser.test_console import RULES, Desk, browser, desk, opened, watched
from playwright.async_api import Browser

__all__ = ["browser", "desk"]
BACK = "text=Ihr Entwurf steht wieder da."


async def test_a_booking_half_typed_comes_back_but_never_over_what_the_page_proposes_anew(
    browser: Browser, desk: Desk
) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    wrong = watched(page)
    space = desk.west.ids("spc")[1]
    await page.goto(desk.at(f"/raeume/buchen?raum={space}&tag=2026-12-14&von=10:00&bis=11:00"))
    await page.fill("#f-titel", "Nähkreis")
    await page.select_option("#f-bis", "12:30")
    await page.check("input[name=trotzdem]")
    await page.reload()
    await page.wait_for_selector(BACK)
    assert await page.input_value("#f-titel") == "Nähkreis"
    assert await page.input_value("#f-bis") == "12:30"
    assert await page.is_checked("input[name=trotzdem]")
    await page.goto(desk.at(f"/raeume/buchen?raum={space}&tag=2026-12-15&von=14:00&bis=15:00"))
    assert (await page.input_value("#f-titel"), await page.input_value("#f-bis")) == ("Nähkreis", "15:00")
    await page.click("text=Buchen >> nth=-1")
    await page.wait_for_url("**/buchungen/**")
    await page.goto(desk.at(f"/raeume/buchen?raum={space}&tag=2026-12-16&von=10:00&bis=11:00"))
    assert await page.input_value("#f-titel") == ""
    assert await page.locator(BACK).count() == 0
    assert wrong == []
    await context.close()


async def test_a_draft_can_be_thrown_away_and_outlives_a_refusal(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    path = f"/raeume/buchen?raum={desk.west.ids('spc')[1]}&tag=2026-12-17&von=02:00&bis=03:00"
    await page.goto(desk.at(path))
    await page.fill("#f-titel", "Zu früh am Tag")
    await page.fill("#f-personen", "viele")
    await page.click("main button.primary")
    await page.wait_for_selector("#e-personen")  # refused: what stands there was served, and is no draft
    assert await page.locator(BACK).count() == 0
    await page.goto(desk.at("/heute"))
    await page.goto(desk.at(path))
    assert await page.input_value("#f-titel") == "Zu früh am Tag"
    await page.click("main .drafted button")
    assert await page.input_value("#f-titel") == ""
    await page.reload()
    assert await page.locator(BACK).count() == 0
    await context.close()


async def test_a_reason_half_written_is_kept_for_its_own_form_alone(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "manager")
    page = await context.new_page()
    await page.goto(desk.at("/mitglieder/antraege"))
    await page.fill("textarea[name=grund]", "Die Satzung fehlt.")
    await page.reload()
    assert await page.input_value("textarea[name=grund]") == "Die Satzung fehlt."
    assert await page.input_value("textarea[name=frage]") == ""
    assert await page.locator(BACK).count() == 1
    assert (await Axe().run(page, options=RULES)).response["violations"] == []
    await context.close()
