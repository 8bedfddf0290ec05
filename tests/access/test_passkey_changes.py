"""Further passkeys and fewer, and showing one once more: whose page, whose session, whose proof."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from access.test_partner_rows import institute
from access.test_passkeys import age, asked, browser, come, device, noted, other, reasons, say, set_up
from access.test_sign_in import Browser, somebody
from refusing import refusals
from world import Site

from quartier.access.cookies import form_word
from quartier.access.passkeys import keeping
from quartier.access.passkeys.rules import MOST, objections_to_passkey, objections_to_removal
from quartier.access.passkeys.words import Standing
from quartier.access.sessions import FRESH, SessionOver
from quartier.app import App
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id

__all__ = ["browser", "other"]

pytestmark = pytest.mark.usefixtures("at_west")
STALE = FRESH + timedelta(seconds=1)


async def step_up(browser: Browser, key: Any, onward: str = "/") -> httpx2.Response:
    options = await asked(browser, "/auth/again/options")
    return await say(browser, "/auth/again", {"credential": key.show(options), "next": onward})


async def remove(browser: Browser, site: Site) -> httpx2.Response:
    """Ask to take the oldest passkey of the site away."""
    [row, *_] = await site.sql("select id from auth.passkey where tenant_id = $1 order by created_at", site.id)
    form = {"passkey": str(row["id"]), "_csrf": form_word(browser.jar["__Host-session"])}
    return await browser.send("POST", "/auth/passkeys/remove", data=form)


async def asks_again(app: App, browser: Browser, site: Site) -> list[str]:
    app.house.speakers.forget(None)
    secret = browser.jar["__Host-session"]
    desk = await app.house.speakers.desk(site.realm, None, session=secret, language=None, request_id="test")
    assert desk.person is not None
    return sorted(desk.asks_again)


# -- whose page, whose session -------------------------------------------------------------------------
PATHS = ["/auth/passkeys/options", "/auth/passkeys", "/auth/again/options", "/auth/again"]


@pytest.mark.parametrize("path", ["/auth/passkey/options", "/auth/passkey", *PATHS])
async def test_a_foreign_page_a_missing_word_and_a_form_are_refused(browser: Browser, west: Site, path: str) -> None:
    _, address = await somebody(west)
    await browser.send("GET", "/auth/login")
    for _ in range(2):
        assert (await say(browser, path, origin="https://evil.example")).status_code == 403
        assert (await say(browser, path, **{"x-csrf-token": ""})).status_code == 403
        assert (await say(browser, path, **{"x-csrf-token": form_word("another")})).status_code == 403
        form = {"_csrf": form_word(browser.jar["__Host-login"])}
        assert (await browser.send("POST", path, data=form)).status_code == 415
        await browser.sign_in(address)
    assert await west.count("auth.challenge") == 0


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_sets_nothing_up_and_steps_nowhere(browser: Browser, path: str) -> None:
    await browser.send("GET", "/auth/login")
    assert (await say(browser, path, {"name": "x"})).status_code == 401


async def test_too_many_steps_make_one_wait(browser: Browser, other: Browser, west: Site) -> None:
    await browser.send("GET", "/auth/login")
    await asked(browser, "/auth/passkey/options")
    await west.sql("update auth.attempt set n = 240 where tenant_id = $1", west.id)
    answer = await say(browser, "/auth/passkey/options")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3601
    await other.send("GET", "/auth/login")
    await asked(other, "/auth/passkey/options")


# -- further passkeys, and fewer -----------------------------------------------------------------------
def standing(**how: Any) -> Standing:
    facts: dict[str, Any] = {
        "strong": True,
        "fresh": True,
        "passkeys": 1,
        "addresses": 1,
        "identities": 0,
        "strong_identities": 0,
    }
    return Standing(**(facts | how))


@pytest.mark.parametrize(
    ("name", "how", "codes"),
    [
        ("Laptop", {}, []),
        ("Laptop", {"passkeys": 0, "strong": False, "fresh": False}, []),
        ("Laptop", {"strong": False}, ["STRONG_SIGN_IN_MISSING"]),
        ("Laptop", {"fresh": False}, ["SIGN_IN_AGAIN"]),
        ("Laptop", {"passkeys": MOST - 1}, []),
        ("Laptop", {"passkeys": MOST}, ["PASSKEYS_FULL"]),
        ("x" * 80, {}, []),
        ("x" * 81, {}, ["FIELD_INVALID"]),
        ("", {"passkeys": MOST, "strong": False}, ["FIELD_INVALID", "PASSKEYS_FULL", "STRONG_SIGN_IN_MISSING"]),
        ("a\nb", {}, ["FIELD_INVALID"]),
    ],
)
def test_every_reason_against_a_passkey(name: str, how: dict[str, Any], codes: list[str]) -> None:
    assert [each.code for each in objections_to_passkey(name, standing(**how))] == codes


@pytest.mark.parametrize(
    ("how", "codes"),
    [
        ({}, []),
        ({"addresses": 0, "identities": 1}, []),
        ({"passkeys": 2, "addresses": 0}, []),
        ({"addresses": 0}, ["LAST_WAY_IN"]),
        ({"strong": False}, ["STRONG_SIGN_IN_MISSING"]),
        ({"fresh": False, "addresses": 0}, ["LAST_WAY_IN", "SIGN_IN_AGAIN"]),
    ],
)
def test_every_reason_against_a_removal(how: dict[str, Any], codes: list[str]) -> None:
    assert [each.code for each in objections_to_removal(standing(**how))] == codes


async def test_a_mailbox_alone_neither_adds_a_further_passkey_nor_takes_one_away(
    browser: Browser, other: Browser, west: Site
) -> None:
    _, address = await somebody(west, "manager")
    await browser.sign_in(address)
    await set_up(browser, device(browser))
    await other.sign_in(address)  # somebody who reads her mail
    refused = await say(other, "/auth/passkeys/options", {"name": "Mine"})
    assert (refused.status_code, refused.json()["codes"]) == (422, ["STRONG_SIGN_IN_MISSING"])
    assert refused.json()["again"] == "/auth/again?next=/auth/sessions"
    answer = await remove(other, west)
    assert answer.status_code == 422
    assert 'href="/auth/again?next=/auth/sessions"' in answer.text
    assert await reasons(west) == ["strong_sign_in_missing"] * 2
    assert await west.count("auth.passkey") == 1


async def test_a_session_by_code_that_asked_before_the_first_passkey_was_set_up_comes_too_late(
    browser: Browser, west: Site
) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    early = await asked(browser, "/auth/passkeys/options", name="Laptop")
    await set_up(browser, device(browser))
    answer = await say(browser, "/auth/passkeys", {"credential": device(browser).make(early), "name": "Mine"})
    assert (answer.status_code, answer.json()["codes"]) == (422, ["STRONG_SIGN_IN_MISSING"])


async def test_whoever_showed_her_passkey_just_now_adds_another_and_removes_the_first(
    browser: Browser, other: Browser, west: Site
) -> None:
    person, address = await somebody(west)
    await browser.sign_in(address)
    first, second = device(browser), device(browser)
    await set_up(browser, first)
    await come(browser, first)
    await other.sign_in(address)
    await age(west, STALE)
    assert (await say(browser, "/auth/passkeys/options", {"name": "x"})).json()["codes"] == ["SIGN_IN_AGAIN"]
    assert (await remove(browser, west)).status_code == 422
    await step_up(browser, first)
    assert (await set_up(browser, second, "Telefon")).status_code == 200
    assert (await other.speaks()).json()["person"] is None  # a new passkey ends the other sessions
    assert (await browser.speaks()).json()["person"] == str(person)
    await other.sign_in(address)
    assert (await remove(browser, west)).status_code == 303
    assert (await other.speaks()).json()["person"] is None
    assert [kind for kind, _ in await noted(west, "passkey.added", "passkey.removed")] == [
        "passkey.added", "passkey.added", "passkey.removed",
    ]  # fmt: skip
    del other.jar["__Host-session"]
    assert (await come(other, first)).status_code == 400
    assert (await come(other, second)).status_code == 200


async def test_the_last_way_in_stays(browser: Browser, west: Site) -> None:
    person, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    await come(browser, key)
    await west.sql("delete from auth.login_address where tenant_id = $1 and person_id = $2", west.id, person)
    answer = await remove(browser, west)
    assert answer.status_code == 422
    assert "letzter Weg herein" in answer.text
    assert await reasons(west) == ["last_way_in"]
    assert await west.count("auth.passkey") == 1


async def test_of_two_first_passkeys_at_once_one_is_kept(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    await other.sign_in(address)
    bodies = []
    for each in (browser, other):
        options = await asked(each, "/auth/passkeys/options", name="Laptop")
        bodies.append((each, {"credential": device(each).make(options), "name": "Laptop"}))
    came = await asyncio.gather(*(say(each, "/auth/passkeys", body) for each, body in bodies))
    assert sorted(answer.status_code for answer in came) in ([200, 401], [200, 403])
    assert (await west.count("auth.passkey"), await west.count("auth.session")) == (1, 1)


async def test_the_same_passkey_is_kept_once(browser: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    await come(browser, key)
    answer = await set_up(browser, key)
    assert (answer.status_code, answer.json()["codes"]) == (422, ["PASSKEY_KNOWN"])


async def test_another_person_s_passkey_cannot_be_removed(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    await set_up(browser, device(browser))
    _, address = await somebody(west)
    await other.sign_in(address)
    own = device(other)
    await set_up(other, own)
    await come(other, own)
    answer = await remove(other, west)
    assert (answer.status_code, await reasons(west)) == (422, ["not_found"])
    assert await west.count("auth.passkey") == 2
    with pytest.raises(SessionOver):
        await refusals(keeping.remove(west.desk("member", person=new_id()), new_id()))


# -- once more -----------------------------------------------------------------------------------------
async def test_a_step_up_renews_the_session_until_its_old_end(app: App, browser: Browser, west: Site) -> None:
    _, address = await somebody(west, "site_admin")
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    await come(browser, key)
    await age(west, STALE)
    [before] = await west.sql("select id, expires_at from auth.session where tenant_id = $1", west.id)
    assert await asks_again(app, browser, west) == ["access:clients", "access:grant", "access:providers", "site:open"]
    old = browser.jar["__Host-session"]
    page = await browser.send("GET", "/auth/again?next=/explorer")
    assert 'data-passkey="again"' in page.text
    assert (await step_up(browser, key, "/explorer")).json() == {"next": "/explorer"}
    assert await asks_again(app, browser, west) == []
    [after] = await west.sql("select id, expires_at, method from auth.session where tenant_id = $1", west.id)
    assert after["id"] != before["id"]
    assert (after["expires_at"], after["method"]) == (before["expires_at"], "passkey")
    browser.jar["__Host-session"] = old
    assert (await browser.speaks()).json()["person"] is None
    assert await noted(west, "session.renewed") == [("session.renewed", "passkey")]


async def test_a_session_is_not_confirmed_by_somebody_else(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    mine = device(browser)
    await set_up(browser, mine)
    _, address = await somebody(west)
    await other.sign_in(address)
    await set_up(other, device(other))
    before = other.jar["__Host-session"]
    answer = await step_up(other, mine)
    assert (answer.status_code, answer.json()["codes"]) == (422, ["OTHER_PERSON"])
    assert (await reasons(west), other.jar["__Host-session"]) == (["other_person"], before)


async def test_a_step_up_by_passkey_leaves_the_partner_its_say(browser: Browser, west: Site) -> None:
    person, address = await somebody(west)
    await institute(west)
    [provider] = await west.sql("select id from auth.identity_provider where tenant_id = $1", west.id)
    await browser.sign_in(address)
    await west.sql(
        "update auth.session set method = 'oidc', provider = $2, op_sid = 's1', id_token_enc = $3 where tenant_id = $1",
        west.id,
        provider["id"],
        SEAL.close("token"),
    )
    page = (await browser.send("GET", "/auth/again?next=/explorer")).text
    assert "/auth/oidc/ifl/start?purpose=step_up&amp;next=/explorer" in page
    assert 'data-passkey="again"' not in page
    key = device(browser)
    await set_up(browser, key)
    assert (await step_up(browser, key)).status_code == 200
    [row] = await west.sql(
        "select method, provider, op_sid, id_token_enc from auth.session where tenant_id = $1 and person_id = $2",
        west.id,
        person,
    )
    assert (row["method"], row["provider"], row["op_sid"]) == ("passkey", provider["id"], "s1")
    assert SEAL.open(row["id_token_enc"]) == "token"
    await west.sql("update auth.identity_provider set state = 'paused' where tenant_id = $1", west.id)
    assert "purpose=step_up" not in (await browser.send("GET", "/auth/again")).text


async def test_without_a_strong_way_the_page_says_what_to_do(browser: Browser, west: Site) -> None:
    _, address = await somebody(west)
    assert (await browser.send("GET", "/auth/again?next=/x")).headers["location"] == "/auth/login?next=/x"
    await browser.sign_in(address)
    text = (await browser.send("GET", "/auth/again")).text
    assert "Dafür fehlt noch ein Passkey" in text
    assert 'data-passkey="again"' not in text
    english = await browser.send("GET", "/auth/again", headers={"accept-language": "en"})
    assert "A passkey is missing for this" in english.text
