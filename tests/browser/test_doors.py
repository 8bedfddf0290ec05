"""The screen at a door in a real browser: it reads itself anew, and says when it no longer can."""

from browser.test_console import Desk, browser, desk, opened, watched
from console.reader import signed_in
from doorway import log
from playwright.async_api import Browser, expect

from quartier.kit.ids import new_id

__all__ = ["browser", "desk", "log"]
PAST = 61_000  # milliseconds, after which it has read itself again


async def test_a_screen_follows_the_day_and_says_when_it_lost_the_house(browser: Browser, desk: Desk) -> None:
    site = desk.west.site
    [row] = await site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open' and not lease_only and units = 1"
        " order by position, id limit 1",
        site.id,
    )
    context = await opened(browser, desk)
    page = await context.new_page()
    wrong = watched(page)
    await page.clock.install()
    await page.goto(desk.at(f"/tuer/spc_{row['id']}"), wait_until="networkidle")
    held = page.locator(".happens li", has_text="21:15–21:45")
    await expect(held).to_have_count(0)
    reader = await signed_in(desk.app, site, "front_desk")
    wish = {"raum": f"spc_{row['id']}", "tag": "2026-11-19", "von": "21:15", "bis": "21:45", "titel": "Probe"}
    made = await reader.post("/raeume/buchen", wish | {"trotzdem": "1", "key": str(new_id())})
    assert made.status_code == 303, made.text
    await page.clock.fast_forward(PAST)
    await expect(held).to_have_count(1)
    assert "Probe" not in await page.content()
    assert wrong == []
    lost = page.locator("[data-lost]")
    await expect(lost).to_be_hidden()
    await context.set_offline(True)
    await page.clock.fast_forward(PAST)
    await expect(lost).to_be_visible()
    await expect(held).to_have_count(1)
    await context.set_offline(False)
    await page.clock.fast_forward(PAST)
    await expect(lost).to_be_hidden()
    await context.close()
