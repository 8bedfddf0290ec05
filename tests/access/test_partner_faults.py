"""A provider that is slow, broken or hostile: a refusal with its reason, never a fault, and never a long wait."""

import asyncio
import base64
import json
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from access.test_partner_sign_in import EVIL, Forged, begin, come, forged, house, reasons, stage
from access.test_sign_in import Browser
from world import Site

from quartier.access.partners.kept import BREATH, TTL, Kept
from quartier.access.partners.metadata import Issuers
from quartier.access.partners.network import Network
from quartier.access.partners.words import LoginFailed
from quartier.app import App

__all__ = ["forged", "house", "stage"]

ODD: list[Any] = [5, -1, None, True, [], {}, "", [5, None], {"a": []}, "\0", "x" * 3000]
LISTS = (
    "response_types_supported", "code_challenge_methods_supported", "id_token_signing_alg_values_supported",
)  # fmt: skip
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
ADDRESSES = (
    "http://ifl.example/x", "https://[x/token", "https://ifl.example:99999/t", "https://a:b@ifl.example/t",
    "javascript:alert(1)", "https://ifl.example/#x", "//ifl.example", "https:///x",
)  # fmt: skip


async def test_six_people_at_once_wait_three_seconds_at_most_for_a_provider_that_hangs(
    house: App, west: Site, forged: Forged
) -> None:
    forged.hangs = True
    began = time.monotonic()
    answers = await asyncio.gather(*(Browser(house, west).send("GET", "/auth/oidc/ifl/start") for _ in range(6)))
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "30")}
    assert time.monotonic() - began < 3
    assert forged.asked == ["/.well-known/openid-configuration"]  # one question for all of them
    assert set(await reasons(west)) == {"idp_unavailable"}


async def test_the_login_page_never_asks_a_provider(house: App, west: Site, forged: Forged) -> None:
    forged.hangs = True
    answer = await Browser(house, west).send("GET", "/auth/login")
    assert (answer.status_code, forged.asked) == (200, [])


@pytest.mark.parametrize("name", LISTS)
async def test_a_document_whose_lists_are_none_is_refused(house: App, west: Site, forged: Forged, name: str) -> None:
    for odd in (5, "code", {"a": 1}, [5]):
        forged.meta = {name: odd}
        known(house)._known.clear()
        answer = await come(Browser(house, west), forged) if "alg" in name else await start(house, west)
        assert answer.status_code == 400, odd
    assert set(await reasons(west)) == {"idp_misconfigured"}


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_no_endpoint_leads_anywhere_odd(house: App, west: Site, forged: Forged, name: str) -> None:
    for odd in [*ODD, *ADDRESSES]:
        forged.meta = {name: odd}
        known(house)._known.clear()
        assert (await start(house, west)).status_code == 400, odd
    assert set(await reasons(west)) == {"idp_misconfigured"}


def known(house: App) -> Issuers:
    assert house.front.issuers is not None
    return house.front.issuers


async def start(house: App, west: Site) -> httpx2.Response:
    return await Browser(house, west).send("GET", "/auth/oidc/ifl/start")


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "sid", "at_hash", "azp"])
async def test_every_bent_claim_is_a_refusal_and_opens_nothing(
    house: App, west: Site, forged: Forged, claim: str
) -> None:
    odd = [each for each in ODD if not (claim in {"at_hash", "azp"} and each is None)]
    for value in [*odd, -1e20, 1e30]:
        forged.claims = {claim: value}
        answer = await come(Browser(house, west, f"192.0.2.{hash(str(value)) % 250}"), forged)
        assert answer.status_code in {400, 303}, (claim, value)
        if answer.status_code == 303:
            assert claim in {"at_hash", "azp"} or (claim, value) == ("auth_time", 5), (claim, value)
    assert set(await reasons(west)) == {"bad_id_token"}


@pytest.mark.parametrize("claim", ["name", "groups", "email", "email_verified", "hd"])
async def test_bent_facts_of_a_person_are_left_out_or_refused(
    house: App, west: Site, forged: Forged, claim: str
) -> None:
    for n, value in enumerate(ODD):
        forged.info = {"sub": "eve", "name": "Eve Adler", "groups": ["jury-gruppe"], "hd": "ifl.example"} | {
            claim: value
        }
        answer = await come(Browser(house, west, f"198.51.100.{n}"), forged)
        assert answer.status_code in {303, 400}, value
    assert set(await reasons(west)) <= {"wrong_institution"}


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"5",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"{" * 5000,
        b'{"a": NaN}',
        b'{"issuer": Infinity}',
        b"x" * 300_000,
    ],
)
async def test_answers_that_are_no_objects_are_refused(
    house: App, west: Site, forged: Forged, path: str, body: bytes
) -> None:
    forged.bent[path] = httpx2.Response(201 if path == "/par" else 200, content=body)
    back = {"code": "c", "state": "x", "iss": EVIL}
    browser = Browser(house, west)
    began = await browser.send("GET", "/auth/oidc/ifl/start")
    if began.status_code == 302:
        forged.nonce = began.headers["location"].partition("nonce=")[2].partition("&")[0]
        back["state"] = began.headers["location"].partition("state=")[2].partition("&")[0]
        began = await browser.send("GET", "/auth/oidc/ifl/callback", params=back)
    assert began.status_code == 400
    assert len(await reasons(west)) == 1
    assert await west.count("auth.session") == 0


@pytest.mark.parametrize("raw", [None, 5, "", "a.b", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "x" * 100_000, "ä.ö.ü"])
async def test_a_token_that_is_none_is_refused(house: App, west: Site, forged: Forged, raw: Any) -> None:
    forged.bent["/token"] = httpx2.Response(200, json={"access_token": "at", "id_token": raw})
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["bad_id_token"]


async def test_an_unsigned_or_symmetric_token_is_refused(house: App, west: Site, forged: Forged) -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    now = int(time.time())
    for header in ({"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256", "kid": "k1"}, {"alg": "none", "kid": "k1"}):
        back = await begin(browser := Browser(house, west), forged)
        claims = {"iss": EVIL, "sub": "eve", "aud": "haus", "exp": now + 300, "iat": now, "nonce": forged.nonce}
        token = f"{part(header)}.{part(claims)}.c2ln"
        forged.bent["/token"] = httpx2.Response(200, json={"access_token": "at", "id_token": token})
        assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400, header
    assert set(await reasons(west)) == {"bad_id_token"}


async def test_userinfo_alone_speaks_where_it_was_said_to(house: App, west: Site, forged: Forged) -> None:
    """The ID token says the right institution, userinfo says nothing: nobody comes in."""
    await west.sql("update auth.identity_provider set claims_from = 'userinfo' where tenant_id = $1", west.id)
    forged.claims = {"hd": "ifl.example"}
    forged.info = {"sub": "eve", "groups": ["jury-gruppe"]}
    assert (await come(Browser(house, west), forged)).status_code == 400
    forged.meta = {"userinfo_endpoint": None}
    known(house)._known.clear()
    assert (await start(house, west)).status_code == 400
    assert await reasons(west) == ["wrong_institution", "idp_misconfigured"]


async def test_a_missing_userinfo_is_no_silent_pass(house: App, west: Site, forged: Forged) -> None:
    await west.sql(
        "update auth.identity_provider set claims_from = 'userinfo', required_claims = '{}' where tenant_id = $1",
        west.id,
    )
    back = await begin(browser := Browser(house, west), forged)
    document = json.loads((await forged(httpx2.Request("GET", f"{EVIL}/.well-known/openid-configuration"))).content)
    del document["userinfo_endpoint"]
    forged.bent["/.well-known/openid-configuration"] = httpx2.Response(200, json=document)
    known(house)._known.clear()
    assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    assert await reasons(west) == ["idp_misconfigured"]


async def test_a_provider_that_turns_away_breaks_nothing_of_ours(house: App, west: Site, forged: Forged) -> None:
    for status, code in ((400, 400), (401, 400), (302, 400), (429, 503), (500, 503), (503, 503)):
        forged.bent["/token"] = httpx2.Response(status, json={"error": "x"})
        assert (await come(Browser(house, west), forged)).status_code == code, status
    assert set(await reasons(west)) == {"idp_refused", "idp_unavailable"}


async def test_a_key_that_is_unknown_is_looked_for_once_and_then_no_more(
    house: App, west: Site, forged: Forged
) -> None:
    assert (await come(Browser(house, west), forged)).status_code == 303
    from joserfc.jwk import ECKey

    forged.key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": "k2"})
    signed = forged.signed
    forged.signed = lambda claims, **header: signed(claims, kid="k2")  # type: ignore[method-assign]
    before = forged.asked.count("/jwks")
    answers = [await come(Browser(house, west), forged) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {400}  # at most one look each half minute
    issuer = known(house).of(EVIL)
    issuer._keys.fetched_at -= 31
    assert (await come(Browser(house, west), forged)).status_code == 303
    assert forged.asked.count("/jwks") == before + 1


async def test_a_copy_serves_for_a_day_while_the_provider_is_away(house: App, west: Site, forged: Forged) -> None:
    assert (await come(Browser(house, west), forged)).status_code == 303
    issuer = known(house).of(EVIL)
    issuer._document.fetched_at -= TTL + 1
    forged.bent["/.well-known/openid-configuration"] = httpx2.Response(500)
    assert (await start(house, west)).status_code == 302
    issuer._document.fetched_at -= 86_400
    assert (await start(house, west)).status_code == 503


async def test_a_failure_is_remembered_for_a_breath() -> None:
    now, asked = [0.0], [0]

    async def load() -> str:
        asked[0] += 1
        raise LoginFailed("idp_unavailable", away=True)

    kept = Kept(load, lambda: now[0])
    for moment, questions in ((0.0, 1), (BREATH - 0.1, 1), (BREATH + 0.1, 2)):
        now[0] = moment
        with pytest.raises(LoginFailed):
            await kept.get()
        assert asked[0] == questions


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1", "192.0.0.8", "::1", "::", "fd00::1",
        "fe80::1%eth0", "fec0::1", "::ffff:192.168.0.1", "::ffff:0:10.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1",
    ],
)  # fmt: skip
async def test_no_name_leads_into_a_network_of_our_own(address: str) -> None:
    async def look(host: str, port: int) -> list[str]:
        return ["9.9.9.9", address]  # one of several is enough to refuse

    network = Network(look=look)
    with pytest.raises(LoginFailed) as failed:
        await network.send(httpx2.Request("GET", "https://idp.example/"))
    assert (failed.value.reason, failed.value.away) == ("idp_misconfigured", False)
    await network.close()


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
async def test_58_a_small_answer_that_unpacks_to_a_large_one_is_refused_before_all_of_it_is_unpacked(kind: str) -> None:
    bomb = zlib.compress(bytes(200_000_000), 9, wbits=31 if kind == "gzip" else 15)
    assert len(bomb) < Network().largest

    class Piecewise(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield bomb

    async def answered(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": kind}, stream=Piecewise())

    network = Network(transport=httpx2.MockTransport(answered))
    tracemalloc.start()
    with pytest.raises(LoginFailed) as failed:
        await network.send(httpx2.Request("GET", "https://idp.example/"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (failed.value.reason, failed.value.away) == ("idp_misconfigured", False)
    assert most < 4_000_000


async def test_a_session_that_no_longer_speaks_ends_with_the_next_sign_in(
    house: App, west: Site, forged: Forged
) -> None:
    browser = Browser(house, west)
    forged.info = {"sub": "eve", "name": "Eve Adler", "groups": [], "hd": "ifl.example"}  # nobody has admitted her
    for _ in range(3):
        assert (await come(browser, forged)).headers["location"] == "/auth/waiting"
    assert await west.count("auth.session") == 1


async def test_ways_out_and_back_have_limits_of_their_own(
    house: App, west: Site, forged: Forged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartier.access.partners.doors.PER_PEER", 3)
    browser = Browser(house, west)
    back = [await begin(browser, forged) for _ in range(3)]
    assert (await browser.send("GET", "/auth/oidc/ifl/start")).status_code == 429
    assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back[-1])).status_code == 303
