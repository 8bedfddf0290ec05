"""Photos in a real browser: a house of twelve rooms stays light at the first look, and nothing is asked elsewhere."""

import gzip
from typing import Any

import pytest
from browser.test_console import Desk, browser, desk, entered, opened, watched
from console.reader import signed_in
from console.test_photos import add, photo_like
from console.test_weight import MOST
from doorway import log
from playwright.async_api import Browser

__all__ = ["browser", "desk", "log"]
ROOMS = 12
COPIES = """
insert into app.space
select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'key', 'neu-' || n))).*
from app.space s, generate_series(1, $2::int) n where s.tenant_id = $1 and s.key = (
  select min(key) from app.space where tenant_id = $1 and state = 'open')"""


@pytest.mark.parametrize("width", [390, 1440])
async def test_the_first_look_at_twelve_rooms_with_photos_is_below_the_bar(
    browser: Browser, desk: Desk, width: int
) -> None:
    site = desk.west.site
    await site.sql("delete from app.space_photo where tenant_id = $1", site.id)
    there = await site.count("app.space", "state = 'open'")
    if there < ROOMS:
        await site.sql(COPIES, site.id, ROOMS - there)
    manager = await signed_in(desk.app, site, "manager")
    rows = await site.sql("select id from app.space where tenant_id = $1 and state = 'open'", site.id)
    assert len(rows) == ROOMS
    for n, row in enumerate(rows):
        assert (await add(manager, f"spc_{row['id']}", photo_like(n), "a.jpg")).status_code == 303
    context = await opened(browser, desk, viewport={"width": width, "height": 900})
    page = await context.new_page()
    wrong, came = watched(page), list[Any]()
    page.on("response", lambda answer: came.append(answer))
    await page.goto(desk.at("/raumangebot"), wait_until="networkidle")
    weights: dict[str, int] = {}
    for answer in came:
        body = await answer.body()
        kind = answer.headers["content-type"]
        weights[answer.url] = len(body if "image/webp" in kind or "font" in kind else gzip.compress(body, 6))
    pictures = [url for url in weights if "/raumbilder/" in url]
    assert 0 < len(pictures) <= ROOMS
    assert all(url.endswith("klein.webp") for url in pictures)
    assert wrong == []
    assert sum(weights.values()) < MOST, f"{sum(weights.values()) / 1000:.0f} kB"
    first = page.locator("a.photo img").first
    assert await first.evaluate("image => image.complete && image.naturalWidth > 0")
    print(f"{width}: {len(pictures)} of {ROOMS} photos, {sum(weights.values()) / 1000:.0f} kB")
    await context.close()


async def test_a_photo_is_put_up_by_keyboard_and_without_scripts(browser: Browser, desk: Desk) -> None:
    site = desk.west.site
    await site.sql("delete from app.space_photo where tenant_id = $1", site.id)
    context = await entered(browser, await signed_in(desk.app, site, "manager"), java_script_enabled=False)
    page = await context.new_page()
    await page.goto(desk.at("/raeume/bilder"))
    file: Any = {"name": "halle.jpg", "mimeType": "image/jpeg", "buffer": photo_like()}
    await page.set_input_files("#f-datei", file)
    await page.focus("#f-deutsch")
    await page.keyboard.type("Die Halle am Morgen")
    await page.keyboard.press("Tab")
    await page.keyboard.type("The hall in the morning")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/raeume/bilder?raum=*")
    assert await page.locator('img[alt="Die Halle am Morgen"]').count() == 1
    await context.close()
