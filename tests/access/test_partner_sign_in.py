"""A partner's people come in by their own provider; a forged answer opens nothing, and the log says why."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from access.test_partner_rows import institute
from access.test_sign_in import Browser
from conftest import Cluster
from doorway import installed, running, who_speaks
from joserfc import jwt
from joserfc.jwk import ECKey
from rows import add
from world import NOW, Site

from quartier.access.actions import machine_now
from quartier.access.partners.metadata import Issuers
from quartier.access.sessions import FRESH
from quartier.app import App, Edges, create_app
from quartier.database.engine import TenantEngine
from quartier.settings import Settings

EVIL = "https://ifl.example"


class Forged:
    """An issuer in the test's hands: what it says can be bent at every place."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.info: dict[str, Any] = {"sub": "eve", "name": "Eve Adler", "groups": ["jury-gruppe"], "hd": "ifl.example"}
        self.meta: dict[str, Any] = {}
        self.nonce = ""
        self.asked: list[str] = []
        self.bent: dict[str, httpx2.Response] = {}
        self.requests: list[httpx2.Request] = []
        self.hangs = False

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(path)
        self.requests.append(request)
        if self.hangs:
            await asyncio.sleep(60)
        if path in self.bent:
            return self.bent[path]
        if path == "/par":
            return httpx2.Response(201, json={"request_uri": "urn:ietf:params:oauth:request_uri:one", "expires_in": 60})
        if path.endswith("openid-configuration"):
            document = {f"{name}_endpoint": f"{EVIL}/{name}" for name in ("authorization", "token", "userinfo")}
            document |= {"issuer": EVIL, "jwks_uri": f"{EVIL}/jwks"}
            more = {
                "id_token_signing_alg_values_supported": ["ES256"],
                "authorization_response_iss_parameter_supported": True,
            }
            return httpx2.Response(200, json=document | more | self.meta)
        if path == "/jwks":
            return httpx2.Response(200, json={"keys": [self.key.as_dict(private=False)]})
        if path == "/token":
            now = int(time.time())
            claims = {"iss": EVIL, "sub": "eve", "aud": "haus", "exp": now + 300, "iat": now, "nonce": self.nonce}
            token = self.signed(claims | self.claims)
            return httpx2.Response(200, json={"access_token": "at", "token_type": "Bearer", "id_token": token})
        return httpx2.Response(200, json=self.info)

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        return jwt.encode({"alg": "ES256", "kid": "k1"} | header, claims, self.key)

    def form(self, path: str) -> dict[str, str]:
        """What was sent to an endpoint, the last time."""
        [*_, last] = [request for request in self.requests if request.url.path == path]
        return {name: values[0] for name, values in parse_qs(last.content.decode()).items()}


@pytest.fixture
def forged() -> Forged:
    return Forged()


class Stage:
    """One house for all tests; whose issuer answers is the test's own."""

    forged: Forged

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        return await self.forged(request)


@pytest_asyncio.fixture(scope="session")
async def stage(engine: TenantEngine, postgres: Cluster, database: str) -> AsyncIterator[tuple[App, Stage]]:
    settings = Settings(data=Path("unused"), demo=True, clock_ahead=NOW - machine_now())
    set_up = Stage()
    issuers = Issuers(transport=httpx2.MockTransport(set_up))
    app = create_app(settings, Edges(graphql=who_speaks), installed(postgres, database, settings), issuers=issuers)
    async with running(app):
        yield app, set_up


@pytest_asyncio.fixture
async def house(stage: tuple[App, Stage], west: Site, east: Site, forged: Forged) -> App:
    app, set_up = stage
    set_up.forged = forged
    assert app.front.issuers is not None
    app.front.issuers._known.clear()
    await app.house.directory.load()
    await institute(west, groups_claim="groups")
    return app


async def begin(browser: Browser, forged: Forged, query: str = "") -> dict[str, str]:
    answer = await browser.send("GET", f"/auth/oidc/ifl/start{query}")
    assert answer.status_code == 302, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    forged.nonce = asked["nonce"]
    return {"code": "c", "state": asked["state"], "iss": EVIL}


async def come(browser: Browser, forged: Forged, **over: str) -> httpx2.Response:
    back = await begin(browser, forged) | over
    return await browser.send("GET", "/auth/oidc/ifl/callback", params={k: v for k, v in back.items() if v})


async def reasons(site: Site) -> list[str]:
    rows = await site.sql(
        "select reason from auth.event where tenant_id = $1 and kind = 'sign_in.refused' order by created_at", site.id
    )
    return [row["reason"] for row in rows]


async def test_eve_comes_in_with_what_her_group_gives_and_at_east_nobody_knows_her(
    house: App, west: Site, east: Site, forged: Forged
) -> None:
    browser = Browser(house, west)
    assert (await come(browser, forged)).status_code == 303, await reasons(west)
    told = (await browser.speaks()).json()
    assert told["roles"] == ["jury"]
    for _ in range(2):
        await come(browser, forged)
    assert (await west.count("auth.external_identity"), await west.count("auth.session")) == (1, 1)
    [row] = await west.sql("select name, email, state from app.person where tenant_id = $1", west.id)
    assert (row["name"], row["email"], row["state"]) == ("Eve Adler", None, "active")
    abroad = Browser(house, east)
    assert (await abroad.send("GET", "/auth/oidc/ifl/start")).status_code == 404


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "x"}, "bad_id_token"), ({"aud": "other"}, "bad_id_token"), ({"aud": ["haus", "b"]}, "bad_id_token"),
        ({"iss": "https://b.example"}, "bad_id_token"), ({"exp": 1}, "bad_id_token"), ({"iat": 1}, "bad_id_token"),
        ({"sub": ""}, "bad_id_token"), ({"sub": "mallory"}, "bad_userinfo"), ({"hd": "b.example"}, "wrong_institution"),
    ],
)  # fmt: skip
async def test_a_forged_word_opens_nothing(
    house: App, west: Site, forged: Forged, claims: dict[str, Any], reason: str
) -> None:
    forged.claims = claims
    browser = Browser(house, west)
    assert (await come(browser, forged)).status_code == 400
    assert await reasons(west) == [reason]
    assert await west.count("auth.session") == await west.count("app.person") == 0


async def test_one_state_is_for_one_browser_and_one_of_six_callbacks(house: App, west: Site, forged: Forged) -> None:
    browser, other = Browser(house, west), Browser(house, west)
    back = await begin(browser, forged)
    await other.send("GET", "/auth/login")
    assert (await other.send("GET", "/auth/oidc/ifl/callback", params=back)).status_code == 400
    answers = await asyncio.gather(*(browser.send("GET", "/auth/oidc/ifl/callback", params=back) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 5
    assert set(await reasons(west)) == {"bad_state"}


async def test_a_mixed_up_answer_never_reaches_a_token_endpoint(house: App, west: Site, forged: Forged) -> None:
    for iss in ("https://b.example", ""):
        assert (await come(Browser(house, west), forged, iss=iss)).status_code == 400
    assert await reasons(west) == ["mix_up", "mix_up"]
    assert "/token" not in forged.asked


async def test_a_document_of_another_issuer_is_not_taken(house: App, west: Site, forged: Forged) -> None:
    forged.meta = {"issuer": EVIL + "/"}
    assert (await Browser(house, west).send("GET", "/auth/oidc/ifl/start")).status_code == 400
    assert await reasons(west) == ["idp_misconfigured"]


async def test_a_foreign_page_cannot_begin_a_link(house: App, west: Site, forged: Forged) -> None:
    browser = Browser(house, west)
    await come(browser, forged)
    assert (await browser.send("GET", "/auth/oidc/ifl/start?purpose=link")).status_code == 400
    assert await west.count("auth.login_transaction") == 0


async def test_a_provider_that_says_not_when_gives_no_fresh_proof(house: App, west: Site, forged: Forged) -> None:
    await come(Browser(house, west), forged)
    [row] = await west.sql("select created_at - auth_at as age from auth.session where tenant_id = $1", west.id)
    assert row["age"] >= FRESH


@pytest.mark.parametrize("role", ["finance", "site_admin", "platform_operator", "member_admin"])
async def test_no_row_lets_a_provider_give_what_only_the_house_gives(
    house: App, west: Site, forged: Forged, role: str
) -> None:
    await west.sql("update auth.identity_provider set role_ceiling = $2 where tenant_id = $1", west.id, [role, "jury"])
    await west.sql("update auth.provider_rule set role = $2 where tenant_id = $1", west.id, role)
    await come(Browser(house, west), forged)
    assert await west.count("auth.role_grant") == 0


async def test_what_does_not_go_together_is_left_out_and_the_log_says_so(
    house: App, west: Site, forged: Forged
) -> None:
    """Her institution would make her both judge and decide: one of the two is left."""
    await west.sql(
        "update auth.identity_provider set role_ceiling = $2 where tenant_id = $1", west.id, ["jury", "award_authority"]
    )
    [provider] = await west.sql("select id from auth.identity_provider where tenant_id = $1", west.id)
    await add(west, "auth.provider_rule", provider=provider["id"], claim_value="jury-gruppe", role="award_authority")
    assert (await come(Browser(house, west), forged)).status_code == 303
    rows = await west.sql("select role from auth.role_grant where tenant_id = $1", west.id)
    assert [row["role"] for row in rows] == ["award_authority"]
    refused = await west.sql(
        "select reason, detail from auth.event where tenant_id = $1 and kind = 'role.refused'", west.id
    )
    assert [(row["reason"], "award_authority" in row["detail"]) for row in refused] == [("jury", True)]
