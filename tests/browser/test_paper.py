"""What is printed: the day and who comes, without what only a screen can use."""

import re

from browser.test_console import Desk, browser, desk, opened
from playwright.async_api import Browser, Page

__all__ = ["browser", "desk"]

NO_USE = (".rail", ".acts", "footer", ".find", "[data-print]")
SHEETS = re.compile(rb"/Type\s*/Page\b")
SIZE = re.compile(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]")


async def printed(page: Page) -> tuple[int, str]:
    """How many sheets, and how they lie."""
    pdf = await page.pdf(prefer_css_page_size=True)
    [size] = {(round(float(wide)), round(float(high))) for wide, high in SIZE.findall(pdf)}
    return len(SHEETS.findall(pdf)), {(842, 595): "across", (595, 842): "upright"}[size]


async def test_a_day_lies_across_the_paper_with_every_booking_in_full(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk", viewport={"width": 1032, "height": 730})
    page = await context.new_page()
    await page.goto(desk.at("/heute?tag=2026-11-20"))
    assert await page.locator("[data-print]").is_visible()
    assert not await page.locator(".paper").first.is_visible()
    bookings = await page.locator(".tl .bk:not(.shut)").count()
    await page.emulate_media(media="print")
    assert [part for part in NO_USE if await page.locator(part).first.is_visible()] == []
    assert not await page.locator("#h-an").is_visible()
    assert await page.locator(".tl").is_visible()
    assert await page.locator(".paper tbody tr").count() >= bookings > 0
    assert "Gedruckt am" in await page.inner_text(".paper")
    sheets, lies = await printed(page)
    assert (sheets >= 2, lies) == (True, "across")
    await context.close()


async def test_who_comes_stands_on_the_paper_with_room_to_sign_for_each_date(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "manager", viewport={"width": 703, "height": 1032})
    page = await context.new_page()
    [row] = await desk.west.site.sql(
        "select workshop_id as id from app.registration where tenant_id = $1 and state = 'confirmed' limit 1",
        desk.west.site.id,
    )
    await page.goto(desk.at(f"/programm/wsp_{row['id']}/anwesenheit"))
    names = await page.locator("tbody tr:not(.paper)").count()
    assert not await page.locator(".sign").first.is_visible()
    await page.emulate_media(media="print")
    assert [part for part in NO_USE if await page.locator(part).first.is_visible()] == []
    dates = await page.locator("thead th.paper").count()
    assert await page.locator("tbody tr").count() == names + 4  # and lines for who comes unannounced
    assert await page.locator("tbody tr:not(.paper) .sign").count() == names * dates > 0
    assert (await printed(page))[1] == ("upright" if dates < 3 else "across")
    await context.close()


async def test_the_button_opens_the_print_dialogue(browser: Browser, desk: Desk) -> None:
    context = await opened(browser, desk, "front_desk")
    page = await context.new_page()
    await page.goto(desk.at("/heute"))
    await page.evaluate("window.print = () => { document.title = 'printed' }")
    await page.click("text=Drucken")
    assert await page.title() == "printed"
    await context.close()
