"""The certified provider beside the house, and somebody's browser that walks between the two."""

import asyncio
import html
import json
import os
import re
import shutil
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
import pytest_asyncio
from access.test_partner_rows import institute
from access.test_sign_in import Browser
from conftest import Cluster
from doorway import installed, running, who_speaks
from world import NOW, Site

from quartier.access.actions import machine_now
from quartier.access.partners.keys import make_signing_key
from quartier.access.partners.queries import signing_keys
from quartier.app import App, Edges, create_app
from quartier.database.engine import TenantEngine
from quartier.database.sealing import SEAL
from quartier.settings import Settings
from quartier.web.port import listening
from quartier.web.serve import server

HERE = Path(__file__).parent / "certified"
SECRET = "a secret that the institution has issued: 100 % / + &"  # what a form has to encode
ANNA = {"name": "Anna Blau", "email": "anna@ifl.example", "email_verified": True, "hd": "ifl.example"}


@dataclass
class Certified:
    """The institution: who works there, which houses it knows, and everything it complained about."""

    issuer: str
    http: httpx2.AsyncClient = field(repr=False)

    async def employs(self, sub: str, **claims: Any) -> None:
        (
            await self.http.post(f"{self.issuer}/_test/person", json={"sub": sub, "claims": ANNA | claims})
        ).raise_for_status()

    async def knows(self, **client: Any) -> None:
        (await self.http.post(f"{self.issuer}/_test/client", json=client)).raise_for_status()

    async def changes_keys(self) -> None:
        (await self.http.post(f"{self.issuer}/_test/new-keys")).raise_for_status()


async def _made() -> Path | None:
    """Where Node is, with the provider's packages beside it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not (HERE / "node_modules" / "oidc-provider").is_dir():
        install = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        await (await asyncio.create_subprocess_exec(npm, *install, cwd=HERE)).wait()
    return Path(node) if node and (HERE / "node_modules" / "oidc-provider").is_dir() else None


@pytest_asyncio.fixture(scope="session")
async def certified() -> AsyncIterator[Certified]:
    """One for the run; without Node the test is skipped, or fails where REQUIRE_CERTIFIED_OP is set."""
    node = await _made()
    if node is None:
        if os.environ.get("REQUIRE_CERTIFIED_OP"):
            pytest.fail("no Node with its packages, and REQUIRE_CERTIFIED_OP is set")
        pytest.skip("no Node with its packages: the certified provider cannot start")
    with listening("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        str(node), "provider.mjs", str(port), cwd=HERE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
    async with httpx2.AsyncClient() as http:
        yield Certified(f"http://localhost:{port}", http)
    process.terminate()
    await process.wait()


@dataclass
class Doors:
    """The running house, and the port at which the institution reaches it."""

    app: App
    port: int

    def at(self, site: Site, path: str) -> str:
        return f"http://{site.realm.host}:{self.port}{path}"


@pytest_asyncio.fixture(scope="session")
async def doors(engine: TenantEngine, postgres: Cluster, database: str) -> AsyncIterator[Doors]:
    with listening("127.0.0.1", 0) as door:
        port = door.getsockname()[1]
        settings = Settings(data=Path("unused"), demo=True, port=port, clock_ahead=NOW - machine_now())
        app = create_app(settings, Edges(graphql=who_speaks), installed(postgres, database, settings))
        async with running(app):
            serving = server(app)
            task = asyncio.create_task(serving.serve([door]))
            yield Doors(app, port)
            serving.should_exit = True
            await task


async def partner(doors: Doors, certified: Certified, site: Site, slug: str = "ifl", **row: Any) -> str:
    """A site and the institution know each other; give the client's id."""
    client = f"{site.realm.slug}-{slug}"
    method = row.setdefault("auth_method", "client_secret_basic")
    facts: dict[str, Any] = {
        "client_id": client,
        "client_secret": SECRET,
        "redirect_uris": [doors.at(site, f"/auth/oidc/{slug}/callback")],
        "post_logout_redirect_uris": [doors.at(site, "/")],
        "backchannel_logout_uri": doors.at(site, f"/auth/oidc/{slug}/backchannel-logout"),
        "backchannel_logout_session_required": True,
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": "ES256",
        "require_pushed_authorization_requests": row.get("par") == "always",
    }
    if method == "private_key_jwt":
        if not await signing_keys(site.desk()):
            await make_signing_key(site.desk())
        del facts["client_secret"]
        facts["jwks_uri"] = doors.at(site, "/auth/keys")
        facts["token_endpoint_auth_signing_alg"] = "ES256"
    await certified.knows(**facts)
    scope = ["openid", "profile", "email", "groups"]
    await institute(
        site, slug, issuer=certified.issuer, client_id=client, secret_enc=SEAL.close(SECRET), scope=scope,
        groups_claim="groups", **row,
    )  # fmt: skip
    await doors.app.house.directory.load()
    return client


class Walker(Browser):
    """A browser that goes to the institution and comes back; it keeps the cookies of both."""

    def __init__(self, doors: Doors, site: Site, certified: Certified) -> None:
        super().__init__(doors.app, site)
        self.origin = f"http://{site.realm.host}:{doors.port}"
        self.there = httpx2.AsyncClient(limits=httpx2.Limits(max_keepalive_connections=0))  # nothing stays open
        self.trail: list[str] = []

    async def until_back(self, begun: httpx2.Response | str, login: str = "anna") -> str:
        """Follow redirects and forms of the institution until it sends the browser back; give where to."""
        where = begun if isinstance(begun, str) else begun.headers["location"]
        for _ in range(12):
            self.trail.append(where)
            if urlsplit(where).netloc == urlsplit(self.origin).netloc:
                return where.removeprefix(self.origin)
            answer = await self.there.get(where)
            while answer.status_code == 200:  # a page with a form
                answer = await self._sent(answer, login)
            assert answer.is_redirect, (where, answer.status_code, answer.text)
            where = str(httpx2.URL(where).join(answer.headers["location"]))
        raise AssertionError(self.trail)

    async def _sent(self, page: httpx2.Response, login: str) -> httpx2.Response:
        found = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert found, page.text
        fields = {
            name: html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        }
        more = {"login": login, "password": "any"} if 'name="login"' in page.text else {"logout": "yes"}
        where = httpx2.URL(str(page.url)).join(html.unescape(found[1]))
        return await self.there.post(where, data=fields | more)

    async def come(self, slug: str = "ifl", login: str = "anna", query: str = "") -> httpx2.Response:
        start = await self.send("GET", f"/auth/oidc/{slug}/start{query}")
        assert start.status_code == 302, start.text
        return await self.send("GET", await self.until_back(start, login))


def asked(where: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(where).query))


async def claims_of(site: Site) -> dict[str, Any]:
    """What the ID token said that the newest session keeps."""
    rows = await site.sql(
        "select id_token_enc from auth.session where tenant_id = $1 order by created_at desc limit 1", site.id
    )
    token = SEAL.open(rows[0]["id_token_enc"])
    assert token is not None
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
