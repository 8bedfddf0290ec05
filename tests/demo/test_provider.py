"""The practice provider: strict where it teaches, and on this machine alone."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, KeySet

from quartier_demo.institutions import Client, Institution, Person
from quartier_demo.provider import ASSERTION, NotHere, Provider
from quartier_demo.provider_pages import Pages, providers

BASE = "http://localhost:9"
KEY = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": "site"})
VERIFIER = "v" * 50


def client(**over: Any) -> Client:
    facts: dict[str, Any] = {
        "id": "west", "host": "west.localhost", "slug": "ifl", "auth_method": "client_secret_basic", "secret": "hush",
        "algorithm": "ES256", "claims_from": "userinfo", "groups_claim": "groups", "par": "never",
        "scope": ("openid", "profile", "email"), "sure": {"org_domain": "ifl.example"}, "origin": "http://west.localhost",
    }  # fmt: skip
    return Client(**(facts | over))


class Institute:
    """One institution with one site and two people, and a browser in front of it."""

    def __init__(self, **over: Any) -> None:
        made = client(**over)
        made.keys.append(KEY.as_dict(private=False))
        people = {
            sub: Person(sub, name, f"{sub}@ifl.example", ("jury",)) for sub, name in (("1", "Nora"), ("2", "Emil"))
        }
        self.client = made
        institution = Institution("ifl", "Institut", people, {made.id: made})
        self.told: list[tuple[str, str]] = []
        pages = Pages(BASE, providers(BASE, [institution]), self._told, self._fresh)
        self.pages = pages
        app: Any = pages.app()
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE)

    async def _told(self, client: Client, word: str) -> None:
        self.told.append((client.id, word))

    async def _fresh(self) -> None:
        return None

    def wish(self, **over: Any) -> dict[str, str]:
        asked = {
            "response_type": "code", "client_id": "west", "redirect_uri": self.client.redirect_uri, "state": "s",
            "scope": "openid profile email", "nonce": "n", "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in (asked | over).items() if value is not None}

    async def chosen(self, sub: str = "1", **over: Any) -> dict[str, str]:
        answer = await self.http.post("/ifl/authorize", params=self.wish(**over), data={"sub": sub})
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    async def redeem(self, code: str, **over: Any) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.client.redirect_uri,
            "code_verifier": VERIFIER,
        }  # fmt: skip
        auth = over.pop("auth", ("west", "hush"))
        return await self.http.post("/ifl/token", data=form | over, auth=auth)


async def test_somebody_is_chosen_and_everything_about_her_is_told_at_userinfo() -> None:
    ifl = Institute()
    page = await ifl.http.get("/ifl/authorize", params=ifl.wish())
    assert "Wer sind Sie?" in page.text
    assert "kein Passwort" in page.text
    back = await ifl.chosen()
    assert (back["state"], back["iss"]) == ("s", f"{BASE}/ifl")
    token = (await ifl.redeem(back["code"])).json()
    keys = KeySet([JWKRegistry.import_key(key) for key in (await ifl.http.get("/ifl/jwks")).json()["keys"]])
    claims = jwt.decode(token["id_token"], keys).claims
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (f"{BASE}/ifl", "west", "1", "n")
    assert "name" not in claims
    info = await ifl.http.get("/ifl/userinfo", headers={"authorization": f"Bearer {token['access_token']}"})
    assert info.json() == {
        "sub": "1", "name": "Nora", "email": "1@ifl.example", "email_verified": True, "groups": ["jury"],
        "org_domain": "ifl.example",
    }  # fmt: skip
    assert (await ifl.http.get("/ifl/userinfo", headers={"authorization": "Bearer x"})).status_code == 401


@pytest.mark.parametrize(
    "over",
    [
        {"redirect_uri": "http://evil.example/cb"}, {"client_id": "other"}, {"redirect_uri": None},
    ],
)  # fmt: skip
async def test_nobody_is_sent_anywhere_that_is_not_registered(over: dict[str, Any]) -> None:
    ifl = Institute()
    for answer in (
        await ifl.http.get("/ifl/authorize", params=ifl.wish(**over)),
        await ifl.http.post("/ifl/authorize", params=ifl.wish(**over), data={"sub": "1"}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize("over", [{"code_challenge": None}, {"code_challenge_method": "plain"}, {"nonce": None}])
async def test_a_request_without_its_safeguards_goes_back_with_an_error(over: dict[str, Any]) -> None:
    ifl = Institute()
    answer = await ifl.http.get("/ifl/authorize", params=ifl.wish(**over))
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["invalid_request"]


async def test_a_code_is_for_one_use_one_client_and_its_verifier() -> None:
    ifl = Institute()
    code = (await ifl.chosen())["code"]
    assert (await ifl.redeem(code, auth=("west", "wrong"))).status_code == 401
    assert (await ifl.redeem(code)).status_code == 200
    assert (await ifl.redeem(code)).status_code == 400
    wrong = (await ifl.chosen())["code"]
    assert (await ifl.redeem(wrong, code_verifier="w" * 50)).status_code == 400
    assert (await ifl.redeem(wrong)).status_code == 400


def assertion(**over: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": "west", "sub": "west", "aud": f"{BASE}/ifl", "iat": now, "exp": now + 60, "jti": "one"}
    key = over.pop("key", KEY)
    word = jwt.encode({"alg": "ES256", "kid": "site"}, claims | over, key)
    return {"client_id": "west", "client_assertion_type": ASSERTION, "client_assertion": word}


async def test_a_key_is_shown_once_for_this_issuer_and_by_its_owner() -> None:
    ifl = Institute(auth_method="private_key_jwt", secret=None, par="always")
    other = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": "site"})
    for wrong in ({"aud": f"{BASE}/ifl/token"}, {"exp": 1}, {"iss": "east"}, {"sub": "east"}, {"key": other}):
        pushed = await ifl.http.post("/ifl/par", data=ifl.wish() | assertion(**wrong))
        assert pushed.status_code == 401, wrong
    pushed = await ifl.http.post("/ifl/par", data=ifl.wish() | assertion())
    assert pushed.status_code == 201
    assert (await ifl.http.post("/ifl/par", data=ifl.wish() | assertion())).status_code == 401  # the same word again
    straight = await ifl.http.get("/ifl/authorize", params=ifl.wish())
    assert straight.status_code == 400  # this site has to push
    asked = {"client_id": "west", "request_uri": pushed.json()["request_uri"]}
    assert (await ifl.http.get("/ifl/authorize", params=asked)).status_code == 200
    assert (await ifl.http.get("/ifl/authorize", params=asked | {"client_id": "east"})).status_code == 400


async def test_who_has_said_so_lately_is_sent_on_unless_it_is_to_be_fresh() -> None:
    ifl = Institute()
    chosen = await ifl.http.post("/ifl/authorize", params=ifl.wish(), data={"sub": "2"})
    cookie = {"cookie": chosen.headers["set-cookie"].partition(";")[0]}
    again = await ifl.http.get("/ifl/authorize", params=ifl.wish(), headers=cookie)
    assert again.status_code == 303
    [(secret, (key, sub, since))] = ifl.pages.sessions.items()
    ifl.pages.sessions[secret] = (key, sub, since - 301)
    for fresh in ({"max_age": "300"}, {"prompt": "login"}):
        asked = await ifl.http.get("/ifl/authorize", params=ifl.wish(**fresh), headers=cookie)
        assert asked.status_code == 200, fresh


async def test_leaving_the_institution_is_told_to_every_site() -> None:
    ifl = Institute()
    chosen = await ifl.http.post("/ifl/authorize", params=ifl.wish(), data={"sub": "2"})
    cookie = {"cookie": chosen.headers["set-cookie"].partition(";")[0]}
    code = parse_qs(urlsplit(chosen.headers["location"]).query)["code"][0]
    await ifl.redeem(code)
    asked = {"client_id": "west", "post_logout_redirect_uri": "http://west.localhost/"}
    left = await ifl.http.get("/ifl/logout", params=asked, headers=cookie)
    assert (left.status_code, left.headers["location"]) == (303, "http://west.localhost/")
    await asyncio.gather(*ifl.pages.running)
    [(told, word)] = ifl.told
    keys = KeySet([JWKRegistry.import_key(key) for key in (await ifl.http.get("/ifl/jwks")).json()["keys"]])
    assert (told, jwt.decode(word, keys).claims["sub"]) == ("west", "2")
    foreign = await ifl.http.get("/ifl/logout", params=asked | {"post_logout_redirect_uri": "http://evil.example/"})
    assert foreign.status_code == 200


@pytest.mark.parametrize(
    "base", ["https://idp.example", "http://10.0.0.1:9", "http://0.0.0.0:9", "http://localhost.evil.example"]
)
def test_it_starts_nowhere_but_on_this_machine(base: str) -> None:
    with pytest.raises(NotHere):
        Provider(base, Institution("ifl", "Institut"))
