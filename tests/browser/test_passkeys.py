"""A person with a real browser and a device that knows passkeys."""

import pytest
from browser.chromium import House, Visitor, visiting
from playwright.async_api import Browser, Error
from world import Site

from quartier.access.actions import machine_now
from quartier.access.sessions import FRESH


async def reasons(site: Site) -> list[str]:
    rows = await site.sql(
        "select reason from auth.event where tenant_id = $1 and kind like '%.refused' order by created_at", site.id
    )
    return [row["reason"] for row in rows]


async def sent(visitor: Visitor) -> list[dict[str, str]]:
    """Begin to keep what the script sends."""
    kept: list[dict[str, str]] = []
    visitor.page.on(
        "request",
        lambda request: (
            kept.append({"url": request.url, "body": request.post_data or ""}) if request.method == "POST" else None
        ),
    )
    return kept


REPLAY = """async ([path, body]) => {
  const word = document.querySelector("form[data-passkey]").dataset.word;
  const headers = {"content-type": "application/json", "x-csrf-token": word};
  return (await fetch(path, {method: "POST", headers, body})).status;
}"""


async def test_a_manager_sets_a_passkey_up_signs_in_with_it_and_wakes(visitor: Visitor, house: House) -> None:
    await visitor.sign_in("manager")
    assert "Co-Creation-Management" in await visitor.page.inner_text("main")
    await visitor.set_up()
    await visitor.page.click("text=Passkey zeigen")  # what sleeps leads there
    await visitor.page.click("form[data-passkey=again] button")
    await visitor.page.wait_for_url("**/auth/sessions")
    assert "Co-Creation-Management" not in await visitor.page.inner_text("main")
    await visitor.page.click("text=Abmelden")
    await visitor.page.wait_for_url("**/auth/login")
    kept = await sent(visitor)
    await visitor.page.click("text=Mit Passkey anmelden")
    await visitor.page.wait_for_url("**/auth/sessions")
    rows = await house.west.sql("select method from auth.session where tenant_id = $1", house.west.id)
    assert [row["method"] for row in rows] == ["passkey"]
    answer = next(each for each in kept if each["url"].endswith("/auth/passkey"))
    await visitor.go("/auth/login")
    assert await visitor.page.evaluate(REPLAY, ["/auth/passkey", answer["body"]]) == 400
    assert await reasons(house.west) == ["bad_challenge"]


async def test_a_step_up_makes_a_stale_sign_in_fresh(visitor: Visitor, house: House) -> None:
    await visitor.sign_in("site_admin")
    await visitor.set_up()
    await house.west.sql(
        "update auth.session set auth_at = $2 where tenant_id = $1", house.west.id, machine_now() - FRESH
    )
    await visitor.go("/auth/again?next=/explorer")
    before = await visitor.context.cookies()
    async with visitor.page.expect_navigation(url="**/explorer"):
        await visitor.page.click("form[data-passkey=again] button")
    after = {cookie["name"]: cookie["value"] for cookie in await visitor.context.cookies()}
    assert {cookie["name"]: cookie["value"] for cookie in before}["__Host-session"] != after["__Host-session"]
    house.app.house.speakers.forget(None)
    desk = await house.app.house.speakers.desk(
        house.west.realm, None, session=after["__Host-session"], language=None, request_id="test"
    )
    assert "access:grant" in desk.permissions
    assert desk.asks_again == frozenset()


async def test_the_browser_shows_west_s_passkey_to_no_page_of_east(visitor: Visitor, house: House) -> None:
    await visitor.sign_in()
    await visitor.set_up()
    await visitor.go("/auth/login", house.east)
    await visitor.page.click("text=Mit Passkey anmelden")
    assert "kein Passkey für diese Adresse" in await visitor.told()
    with pytest.raises(Error, match=r"SecurityError|relying party"):
        await visitor.page.evaluate(
            "(id) => navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: id}})",
            house.west.realm.host,
        )
    assert await house.east.count("auth.session") == 0


async def test_a_device_that_was_copied_is_told_so_by_nobody_but_the_log(visitor: Visitor, house: House) -> None:
    await visitor.sign_in()
    await visitor.set_up()
    await house.west.sql("update auth.passkey set sign_count = 1000 where tenant_id = $1", house.west.id)
    await visitor.go("/auth/login")
    await visitor.page.click("text=Mit Passkey anmelden")
    assert await visitor.told() == (
        "Mit diesem Passkey hat es nicht geklappt. Bitte noch einmal versuchen, oder anders anmelden."
    )
    assert await reasons(house.west) == ["count_went_back"]


async def test_an_answer_is_for_the_browser_that_asked_and_for_five_minutes(
    browser: Browser, visitor: Visitor, house: House
) -> None:
    await visitor.sign_in()
    await visitor.set_up()
    await visitor.go("/auth/login")
    held: list[str] = []

    async def hold(route: object) -> None:
        held.append(route.request.post_data)  # type: ignore[attr-defined]
        await route.abort()  # type: ignore[attr-defined]

    await visitor.page.route("**/auth/passkey", hold)
    await visitor.page.click("text=Mit Passkey anmelden")
    assert "Keine Verbindung" in await visitor.told()
    async with visiting(browser, house) as thief:
        await thief.go("/auth/login")
        assert await thief.page.evaluate(REPLAY, ["/auth/passkey", held[0]]) == 400
    await visitor.page.unroute("**/auth/passkey")
    await house.west.sql("update auth.challenge set expires_at = $2 where tenant_id = $1", house.west.id, machine_now())
    assert await visitor.page.evaluate(REPLAY, ["/auth/passkey", held[0]]) == 400
    assert await reasons(house.west) == ["bad_challenge", "bad_challenge"]


async def test_a_second_passkey_wants_the_first_one_shown(visitor: Visitor, house: House) -> None:
    await visitor.sign_in()
    await visitor.set_up()
    await visitor.page.fill("#name", "Telefon")
    await visitor.page.click("form[data-passkey=set-up] button")
    assert "Sie haben schon einen stärkeren Weg herein" in await visitor.told()
    await visitor.page.click("text=Jetzt Passkey zeigen")
    await visitor.page.click("form[data-passkey=again] button")
    await visitor.page.wait_for_url("**/auth/sessions")
    await visitor.page.click("form[data-passkey=set-up] button")
    assert "schon ein Passkey von Ihnen" in await visitor.told()  # the device makes no second one for her
    await visitor.page.click("button:has-text('Entfernen')")
    await visitor.page.wait_for_url("**/auth/sessions")
    assert await house.west.count("auth.passkey") == 0


async def test_a_device_that_does_not_see_who_it_is_is_not_enough(visitor: Visitor, house: House) -> None:
    await visitor.sign_in()
    await visitor.set_up()
    await visitor.device.send("WebAuthn.setUserVerified", {"authenticatorId": visitor.key, "isUserVerified": False})
    await visitor.go("/auth/login")
    await visitor.page.click("text=Mit Passkey anmelden")
    assert "abgebrochen" in await visitor.told()
    rows = await house.west.sql("select method from auth.session where tenant_id = $1", house.west.id)
    assert [row["method"] for row in rows] == ["code"]
