"""What is worth a second look wants a fresh sign-in; what a power does for a wish is done once."""

import httpx2
import pytest
from access.test_sign_in import Browser, somebody
from refusing import refusals
from world import NOW, Site

from quartier.access.actions import create_client, machine_now
from quartier.access.sessions import FRESH
from quartier.app import App
from quartier.kit.refusal import Refused
from quartier.tenancy.once import once, rehearse


async def test_a_stale_session_is_asked_again_and_a_fresh_one_is_not(
    app: App, at_west: httpx2.AsyncClient, west: Site
) -> None:
    person, address = await somebody(west, "site_admin")
    browser = Browser(app, west)
    secret = await browser.sign_in(address)
    await west.sql("update auth.session set method = 'passkey' where tenant_id = $1", west.id)
    for proven_at, asks in ((machine_now(), False), (machine_now() - FRESH, True)):
        await west.sql("update auth.session set auth_at = $2 where tenant_id = $1", west.id, proven_at)
        app.house.speakers.forget(None)
        desk = await app.house.speakers.desk(west.realm, None, session=secret, language=None, request_id="test")
        assert desk.person == person
        assert desk.may("access:clients")
        found = await refusals(create_client(desk.at(NOW), "Tafel", ["spaces:read"]))
        assert list(found) == (["SIGN_IN_AGAIN"] if asks else [])
        assert desk.asks_again == (
            desk.permissions & {"access:clients", "access:grant", "access:providers", "site:open"}
            if asks
            else frozenset()
        )


async def test_a_wish_of_the_doors_is_done_once_and_a_rehearsal_leaves_nothing(at_west: object, west: Site) -> None:
    desk = west.desk()

    async def work() -> dict[str, object]:
        return {"client": (await create_client(desk, "Tafel", ["spaces:read"])).client_id}

    assert "client" in await rehearse(desk, work, power="auth")
    assert await west.count("auth.api_client") == await west.count("auth.event") == 0
    first = await once(desk, "k", b"x", work, power="auth")
    assert await once(desk, "k", b"x", work, power="auth") == first
    assert await west.count("auth.api_client") == 1
    with pytest.raises(Refused, match="KEY_REUSED"):
        await once(desk, "k", b"y", work, power="auth")
