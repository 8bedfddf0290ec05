"""The way to a provider and back: code with PKCE (RFC 7636), PAR (RFC 9126), the answer's issuer (RFC 9207)."""

import base64
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import JWKRegistry

from quartier.access.partners import tokens
from quartier.access.partners.keys import ALGORITHM
from quartier.access.partners.metadata import Issuer, parsed
from quartier.access.partners.words import LoginFailed, Provider, SigningKey, Started, Told

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS = 60  # seconds
TRY_AGAIN = frozenset({"temporarily_unavailable", "server_error", "login_required", "interaction_required"})


async def authorization(
    provider: Provider, issuer: Issuer, started: Started, state: str, keys: Sequence[SigningKey]
) -> str:
    """The address to send the browser to. Raises LoginFailed."""
    document = await issuer.document()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": started.redirect_uri,
        "scope": " ".join(provider.scope),
        "state": state,
        "nonce": started.nonce,
        "code_challenge": create_s256_code_challenge(started.verifier),
        "code_challenge_method": "S256",
    }
    if started.max_age is not None:
        asked["max_age"] = str(int(started.max_age.total_seconds()))
    pushes = document.get("pushed_authorization_request_endpoint")
    if provider.par == "always" or (
        provider.par == "if_required" and document.get("require_pushed_authorization_requests")
    ):
        if not pushes:
            raise LoginFailed("idp_misconfigured")
        asked = await _pushed(provider, issuer, pushes, asked, keys)
    address: str = document["authorization_endpoint"]
    return address + ("&" if "?" in address else "?") + urlencode(asked)


def code_of(provider: Provider, document: Mapping[str, Any], answer: Mapping[str, str]) -> str:
    """The code of an answer that is this provider's own; looked at before anything is sent. Raises LoginFailed."""
    told = answer.get("iss")
    if told is None and document.get("authorization_response_iss_parameter_supported"):
        raise LoginFailed("mix_up")
    if told is not None and told != provider.issuer:
        raise LoginFailed("mix_up")
    if "error" in answer:
        raise LoginFailed("idp_refused", away=answer["error"] in TRY_AGAIN)
    if not answer.get("code"):
        raise LoginFailed("bad_request")
    return answer["code"]


async def redeemed(
    provider: Provider, issuer: Issuer, started: Started, answer: Mapping[str, str], keys: Sequence[SigningKey]
) -> Told:
    """Redeem the code and believe only what is checked: ID token, then userinfo of the same person."""
    document = await issuer.document()
    form = {
        "grant_type": "authorization_code",
        "code": code_of(provider, document, answer),
        "redirect_uri": started.redirect_uri,
        "code_verifier": started.verifier,
    }
    given = await issuer.send(_as_client(provider, document["token_endpoint"], form, keys))
    if given.status_code >= 500 or given.status_code == 429:
        raise LoginFailed("idp_unavailable", away=True)
    token = parsed(given.content) if given.status_code == 200 else None
    if token is None:
        raise LoginFailed("idp_refused")
    access_token = token.get("access_token")
    max_age = started.max_age
    claims = await tokens.id_token(
        provider, issuer, token.get("id_token"), nonce=started.nonce, access_token=access_token, max_age=max_age
    )
    info: Mapping[str, Any] = {}
    if provider.claims_from == "userinfo" and not document.get("userinfo_endpoint"):
        raise LoginFailed("idp_misconfigured")  # what should say it is not there
    if provider.claims_from != "id_token" and document.get("userinfo_endpoint"):
        info = await _userinfo(issuer, document["userinfo_endpoint"], access_token, claims["sub"])
    return Told(claims, info, str(token["id_token"]))


async def _userinfo(issuer: Issuer, url: str, access_token: object, subject: str) -> Mapping[str, Any]:
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        raise LoginFailed("bad_userinfo")
    answer = await issuer.send(httpx2.Request("GET", url, headers={"authorization": f"Bearer {access_token}"}))
    if answer.status_code >= 500:
        raise LoginFailed("idp_unavailable", away=True)
    info = parsed(answer.content) if answer.status_code == 200 else None
    if info is None or info.get("sub") != subject:  # Core 5.3.2: somebody else's word counts nothing
        raise LoginFailed("bad_userinfo")
    return info


async def _pushed(
    provider: Provider, issuer: Issuer, url: str, asked: dict[str, str], keys: Sequence[SigningKey]
) -> dict[str, str]:
    answer = await issuer.send(_as_client(provider, url, asked, keys))
    found = parsed(answer.content) if answer.status_code == 201 else None
    if found is None or not isinstance(found.get("request_uri"), str):
        raise LoginFailed("idp_refused")
    return {"client_id": provider.client_id, "request_uri": found["request_uri"]}


def _as_client(provider: Provider, url: str, form: dict[str, str], keys: Sequence[SigningKey]) -> httpx2.Request:
    """A form that shows who we are: by a key of ours, or by the secret that two have to keep."""
    headers = {"accept": "application/json"}
    if provider.auth_method == "private_key_jwt":
        if not keys:
            raise LoginFailed("idp_misconfigured")
        form = {**form, "client_id": provider.client_id, "client_assertion_type": ASSERTION}
        form["client_assertion"] = assertion(provider, keys[0])
    else:
        if not provider.secret:
            raise LoginFailed("idp_misconfigured")
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.secret)}"  # RFC 6749, 2.3.1: both form-encoded
        headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return httpx2.Request("POST", url, data=form, headers=headers)


def assertion(provider: Provider, key: SigningKey) -> str:
    """Our signed word for one request. The issuer is its audience: with the endpoint, a second one could use it."""
    now = int(time.time())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": provider.issuer,
        "iat": now,
        "exp": now + ASSERTION_LASTS,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, JWKRegistry.import_key(dict(key.private)))
