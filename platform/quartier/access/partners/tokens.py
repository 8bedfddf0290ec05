"""Signed words of a provider: ID tokens (OpenID Connect Core, 3.1.3.7), logout tokens (Back-Channel Logout, 2.6)."""

import time
from datetime import timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from quartier.access.partners.metadata import ASYMMETRIC, Issuer, listed
from quartier.access.partners.words import LoginFailed, Provider

LEEWAY = 60  # seconds two clocks may differ
OLDEST = 600  # seconds since a token was issued
HEADER = 8192  # bytes; certificates in a header do not fit into joserfc's 512
EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def id_token(
    provider: Provider, issuer: Issuer, raw: object, *, nonce: str, access_token: object, max_age: timedelta | None
) -> dict[str, Any]:
    """The claims of an ID token for us, now, for this very sign-in. Raises LoginFailed("bad_id_token")."""
    token = await verified(provider, issuer, raw, {None, "jwt"}, "bad_id_token")
    # All six are named: naming only aud switches Authlib's iss check off, naming none leaves aud unchecked.
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    try:
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise LoginFailed("bad_id_token") from error
    found = dict(claims)
    if not all(map(_is_moment, (found["exp"], found["iat"], found.get("auth_time", 0)))):
        raise LoginFailed("bad_id_token")
    if not all(is_word(found[name]) for name in ("sub", "sid") if name in found):
        raise LoginFailed("bad_id_token")
    audience = found["aud"]
    if isinstance(audience, list) and set(audience) != {provider.client_id}:
        raise LoginFailed("bad_id_token")
    if found["iat"] < time.time() - OLDEST:
        raise LoginFailed("bad_id_token")
    if max_age is not None and not is_fresh(found.get("auth_time"), max_age):
        raise LoginFailed("bad_id_token")
    return found


def is_word(value: object) -> bool:
    """Whether a name of somebody or something can be kept: 1 to 255 letters, no zero byte (Core 2: sub)."""
    return isinstance(value, str) and 0 < len(value) <= 255 and "\0" not in value


def _is_moment(value: object) -> bool:
    """Seconds since 1970 that a clock can show; NaN, booleans and the year 10000 are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253_402_300_800


def is_fresh(auth_time: object, max_age: timedelta) -> bool:
    """Whether the sign-in there is as young as was asked; Authlib only looks whether it says so."""
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        return False
    return bool(auth_time >= time.time() - max_age.total_seconds() - LEEWAY)


async def logout_token(provider: Provider, issuer: Issuer, raw: object) -> dict[str, Any]:
    """Who is to be signed out: `sid` or `sub`, with a `jti` to be heard once. Raises LoginFailed."""
    token = await verified(provider, issuer, raw, {"logout+jwt", "jwt", None}, "bad_logout_token")
    claims = dict(token.claims)
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    )
    try:
        rules.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise LoginFailed("bad_logout_token") from error
    events = claims["events"]
    good = (
        "nonce" not in claims  # else an ID token would do as a logout token
        and isinstance(events, dict)
        and isinstance(events.get(EVENT), dict)
        and ("sid" in claims or "sub" in claims)
        and all(is_word(claims[name]) for name in ("sid", "sub", "jti") if name in claims)
        and _is_moment(claims["iat"])
        and claims["iat"] >= time.time() - OLDEST
    )
    if not good:
        raise LoginFailed("bad_logout_token")
    return claims


async def verified(provider: Provider, issuer: Issuer, raw: object, types: set[str | None], reason: str) -> jwt.Token:
    """Check header and signature: our algorithms among theirs, a key of theirs, a kind of token we want."""
    if not isinstance(raw, str):
        raise LoginFailed(reason)
    said = listed(await issuer.document(), "id_token_signing_alg_values_supported", ("RS256",))
    algorithms = [each for each in provider.algorithms if each in said and each in ASYMMETRIC]
    if not algorithms:  # joserfc reads an empty list as "recommended", HS256 included
        raise LoginFailed("idp_misconfigured")
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    registry.max_header_length = HEADER
    try:
        try:
            token = jwt.decode(raw, await issuer.keys(), registry=registry)
        except InvalidKeyIdError:
            token = jwt.decode(raw, await issuer.keys(anew=True), registry=registry)
    except (JoseError, ValueError, TypeError) as error:
        raise LoginFailed(reason) from error
    kind = token.header.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in types or not isinstance(token.claims, dict):
        raise LoginFailed(reason)
    return token
