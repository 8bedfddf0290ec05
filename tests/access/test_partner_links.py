"""Tying an institution to a person who is here already, and untying it: from her own fresh session alone."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from access.test_partner_rows import institute
from access.test_partner_sign_in import EVIL, Forged, come, forged, house, reasons, stage
from access.test_sign_in import Browser, somebody
from rows import add
from world import NOW, Site

from quartier.access.cookies import form_word
from quartier.access.passkeys.rules import objections_to_passkey
from quartier.access.passkeys.words import Standing
from quartier.access.sessions import FRESH
from quartier.app import App
from quartier.kit.ids import new_id

__all__ = ["forged", "house", "stage"]


NEW_CODE = 'href="/auth/login?next=/auth/sessions"'  # whoever has nothing stronger


def word(browser: Browser) -> str:
    return form_word(browser.jar["__Host-session"])


async def signed_in(house: App, site: Site, *roles: str) -> tuple[Browser, UUID]:
    """Somebody with a session by mailed code."""
    browser = Browser(house, site, f"192.0.2.9-{new_id()}")
    person, address = await somebody(site, *roles)
    await browser.sign_in(address)
    return browser, person


async def ask(browser: Browser, **form: str) -> httpx2.Response:
    return await browser.send("POST", "/auth/oidc/ifl/link", data={"_csrf": word(browser)} | form)


async def way_back(browser: Browser, forged: Forged) -> dict[str, str]:
    """Go to the provider by the page's own link; give what it answers with."""
    answer = await ask(browser)
    assert answer.status_code == 200, answer.text
    assert answer.headers["refresh"].startswith(f"0; url={EVIL}/authorization?")
    query = urlsplit(answer.headers["refresh"].partition("url=")[2]).query
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    forged.nonce = asked["nonce"]
    assert asked["max_age"] == "300"
    forged.claims = {"auth_time": int(time.time()) - 10} | forged.claims
    return {"code": "c", "state": asked["state"], "iss": EVIL}


async def tie(browser: Browser, forged: Forged) -> httpx2.Response:
    back = await way_back(browser, forged)
    return await browser.send("GET", "/auth/oidc/ifl/callback", params=back)


async def tied(site: Site) -> list[tuple[UUID, str]]:
    rows = await site.sql(
        "select person_id, linked_by from auth.external_identity where tenant_id = $1 order by created_at", site.id
    )
    return [(row["person_id"], row["linked_by"]) for row in rows]


async def untie(browser: Browser, site: Site, **form: str) -> httpx2.Response:
    [row, *_] = await site.sql(
        "select id from auth.external_identity where tenant_id = $1 order by created_at", site.id
    )
    wish = {"identity": str(row["id"]), "_csrf": word(browser)}
    return await browser.send("POST", "/auth/identities/remove", data=wish | form)


async def test_who_is_here_already_ties_her_institution_and_comes_in_by_it(
    house: App, west: Site, forged: Forged
) -> None:
    browser, person = await signed_in(house, west)
    elsewhere = Browser(house, west, "192.0.2.77")
    [row] = await west.sql("select address from auth.login_address where tenant_id = $1", west.id)
    await elsewhere.sign_in(row["address"])
    assert "Verbinden" in (await browser.send("GET", "/auth/sessions")).text
    done = await tie(browser, forged)
    assert (done.status_code, done.headers["location"]) == (303, "/auth/sessions")
    assert await tied(west) == [(person, "link")]
    assert await west.count("auth.session") == 1  # a new way in ends her other sessions
    page = (await browser.send("GET", "/auth/sessions")).text
    assert ("Trennen" in page, "Verbinden" in page) == (True, False)
    again = Browser(house, west, "192.0.2.78")
    assert (await come(again, forged)).status_code == 303
    assert (await again.speaks()).json()["person"] == str(person)
    events = await west.sql("select kind from auth.event where tenant_id = $1 and kind like 'identity.%'", west.id)
    assert [row["kind"] for row in events] == ["identity.linked"]


async def test_nobody_is_tied_by_the_same_address(house: App, west: Site, forged: Forged) -> None:
    _, person = await signed_in(house, west)
    [row] = await west.sql("select address from auth.login_address where tenant_id = $1", west.id)
    forged.info |= {"email": row["address"], "email_verified": True}
    assert (await come(Browser(house, west), forged)).status_code == 303
    [(other, how)] = await tied(west)
    assert (other != person, how) == (True, "first_login")


async def test_an_identity_of_somebody_else_is_not_taken(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    [(eve, _)] = await tied(west)
    browser, _ = await signed_in(house, west)
    refused = await tie(browser, forged)
    assert (refused.status_code, "gehört hier schon zu einer anderen Person" in refused.text) == (422, True)
    assert await tied(west) == [(eve, "first_login")]
    rows = await west.sql("select reason from auth.event where tenant_id = $1 and kind = 'identity.refused'", west.id)
    assert [row["reason"] for row in rows] == ["identity_taken"]


async def test_a_session_that_is_not_fresh_asks_again_first_and_once_more_on_the_way_back(
    house: App, west: Site, forged: Forged
) -> None:
    browser, _ = await signed_in(house, west)
    back = await way_back(browser, forged)
    await west.sql("update auth.session set auth_at = auth_at - $2::interval where tenant_id = $1", west.id, FRESH)
    stale = await browser.send("GET", "/auth/oidc/ifl/callback", params=back)
    assert (stale.status_code, NEW_CODE in stale.text) == (422, True)
    first = await ask(browser)
    assert (first.status_code, NEW_CODE in first.text) == (422, True)
    assert await tied(west) == []


async def test_the_way_back_is_for_the_session_and_the_browser_that_began_it(
    house: App, west: Site, forged: Forged
) -> None:
    browser, _ = await signed_in(house, west)
    other, _ = await signed_in(house, west)
    back = await way_back(browser, forged)
    assert (await other.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    assert await reasons(west) == ["bad_state"]
    back = await way_back(browser, forged)
    browser.jar["__Host-session"] = other.jar["__Host-session"]  # her browser, another person's session
    assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    assert await reasons(west) == ["bad_state", "session_over"]
    assert await tied(west) == []


async def test_a_link_begins_with_a_form_of_ours_alone(house: App, west: Site, forged: Forged) -> None:
    browser, _ = await signed_in(house, west)
    assert (await ask(browser, _csrf="0" * 64)).status_code == 403
    foreign = {"origin": "https://evil.example"}
    for path in ("/auth/oidc/ifl/link", "/auth/identities/remove"):
        wish = {"_csrf": word(browser), "identity": str(new_id())}
        assert (await browser.send("POST", path, data=wish, headers=foreign)).status_code == 403
        assert (await browser.send("POST", path, json=wish)).status_code == 403
        stranger = Browser(house, west, f"192.0.2.5-{new_id()}")
        await stranger.send("GET", "/auth/login")
        answer = await stranger.send("POST", path, data=wish | {"_csrf": stranger.word})
        assert (answer.status_code, "/auth/login" in answer.headers["location"]) == (303, True)
    assert (await browser.send("GET", "/auth/oidc/ifl/start?purpose=link")).status_code == 400
    assert await west.count("auth.login_transaction") == 0


async def test_untying_ends_what_her_groups_gave_and_her_other_sessions(house: App, west: Site, forged: Forged) -> None:
    await west.sql("update auth.identity_provider set strong = false where tenant_id = $1", west.id)
    browser, person = await signed_in(house, west)
    await tie(browser, forged)
    by_it = Browser(house, west, "192.0.2.79")
    await come(by_it, forged)
    assert await west.count("auth.role_grant") == 1
    assert (await untie(browser, west, _csrf="0" * 64)).status_code == 403
    assert (await untie(browser, west, identity=str(new_id()))).status_code == 422
    assert (await untie(browser, west, identity="x")).status_code == 400
    done = await untie(browser, west)
    assert (done.status_code, done.headers["location"]) == (303, "/auth/sessions"), done.text
    assert (await tied(west), await west.count("auth.role_grant"), await west.count("auth.session")) == ([], 0, 1)
    assert (await by_it.speaks()).json()["person"] is None
    holder = await west.sql(
        "select roles from auth.role_holder where tenant_id = $1 and person_id = $2", west.id, person
    )
    assert [list(row["roles"]) for row in holder] == [[]]


async def test_the_last_way_in_stays(house: App, west: Site, forged: Forged) -> None:
    await west.sql("update auth.identity_provider set strong = false where tenant_id = $1", west.id)
    browser = Browser(house, west)
    await come(browser, forged)
    await west.sql("update app.person set state = 'active' where tenant_id = $1", west.id)
    await west.sql("update auth.session set auth_at = now() where tenant_id = $1", west.id)
    house.house.speakers.forget(None)
    refused = await untie(browser, west)
    assert (refused.status_code, "letzter Weg herein" in refused.text) == (422, True)
    assert len(await tied(west)) == 1


async def test_nobody_unties_what_is_another_person_s(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    browser, _ = await signed_in(house, west)
    assert (await untie(browser, west)).status_code == 422
    assert len(await tied(west)) == 1


@pytest.mark.parametrize("what", ["passkey", "strong institution"])
async def test_a_mailbox_alone_neither_ties_nor_unties_where_something_stronger_is(
    house: App, west: Site, forged: Forged, what: str
) -> None:
    browser, person = await signed_in(house, west)
    if what == "passkey":
        await add(
            west, "auth.passkey", person_id=person, credential_id=b"x", public_key=b"y", sign_count=0, name="Schlüssel",
            backed_up=False, created_at=NOW,
        )  # fmt: skip
        assert (await ask(browser)).status_code == 422
        return
    await west.sql("update auth.identity_provider set strong = true where tenant_id = $1", west.id)
    await tie(browser, forged)
    refused = await untie(browser, west)
    assert (refused.status_code, "stärkeren Weg" in refused.text) == (422, True)
    assert len(await tied(west)) == 1


def test_who_has_a_strong_institution_sets_no_passkey_up_by_code() -> None:
    facts: dict[str, Any] = {"strong": False, "fresh": True, "passkeys": 0, "addresses": 1, "identities": 1}
    assert not list(objections_to_passkey("Telefon", Standing(**facts, strong_identities=0)))
    [refusal] = objections_to_passkey("Telefon", Standing(**facts, strong_identities=1))
    assert refusal.code == "STRONG_SIGN_IN_MISSING"


async def test_an_answer_that_comes_too_late_ties_nothing(house: App, west: Site, forged: Forged) -> None:
    browser, _ = await signed_in(house, west)
    back = await way_back(browser, forged)
    await west.sql(
        "update auth.login_transaction set expires_at = now() - $2::interval where tenant_id = $1",
        west.id,
        timedelta(seconds=1),
    )
    assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    assert await tied(west) == []


async def test_of_two_who_tie_one_account_at_once_one_has_it(house: App, west: Site, forged: Forged) -> None:
    ways = []
    for _ in range(2):
        browser, _ = await signed_in(house, west)
        ways.append((browser, await way_back(browser, forged)))
    await west.sql("update auth.login_transaction set nonce = 'one' where tenant_id = $1", west.id)
    forged.nonce = "one"
    path = "/auth/oidc/ifl/callback"
    answers = await asyncio.gather(*(browser.send("GET", path, params=back) for browser, back in ways))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(await tied(west)) == 1


async def test_trying_a_link_again_never_signs_in_as_somebody_new(house: App, west: Site, forged: Forged) -> None:
    """Else the account that was to be tied would be a stranger's by then."""
    browser, _ = await signed_in(house, west)
    back = await way_back(browser, forged)
    answer = await browser.send("GET", "/auth/oidc/ifl/callback", params=back | {"error": "access_denied"})
    assert (answer.status_code, "/auth/oidc/" in answer.text) == (400, False)
    assert 'href="/auth/sessions"' in answer.text


async def test_a_sign_in_there_that_is_old_ties_nothing(house: App, west: Site, forged: Forged) -> None:
    """Whoever sits at a machine where somebody else's institution is still open would tie that one's account."""
    browser, _ = await signed_in(house, west)
    back = await way_back(browser, forged)
    forged.claims = {"auth_time": int(time.time()) - 400}
    assert (await browser.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    assert (await reasons(west), await tied(west)) == (["bad_id_token"], [])


async def another(site: Site, subject: str, issuer: str = EVIL) -> UUID:
    """A second account of whoever has the first."""
    made = new_id()
    await site.sql(
        "insert into auth.external_identity (tenant_id, id, issuer, subject, provider, person_id, linked_by, "
        "created_at, last_login) select tenant_id, $2, $3, $4, provider, person_id, 'link', now(), now() "
        "from auth.external_identity where tenant_id = $1",
        site.id, made, issuer, subject,
    )  # fmt: skip
    return made


async def fresh_by_institution(house: App, west: Site, forged: Forged) -> Browser:
    forged.claims = {"auth_time": int(time.time()) - 1}
    browser = Browser(house, west)
    await come(browser, forged)
    return browser


async def test_of_two_that_are_untied_at_once_one_stays(house: App, west: Site, forged: Forged) -> None:
    browser = await fresh_by_institution(house, west, forged)
    second = await another(west, "eve2")
    [first, *_] = await west.sql(
        "select id from auth.external_identity where id <> $1 and tenant_id = $2", second, west.id
    )
    wishes = [{"identity": str(each), "_csrf": word(browser)} for each in (first["id"], second)]
    path = "/auth/identities/remove"
    answers = await asyncio.gather(*(browser.send("POST", path, data=wish) for wish in wishes))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(await tied(west)) == 1
    assert await west.count("auth.role_grant", "source like 'idp:%'") == 1  # the account that is left still gives it


async def test_an_institution_that_lets_nobody_in_is_no_way_in(house: App, west: Site, forged: Forged) -> None:
    browser = await fresh_by_institution(house, west, forged)
    await another(west, "eve2")
    await west.sql("update auth.identity_provider set state = 'paused' where tenant_id = $1", west.id)
    refused = await untie(browser, west)
    assert (refused.status_code, "letzter Weg herein" in refused.text) == (422, True)


async def second_row(site: Site, role: str) -> None:
    """The same issuer once more, with another client: its people come in by the one or the other door."""
    await institute(site, "ifl2", issuer=EVIL, client_id="haus2", groups_claim="groups", role_ceiling=[role])
    await site.sql(
        "update auth.provider_rule set role = $2 where tenant_id = $1 and provider = "
        "(select id from auth.identity_provider where tenant_id = $1 and slug = 'ifl2')",
        site.id, role,
    )  # fmt: skip


async def come_by(browser: Browser, forged: Forged, slug: str) -> None:
    answer = await browser.send("GET", f"/auth/oidc/{slug}/start")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    forged.nonce = asked["nonce"][0]
    forged.claims = {"aud": asked["client_id"][0]}
    back = {"code": "c", "state": asked["state"][0], "iss": EVIL}
    assert (await browser.send("GET", f"/auth/oidc/{slug}/callback", params=back)).status_code == 303


async def given(site: Site) -> list[str]:
    rows = await site.sql(
        "select role from auth.role_grant where tenant_id = $1 and source like 'idp:%' order by role", site.id
    )
    return [row["role"] for row in rows]


@pytest.mark.parametrize("groups", ["known", "unknown", "none"])
async def test_who_comes_by_another_row_of_the_issuer_loses_at_once_what_the_old_one_gave(
    house: App, west: Site, forged: Forged, groups: str
) -> None:
    await second_row(west, "observer")
    await come(Browser(house, west), forged)
    assert await given(west) == ["jury"]
    if groups == "unknown":
        forged.info["_claim_names"] = {"groups": "src1"}
    if groups == "none":
        forged.info["groups"] = []
    before = Browser(house, west, "192.0.2.80")
    await come_by(before, forged, "ifl2")
    left = {"known": ["observer"], "unknown": [], "none": []}[groups]
    assert (await before.speaks()).json()["roles"] == left
    assert await given(west) == left
    assert len(await tied(west)) == 1
    ended = await west.sql("select reason from auth.event where tenant_id = $1 and kind = 'role.ended'", west.id)
    assert [row["reason"] for row in ended] == ["jury"]
    assert await west.count("auth.session") == (2 if left else 1)


async def test_an_account_that_still_comes_by_the_old_row_keeps_what_it_gave(
    house: App, west: Site, forged: Forged
) -> None:
    await second_row(west, "observer")
    await come(Browser(house, west), forged)
    await another(west, "eve2")
    await come_by(Browser(house, west, "192.0.2.81"), forged, "ifl2")
    assert await given(west) == ["jury", "observer"]


async def test_untying_ends_what_every_row_gave_by_which_she_came(house: App, west: Site, forged: Forged) -> None:
    await west.sql("update auth.identity_provider set strong = false where tenant_id = $1", west.id)
    await second_row(west, "observer")
    browser, person = await signed_in(house, west)
    await tie(browser, forged)
    await come(Browser(house, west, "192.0.2.82"), forged)
    # As sign-ins of before left it: the identity has moved, what the old row gave has not.
    await west.sql(
        "update auth.external_identity set provider = "
        "(select id from auth.identity_provider where tenant_id = $1 and slug = 'ifl2') where tenant_id = $1",
        west.id,
    )
    assert await given(west) == ["jury"]
    await add(
        west, "auth.role_grant", person_id=person, role="advisor", source="house", valid_from=NOW,
        valid_until=NOW + timedelta(days=9), created_at=NOW,
    )  # fmt: skip
    assert (await untie(browser, west)).status_code == 303
    rows = await west.sql("select role, source from auth.role_grant where tenant_id = $1", west.id)
    assert [(row["role"], row["source"]) for row in rows] == [("advisor", "house")]
