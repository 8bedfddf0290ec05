"""Secrets are with who shows them alone: each way in is walked with known ones, then everything kept is searched."""

import io
import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from access.test_invitations import manager_of, to
from access.test_machine_tokens import a_client, a_token
from access.test_partner_sign_in import EVIL, Forged, forged, house, reasons, stage
from access.test_passkeys import asked, device, say
from access.test_sign_in import Browser, somebody
from doorway import LOG
from doorway import client as http_at
from world import NOW, Site

from quartier.access.codes import add_address
from quartier.access.cookies import form_word
from quartier.access.invitations.actions import invite
from quartier.access.post import Letterbox
from quartier.app import App
from quartier.database.engine import TenantEngine
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.notices import outbox
from quartier.web import logs

__all__ = ["forged", "house", "stage"]

NAME = "Kanaria Vogelsang"
PROVIDER_SECRET = "qpartnersecret-5b1c6f0a"
ACCESS_TOKEN = "qaccesstoken-77d0e3"
CODE_THERE = "qcode-4411aa"
# Where an address and a name are kept on purpose; no other table, and no log of any kind, has them.
OF_PEOPLE = {"app.person", "auth.login_address", "auth.invitation"}


class Canaries:
    """What must not be found, by what it is."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.people: dict[str, str] = {"name": NAME}

    def browser(self, which: str, browser: Browser) -> None:
        for cookie, value in browser.jar.items():
            self.secrets[f"{which} {cookie}"] = value
            self.secrets[f"{which} word of {cookie}"] = form_word(value)

    def found_in(self, text: str, *, people: bool) -> set[str]:
        """Names of what stands in a text, plainly or as the bytes of a column."""
        wanted = self.secrets | (self.people if people else {})
        low = text.lower()
        return {what for what, value in wanted.items() if value.lower() in low or value.encode().hex() in low}


@pytest_asyncio.fixture
async def everything_logged(house: App) -> AsyncIterator[io.StringIO]:
    """An installation that is set to DEBUG tells no more secrets than another."""
    out = io.StringIO()
    logs.configure("DEBUG", out=out)
    yield out
    logs.configure("INFO", out=LOG)


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """With the signed contexts that each statement of this test brings to the database."""
    made = Canaries()
    signed = TenantEngine.signed

    def seen(self: TenantEngine, of: Any = None) -> tuple[str, str]:
        realm, context = signed(self, of)
        made.secrets[f"context {len(made.secrets)}"] = context
        return realm, context

    monkeypatch.setattr(TenantEngine, "signed", seen)
    return made


async def tables(site: Site) -> list[tuple[str, list[str]]]:
    """Every table of the house with its rows of this site, and all of the queue's, as text."""
    names = await site.sql(
        "select c.oid::regclass::text as name, exists (select from pg_attribute a where a.attrelid = c.oid and "
        "a.attname = 'tenant_id') as of_a_site from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p') and n.nspname in ('app', 'auth', 'city', 'jobs') and not c.relispartition"
    )
    found = []
    for each in names:
        where = f"where tenant_id = '{site.id}'" if each["of_a_site"] else ""
        rows = await site.sql(f"select row_to_json(t)::text as kept from {each['name']} t {where}")
        found.append((each["name"], [row["kept"] for row in rows]))
    return found


async def server_log(site: Site) -> str:
    """What PostgreSQL wrote down; empty for a server that is not ours."""
    [row] = await site.sql("select current_setting('data_directory') as folder")
    path = Path(row["folder"]).parent / "log"
    return path.read_text("utf-8", "replace") if path.is_file() else ""


async def by_code(house: App, west: Site, canaries: Canaries) -> None:
    browser = Browser(house, west, f"192.0.2.1-{new_id()}")
    person, _ = await somebody(west, "front_desk")
    await west.sql("update app.person set name = $2 where id = $1", person, NAME)
    canaries.people["address"] = address = f"kanarienvogel-{new_id()}@mail.example"
    await add_address(west.desk("site_admin"), person, address)
    for digits in (None, "00000000"):  # once right, once wrong, and used twice
        code = await browser.ask(address)
        assert code is not None
        canaries.secrets[f"code {digits}"] = code
        await browser.send("GET", f"/auth/code?code={code}&next=/x")
        canaries.browser("by code", browser)
        for tried in (digits or code, code):
            await browser.redeem(tried)
            canaries.browser("by code", browser)
    await browser.send("GET", "/auth/sessions")
    await browser.speaks()
    await browser.send("POST", "/auth/logout", data={"_csrf": form_word(browser.jar["__Host-session"])})


async def by_institution(house: App, west: Site, forged: Forged, canaries: Canaries) -> None:
    canaries.people["sworn address"] = sworn = f"kanarienpost-{new_id()}@ifl.example"
    canaries.secrets |= {"secret": PROVIDER_SECRET, "access token": ACCESS_TOKEN, "code there": CODE_THERE}
    await west.sql(
        "update auth.identity_provider set secret_enc = $2 where tenant_id = $1", west.id, SEAL.close(PROVIDER_SECRET)
    )
    forged.info |= {"name": NAME, "email": sworn, "email_verified": True}
    browser = Browser(house, west, f"192.0.2.2-{new_id()}")
    for kind in ("good", "forged", "html", "twice"):
        answer = await browser.send("GET", "/auth/oidc/ifl/start")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
        canaries.secrets |= {f"{kind} {name}": asked[name] for name in ("state", "nonce", "code_challenge")}
        now = int(time.time())
        claims = {"iss": EVIL, "sub": "eve", "aud": "haus", "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        token = forged.signed(claims if kind == "good" else claims | {"aud": "other"})
        canaries.secrets[f"{kind} id token"] = token
        told = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": token}
        forged.bent["/token"] = (
            httpx2.Response(500, text=f"<p>{token}") if kind == "html" else httpx2.Response(200, json=told)
        )
        back = {"code": CODE_THERE, "state": asked["state"], "iss": EVIL}
        await browser.send("GET", "/auth/oidc/ifl/callback", params=back)
        if kind == "twice":
            await browser.send("GET", "/auth/oidc/ifl/callback", params=back)
        canaries.secrets[f"{kind} verifier"] = forged.form("/token")["code_verifier"]
        canaries.browser("by institution", browser)
    assert (await reasons(west))[-4:] == ["bad_id_token", "idp_unavailable", "bad_id_token", "bad_state"]
    assert await west.count("auth.external_identity") == 1


async def by_machine(house: App, west: Site, canaries: Canaries) -> None:
    of = await a_client(west)
    canaries.secrets["client secret"] = of.secret
    async with http_at(house, west) as http:
        token = await a_token(http, of)
        canaries.secrets["token"] = token
        bearer = {"authorization": f"Bearer {token}"}
        for path in ("/oauth/introspect", "/oauth/revoke"):
            await http.post(path, auth=(of.client_id, of.secret), data={"token": token})
        for headers in (bearer, {"authorization": f"Bearer {token}x"}, {"authorization": f"Basic {of.secret}"}):
            await http.post("/graphql", headers=headers)
        form = {"grant_type": "client_credentials", "client_id": of.client_id, "client_secret": of.secret}
        for wrong in ({"scope": "nothing"}, {"client_id": "other"}, {"client_secret": of.secret + "x"}):
            await http.post("/oauth/token", data=form | wrong)
        await http.get(f"/{token}/x%0d%0aINJECTED?access_token={token}", headers=bearer)


async def by_invitation(house: App, west: Site, canaries: Canaries) -> None:
    canaries.people["invited address"] = address = f"kanarienbrief-{new_id()}@mail.example"
    wish = to(address, name=NAME, role="front_desk", role_until=NOW.replace(year=NOW.year + 1))
    canaries.secrets["invitation"] = token = await invite(await manager_of(west), wish)
    browser = Browser(house, west, f"192.0.2.3-{new_id()}")
    assert isinstance(browser.post, Letterbox)
    await browser.send("GET", f"/auth/invitation/{token}")
    await browser.send("POST", f"/auth/invitation/{token}", data={"_csrf": browser.word})
    canaries.secrets["invitation code"] = code = re.findall(r"Ihr Code ist (\d{8})", browser.post.letters[0].text)[0]
    canaries.browser("invited", browser)
    assert (await browser.redeem(code)).status_code == 303
    canaries.browser("invited", browser)
    assert (await browser.send("GET", f"/auth/invitation/{token}")).status_code == 404


async def by_passkey(house: App, west: Site, canaries: Canaries) -> None:
    """Set up, shown rightly, shown once more, and bent: what was signed and what for is nobody's afterwards."""
    browser = Browser(house, west, f"192.0.2.4-{new_id()}")
    _, address = await somebody(west, "manager")
    assert (await browser.redeem(str(await browser.ask(address)))).status_code == 303
    key = device(browser)
    options = await asked(browser, "/auth/passkeys/options", name="Laptop")
    canaries.secrets["challenge to set up"] = options["challenge"]
    made = key.make(options)
    canaries.secrets["attestation"] = made["response"]["attestationObject"]
    assert (await say(browser, "/auth/passkeys", {"credential": made, "name": "Laptop"})).status_code == 200
    canaries.browser("with a passkey", browser)
    other = Browser(house, west, f"192.0.2.5-{new_id()}")
    await other.send("GET", "/auth/login")
    options = await asked(other, "/auth/passkey/options")
    shown = key.show(options)
    canaries.secrets |= {"challenge": options["challenge"], "signature": shown["response"]["signature"]}
    canaries.secrets["what was signed"] = shown["response"]["clientDataJSON"]
    for what in ("challenge to set up", "attestation", "challenge", "signature"):  # as a column of bytes shows them
        canaries.secrets[f"{what} in bytes"] = urlsafe_b64decode(canaries.secrets[what] + "==").hex()
    bent = shown | {"response": shown["response"] | {"signature": shown["response"]["signature"][::-1]}}
    answers = [(await say(other, "/auth/passkey", {"credential": each, "next": "/"})) for each in (bent, shown, shown)]
    assert answers[0].status_code == 400
    canaries.browser("by passkey", other)


async def by_notice(west: Site, canaries: Canaries) -> None:
    """Told by the outbox: neither the notice nor the job that sends it knows a name or an address."""
    canaries.people["told address"] = address = f"kanariennachricht-{new_id()}@mail.example"
    person = await west.person(NAME)
    await west.sql("update app.person set email = $2 where id = $1", person, address)
    desk = west.desk("manager")
    with west.speaking():
        async with desk.transaction():
            assert await outbox.queue(desk, "membership_question", person, once=f"q:{new_id()}", membership=new_id())
    assert await west.count("app.notice") == 1


async def test_no_secret_is_in_a_log_or_a_table_and_no_address_where_none_belongs(
    house: App, west: Site, forged: Forged, canaries: Canaries, everything_logged: io.StringIO
) -> None:
    await by_code(house, west, canaries)
    await by_institution(house, west, forged, canaries)
    await by_machine(house, west, canaries)
    await by_invitation(house, west, canaries)
    await by_passkey(house, west, canaries)
    await by_notice(west, canaries)
    assert len([what for what in canaries.secrets if what.startswith("context")]) > 20
    lines = everything_logged.getvalue()
    assert '"path":"/…/' in lines  # the requests are there, their secrets are not
    assert canaries.found_in(lines, people=True) == set()
    assert all(isinstance(json.loads(line), dict) for line in lines.splitlines())  # nobody writes a line of her own
    assert canaries.found_in(await server_log(west), people=True) == set()
    rows, wrong = 0, []
    for table, kept in await tables(west):
        rows += len(kept)
        for row in kept:
            wrong += [(table, what) for what in canaries.found_in(row, people=table not in OF_PEOPLE)]
    assert wrong == []
    assert rows > 50


async def test_the_search_finds_what_is_there(house: App, west: Site, canaries: Canaries) -> None:
    """Else an empty result would say nothing: one secret is written down on purpose, as text and as bytes."""
    canaries.secrets = {"one": "qcanary-one", "two": "qcanary-two"}
    await west.sql(
        "insert into auth.event (tenant_id, id, kind, reason, request_id, created_at) "
        "values ($1, $2, 'x', 'qcanary-one', '-', now())",
        west.id,
        new_id(),
    )
    await west.sql("update auth.identity_provider set secret_enc = 'qcanary-two'::bytea where tenant_id = $1", west.id)
    found = {
        (table, what)
        for table, kept in await tables(west)
        for row in kept
        for what in canaries.found_in(row, people=True)
    }
    assert found == {("auth.event", "one"), ("auth.identity_provider", "two")}
