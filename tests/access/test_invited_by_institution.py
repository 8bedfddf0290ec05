"""Invited, and coming by one's institution: with the invited address at once, else after somebody has looked."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from access.test_invitations import accept as accept_by_code
from access.test_invitations import manager_of, organisation, to, why
from access.test_partner_sign_in import EVIL, Forged, come, forged, house, reasons, stage
from access.test_passkeys import device, noted, set_up
from access.test_sign_in import Browser, somebody
from refusing import refusals
from world import NOW, Site

from quartier.access.codes import add_address
from quartier.access.events import machine_now
from quartier.access.invitations.actions import invite, withdraw_invitation
from quartier.access.invitations.claiming import admit_invited
from quartier.access.invitations.queries import invitations
from quartier.access.invitations.words import Invitation
from quartier.access.post import Letterbox
from quartier.app import App
from quartier.kit.ids import new_id

__all__ = ["forged", "house", "stage"]

HERS = "eve@ifl.example"
SOON = NOW + timedelta(days=90)


def at(house: App, site: Site) -> Browser:
    return Browser(house, site, f"192.0.2.{new_id().int % 200}-{new_id()}")


def sworn(forged: Forged, address: str, *, verified: object = True, **more: Any) -> None:
    """What the institution says of the address; of groups nothing, so that only the invitation gives anything."""
    forged.info |= {"email": address, "email_verified": verified, "groups": []} | more


async def way_back(browser: Browser, forged: Forged, token: str) -> dict[str, str]:
    """Open the link and take the institution's button; give what it answers with."""
    page = await browser.send("GET", f"/auth/invitation/{token}")
    assert 'name="partner" value="ifl"' in page.text
    answer = await browser.send("POST", f"/auth/invitation/{token}", data={"_csrf": browser.word, "partner": "ifl"})
    assert answer.status_code == 200, answer.text
    away = answer.headers["refresh"].removeprefix("0; url=")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    forged.nonce = asked["nonce"]
    return {"code": "c", "state": asked["state"], "iss": EVIL}


async def back_again(browser: Browser, back: dict[str, str]) -> httpx2.Response:
    return await browser.send("GET", "/auth/oidc/ifl/callback", params=back)


async def go(browser: Browser, forged: Forged, token: str) -> httpx2.Response:
    return await back_again(browser, await way_back(browser, forged, token))


async def front_desk(site: Site, address: str = HERS) -> tuple[str, Invitation]:
    """Somebody is invited to the front desk by a manager."""
    wish = to(address, role="front_desk", role_until=SOON)
    return await invite(await manager_of(site), wish), wish


async def people(site: Site) -> list[tuple[str, str]]:
    rows = await site.sql(
        "select name, state from app.person where tenant_id = $1 and name <> 'Mara Manager' order by created_at",
        site.id,
    )
    return [(row["name"], row["state"]) for row in rows]


async def linked_by(site: Site) -> list[tuple[UUID, str]]:
    rows = await site.sql("select person_id, linked_by from auth.external_identity where tenant_id = $1", site.id)
    return [(row["person_id"], row["linked_by"]) for row in rows]


async def test_the_invited_address_in_the_institution_s_word_is_in_at_once(
    house: App, west: Site, forged: Forged
) -> None:
    token, _ = await front_desk(west)
    sworn(forged, HERS.title())
    browser = at(house, west)
    done = await go(browser, forged, token)
    assert (done.status_code, done.headers["location"]) == (303, "/"), await reasons(west)
    assert (await browser.speaks()).json()["roles"] == ["front_desk"]
    assert await people(west) == [("Eve Adler", "active")]
    assert [how for _, how in await linked_by(west)] == ["invitation"]
    assert (await at(house, west).send("GET", f"/auth/invitation/{token}")).status_code == 404  # once
    assert await why(west, "invitation.accepted") == [None]
    again = at(house, west)
    await come(again, forged)
    assert (await again.speaks()).json()["roles"] == ["front_desk"]


@pytest.mark.parametrize(
    ("address", "verified", "told"),
    [("eve@other.example", True, "eve@other.example"), (HERS, "true", None), (HERS, False, None), (HERS, None, None)],
)
async def test_another_address_waits_until_somebody_has_seen_both(
    house: App, west: Site, forged: Forged, address: str, verified: object, told: str | None
) -> None:
    token, wish = await front_desk(west)
    sworn(forged, address, verified=verified)
    browser = at(house, west)
    answer = await go(browser, forged, token)
    assert (answer.status_code, "wartet auf einen Blick" in answer.text) == (200, True)
    assert (await browser.speaks()).json()["roles"] == []
    assert await people(west) == [("Eve Adler", "pending")]
    assert await west.count("auth.role_grant") == 0
    [seen] = await invitations(west.desk())
    assert (seen.address, seen.claimed_address) == (HERS, told)
    assert await why(west, "invitation.claimed") == ["other_address" if told else "no_address"]
    await admit_invited(await manager_of(west), wish.id)
    assert await west.count("auth.role_grant") == 0  # at her next sign-in
    again = at(house, west)
    assert (await come(again, forged)).headers["location"] == "/"
    assert (await again.speaks()).json()["roles"] == ["front_desk"]
    assert await people(west) == [("Eve Adler", "active")]
    # Nobody has shown that the invited address is hers: it opens nothing.
    assert await west.count("auth.login_address") == 0
    assert await invitations(west.desk()) == []


async def test_who_invited_is_told_once_that_somebody_waits_and_not_who(house: App, west: Site, forged: Forged) -> None:
    manager = await manager_of(west)
    await west.sql("update app.person set email = 'Mara@haus.example' where id = $1", manager.person)
    token = await invite(manager, to(HERS, role="front_desk", role_until=SOON, invited_by=manager.person))
    sworn(forged, "eve@other.example")
    browser = at(house, west)
    assert isinstance(browser.post, Letterbox)
    before = len(browser.post.of(west.id))
    for _ in range(2):
        assert (await go(browser, forged, token)).status_code == 200
    [letter] = browser.post.of(west.id)[: len(browser.post.of(west.id)) - before]
    assert (letter.to, letter.subject) == ("mara@haus.example", f"Jemand wartet auf Einlass: {west.realm.name}")
    assert HERS in letter.text
    assert not any(secret in letter.text for secret in ("eve@other.example", "Eve Adler", token))


async def test_a_blocked_inviter_is_told_nothing(house: App, west: Site, forged: Forged) -> None:
    manager = await manager_of(west)
    await west.sql("update app.person set email = 'm@haus.example', state = 'blocked' where id = $1", manager.person)
    token = await invite(manager, to(HERS, role="front_desk", role_until=SOON, invited_by=manager.person))
    sworn(forged, "eve@other.example")
    browser = at(house, west)
    assert isinstance(browser.post, Letterbox)
    assert (await go(browser, forged, token)).status_code == 200
    assert browser.post.of(west.id) == []


async def test_an_admitted_colleague_comes_into_her_organisation(house: App, west: Site, forged: Forged) -> None:
    garden = await organisation(west)
    lead = west.desk("member_admin", person=await west.person("Jana Fried"), own=frozenset({garden}))
    wish = to("kim@mail.example", organisation=garden, affiliation="member")
    token = await invite(lead, wish)
    sworn(forged, HERS)
    await go(at(house, west), forged, token)
    other = await organisation(west, "Nachbarn")
    neighbour = west.desk("member_admin", person=await west.person("Ina"), own=frozenset({other}))
    assert list(await refusals(admit_invited(neighbour, wish.id))) == ["NOT_FOUND"]
    await admit_invited(lead, wish.id)
    assert list(await refusals(admit_invited(lead, wish.id))) == ["NOBODY_CAME"]
    browser = at(house, west)
    await come(browser, forged)
    assert (await browser.speaks()).json()["roles"] == ["member"]
    assert await west.count("app.affiliation") == 1


async def test_who_decides_could_have_invited_and_is_somebody_else(house: App, west: Site, forged: Forged) -> None:
    wish = to(HERS, role="manager", role_until=SOON)
    admin = west.desk("site_admin", person=await west.person("Ada"))
    token = await invite(admin, wish)
    assert list(await refusals(admit_invited(admin, wish.id))) == ["NOBODY_CAME"]
    sworn(forged, "eve@other.example")
    await go(at(house, west), forged, token)
    [(eve, _)] = await linked_by(west)
    assert list(await refusals(admit_invited(west.desk("site_admin", person=eve), wish.id))) == ["OWN_ADMISSION"]
    assert list(await refusals(admit_invited(await manager_of(west), wish.id))) == ["ROLE_NOT_YOURS"]
    assert list(await refusals(admit_invited(west.desk("site_admin"), wish.id))) == ["NOT_ALLOWED"]  # no person
    await withdraw_invitation(admin, wish.id)
    assert list(await refusals(admit_invited(admin, wish.id))) == ["NOT_FOUND"]
    browser = at(house, west)
    assert (await come(browser, forged)).headers["location"] == "/auth/waiting"
    assert (await browser.speaks()).json()["roles"] == []


async def test_who_waited_already_comes_in_with_the_invited_address(house: App, west: Site, forged: Forged) -> None:
    sworn(forged, HERS)
    await come(at(house, west), forged)
    assert await people(west) == [("Eve Adler", "pending")]
    token, _ = await front_desk(west)
    browser = at(house, west)
    assert (await go(browser, forged, token)).status_code == 303
    assert (await browser.speaks()).json()["roles"] == ["front_desk"]
    assert await people(west) == [("Eve Adler", "active")]


async def test_who_is_here_by_that_address_is_tied_unless_she_has_something_stronger(
    house: App, west: Site, forged: Forged
) -> None:
    jana, address = await somebody(west)
    token, _ = await front_desk(west, address)
    sworn(forged, address)
    browser, hers = at(house, west), at(house, west)
    await hers.sign_in(address)
    await set_up(hers, device(hers))
    refused = await go(browser, forged, token)
    assert (refused.status_code, "stärkeren Weg herein" in refused.text) == (409, True)
    assert await linked_by(west) == []
    await west.sql("delete from auth.passkey where tenant_id = $1", west.id)
    assert (await go(browser, forged, token)).status_code == 303
    assert (await browser.speaks()).json()["person"] == str(jana)
    assert await linked_by(west) == [(jana, "invitation")]


async def test_somebody_blocked_is_not_let_in_by_a_letter(house: App, west: Site, forged: Forged) -> None:
    sworn(forged, HERS)
    await come(at(house, west), forged)
    await west.sql("update app.person set state = 'blocked' where tenant_id = $1", west.id)
    token, _ = await front_desk(west)
    browser = at(house, west)
    assert (await go(browser, forged, token)).status_code == 409
    assert "__Host-session" not in browser.jar
    assert len(await invitations(west.desk())) == 1


async def test_a_forwarded_letter_is_the_first_one_s_and_its_reader_still_takes_a_code(
    house: App, west: Site, forged: Forged
) -> None:
    token, wish = await front_desk(west)
    sworn(forged, "eve@other.example")
    await go(at(house, west), forged, token)
    forged.claims, browser = {"sub": "mallory"}, at(house, west)
    sworn(forged, "mallory@other.example", sub="mallory", name="Mallory")
    second = await go(browser, forged, token)
    assert (second.status_code, "schon jemand anderes" in second.text) == (409, True)
    [seen] = await invitations(west.desk())
    assert seen.claimed_address == "eve@other.example"
    assert await why(west) == ["somebody_else"]
    reader = at(house, west)
    assert (await accept_by_code(reader, token)).status_code == 303
    assert (await reader.speaks()).json()["roles"] == ["front_desk"]
    assert await west.count("auth.login_address", "address = 'eve@ifl.example'") == 1
    assert list(await refusals(admit_invited(await manager_of(west), wish.id))) == ["NOT_FOUND"]


@pytest.mark.parametrize("how", ["withdrawn", "over", "used"])
async def test_an_invitation_that_ended_on_the_way_lets_nobody_in(
    house: App, west: Site, forged: Forged, how: str
) -> None:
    token, wish = await front_desk(west)
    sworn(forged, HERS)
    browser = at(house, west)
    back = await way_back(browser, forged, token)
    if how == "withdrawn":
        await withdraw_invitation(await manager_of(west), wish.id)
    elif how == "over":
        await west.sql("update auth.invitation set expires_at = $2 where id = $1", wish.id, machine_now())
    else:
        assert (await accept_by_code(at(house, west), token)).status_code == 303
    answer = await back_again(browser, back)
    assert (answer.status_code, "gilt nicht (mehr)" in answer.text) == (404, True)
    assert "__Host-session" not in browser.jar
    assert await linked_by(west) == []


async def test_of_six_ways_back_at_once_one_comes_in(house: App, west: Site, forged: Forged) -> None:
    token, _ = await front_desk(west)
    sworn(forged, HERS)
    browsers = [at(house, west) for _ in range(6)]
    ways = [await way_back(browser, forged, token) for browser in browsers]
    await west.sql("update auth.login_transaction set nonce = 'one' where tenant_id = $1", west.id)
    forged.nonce = "one"
    answers = await asyncio.gather(*(back_again(browser, back) for browser, back in zip(browsers, ways, strict=True)))
    assert sorted(answer.status_code for answer in answers).count(303) == 1
    assert await west.count("auth.role_grant", "role = 'front_desk'") == 1
    assert await people(west) == [("Eve Adler", "active")]


async def test_the_way_back_is_for_the_browser_that_opened_the_letter(house: App, west: Site, forged: Forged) -> None:
    token, _ = await front_desk(west)
    sworn(forged, HERS)
    back = await way_back(at(house, west), forged, token)
    other = at(house, west)
    await other.send("GET", "/auth/login")
    assert (await back_again(other, back)).status_code == 400
    assert await reasons(west) == ["bad_state"]
    assert len(await invitations(west.desk())) == 1


async def test_no_link_that_is_kept_holds_the_letter_s_secret(house: App, west: Site, forged: Forged) -> None:
    token, _ = await front_desk(west)
    browser = at(house, west)
    back = await way_back(browser, forged, token)
    rows = await west.sql(
        "select row_to_json(t)::text as kept from auth.login_transaction t where tenant_id = $1", west.id
    )
    assert token not in rows[0]["kept"]
    failed = await back_again(browser, back | {"error": "access_denied"})
    assert (failed.status_code, "Link aus Ihrer Einladung" in failed.text) == (400, True)
    assert "/auth/oidc/" not in failed.text


async def test_what_only_a_letter_s_reader_may_answer_offers_no_institution(
    house: App, west: Site, forged: Forged
) -> None:
    """Coming back in ends her passkeys: the mailbox and a colleague answer for that, no institution does."""
    jana, address = await somebody(west)
    back_in = await invite(await manager_of(west), to(address, person_id=jana))
    browser = at(house, west)
    page = await browser.send("GET", f"/auth/invitation/{back_in}")
    assert 'name="partner"' not in page.text
    form = {"_csrf": browser.word, "partner": "ifl"}
    assert (await browser.send("POST", f"/auth/invitation/{back_in}", data=form)).status_code == 404
    token, _ = await front_desk(west)
    await browser.send("GET", f"/auth/invitation/{token}")
    await west.sql("update auth.identity_provider set state = 'paused' where tenant_id = $1", west.id)
    form = {"_csrf": browser.word, "partner": "ifl"}
    assert (await browser.send("POST", f"/auth/invitation/{token}", data=form)).status_code == 404
    assert await west.count("auth.login_transaction") == 0


async def test_an_account_that_is_somebody_s_takes_the_invitation_along(house: App, west: Site, forged: Forged) -> None:
    """The address is another person's by now; the letter and her institution name her, so she has what it is about."""
    sworn(forged, HERS)
    await come(at(house, west), forged)
    other = await west.person("Otto")
    await add_address(west.desk("site_admin"), other, HERS)
    token, _ = await front_desk(west)
    browser = at(house, west)
    assert (await go(browser, forged, token)).status_code == 303
    [(eve, _)] = await linked_by(west)
    assert (await browser.speaks()).json()["person"] == str(eve)
    assert not await noted(west, "identity.linked")
