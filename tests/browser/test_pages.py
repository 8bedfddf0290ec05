"""The pages of the sign-in: for every width, light and dark, by keyboard alone, and without scripts."""

import pytest
from access.test_partner_rows import institute
from access.test_sign_in import somebody
from axe_playwright_python.async_playwright import Axe
from browser.chromium import House, Visitor, visiting
from playwright.async_api import Browser
from rows import add
from world import NOW

WIDTHS = (320, 390, 1440)
BRAND = (
    '{"accent": "#a8321e", "on_accent": "#ffffff", "accent_dark": "#f0907c", "on_accent_dark": "#1b1815", '
    '"ground": "#faf7f2"}'
)
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll("button, .button, input:not([type=hidden])")]
  .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 44).map((each) => each.outerHTML)"""


async def examined(visitor: Visitor, path: str) -> dict[str, object]:
    """What is wrong with a page at any width, in either scheme."""
    wrong: dict[str, object] = {}
    await visitor.go(path)
    for width in WIDTHS:
        await visitor.page.set_viewport_size({"width": width, "height": 800})
        if over := await visitor.page.evaluate(OVERFLOW):
            wrong[f"{path} {width} overflow"] = over
        if small := await visitor.page.evaluate(SMALL):
            wrong[f"{path} {width} small"] = small
        for scheme in ("light", "dark"):
            await visitor.page.emulate_media(color_scheme=scheme)
            found = await Axe().run(visitor.page)
            for each in found.response["violations"]:
                wrong[f"{path} {width} {scheme} {each['id']}"] = [node["html"] for node in each["nodes"]]
    return wrong


async def test_nothing_is_wrong_with_any_page_at_any_width_light_or_dark(visitor: Visitor, house: House) -> None:
    await add(house.west, "app.setting", key="brand", value=BRAND, valid_from=NOW.date(), created_at=NOW)
    await institute(house.west, name_de="Leibniz-Institut für Länderkunde und räumliche Sozialforschung")
    wrong = await examined(visitor, "/auth/login") | await examined(visitor, "/auth/code?code=12345678")
    await visitor.sign_in("manager")
    wrong |= await examined(visitor, "/auth/sessions") | await examined(visitor, "/auth/again")
    await visitor.go("/auth/sessions")
    await visitor.set_up("Ein Passkey mit einem Namen, der fast so lang ist, wie ein Name hier sein darf")
    wrong |= await examined(visitor, "/auth/sessions") | await examined(visitor, "/auth/again")
    assert wrong == {}


async def test_one_signs_in_by_keyboard_alone(visitor: Visitor, house: House) -> None:
    _, address = await somebody(house.west)
    await visitor.go("/auth/login")
    keys = visitor.page.keyboard
    await keys.press("Tab")
    assert await visitor.page.evaluate("document.activeElement.className") == "skip"
    for _ in range(6):
        if await visitor.page.evaluate("document.activeElement.id") == "address":
            break
        await keys.press("Tab")
    outline = await visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"  # one sees where one is
    await keys.type(address)
    await keys.press("Enter")
    await visitor.page.wait_for_selector("#code")
    for _ in range(4):
        if await visitor.page.evaluate("document.activeElement.id") == "code":
            break
        await keys.press("Tab")
    await keys.type(house.code())
    await keys.press("Tab")
    await keys.press("Enter")
    await visitor.page.wait_for_url("**/auth/sessions")
    assert "dieser Browser" in await visitor.page.inner_text("main")


async def test_the_link_in_the_letter_signs_in_with_one_click(visitor: Visitor, house: House) -> None:
    _, address = await somebody(house.west)
    await visitor.go("/auth/login")
    await visitor.page.fill("#address", address)
    await visitor.page.click("text=Code anfordern")
    await visitor.page.wait_for_selector("#code")
    await visitor.page.goto(house.link())
    await visitor.page.click("main button")
    await visitor.page.wait_for_url("**/auth/sessions")


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
async def test_without_scripts_everything_but_the_passkey_works(browser: Browser, house: House, language: str) -> None:
    _, address = await somebody(house.west)
    async with visiting(browser, house, java_script_enabled=False, locale=language) as visitor:
        await visitor.go("/auth/login")
        assert await visitor.page.get_attribute("html", "lang") == language[:2]
        assert not await visitor.page.is_visible("form[data-passkey]")
        await visitor.page.fill("#address", address)
        await visitor.page.click("form[action='/auth/code'] button")
        await visitor.page.fill("#code", house.code())
        await visitor.page.click("button")
        await visitor.page.wait_for_url("**/auth/sessions")
        assert await visitor.page.is_visible("[data-without-script]")
        await visitor.page.click("form[action='/auth/logout'] button")
        await visitor.page.wait_for_url("**/auth/login")
