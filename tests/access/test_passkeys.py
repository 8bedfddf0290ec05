"""Passkeys: set up by whoever is signed in, shown at the door and for what asks again; never by a copy."""

import asyncio
import copy
import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from access.authenticator import PRESENT, Authenticator, packed
from access.test_sign_in import Browser, somebody
from world import Site

from quartier.access.actions import machine_now
from quartier.access.cookies import form_word
from quartier.access.marks import mark
from quartier.access.passkeys import challenges
from quartier.access.passkeys.words import PasskeyRefused
from quartier.access.sessions import FRESH
from quartier.app import App
from quartier.kit.ids import new_id

pytestmark = pytest.mark.usefixtures("at_west")


def device(browser: Browser, **bent: Any) -> Authenticator:
    return Authenticator(browser.origin, browser.origin.removeprefix("http://").removesuffix(":8000"), **bent)


async def say(browser: Browser, path: str, body: Any = None, **headers: str) -> httpx2.Response:
    """Send as the script does: JSON, with the word of the session, or of the browser before there is one."""
    secret = browser.jar.get("__Host-session") or browser.jar.get("__Host-login") or ""
    given = {"x-csrf-token": form_word(secret)} | headers
    return await browser.send("POST", path, json=body if body is not None else {}, headers=given)


async def asked(browser: Browser, path: str, **body: Any) -> dict[str, Any]:
    answer = await say(browser, path, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def set_up(browser: Browser, key: Authenticator, name: str = "Laptop") -> httpx2.Response:
    options = await asked(browser, "/auth/passkeys/options", name=name)
    return await say(browser, "/auth/passkeys", {"credential": key.make(options), "name": name})


async def come(browser: Browser, key: Authenticator, onward: str = "/") -> httpx2.Response:
    if "__Host-login" not in browser.jar:
        await browser.send("GET", "/auth/login")
    options = await asked(browser, "/auth/passkey/options")
    return await say(browser, "/auth/passkey", {"credential": key.show(options), "next": onward})


async def noted(site: Site, *kinds: str) -> list[tuple[str, str | None]]:
    rows = await site.sql(
        "select kind, reason from auth.event where tenant_id = $1 and kind = any($2) order by created_at, id",
        site.id,
        list(kinds),
    )
    return [(row["kind"], row["reason"]) for row in rows]


async def reasons(site: Site) -> list[str | None]:
    refused = ("sign_in.refused", "step_up.refused", "passkey.refused")
    return [reason for _, reason in await noted(site, *refused)]


async def age(site: Site, by: timedelta = FRESH) -> None:
    """Let every session's proof be old."""
    await site.sql("update auth.session set auth_at = $2 where tenant_id = $1", site.id, machine_now() - by)


@pytest.fixture
def browser(app: App, west: Site) -> Browser:
    return Browser(app, west, f"198.51.100.{new_id().int % 200}-{new_id()}")


@pytest.fixture
def other(app: App, west: Site) -> Browser:
    return Browser(app, west, f"198.51.100.{new_id().int % 200}-{new_id()}")


# -- the way in ----------------------------------------------------------------------------------------
async def test_a_manager_sets_a_passkey_up_by_code_and_is_awake_once_she_signs_in_with_it(
    browser: Browser, west: Site
) -> None:
    person, address = await somebody(west, "manager", "front_desk")
    await browser.sign_in(address)
    before = (await browser.send("GET", "/auth/sessions")).text
    assert "Co-Creation-Management" in before
    key = device(browser)
    assert (await set_up(browser, key)).json() == {"next": "/auth/sessions"}
    assert (await browser.speaks()).json()["roles"] == ["front_desk"]  # a code is still all that this session showed
    old = browser.jar["__Host-session"]
    answer = await come(browser, key, "/explorer")
    assert (answer.status_code, answer.json()) == (200, {"next": "/explorer"})
    told = (await browser.speaks()).json()
    assert (told["person"], told["roles"]) == (str(person), ["front_desk", "manager"])
    [row] = await west.sql("select token_hash, method from auth.session where tenant_id = $1", west.id)
    assert (row["method"], row["token_hash"]) == ("passkey", mark(browser.jar["__Host-session"]))
    assert row["token_hash"] != mark(old)
    assert await noted(west, "passkey.added", "session.opened") == [
        ("session.opened", "code"), ("passkey.added", None), ("session.opened", "passkey"),
    ]  # fmt: skip
    [kept] = await west.sql("select name, sign_count, last_used from auth.passkey where tenant_id = $1", west.id)
    assert (kept["name"], kept["sign_count"]) == ("Laptop", 1)
    assert kept["last_used"] is not None
    assert "Co-Creation-Management" not in (await browser.send("GET", "/auth/sessions")).text


async def test_the_options_name_this_house_alone_and_want_the_person_verified(browser: Browser, west: Site) -> None:
    person, address = await somebody(west)
    await browser.sign_in(address)
    options = await asked(browser, "/auth/passkeys/options", name="Laptop", rp={"id": "evil.example"})
    assert options["rp"] == {"name": west.realm.name, "id": west.realm.host}
    assert options["user"]["id"] == packed(person.bytes)
    wanted = options["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    login = await asked(browser, "/auth/passkey/options")
    assert (login["rpId"], login["userVerification"], login["allowCredentials"]) == (west.realm.host, "required", [])
    rows = await west.sql("select kind, person_id, length(hash) n from auth.challenge where tenant_id = $1", west.id)
    found = {(row["kind"], row["person_id"], row["n"]) for row in rows}
    assert found == {("register", person, 32), ("login", None, 32)}


async def test_an_answer_signs_in_once_even_when_six_come_at_once(browser: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    body = {"credential": key.show(await asked(browser, "/auth/passkey/options"))}
    sessions = browser.jar["__Host-session"]
    came = await asyncio.gather(*(say(browser, "/auth/passkey", body) for _ in range(6)))
    assert sorted(answer.status_code for answer in came).count(200) == 1
    assert browser.jar["__Host-session"] != sessions
    again = await say(browser, "/auth/passkey", body)
    assert again.status_code == 400
    assert (await reasons(west))[-1] == "bad_challenge"


async def test_a_challenge_is_for_the_browser_that_asked_for_five_minutes_and_one_kind(
    browser: Browser, other: Browser, west: Site
) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    await other.send("GET", "/auth/login")
    options = await asked(other, "/auth/passkey/options")
    body = {"credential": key.show(options)}
    assert (await say(browser, "/auth/passkey", body)).status_code == 400
    assert (await say(browser, "/auth/again", body)).status_code == 400
    assert (await say(other, "/auth/passkey", body)).status_code == 200  # nobody else has used it up
    late = {"credential": key.show(await asked(other, "/auth/passkey/options"))}
    await west.sql("update auth.challenge set expires_at = $2 where tenant_id = $1", west.id, machine_now())
    assert (await say(other, "/auth/passkey", late)).status_code == 400
    assert await reasons(west) == ["bad_challenge"] * 3


async def test_a_passkey_of_west_is_unknown_at_east(app: App, browser: Browser, west: Site, east: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    abroad = Browser(app, east)
    assert (await come(abroad, key)).status_code == 400
    key.origin, key.host = abroad.origin, east.realm.host
    assert (await come(abroad, key)).status_code == 400
    assert await reasons(east) == ["wrong_origin", "unknown_passkey"]
    assert await east.count("auth.session") == 0


@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        ({"origin": "https://evil.example"}, "wrong_origin"),
        ({"framed": True}, "wrong_origin"),
        ({"host": "evil.example"}, "bad_answer"),
        ({"flags": PRESENT}, "bad_answer"),  # the person was there, but nobody saw that it was her
        ({"flags": 0}, "bad_answer"),
        ({"handle": packed(b"somebody else...")}, "wrong_handle"),
        ({"handle": None}, "malformed"),
    ],
)
async def test_an_answer_that_is_bent_opens_nothing(
    browser: Browser, other: Browser, west: Site, bent: dict[str, Any], reason: str
) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    for name, value in bent.items():
        setattr(key, name, value)
    answer = await come(other, key)
    assert answer.status_code == 400
    assert "__Host-session" not in other.jar
    assert await reasons(west) == [reason]


async def test_another_key_under_the_same_id_opens_nothing(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    forged = device(browser, credential=key.credential, handle=key.handle)
    assert (await come(other, forged)).status_code == 400
    assert await reasons(west) == ["bad_answer"]


async def test_a_count_that_goes_back_or_stands_still_is_a_copy_s(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    key.count = 7
    assert (await come(other, key)).status_code == 200  # 8
    for count, counts in ((6, 1), (8, 0), (0, 0)):
        key.count, key.counts = count, counts
        assert (await come(other, key)).status_code == 400
    assert await reasons(west) == ["count_went_back"] * 3
    key.count, key.counts = 8, 1
    assert (await come(other, key)).status_code == 200


async def test_a_device_that_never_counts_may_come_again(browser: Browser, other: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser, counts=0)
    await set_up(browser, key)
    for _ in range(2):
        assert (await come(other, key)).status_code == 200


async def test_blocked_and_unknown_are_answered_alike(browser: Browser, other: Browser, west: Site) -> None:
    person, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    await west.sql("update app.person set state = 'blocked' where tenant_id = $1 and id = $2", west.id, person)
    blocked = await come(other, key)
    stranger = device(browser, handle=key.handle)
    unknown = await come(other, stranger)
    assert blocked.status_code == unknown.status_code == 400
    assert blocked.json()["detail"] == unknown.json()["detail"]
    assert await reasons(west) == ["person_not_active", "unknown_passkey"]


ODD: list[Any] = [
    None, [], "x", 7, {}, {"credential": None}, {"credential": []}, {"credential": {"response": []}},
    {"credential": {"response": {"clientDataJSON": 7}}}, {"credential": {"response": {"clientDataJSON": "e30"}}},
    {"credential": {"response": {"clientDataJSON": "W10"}}}, {"credential": {"response": {"clientDataJSON": "ä\0"}}},
]  # fmt: skip


@pytest.mark.parametrize("path", ["/auth/passkey", "/auth/passkeys", "/auth/again"])
async def test_what_cannot_be_read_is_400(browser: Browser, west: Site, path: str) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    given = {"x-csrf-token": form_word(browser.jar["__Host-session"]), "content-type": "application/json"}
    for text in (*(json.dumps(body).encode() for body in ODD), b"{", b"\xff", b"[" * 50_000, b""):
        assert (await browser.send("POST", path, content=text, headers=given)).status_code == 400


async def test_a_credential_that_is_broken_anywhere_is_400(browser: Browser, west: Site) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    key = device(browser)
    await set_up(browser, key)
    for name in ("authenticatorData", "signature", "userHandle"):
        values: list[Any] = [None, 7, "", "%%", "AA", "A" * 4000, []]
        for value in values:
            good = key.show(await asked(browser, "/auth/again/options"))
            bent = copy.deepcopy(good)
            bent["response"][name] = value
            answer = await say(browser, "/auth/again", {"credential": bent})
            assert answer.status_code == 400, (name, value)
    await west.sql("delete from auth.attempt where tenant_id = $1", west.id)
    for name in ("id", "rawId", "type"):
        for odd in (None, 7, "", "AA"):
            broken: dict[str, Any] = key.show(await asked(browser, "/auth/again/options")) | {name: odd}
            assert (await say(browser, "/auth/again", {"credential": broken})).status_code == 400, (name, odd)
    assert set(await reasons(west)) == {"bad_answer", "malformed", "unknown_passkey", "wrong_handle"}


@pytest.mark.parametrize("value", [None, 7, "", "%%", "AA", packed(b"\xa1"), packed(b"\x9f" * 900), "A" * 4000])
async def test_an_attestation_that_is_broken_is_400(browser: Browser, west: Site, value: object) -> None:
    _, address = await somebody(west)
    await browser.sign_in(address)
    bent = device(browser).make(await asked(browser, "/auth/passkeys/options", name="x"))
    bent["response"]["attestationObject"] = value
    assert (await say(browser, "/auth/passkeys", {"credential": bent, "name": "x"})).status_code == 400
    assert await reasons(west) == ["bad_answer"]


@pytest.mark.parametrize(("asked_for", "used_for"), [("step_up", "register"), ("register", "step_up")])
async def test_a_challenge_of_one_kind_is_none_of_another(
    at_west: object, west: Site, asked_for: Any, used_for: Any
) -> None:
    desk, person = west.desk(), await west.person("Jana Fried")
    challenge = await challenges.ask(desk, asked_for, "browser", person)
    hashed = hashlib.sha256(challenge).digest()
    with pytest.raises(PasskeyRefused, match="bad_challenge"):
        await challenges.take(desk, used_for, hashed, "browser", person)
    await challenges.take(desk, asked_for, hashed, "browser", person)
