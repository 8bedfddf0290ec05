"""What weighs much asks for a fresh sign-in: shown by passkey in a window beside, sent by one button."""

import re
from typing import Any
from uuid import UUID

from browser.chromium import DEVICE
from browser.test_console import Desk, browser, desk, entered, watched
from console.applicants import open_call
from console.reader import signed_in
from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from quartier.access.actions import machine_now
from quartier.access.sessions import FRESH

__all__ = ["browser", "desk"]


async def device(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    """A device that knows passkeys, for one window."""
    session = await context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, made["authenticatorId"]


async def with_passkey(browser: Browser, desk: Desk, role: str) -> tuple[BrowserContext, Page, Any]:
    """Somebody who has set up a passkey and whose sign-in is older than five minutes; the passkey itself."""
    site = desk.west.site
    person = await site.person(f"Petra {role}", role)
    context = await entered(browser, await signed_in(desk.app, site, person=person))
    page = await context.new_page()
    watching, key = await device(context, page)
    await page.goto(desk.at("/auth/sessions"))
    await page.fill("#name", "Laptop")
    await page.click("form[data-passkey=set-up] button")
    await page.wait_for_selector("text=Laptop")
    kept = await watching.send("WebAuthn.getCredentials", {"authenticatorId": key})
    [credential] = kept["credentials"]
    await site.sql("update auth.session set auth_at = $2 where tenant_id = $1", site.id, machine_now() - 2 * FRESH)
    desk.app.house.speakers.forget(None)
    return context, page, credential


async def shows_it(context: BrowserContext, page: Page, credential: Any) -> None:
    """Show the passkey in the window that the page opens, and come back."""
    async with context.expect_page() as opened:
        await page.click("#gruende >> text=Anmeldung bestätigen (neues Fenster)")
    beside = await opened.value
    await beside.wait_for_load_state()
    session, key = await device(context, beside)
    await session.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": credential})
    await beside.click("form[data-passkey=again] button")
    await beside.wait_for_url(re.compile(r":\d+/wieder-da$"))
    assert "Sie sind angemeldet" in await beside.inner_text("h1")
    await beside.close()
    await page.bring_to_front()
    await page.evaluate("window.dispatchEvent(new Event('focus'))")  # a browser without a screen has no focus to give
    await page.wait_for_selector("text=Die Anmeldung gilt wieder.")


async def test_a_role_is_given_after_the_passkey_was_shown_and_nothing_was_typed_twice(
    browser: Browser, desk: Desk
) -> None:
    site = desk.west.site
    wanted = await site.person("Wanda Wartet")
    context, page, credential = await with_passkey(browser, desk, "site_admin")
    wrong = watched(page)
    await page.goto(desk.at("/verwaltung/zugang"))
    await page.fill("#f-wer", "Wanda Wartet")
    await page.select_option("#f-rolle", "finance")
    await page.fill("#f-warum", "Vertretung von Katrin")
    await page.click("text=Geben >> nth=-1")
    await page.wait_for_selector("#gruende")
    assert (
        await site.sql("select 1 from auth.role_grant where tenant_id = $1 and person_id = $2", site.id, wanted) == []
    )
    await shows_it(context, page, credential)
    assert await page.input_value("#f-warum") == "Vertretung von Katrin"
    assert await page.input_value("#f-rolle") == "finance"
    await page.click("text=Geben >> nth=-1")
    await page.wait_for_url("**/verwaltung/zugang?getan=rolle-gegeben")
    rows = await site.sql(
        "select role, reason from auth.role_grant where tenant_id = $1 and person_id = $2", site.id, wanted
    )
    assert [tuple(row.values()) for row in rows] == [("finance", "Vertretung von Katrin")]
    await page.goto(desk.at("/verwaltung/zugang"))
    assert await page.input_value("#f-warum") == ""  # handed in, so no draft is left
    assert wrong == []
    await context.close()


async def test_an_award_keeps_amount_and_reason_through_the_passkey_and_is_made(browser: Browser, desk: Desk) -> None:
    site = desk.west.site
    call = await open_call(site)
    [row] = await site.sql(
        "update app.application set call_id = $2, purpose = 'prototype', requested = 300000, total_cost = 500000,"
        " eligible = 500000, jobs = 0 where tenant_id = $1 and id = (select id from app.application"
        " where tenant_id = $1 and state = 'submitted' order by number limit 1) returning id",
        site.id, UUID(call),
    )  # fmt: skip
    await site.sql("update app.budget_line set postings = 2 where tenant_id = $1", site.id)
    context, page, credential = await with_passkey(browser, desk, "award_authority")
    await page.goto(desk.at(f"/foerderung/antraege/apl_{row['id']}"))
    await page.fill("#f-amount", "2.800,50")
    await page.fill("#f-reason", "Überzeugt die Nachbarschaft.")
    await page.click("main button.primary")
    await page.wait_for_selector("#gruende >> text=Anmeldung bestätigen")
    await shows_it(context, page, credential)
    assert await page.input_value("#f-amount") == "2.800,50"
    assert await page.input_value("#f-reason") == "Überzeugt die Nachbarschaft."
    await page.click("main button.primary")
    await page.wait_for_url(re.compile(r"/apl_[0-9a-f-]+\?getan=bewilligen$"))
    [kept] = await site.sql(
        "select state, approved, reason from app.application where tenant_id = $1 and id = $2", site.id, row["id"]
    )
    assert tuple(kept.values()) == ("approved", 280050, "Überzeugt die Nachbarschaft.")
    await context.close()
