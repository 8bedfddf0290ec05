"""Two people at one booking, and what is taken back: seen in a browser."""

from axe_playwright_python.async_playwright import Axe
from browser.test_console import OVERFLOW, RULES, Desk, browser, desk, entered, watched
from console.reader import signed_in
from playwright.async_api import Browser, Page

from quartier.kit.ids import new_id

__all__ = ["browser", "desk"]


async def fine(page: Page) -> None:
    """Nothing is too wide or wrong on a phone."""
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate(OVERFLOW) <= 0
    assert [each["id"] for each in (await Axe().run(page, options=RULES)).response["violations"]] == []


async def test_who_comes_too_late_sees_both_and_takes_either(browser: Browser, desk: Desk) -> None:
    site, space = desk.west.site, desk.west.ids("spc")[1]
    anna = await signed_in(desk.app, site, person=await site.person("Anna Roth", "front_desk"))
    times = {"raum": space, "tag": "2026-12-14", "von": "10:00", "bis": "11:00", "titel": "Zu zweit"}
    made = await anna.post("/raeume/buchen", times | {"key": str(new_id()), "trotzdem": "1"})
    path = made.headers["location"].partition("?")[0]
    context = await entered(browser, await signed_in(desk.app, site, "front_desk"))
    page = await context.new_page()
    wrong = watched(page)
    await page.goto(desk.at(path))
    moved = times | {"von": "12:00", "bis": "13:00", "version": "1", "key": str(new_id()), "trotzdem": "1"}
    assert (await anna.post(f"{path}/verschieben", moved)).status_code == 303
    await page.select_option("#f-von", "15:00")
    await page.select_option("#f-bis", "16:00")
    await page.check("[name=trotzdem]")
    await page.click("button:text-is('Verschieben')")
    told = await page.inner_text("#gruende")
    assert "Anna Roth war am" in told
    assert "schneller: Zeit geändert." in told
    assert (await page.input_value("#f-von"), await page.inner_text("#h-von")) == ("15:00", "Jetzt: 12:00")
    await fine(page)
    await page.click("text=Den jetzigen Stand übernehmen")
    await page.wait_for_url(f"**{path}")
    assert await page.input_value("#f-von") == "12:00"
    await page.select_option("#f-von", "15:00")
    await page.select_option("#f-bis", "16:00")
    await page.check("[name=trotzdem]")
    await page.click("button:text-is('Verschieben')")
    await page.wait_for_selector("p:has-text('15:00–16:00')")
    assert wrong == []
    await context.close()


async def test_a_cancelled_booking_stands_again_by_one_click(browser: Browser, desk: Desk) -> None:
    site, space = desk.west.site, desk.west.ids("spc")[1]
    reader = await signed_in(desk.app, site, "front_desk")
    times = {"raum": space, "tag": "2026-12-15", "von": "10:00", "bis": "11:00", "titel": "Doch nicht"}
    made = await reader.post("/raeume/buchen", times | {"key": str(new_id()), "trotzdem": "1"})
    context = await entered(browser, reader)
    page = await context.new_page()
    await page.goto(desk.at(made.headers["location"].partition("?")[0]))
    await page.click("text=Buchung absagen")
    await page.wait_for_selector("text=Eine Minute lang lässt sich das zurücknehmen.")
    assert "abgesagt" in await page.inner_text(".top")
    await fine(page)
    await page.click("text=Rückgängig")
    await page.wait_for_selector(".top >> text=bestätigt")
    assert await page.locator("text=Rückgängig").count() == 0
    await context.close()
