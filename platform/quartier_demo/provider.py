"""The practice provider: stands for the partners' own sign-in on one machine, with invented people and no password.

Strict where it teaches: registered addresses alone, S256, nonce, one use of each code, the client's key or secret
checked, `iss` in the answer. It serves this machine alone and starts nowhere else. Authlib's server classes do the
protocol; the pages are German, as the institutions are.
"""

import functools
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey

from quartier_demo.institutions import Client, Institution, Person

LOOPBACK = ("localhost", "127.0.0.1")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CODES_LAST, TOKENS_LAST, PUSHED_LAST = 60, 600, 60  # seconds
ALGORITHMS = ("ES256", "RS256", "PS256")


class NotHere(RuntimeError):
    """Somebody wants the practice provider anywhere but on this machine."""


@dataclass
class Registered(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A site's client in Authlib's words."""

    client: Client
    used: set[str] = field(default_factory=set)

    @property
    def client_id(self) -> str:
        return self.client.id

    def get_client_id(self) -> str:
        return self.client.id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(each for each in scope.split() if each in self.client.scope)

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == self.client.redirect_uri

    def check_client_secret(self, secret: str) -> bool:
        return self.client.secret is not None and hmac.compare_digest(secret, self.client.secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.client.auth_method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code:
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    sub: str
    code_challenge: str
    auth_time: int
    made_at: float
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "private_key_jwt"]  # noqa: RUF012  (Authlib's own name)

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked, (sub, auth_time) = request.payload.data, request.user
        self.server.codes[code] = Code(
            request.client.client_id,
            asked["redirect_uri"],
            request.scope,
            asked.get("nonce"),
            sub,
            asked["code_challenge"],
            auth_time,
            time.time(),
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        kept = self.server.codes.pop(code, None)  # used up at the first try, right or wrong
        if kept is None or kept.client_id != client.client_id or kept.made_at < time.time() - CODES_LAST:
            return None
        found: Code = kept
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is gone already."""

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.sub


class Pkce(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required.", redirect_uri=redirect_uri)
        super().validate_code_challenge(grant, redirect_uri)


class Oidc(OpenIDCode):  # type: ignore[misc]
    def __init__(self, provider: "Provider") -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Registered) -> Any:
        return self.provider.key_of(client.client.algorithm)

    def get_client_algorithm(self, client: Registered) -> str:
        return client.client.algorithm

    def get_encode_header(self, client: Registered) -> dict[str, str]:
        return {"alg": client.client.algorithm, "kid": self.provider.key_of(client.client.algorithm).kid}

    def get_client_claims(self, client: Registered) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": client.client_id}

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        now, client = int(time.time()), request.client.client
        told = {"iss": self.provider.issuer, "aud": client.id, "iat": now, "exp": now + TOKENS_LAST}
        if client.claims_from == "id_token":
            told |= self.provider.facts(self.provider.institution.people[request.user], client, " ".join(client.scope))
        return told

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        return {"sub": user}


class Asked(OAuth2Request):  # type: ignore[misc]
    def __init__(self, method: str, path: str, headers: dict[str, str], data: dict[str, str]) -> None:
        # Authlib refuses plain http; this is loopback, so it is told otherwise.
        super().__init__(method, "https://loopback" + path, headers=headers)
        self._data = data
        self.payload = BasicOAuth2Payload(data)

    @property
    def args(self) -> dict[str, str]:
        return self._data

    @property
    def form(self) -> dict[str, str]:
        return self._data


class Provider(AuthorizationServer):  # type: ignore[misc]
    """One institution at `base`/key. Raises NotHere for an address that is not this machine's."""

    def __init__(self, base: str, institution: Institution) -> None:
        super().__init__(scopes_supported=["openid", "profile", "email", "groups"])
        if urlsplit(base).hostname not in LOOPBACK:
            raise NotHere("The practice provider serves this machine alone.")
        self.institution, self.issuer = institution, f"{base}/{institution.key}"
        self.registered = {id: Registered(client) for id, client in institution.clients.items()}
        self.kid = secrets.token_hex(4)
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, tuple[str, str, str, float]] = {}
        self.pushed: dict[str, tuple[dict[str, str], float]] = {}
        self.signed_in: dict[str, set[str]] = {}  # clients by person, for back-channel logout
        generator = BearerTokenGenerator(lambda *a, **k: secrets.token_urlsafe(32), None, lambda *a: TOKENS_LAST)
        self.register_token_generator("default", generator)
        self.register_grant(Grant, [Pkce(required=True), Oidc(self)])
        self.register_client_auth_method("private_key_jwt", self.by_assertion)

    def key_of(self, algorithm: str) -> Any:
        return self.curve_key if algorithm == "ES256" else self.rsa_key

    @functools.cached_property
    def curve_key(self) -> ECKey:
        return ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig", "kid": f"{self.kid}-es"})

    @functools.cached_property
    def rsa_key(self) -> RSAKey:
        """Made when somebody needs it: it takes a tenth of a second and more."""
        return RSAKey.generate_key(2048, {"use": "sig", "kid": f"{self.kid}-rs"})

    def public_keys(self) -> list[dict[str, Any]]:
        """Of the algorithms that this institution's sites have asked for."""
        wanted = {each.client.algorithm == "ES256" for each in self.registered.values()}
        keys = [self.curve_key] * (True in wanted) + [self.rsa_key] * (False in wanted)
        return [dict(key.as_dict(private=False)) for key in keys]

    def query_client(self, client_id: str) -> Registered | None:
        return self.registered.get(client_id)

    def save_token(self, token: Mapping[str, Any], request: Any) -> None:
        until = time.time() + TOKENS_LAST
        client = request.client.client_id
        self.tokens[token["access_token"]] = (request.user, token["scope"], client, until)
        self.signed_in.setdefault(request.user, set()).add(client)

    def create_oauth2_request(self, request: Any) -> Any:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, dict[str, str]]:
        return status, body, dict(headers)

    def send_signal(self, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def by_assertion(self, query_client: Any, request: Any) -> Registered | None:
        """The client of a signed assertion (RFC 7523, 3): its own key, for this issuer, now, once."""
        form = request.form
        client = query_client(form.get("client_id", ""))
        if client is None or form.get("client_assertion_type") != ASSERTION or not client.client.keys:
            return None
        known = KeySet([JWKRegistry.import_key(dict(key)) for key in client.client.keys])
        try:
            token = jwt.decode(form.get("client_assertion", ""), known, algorithms=["ES256"])
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": client.client_id},
                sub={"essential": True, "value": client.client_id},
                aud={"essential": True, "value": self.issuer},
                exp={"essential": True},
                jti={"essential": True},
            ).validate(token.claims)
        except (JoseError, ValueError, TypeError):
            return None
        if token.claims["jti"] in client.used:
            return None
        client.used.add(token.claims["jti"])
        found: Registered = client
        return found

    # -- what the pages ask ---------------------------------------------------------------------
    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "pushed_authorization_request_endpoint": f"{self.issuer}/par",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
            "scopes_supported": self.scopes_supported,
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
        }

    def push(self, request: Asked) -> tuple[int, dict[str, Any]]:
        """Take a pushed request (RFC 9126) of a client that has shown who it is."""
        try:
            client = self.authenticate_client(request, ["client_secret_basic", "private_key_jwt"])
        except OAuth2Error as error:
            return 401, {"error": error.error}
        if client is None:
            return 401, {"error": "invalid_client"}
        uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(24)}"
        kept = {name: value for name, value in request.form.items() if not name.startswith("client_assertion")}
        self.pushed[uri] = (kept | {"client_id": client.client_id}, time.time() + PUSHED_LAST)
        return 201, {"request_uri": uri, "expires_in": PUSHED_LAST}

    def unpacked(self, query: dict[str, str]) -> dict[str, str] | None:
        """The request that a browser brings; None when it should have been pushed, or was another's, or is over."""
        client = self.registered.get(query.get("client_id", ""))
        if "request_uri" not in query:
            return None if client is not None and client.client.par == "always" else query
        kept, until = self.pushed.get(query["request_uri"], ({}, 0.0))
        return kept if until > time.time() and kept.get("client_id") == query.get("client_id") else None

    def facts(self, person: Person, client: Client, scope: str) -> dict[str, Any]:
        """What is told of a person to this client, besides her number."""
        asked = scope.split()
        told: dict[str, Any] = dict(client.sure)
        if "profile" in asked:
            told["name"] = person.name
        if "email" in asked:
            told |= {"email": person.email, "email_verified": True}
        if client.groups_claim:
            told[client.groups_claim] = list(person.groups)
        return told

    def userinfo(self, bearer: str) -> dict[str, Any] | None:
        sub, scope, client_id, until = self.tokens.get(bearer, ("", "", "", 0.0))
        person = self.institution.people.get(sub)
        if person is None or until < time.time():
            return None
        client = self.registered[client_id].client
        return {"sub": sub} | (self.facts(person, client, scope) if client.claims_from != "id_token" else {})

    def logout_tokens(self, sub: str) -> list[tuple[Client, str]]:
        """A word to each site where the person has signed in (Back-Channel Logout 1.0)."""
        told, now = [], int(time.time())
        for client_id in self.signed_in.pop(sub, set()):
            client = self.registered[client_id].client
            claims = {
                "iss": self.issuer, "aud": client.id, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(12),
                "sub": sub, "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            }  # fmt: skip
            key = self.key_of(client.algorithm)
            header = {"alg": client.algorithm, "kid": key.kid, "typ": "logout+jwt"}
            told.append((client, jwt.encode(header, claims, key)))
        return told
