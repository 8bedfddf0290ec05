"""The whole sign-in against the certified provider (npm oidc-provider): what an institution really sends."""

import asyncio
import re

import pytest
from access.institution import Certified, Doors, Walker, asked, certified, claims_of, doors, partner
from access.test_partner_sign_in import reasons
from access.test_sign_in import events
from world import Site

from quartier.access.partners.kept import BETWEEN

__all__ = ["certified", "doors"]


async def test_anna_comes_in_with_what_her_group_gives(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west)
    await certified.employs("anna", groups=["jury-gruppe"])
    anna = Walker(doors, west, certified)
    assert (await anna.come(query="?next=/heute")).headers["location"] == "/heute", await reasons(west)
    assert (await anna.speaks()).json()["roles"] == ["jury"]
    wish = asked(anna.trail[0])
    assert (wish["code_challenge_method"], len(wish["code_challenge"]), wish["response_type"]) == ("S256", 43, "code")
    assert asked(anna.trail[-1])["iss"] == certified.issuer
    [row] = await west.sql("select name, email from app.person where tenant_id = $1", west.id)
    assert tuple(row.values()) == ("Anna Blau", "anna@ifl.example")
    # Name, address and groups came by userinfo: with the code flow its ID token has none of them.
    assert not {"name", "email", "groups"} & (await claims_of(west)).keys()
    assert (await Walker(doors, east, certified).send("GET", "/auth/oidc/ifl/start")).status_code == 404


@pytest.mark.parametrize("par", ["never", "always"])
async def test_a_key_of_ours_is_as_good_as_a_secret(
    doors: Doors, certified: Certified, west: Site, east: Site, par: str
) -> None:
    await partner(doors, certified, west, auth_method="private_key_jwt", par=par)
    await certified.employs("anna", groups=["jury-gruppe"])
    anna = Walker(doors, west, certified)
    assert (await anna.come()).status_code == 303, await reasons(west)
    wish = asked(anna.trail[0])
    assert ("request_uri" in wish, "code_challenge" in wish) == (par == "always", par == "never")
    assert (await anna.speaks()).json()["roles"] == ["jury"]


async def test_a_code_is_worth_one_sign_in_and_only_with_its_own_verifier(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west)
    await certified.employs("anna")
    anna = Walker(doors, west, certified)
    back = await anna.until_back(await anna.send("GET", "/auth/oidc/ifl/start"))
    answers = await asyncio.gather(*(anna.send("GET", back) for _ in range(6)))
    assert sorted(each.status_code for each in answers) == [303] + [400] * 5
    again = await anna.until_back(await anna.send("GET", "/auth/oidc/ifl/start"))
    used = again.replace(asked(again)["code"], asked(back)["code"])
    assert (await anna.send("GET", used)).status_code == 400
    # Without the verifier that only we know, a stolen code is worth nothing: it checks that, not we.
    third = await anna.until_back(await anna.send("GET", "/auth/oidc/ifl/start"))
    await west.sql("update auth.login_transaction set verifier = repeat('x', 64) where tenant_id = $1", west.id)
    assert (await anna.send("GET", third)).status_code == 400
    assert (await reasons(west))[5:] == ["idp_refused", "idp_refused"]


async def test_who_shows_herself_again_signs_in_there_again(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west, strong=True)
    await certified.employs("anna", groups=["jury-gruppe"])
    anna = Walker(doors, west, certified)
    await anna.come()
    await west.sql("update auth.session set auth_at = auth_at - interval '10 minutes' where tenant_id = $1", west.id)
    doors.app.house.speakers.forget(None)
    before = await west.sql("select id, auth_at from auth.session where tenant_id = $1", west.id)
    answer = await anna.come(query="?purpose=step_up&next=/heute")
    assert (answer.status_code, answer.headers["location"]) == (303, "/heute"), await reasons(west)
    [after] = await west.sql("select id, auth_at from auth.session where tenant_id = $1", west.id)
    assert after["id"] != before[0]["id"]
    assert (after["auth_at"] - before[0]["auth_at"]).total_seconds() > 590
    assert "auth_time" in await claims_of(west)


async def test_who_leaves_here_leaves_there_and_the_other_way_round(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west)
    await certified.employs("anna", groups=["jury-gruppe"])
    first, second = Walker(doors, west, certified), Walker(doors, west, certified)
    second.there = first.there  # the same browser there, two windows here
    await first.come()
    await second.come()
    assert await west.count("auth.session") == 2
    await first.send("GET", "/auth/sessions")
    left = await first.send("POST", "/auth/logout", data={"_csrf": first.word})
    away = left.headers["refresh"].removeprefix("0; url=")
    assert away.startswith(f"{certified.issuer}/session/end?")
    assert await first.until_back(away) == "/"
    for _ in range(50):  # it tells every house that she has left, behind her back
        if not await west.count("auth.session"):
            break
        await asyncio.sleep(0.1)
    assert await west.count("auth.session") == 0
    assert (await second.speaks()).json()["person"] is None
    # She is asked for her name there again.
    start = await first.send("GET", "/auth/oidc/ifl/start")
    assert 'name="login"' in (await first.there.get(start.headers["location"], follow_redirects=True)).text


async def test_new_keys_there_keep_nobody_out(doors: Doors, certified: Certified, west: Site, east: Site) -> None:
    await partner(doors, certified, west)
    await certified.employs("anna", groups=["jury-gruppe"])
    assert (await Walker(doors, west, certified).come()).status_code == 303
    await certified.changes_keys()
    assert doors.app.front.issuers is not None
    known = doors.app.front.issuers.of(certified.issuer)._keys
    assert (await Walker(doors, west, certified).come()).status_code == 400  # half a minute lies between two looks
    known.fetched_at -= BETWEEN
    assert (await Walker(doors, west, certified).come()).status_code == 303, await reasons(west)


async def test_the_wrong_institution_of_a_shared_provider_is_turned_away(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west)
    await certified.employs("mallory", hd="elsewhere.example", groups=["jury-gruppe"])
    mallory = Walker(doors, west, certified)
    assert (await mallory.come(login="mallory")).status_code == 400
    assert await reasons(west) == ["wrong_institution"]
    assert (await west.count("auth.session"), await west.count("app.person")) == (0, 0)
    assert ("sign_in.refused", "wrong_institution") in await events(west)


async def test_who_turns_back_there_is_told_here_and_comes_in_nowhere(
    doors: Doors, certified: Certified, west: Site, east: Site
) -> None:
    await partner(doors, certified, west)
    anna = Walker(doors, west, certified)
    start = await anna.send("GET", "/auth/oidc/ifl/start")
    page = await anna.there.get(start.headers["location"], follow_redirects=True)
    [away] = re.findall(r'href="([^"]+/abort)"', page.text)
    back = await anna.until_back(str(page.url.join(away)))
    assert asked(back)["error"] == "access_denied"
    answer = await anna.send("GET", back)
    assert (answer.status_code, await reasons(west)) == (400, ["idp_refused"])
    assert await west.count("auth.session") == 0
