"""What a partner's answer is held against, check by check: each test here is the one that notices a missing one."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from access.test_partner_rows import institute
from access.test_partner_sign_in import EVIL, Forged, begin, come, forged, house, reasons, stage
from access.test_sign_in import Browser
from rows import add
from world import Site

from quartier.access.partners.metadata import imported
from quartier.access.partners.network import Network
from quartier.access.partners.words import LoginFailed
from quartier.app import App

__all__ = ["forged", "house", "stage"]
BACK = "/auth/oidc/ifl/callback"


# -- the answer belongs to what we began ------------------------------------------------------------------------------
async def test_a_state_of_one_institution_is_none_at_another(house: App, west: Site, forged: Forged) -> None:
    await institute(west, "zwei", issuer=EVIL, client_id="zwei")
    browser = Browser(house, west)
    back = await begin(browser, forged)
    assert (await browser.send("GET", "/auth/oidc/zwei/callback", params=back)).status_code == 400
    assert await reasons(west) == ["bad_state"]
    assert (await browser.send("GET", BACK, params=back)).status_code == 303  # and it was not used up by that


async def test_a_state_that_is_too_old_is_none(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    back = await begin(browser, forged)
    await west.sql("update auth.login_transaction set expires_at = now() where tenant_id = $1", west.id)
    assert (await browser.send("GET", BACK, params=back)).status_code == 400
    assert await reasons(west) == ["bad_state"]


async def test_a_parameter_that_stands_twice_is_no_answer(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    back = await begin(browser, forged)
    for name in back:
        twice = [*back.items(), (name, "another")]
        assert (await browser.send("GET", BACK, params=twice)).status_code == 400, name
    assert await reasons(west) == ["bad_request"] * len(back)


async def test_an_answer_without_a_code_never_reaches_the_token_endpoint(
    house: App, west: Site, forged: Forged
) -> None:
    assert (await come(Browser(house, west), forged, code="")).status_code == 400
    assert await reasons(west) == ["bad_request"]
    assert "/token" not in forged.asked


async def test_an_institution_that_is_paused_lets_nobody_out_or_back(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    back = await begin(browser, forged)
    await west.sql("update auth.identity_provider set state = 'paused' where tenant_id = $1", west.id)
    assert (await browser.send("GET", BACK, params=back)).status_code == 404
    assert (await browser.send("GET", "/auth/oidc/ifl/start")).status_code == 404


async def test_a_zero_byte_names_no_institution(house: App, west: Site) -> None:
    for way in ("start", "callback"):
        assert (await Browser(house, west).send("GET", f"/auth/oidc/if%00l/{way}")).status_code == 404


# -- the signed word --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "dpop+jwt"])
async def test_a_word_of_another_kind_is_no_id_token(house: App, west: Site, forged: Forged, typ: Any) -> None:
    signed = forged.signed
    forged.signed = lambda claims, **header: signed(claims, typ=typ)  # type: ignore[method-assign]
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["bad_id_token"]


async def test_a_wrong_hash_of_the_access_token_is_refused(house: App, west: Site, forged: Forged) -> None:
    forged.claims = {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["bad_id_token"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": -50}, 303), ({"exp": -70}, 400), ({"iat": 50}, 303), ({"iat": 70}, 400), ({"iat": -590}, 303),
        ({"iat": -610}, 400), ({"exp": 10**12}, 400),
    ],
)  # fmt: skip
async def test_clocks_may_differ_by_a_minute_and_a_word_may_be_ten_minutes_old(
    house: App, west: Site, forged: Forged, claims: dict[str, int], status: int
) -> None:
    forged.claims = {name: int(time.time()) + seconds for name, seconds in claims.items()}
    assert (await come(Browser(house, west), forged)).status_code == status


async def test_without_an_algorithm_that_both_know_nothing_is_believed(house: App, west: Site, forged: Forged) -> None:
    for offered in (["RS256"], ["none"], ["HS256"], []):
        forged.meta = {"id_token_signing_alg_values_supported": offered}
        assert house.front.issuers is not None
        house.front.issuers._known.clear()
        assert (await come(Browser(house, west), forged)).status_code == 400, offered
    assert set(await reasons(west)) == {"idp_misconfigured"}


@pytest.mark.parametrize(
    "key", [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}, "x", {}]
)
def test_shared_secrets_and_keys_for_something_else_are_no_keys(key: object) -> None:
    with pytest.raises(LoginFailed):
        imported({"keys": [key]})


# -- the way there ----------------------------------------------------------------------------------------------------
async def test_a_provider_that_sends_us_elsewhere_is_not_followed(house: App, west: Site, forged: Forged) -> None:
    forged.bent["/token"] = httpx2.Response(302, headers={"location": f"{EVIL}/elsewhere"})
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert "/elsewhere" not in forged.asked


async def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    async def endless(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b"x" * 300_000)

    network = Network(transport=httpx2.MockTransport(endless))
    with pytest.raises(LoginFailed, match="idp_misconfigured"):
        await network.send(httpx2.Request("GET", f"{EVIL}/"))


async def test_an_issuer_whose_address_may_not_be_used_is_not_asked(house: App, west: Site, forged: Forged) -> None:
    for issuer in ("http://ifl.example", "https://a:b@ifl.example", "ftp://ifl.example"):
        await west.sql("update auth.identity_provider set issuer = $2 where tenant_id = $1", west.id, issuer)
        assert (await Browser(house, west).send("GET", "/auth/oidc/ifl/start")).status_code == 400
    assert forged.asked == []


async def test_the_challenge_is_of_the_verifier_that_redeems_the_code(house: App, west: Site, forged: Forged) -> None:
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    browser = Browser(house, west)
    out = await browser.send("GET", "/auth/oidc/ifl/start")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(out.headers["location"]).query).items()}
    forged.nonce = asked["nonce"]
    await browser.send("GET", BACK, params={"code": "c", "state": asked["state"], "iss": EVIL})
    assert create_s256_code_challenge(forged.form("/token")["code_verifier"]) == asked["code_challenge"]


# -- who she is here --------------------------------------------------------------------------------------------------
async def test_a_blocked_person_comes_in_by_no_institution(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    await west.sql("update app.person set state = 'blocked' where tenant_id = $1", west.id)
    await west.sql("delete from auth.session where tenant_id = $1", west.id)
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["blocked"]
    assert await west.count("auth.session") == 0


@pytest.mark.parametrize(("auto", "groups"), [(False, ["jury-gruppe"]), (True, []), (True, ["unknown"])])
async def test_who_is_new_waits_unless_the_row_and_a_rule_let_her_in(
    house: App, west: Site, forged: Forged, *, auto: bool, groups: list[str]
) -> None:
    await west.sql("update auth.identity_provider set auto_approve = $2 where tenant_id = $1", west.id, auto)
    forged.info["groups"] = groups
    browser = Browser(house, west)
    assert (await come(browser, forged)).headers["location"] == "/auth/waiting"
    assert (await browser.speaks()).json()["person"] is None
    [row] = await west.sql("select state from app.person where tenant_id = $1", west.id)
    assert row["state"] == "pending"


async def test_no_rule_gives_more_than_the_ceiling(house: App, west: Site, forged: Forged) -> None:
    [provider] = await west.sql("select id from auth.identity_provider where tenant_id = $1", west.id)
    await add(west, "auth.provider_rule", provider=provider["id"], claim_value="jury-gruppe", role="manager")
    await come(Browser(house, west), forged)
    rows = await west.sql("select role from auth.role_grant where tenant_id = $1", west.id)
    assert [row["role"] for row in rows] == ["jury"]


async def test_groups_that_were_left_out_take_nothing_away_and_give_a_newcomer_nothing(
    house: App, west: Site, forged: Forged
) -> None:
    full = dict(forged.info)
    forged.info |= {"_claim_names": {"groups": "src1"}}
    await come(Browser(house, west), forged)
    assert await west.count("auth.role_grant") == 0
    forged.info = full
    await come(Browser(house, west), forged)
    assert await west.count("auth.role_grant") == 1
    forged.info = {name: value for name, value in full.items() if name != "groups"} | {"_claim_names": {"groups": "s"}}
    await come(Browser(house, west), forged)
    assert await west.count("auth.role_grant") == 1
    unknown = await west.sql("select 1 from auth.event where tenant_id = $1 and kind = 'groups.unknown'", west.id)
    assert len(unknown) == 2


@pytest.mark.parametrize(("oath", "kept"), [(True, "eve@ifl.example"), ("true", None), (1, None), (None, None)])
async def test_an_address_is_hers_only_where_the_provider_swears_it(
    house: App, west: Site, forged: Forged, oath: Any, kept: str | None
) -> None:
    forged.info |= {"email": "Eve@ifl.example", "email_verified": oath}
    await come(Browser(house, west), forged)
    [row] = await west.sql("select email from app.person where tenant_id = $1", west.id)
    assert row["email"] == kept


async def test_two_answers_about_the_institution_are_none(house: App, west: Site, forged: Forged) -> None:
    forged.claims = {"hd": "ifl.example"}
    forged.info["hd"] = "b.example"
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["wrong_institution"]


@pytest.mark.parametrize("aud", ["other", ["other"], ["haus", "other"], []])
async def test_a_word_for_others_is_refused_even_if_we_are_named_as_who_asked(
    house: App, west: Site, forged: Forged, aud: Any
) -> None:
    forged.claims = {"aud": aud, "azp": "haus"}
    assert (await come(Browser(house, west), forged)).status_code == 400
    assert await reasons(west) == ["bad_id_token"]


@pytest.mark.parametrize(
    ("hd", "status"), [("b.example", 400), (None, 400), (["x", "ifl.example"], 303), ("IFL.example", 400)]
)
async def test_a_shared_issuer_lets_the_named_institution_in_alone(
    house: App, west: Site, forged: Forged, hd: Any, status: int
) -> None:
    forged.info["hd"] = hd
    assert (await come(Browser(house, west), forged)).status_code == status
