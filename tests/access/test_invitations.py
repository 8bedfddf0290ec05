"""Invited: into a role, into an organisation, or back in; and everybody whom a link must not let in."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from access.test_sign_in import Browser
from refusing import refusals
from world import NOW, Site

from quartier.access.actions import sweep
from quartier.access.cookies import form_word
from quartier.access.events import machine_now
from quartier.access.invitations.actions import _TAKE, invite, withdraw_invitation
from quartier.access.invitations.house import first_administrator
from quartier.access.invitations.queries import invitations
from quartier.access.invitations.words import Invitation
from quartier.access.post import Letterbox
from quartier.access.queries import as_auth
from quartier.app import App, standing
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.members.actions import add_affiliation
from quartier.members.colleagues import end_affiliation
from quartier.tenancy.desk import Desk

At = Callable[[], Browser]


@pytest.fixture
def at(app: App, at_west: httpx2.AsyncClient, west: Site) -> At:
    return lambda: Browser(app, west, f"198.51.100.{new_id().int % 200}-{new_id()}")


def to(address: str = "", **more: Any) -> Invitation:
    now = machine_now()
    facts: dict[str, Any] = {
        "id": new_id(), "address": address or f"{new_id()}@mail.example", "name": "Nele Ost", "language": "de",
        "role": None, "role_until": None, "bound_to": None, "organisation": None, "affiliation": None,
        "person_id": None, "invited_by": None, "created_at": now, "expires_at": now,
    }  # fmt: skip
    return Invitation(**facts | more)


async def organisation(site: Site, name: str = "Stadtgarten e. V.") -> UUID:
    made = new_id()
    await site.sql(
        "insert into app.organisation (tenant_id, id, name, sort_key, kind, nonprofit, economic, about_de, "
        "partner_roles, tags, state, version, created_at, changed_at) values ($1, $2, $3, $3, 'association', "
        "true, false, '', '{}', '{}', 'active', 1, $4, $4)",
        site.id, made, name, NOW,
    )  # fmt: skip
    return made


async def manager_of(site: Site) -> Desk:
    return site.desk("manager", person=await site.person("Mara Manager"))


async def accept(browser: Browser, token: str) -> httpx2.Response:
    """Open the link, press the button, type in the code that came by mail."""
    assert isinstance(browser.post, Letterbox)
    await browser.send("GET", f"/auth/invitation/{token}")
    answer = await browser.send("POST", f"/auth/invitation/{token}", data={"_csrf": browser.word})
    if answer.status_code != 200:
        return answer
    code = re.findall(r"Ihr Code ist (\d{8})", browser.post.letters[0].text)[0]
    return await browser.redeem(code)


async def why(site: Site, kind: str = "invitation.refused") -> list[str | None]:
    rows = await site.sql(
        "select reason from auth.event where tenant_id = $1 and kind = $2 order by seq", site.id, kind
    )
    return [row["reason"] for row in rows]


async def test_a_colleague_comes_into_her_organisation_and_no_further(at: At, west: Site) -> None:
    garden = await organisation(west)
    lead = await west.person("Jana Fried")
    desk = west.desk("member_admin", person=lead, own=frozenset({garden}))
    wish = to(organisation=garden, affiliation="member", invited_by=lead)
    token = await invite(desk, wish)
    browser = at()
    page = (await browser.send("GET", f"/auth/invitation/{token}")).text
    assert "Jana Fried" in page
    assert "Mitarbeit in einer Organisation" in page
    assert (await accept(browser, token)).status_code == 303
    assert (await browser.speaks()).json()["roles"] == ["member"]
    [row] = await west.sql(
        "select p.name, p.state, a.role, a.organisation_id from app.person p join app.affiliation a on a.tenant_id = "
        "p.tenant_id and a.person_id = p.id where p.tenant_id = $1 and p.email = $2",
        west.id, wish.address,
    )  # fmt: skip
    assert tuple(row.values()) == ("Nele Ost", "active", "member", garden)
    assert (await at().send("GET", f"/auth/invitation/{token}")).status_code == 404  # once
    assert await why(west, "invitation.accepted") == [None]


async def test_who_is_known_by_that_address_stays_the_same_person(at: At, west: Site) -> None:
    garden, club = await organisation(west), await organisation(west, "Chor")
    for place in (garden, club):
        token = await invite(await manager_of(west), to("nele@mail.example", organisation=place, affiliation="admin"))
        assert (await accept(at(), token)).status_code == 303
    assert await west.count("app.person", "email = 'nele@mail.example'") == 1
    assert await west.count("app.affiliation", "role = 'admin'") == 2


async def test_six_who_accept_at_once_are_one(at: At, west: Site) -> None:
    token = await invite(await manager_of(west), to(role="front_desk", role_until=NOW + timedelta(days=90)))
    codes, browsers = [], [at() for _ in range(6)]
    for browser in browsers:
        assert isinstance(browser.post, Letterbox)
        await browser.send("GET", f"/auth/invitation/{token}")
        sent = await browser.send("POST", f"/auth/invitation/{token}", data={"_csrf": browser.word})
        assert sent.status_code == 200, sent.text
        codes.append(re.findall(r"Ihr Code ist (\d{8})", browser.post.letters[0].text)[0])
    answers = await asyncio.gather(*(b.redeem(c) for b, c in zip(browsers, codes, strict=True)))
    assert sorted(each.status_code for each in answers).count(303) == 1
    assert await west.count("auth.role_grant", "role = 'front_desk'") == 1
    assert await west.count("app.person", "name = 'Nele Ost'") == 1


async def test_who_waited_for_the_row_with_an_older_clock_does_not_take_it_too(west: Site) -> None:
    desk = await manager_of(west)
    wish = to(role="front_desk", role_until=NOW + timedelta(days=9))
    await invite(west.desk("site_admin", person=desk.person), wish)
    await west.sql("update auth.invitation set created_at = created_at - interval '1 h' where tenant_id = $1", west.id)
    [found] = await invitations(west.desk())
    with as_auth(desk):
        async with DB.work():
            for earlier in (timedelta(), timedelta(seconds=1)):
                taken = await desk.fetch(_TAKE, desk.tenant_id, found.id, machine_now() - earlier)
                assert len(taken) == (not earlier)


async def test_invitations_are_swept_ninety_days_after_their_end(west: Site) -> None:
    desk = await manager_of(west)
    for days in (1, 91):
        await invite(west.desk("site_admin", person=desk.person), to(role="front_desk", role_until=NOW + timedelta(9)))
        await west.sql(
            "update auth.invitation set expires_at = $2 where tenant_id = $1 and expires_at > $3",
            west.id, machine_now() - timedelta(days=days), machine_now(),
        )  # fmt: skip
    assert await sweep(west.desk()) == 1
    assert await west.count("auth.invitation") == 1


async def test_a_link_alone_opens_nothing_in_another_browser(at: At, west: Site) -> None:
    token = await invite(await manager_of(west), to(role="front_desk", role_until=NOW + timedelta(days=90)))
    hers, thief = at(), at()
    assert isinstance(hers.post, Letterbox)
    await hers.send("GET", f"/auth/invitation/{token}")
    await hers.send("POST", f"/auth/invitation/{token}", data={"_csrf": hers.word})
    code = re.findall(r"Ihr Code ist (\d{8})", hers.post.letters[0].text)[0]
    await thief.send("GET", f"/auth/invitation/{token}")
    assert (await thief.redeem(code)).status_code == 422
    assert await west.count("auth.session") == 0
    for _ in range(5):
        assert (await hers.redeem("00000000")).status_code == 422
    assert (await hers.redeem(code)).status_code == 422
    assert (await accept(at(), token)).status_code == 303  # asking again still goes


async def test_withdrawn_over_and_foreign_links_look_alike(at: At, app: App, west: Site, east: Site) -> None:
    desk, wish = await manager_of(west), to(role="front_desk", role_until=NOW + timedelta(days=90))
    token = await invite(desk, wish)
    abroad = Browser(app, east, f"{new_id()}")
    foreign = await abroad.send("GET", f"/auth/invitation/{token}")
    await withdraw_invitation(desk, wish.id)
    withdrawn = await at().send("GET", f"/auth/invitation/{token}")
    second = to(wish.address, role="front_desk", role_until=NOW + timedelta(days=90))
    over = await invite(desk, second)
    browser = at()
    await browser.send("GET", f"/auth/invitation/{over}")
    await west.sql("update auth.invitation set expires_at = $2 where id = $1", second.id, machine_now())
    late = await browser.send("POST", f"/auth/invitation/{over}", data={"_csrf": browser.word})
    made_up = await at().send("GET", "/auth/invitation/qtri_" + "x" * 43)
    for each in (foreign, withdrawn, late, made_up):
        assert (each.status_code, "gilt nicht (mehr)" in each.text) == (404, True)
    assert await why(west) == ["unknown_or_over"] * 3
    assert await why(east) == ["unknown_or_over"]
    # One that is over makes way for the next, without anybody withdrawing it.
    assert await invite(desk, to(wish.address, role="front_desk", role_until=NOW + timedelta(days=90)))


async def test_a_code_of_an_invitation_that_was_withdrawn_meanwhile_opens_nothing(at: At, west: Site) -> None:
    desk, wish = await manager_of(west), to(role="front_desk", role_until=NOW + timedelta(days=90))
    token, browser = await invite(desk, wish), at()
    assert isinstance(browser.post, Letterbox)
    await browser.send("GET", f"/auth/invitation/{token}")
    await browser.send("POST", f"/auth/invitation/{token}", data={"_csrf": browser.word})
    code = re.findall(r"Ihr Code ist (\d{8})", browser.post.letters[0].text)[0]
    await withdraw_invitation(desk, wish.id)
    assert (await browser.redeem(code)).status_code == 422
    assert await west.count("auth.session") == 0


async def test_who_leads_one_organisation_is_only_a_colleague_in_another(west: Site) -> None:
    garden, club = await organisation(west), await organisation(west, "Chor")
    house, her = await manager_of(west), await west.person("Nele Ost")
    with west.speaking():
        await add_affiliation(house, her, garden, "admin")
        await add_affiliation(house, her, club, "member")
        led = await add_affiliation(house, await west.person("Ada Chor"), club, "admin")
        await add_affiliation(house, await west.person("Ben Chor"), club, "admin")
        found = await standing(west.desk(person=her))
    nele = west.desk("member_admin", person=her, own=found.own, leads=found.leads)
    waits = to(organisation=club, affiliation="member")
    await invite(house, waits)
    wishes = [to(organisation=place, affiliation="admin") for place in (garden, club)]
    assert [list(await refusals(invite(nele, wish))) for wish in wishes] == [[], ["NOT_ALLOWED"]]
    assert list(await refusals(withdraw_invitation(nele, waits.id))) == ["NOT_FOUND"]
    with west.speaking():
        assert list(await refusals(end_affiliation(nele, led.id))) == ["NOT_ALLOWED"]
    assert await west.count("app.affiliation", f"organisation_id = '{club}'") == 3


async def test_what_cannot_be_given_is_not_invited_to(west: Site) -> None:
    garden, foreign = await organisation(west), await organisation(west, "Nachbarn")
    manager, soon = await manager_of(west), NOW + timedelta(days=90)
    lead = west.desk("member_admin", person=await west.person("Jana"), own=frozenset({garden}))
    assert list(
        await refusals(invite(replace(manager, person=lead.person), to(role="site_admin", role_until=soon)))
    ) == ["ROLE_NOT_YOURS"]
    admin = west.desk("site_admin", person=lead.person)
    assert list(await refusals(invite(admin, to(role="finance", role_until=soon)))) == ["NOT_BY_INVITATION"]
    assert list(await refusals(invite(admin, to(role="manager", role_until=NOW + timedelta(days=800))))) == [
        "ROLE_TOO_LONG"
    ]
    assert list(await refusals(invite(lead, to(organisation=foreign, affiliation="admin")))) == ["NOT_ALLOWED"]
    assert list(await refusals(invite(lead, to(role="front_desk", role_until=soon)))) == ["ROLE_NOT_YOURS"]
    for nowhere in ("kein Briefkasten", "nele@mail.example\u202e", "ne\u200ble@mail.example"):
        assert list(await refusals(invite(admin, to(nowhere, role="manager", role_until=soon)))) == ["FIELD_INVALID"]
    assert list(await refusals(invite(admin, to(person_id=lead.person)))) == [
        "NOT_ALLOWED"
    ]  # nobody lets herself back in
    machine = replace(west.desk(), client=new_id())
    assert list(await refusals(invite(machine, to(organisation=garden, affiliation="admin")))) == ["NOT_ALLOWED"]
    assert await west.count("auth.invitation") == 0
    await invite(lead, to("nele@mail.example", organisation=garden, affiliation="member"))
    twice = to("nele@mail.example", organisation=garden, affiliation="member")
    assert list(await refusals(invite(lead, twice))) == ["INVITATION_OPEN"]
    for _ in range(19):
        await invite(lead, to(organisation=garden, affiliation="member"))
    assert list(await refusals(invite(lead, to(organisation=garden, affiliation="member")))) == ["INVITATIONS_FULL"]


async def test_two_invitations_at_once_for_one_address_are_one(west: Site) -> None:
    garden = await organisation(west)
    desk, wishes = (
        await manager_of(west),
        [to("nele@mail.example", organisation=garden, affiliation="member") for _ in range(4)],
    )
    told = await asyncio.gather(*(invite(desk, each) for each in wishes), return_exceptions=True)
    assert [type(each).__name__ for each in told].count("str") == 1
    assert len(await invitations(await manager_of(west), garden)) == 1


async def test_somebody_else_s_invitation_is_not_to_be_seen(west: Site, east: Site) -> None:
    garden, wish = await organisation(west), to(role="front_desk", role_until=NOW + timedelta(days=9))
    await invite(await manager_of(west), wish)
    lead = west.desk("member_admin", own=frozenset({garden}))
    assert list(await refusals(withdraw_invitation(lead, wish.id))) == ["NOT_FOUND"]
    assert list(await refusals(withdraw_invitation(east.desk("site_admin"), wish.id))) == ["NOT_FOUND"]


async def test_roles_that_exclude_each_other_leave_the_invitation_open(at: At, west: Site) -> None:
    person = await west.person("Nele Ost", "finance")
    await west.sql(
        "insert into auth.login_address (tenant_id, id, person_id, address) values ($1, $2, $3, 'nele@mail.example')",
        west.id, new_id(), person,
    )  # fmt: skip
    desk = await manager_of(west)
    token = await invite(desk, to("nele@mail.example", role="front_desk", role_until=NOW + timedelta(days=90)))
    answer = await accept(at(), token)
    assert (answer.status_code, "verträgt sich nicht mit: Zahlungen" in answer.text) == (409, True), answer.text
    assert await west.count("auth.session") == 0
    assert len(await invitations(desk)) == 1
    assert await why(west) == ["refused"]


async def test_who_lost_her_passkey_is_let_back_in_and_the_old_ones_end(at: At, west: Site) -> None:
    person = await west.person("Nele Ost", "manager")
    now = machine_now()
    await west.sql(
        "insert into auth.passkey (tenant_id, id, person_id, credential_id, public_key, sign_count, backed_up, name, "
        "created_at) values ($1, $2, $3, 'x', 'y', 0, false, 'Altes Telefon', $4)",
        west.id, new_id(), person, now,
    )  # fmt: skip
    helper = west.desk("site_admin", person=await west.person("Ralf Zeidler"))
    token = await invite(helper, to("neue@mail.example", person_id=person))
    browser = at()
    assert (await accept(browser, token)).status_code == 303
    assert (await browser.speaks()).json()["person"] == str(person)
    assert await west.count("auth.passkey") == 0


async def test_the_house_s_own_link_makes_the_first_administrator_without_mail(at: At, west: Site) -> None:
    token = await first_administrator(west.desk(), "Jo@Example.org")
    [row] = await west.sql(
        "select expires_at - created_at as lasts, address from auth.invitation where tenant_id = $1", west.id
    )
    assert (row["lasts"], row["address"]) == (timedelta(hours=24), "jo@example.org")
    browser = at()
    answer = await accept(browser, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/sessions")
    session = browser.jar["__Host-session"]
    told = (await browser.send("POST", "/graphql", headers={"x-csrf-token": form_word(session)})).json()
    assert told["roles"] == []  # it sleeps until she has set up a passkey
    assert await west.count("auth.role_grant", "role = 'site_admin'") == 1
    assert (await at().send("GET", f"/auth/invitation/{token}")).status_code == 404
