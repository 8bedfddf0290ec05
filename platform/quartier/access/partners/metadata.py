"""What a provider publishes about itself: endpoints and keys, fetched within a deadline, kept for a while.

A process has one `Issuers`; an issuer that is away is answered from the last copy for a day.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quartier.access.partners.words import LoginFailed

if TYPE_CHECKING:
    import httpx2
    from joserfc.jwk import KeySet

DEADLINE = 2.5  # seconds for one answer, from the first byte of the question to the last of the answer
TTL, STALE = (
    3600.0,
    86400.0,
)  # seconds until a copy is fetched anew; and for which an old one serves while the issuer is away
BETWEEN = 30.0  # seconds between two fetches that an unknown key forces
LARGEST = 256_000  # bytes of a document
ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OFFERED = ("userinfo_endpoint", "end_session_endpoint", "pushed_authorization_request_endpoint")


@dataclass(slots=True)
class Issuer:
    """One issuer, as this process knows it. `loopback`: plain http on this machine is good enough (the demo)."""

    name: str
    loopback: bool
    transport: "httpx2.AsyncBaseTransport | None" = None
    deadline: float = DEADLINE
    _document: Mapping[str, Any] | None = None
    _keys: "KeySet | None" = None
    _document_at: float = float("-inf")
    _keys_at: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def document(self) -> Mapping[str, Any]:
        """The discovery document, checked (OpenID Connect Discovery 1.0, 4.3). Raises LoginFailed."""
        async with self._turn:
            age = time.monotonic() - self._document_at
            if self._document is not None and age < TTL:
                return self._document
            try:
                found = await self._json(self.name.rstrip("/") + "/.well-known/openid-configuration")
                self._check(found)
            except LoginFailed as failed:
                if failed.away and self._document is not None and age < STALE:
                    return self._document
                raise
            self._document, self._document_at = found, time.monotonic()
            return found

    async def keys(self, *, anew: bool = False) -> "KeySet":
        """Its keys; `anew` for an unknown one, at most each half minute. Raises LoginFailed."""
        document = await self.document()
        async with self._turn:
            age = time.monotonic() - self._keys_at
            if self._keys is not None and age < (BETWEEN if anew else TTL):
                return self._keys
            try:
                found = imported(await self._json(document["jwks_uri"]))
            except LoginFailed as failed:
                if failed.away and self._keys is not None and age < STALE:
                    return self._keys
                raise
            self._keys, self._keys_at = found, time.monotonic()
            return found

    async def send(self, request: "httpx2.Request") -> "httpx2.Response":
        """Send one request within the deadline; nothing is followed. Raises LoginFailed when nobody answers."""
        import httpx2  # takes a tenth of a second to load: only where somebody comes from a partner

        try:
            async with asyncio.timeout(self.deadline), self._client() as client:
                answer = await client.send(request, stream=True)
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST:
                        raise LoginFailed("idp_misconfigured")
        except (httpx2.HTTPError, TimeoutError) as error:
            raise LoginFailed("idp_unavailable", away=True) from error
        kept = [(k, v) for k, v in answer.headers.multi_items() if k not in {"content-encoding", "content-length"}]
        return httpx2.Response(answer.status_code, headers=kept, content=body, request=request)

    def may_use(self, url: object) -> bool:
        """https; or http to this very machine, where that is allowed."""
        if not isinstance(url, str) or not url.isprintable():
            return False
        found = urlsplit(url)
        if found.username or found.password or not found.hostname:
            return False
        return found.scheme == "https" or (self.loopback and found.scheme == "http" and found.hostname in LOOPBACK)

    def _client(self) -> "httpx2.AsyncClient":
        import httpx2

        # trust_env: a proxy of the environment would see every code and token.
        return httpx2.AsyncClient(
            timeout=self.deadline, follow_redirects=False, trust_env=False, transport=self.transport
        )

    async def _json(self, url: str) -> Mapping[str, Any]:
        import httpx2

        answer = await self.send(httpx2.Request("GET", url, headers={"accept": "application/json"}))
        if answer.status_code != 200:
            raise LoginFailed("idp_unavailable", away=True)
        try:
            found = json.loads(answer.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise LoginFailed("idp_misconfigured")
        return found

    def _check(self, document: Mapping[str, Any]) -> None:
        endpoints = [document.get(name) for name in NEEDED]
        endpoints += [document[name] for name in OFFERED if name in document]
        methods = document.get("code_challenge_methods_supported")
        good = (
            document.get("issuer") == self.name  # to the letter: another one's document is never taken
            and all(map(self.may_use, endpoints))
            and "code" in document.get("response_types_supported", ["code"])
            and (methods is None or "S256" in methods)  # a missing list is normal, one without S256 is not
        )
        if not good:
            raise LoginFailed("idp_misconfigured")


@dataclass(slots=True)
class Issuers:
    """All issuers this process has met; nothing is fetched before somebody signs in."""

    loopback: bool = False
    transport: "httpx2.AsyncBaseTransport | None" = None
    _known: dict[str, Issuer] = field(default_factory=dict)

    def of(self, name: str) -> Issuer:
        """Raises LoginFailed for an address that may not be used."""
        found = self._known.get(name)
        if found is None:
            found = Issuer(name, self.loopback, self.transport)
            if not found.may_use(name):
                raise LoginFailed("idp_misconfigured")
            self._known[name] = found
        return found


def imported(document: Mapping[str, Any]) -> "KeySet":
    """Key by key: one unknown curve must not lock everybody out. Shared secrets and keys to encrypt are left."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    found = []
    for key in document.get("keys") or ():
        if not isinstance(key, dict) or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(key))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not found:
        raise LoginFailed("idp_misconfigured")
    return KeySet(found)
