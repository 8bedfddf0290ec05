"""Once more at the institution, out of it, and its word that somebody left; and how we show it who we are."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from access.test_partner_sign_in import EVIL, Forged, begin, come, forged, house, reasons, stage
from access.test_sign_in import Browser
from joserfc import jwt
from joserfc.jwk import ECKey
from world import Site

from quartier.access.actions import machine_now
from quartier.access.partners.keys import make_signing_key
from quartier.access.partners.tokens import EVENT
from quartier.app import App
from quartier.tenancy.desk import Desk

__all__ = ["forged", "house", "stage"]


async def stepping(browser: Browser, forged: Forged) -> tuple[dict[str, str], dict[str, str]]:
    """Begin a step-up; give what was asked of the provider, and the way back."""
    answer = await browser.send("GET", "/auth/oidc/ifl/start?purpose=step_up&next=/heute")
    assert answer.status_code == 302, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    forged.nonce = asked["nonce"]
    return asked, {"code": "c", "state": asked["state"], "iss": EVIL}


async def back_again(browser: Browser, back: dict[str, str]) -> int:
    return int((await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code)


async def session_of(site: Site) -> Any:
    [row] = await site.sql(
        "select id, token_hash, auth_at, expires_at, op_sid from auth.session where tenant_id = $1", site.id
    )
    return row


async def test_who_shows_herself_again_has_a_new_session_with_the_old_end(
    house: App, west: Site, forged: Forged
) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    before = await session_of(west)
    asked, back = await stepping(browser, forged)
    assert asked["max_age"] == "300"
    forged.claims = {"auth_time": int(time.time()) - 10}
    assert await back_again(browser, back) == 303
    after = await session_of(west)
    assert after["token_hash"] != before["token_hash"]
    assert after["expires_at"] <= before["expires_at"]
    assert 5 <= (machine_now() - after["auth_at"]).total_seconds() < 60


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "bad_id_token"), ({"auth_time": 1}, "bad_id_token"), ({"auth_time": "now"}, "bad_id_token"),
        ({"auth_time": True}, "bad_id_token"), ({"auth_time": int(time.time()) - 400}, "bad_id_token"),
        ({"auth_time": int(time.time()) + 300, "sub": "mallory"}, "other_person"),
    ],
)  # fmt: skip
async def test_what_is_no_fresh_proof_of_the_same_person_changes_nothing(
    house: App, west: Site, forged: Forged, claims: dict[str, Any], reason: str
) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    before = await session_of(west)
    _, back = await stepping(browser, forged)
    forged.claims = claims
    forged.info |= {"sub": claims.get("sub", "eve")}
    assert await back_again(browser, back) == 400
    assert await reasons(west) == [reason]
    assert await session_of(west) == before


async def test_a_step_up_of_a_session_that_ended_meanwhile_opens_none(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    _, back = await stepping(browser, forged)
    await west.sql("delete from auth.session where tenant_id = $1", west.id)
    house.house.speakers.forget(None)
    forged.claims = {"auth_time": int(time.time())}
    assert await back_again(browser, back) == 400
    assert (await reasons(west), await west.count("auth.session")) == (["session_over"], 0)


async def test_without_a_session_a_step_up_begins_with_the_sign_in(house: App, west: Site, forged: Forged) -> None:
    answer = await Browser(house, west).send("GET", "/auth/oidc/ifl/start?purpose=step_up&next=/heute")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login?next=/heute")


def logout(forged: Forged, typ: str | None = "logout+jwt", **over: Any) -> str:
    now = int(time.time())
    claims = {"iss": EVIL, "aud": "haus", "iat": now, "exp": now + 60, "jti": "j1", "sid": "s1", "events": {EVENT: {}}}
    claims = {name: value for name, value in (claims | over).items() if value is not None}
    return forged.signed(claims, **({"typ": typ} if typ else {}))


async def told(house: App, site: Site, token: str) -> int:
    answer = await Browser(house, site, "203.0.113.9").http.post(
        "/auth/oidc/ifl/backchannel-logout", data={"logout_token": token}
    )
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.status_code)


async def test_the_institution_ends_a_session_and_is_heard_once(house: App, west: Site, forged: Forged) -> None:
    forged.claims = {"sid": "s1"}
    browser = Browser(house, west)
    await come(browser, forged)
    assert (await session_of(west))["op_sid"] == "s1"
    token = logout(forged)
    assert await told(house, west, token) == 200
    assert await west.count("auth.session") == 0
    await come(browser, forged)
    assert await told(house, west, token) == 400
    assert await west.count("auth.session") == 1
    assert (await browser.speaks()).json()["roles"] == ["jury"]


async def test_the_institution_ends_all_sessions_of_a_person(house: App, west: Site, forged: Forged) -> None:
    first, second = Browser(house, west), Browser(house, west)
    await come(first, forged)
    await come(second, forged)
    assert await told(house, west, logout(forged, sid=None, sub="somebody else")) == 200
    assert await west.count("auth.session") == 2
    assert await told(house, west, logout(forged, sid=None, sub="eve", jti="j2")) == 200
    assert await west.count("auth.session") == 0


async def test_whoever_is_paused_is_still_heard_when_somebody_leaves(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    await west.sql("update auth.identity_provider set state = 'paused' where tenant_id = $1", west.id)
    assert (await Browser(house, west).send("GET", "/auth/oidc/ifl/start")).status_code == 404
    assert await told(house, west, logout(forged, sid=None, sub="eve")) == 200
    assert await west.count("auth.session") == 0


@pytest.mark.parametrize(
    "over",
    [
        {"iss": "https://b.example"}, {"aud": "other"}, {"iat": 1}, {"iat": None}, {"jti": None}, {"events": None},
        {"events": {}}, {"events": {EVENT: 1}}, {"events": [EVENT]}, {"nonce": "n"}, {"sid": None}, {"sid": 5},
        {"sid": "a\0b"}, {"sid": None, "sub": ""}, {"jti": 5}, {"jti": "\0"}, {"iat": 1e30}, {"typ": "at+jwt"},
    ],
)  # fmt: skip
async def test_no_other_word_ends_anything(house: App, west: Site, forged: Forged, over: dict[str, Any]) -> None:
    forged.claims = {"sid": "s1"}
    await come(Browser(house, west), forged)
    assert await told(house, west, logout(forged, **over)) == 400
    assert await west.count("auth.session") == 1
    rows = await west.sql("select reason from auth.event where tenant_id = $1 and kind = 'logout.refused'", west.id)
    assert [row["reason"] for row in rows] == ["bad_logout_token"]


async def test_a_key_of_somebody_else_ends_nothing(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    other = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": "k1"})
    claims = {"iss": EVIL, "aud": "haus", "iat": int(time.time()), "jti": "j", "sub": "eve", "events": {EVENT: {}}}
    assert await told(house, west, jwt.encode({"alg": "ES256", "kid": "k1", "typ": "logout+jwt"}, claims, other)) == 400
    assert await west.count("auth.session") == 1


async def test_signing_out_here_goes_on_at_the_institution(house: App, west: Site, forged: Forged) -> None:
    forged.meta = {"end_session_endpoint": f"{EVIL}/end"}
    browser = Browser(house, west)
    await come(browser, forged)
    await browser.send("GET", "/auth/sessions")
    answer = await browser.send("POST", "/auth/logout", data={"_csrf": browser.word})
    assert answer.status_code == 200
    where = urlsplit(answer.headers["refresh"].partition("url=")[2])
    asked = parse_qs(where.query)
    assert (where.netloc, where.path) == ("ifl.example", "/end")
    assert asked["client_id"] == ["haus"]
    assert asked["post_logout_redirect_uri"] == [f"{browser.origin}/"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert await west.count("auth.session") == 0
    assert "__Host-session" not in browser.jar


async def test_our_own_session_ends_whatever_the_institution_does(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    assert house.front.issuers is not None
    house.front.issuers._known.clear()
    forged.hangs = True
    await browser.send("GET", "/auth/sessions")
    answer = await browser.send("POST", "/auth/logout", data={"_csrf": browser.word})
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login")
    assert await west.count("auth.session") == 0


async def test_we_show_who_we_are_by_a_key_and_push_what_we_ask(house: App, west: Site, forged: Forged) -> None:
    kid = await make_signing_key(west.desk())
    await west.sql(
        "update auth.identity_provider set auth_method = 'private_key_jwt', secret_enc = null, par = 'always'"
        " where tenant_id = $1",
        west.id,
    )
    forged.meta = {"pushed_authorization_request_endpoint": f"{EVIL}/par"}
    browser = Browser(house, west)
    answer = await browser.send("GET", "/auth/oidc/ifl/start")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked == {"client_id": ["haus"], "request_uri": ["urn:ietf:params:oauth:request_uri:one"]}
    pushed = forged.form("/par")
    assert (pushed["code_challenge_method"], pushed["response_type"], pushed["scope"]) == ("S256", "code", "openid")
    forged.nonce = pushed["nonce"]
    assert await back_again(browser, {"code": "c", "state": pushed["state"], "iss": EVIL}) == 303, await reasons(west)
    [published] = (await browser.send("GET", "/auth/keys")).json()["keys"]
    assert (published["kid"], "d" in published) == (kid, False)
    seen = set()
    for form in (pushed, forged.form("/token")):
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        claims = jwt.decode(form["client_assertion"], ECKey.import_key(published)).claims
        assert (claims["iss"], claims["sub"], claims["aud"]) == ("haus", "haus", EVIL)
        assert claims["exp"] - claims["iat"] == 60
        seen.add(claims["jti"])
    assert len(seen) == 2
    assert forged.form("/token")["code_verifier"]
    assert "client_secret" not in str(forged.form("/token"))


async def test_a_provider_that_must_be_pushed_to_and_cannot_is_refused(house: App, west: Site, forged: Forged) -> None:
    await west.sql("update auth.identity_provider set par = 'always' where tenant_id = $1", west.id)
    assert (await Browser(house, west).send("GET", "/auth/oidc/ifl/start")).status_code == 400
    assert await reasons(west) == ["idp_misconfigured"]


async def test_two_first_sign_ins_at_once_make_one_person(house: App, west: Site, forged: Forged) -> None:
    browsers = [Browser(house, west) for _ in range(4)]
    ways = [await begin(browser, forged) for browser in browsers]
    await west.sql("update auth.login_transaction set nonce = 'one' where tenant_id = $1", west.id)
    forged.nonce = "one"
    done = await asyncio.gather(*(back_again(browser, back) for browser, back in zip(browsers, ways, strict=True)))
    assert done == [303] * 4
    assert (await west.count("app.person"), await west.count("auth.external_identity")) == (1, 1)


async def test_a_signed_in_request_asks_the_database_once_more_at_most(
    house: App, west: Site, forged: Forged, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    await browser.speaks()
    asked: list[str] = []
    fetch = Desk.fetch

    async def counted(self: Desk, sql: str, *args: Any) -> list[Any]:
        asked.append(sql)
        return await fetch(self, sql, *args)

    monkeypatch.setattr(Desk, "fetch", counted)
    for _ in range(50):  # the notice of the sign-in itself may still be on its way, and makes it forget once
        asked.clear()
        assert (await browser.speaks()).json()["roles"] == ["jury"]
        if len(asked) <= 1:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(asked)
