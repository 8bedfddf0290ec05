"""What a provider publishes about itself: endpoints and keys. One copy for each process and issuer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quartier.access.partners.kept import Kept
from quartier.access.partners.network import Network, may_be_asked
from quartier.access.partners.words import LoginFailed

if TYPE_CHECKING:
    import httpx2
    from joserfc.jwk import KeySet

ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OFFERED = ("userinfo_endpoint", "end_session_endpoint", "pushed_authorization_request_endpoint")
Document = Mapping[str, Any]


def objections(document: Document, issuer: str, *, loopback: bool) -> Iterator[str]:
    """What makes a discovery document (OpenID Connect Discovery 1.0, 4.3) useless: names of its fields."""
    if document.get("issuer") != issuer:  # to the letter: another one's document is never taken
        yield "issuer"
    for name in NEEDED:
        if not may_be_asked(document.get(name), loopback=loopback):
            yield name
    for name in OFFERED:
        if name in document and not may_be_asked(document[name], loopback=loopback):
            yield name
    if "code" not in listed(document, "response_types_supported", ("code",)):
        yield "response_types_supported"
    # A missing list is normal, one without S256 is not.
    if "S256" not in listed(document, "code_challenge_methods_supported", ("S256",)):
        yield "code_challenge_methods_supported"


def listed(document: Document, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words of a document; what is no list has none."""
    found = document.get(name, default)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list | tuple) else ()


class Issuer:
    """One issuer, as this process knows it."""

    def __init__(self, name: str, network: Network) -> None:
        self.name, self.network = name, network
        self._document: Kept[Document] = Kept(self._discovered)
        self._keys: Kept[KeySet] = Kept(self._fetched)

    async def document(self) -> Document:
        """The discovery document, checked. Raises LoginFailed."""
        return await self._document.get()

    async def keys(self, *, anew: bool = False) -> "KeySet":
        """Its keys; `anew` for an unknown one, at most each half minute. Raises LoginFailed."""
        return await self._keys.get(anew=anew)

    async def send(self, request: "httpx2.Request") -> "httpx2.Response":
        return await self.network.send(request)

    async def published(self) -> Document:
        """The discovery document as it is just now, no copy and unchecked. Raises LoginFailed."""
        return await self._json(self.name.rstrip("/") + "/.well-known/openid-configuration")

    async def keys_at(self, document: Document) -> "KeySet":
        """The keys that a document points to as they are just now. Raises LoginFailed."""
        return imported(await self._json(document["jwks_uri"]))

    async def _discovered(self) -> Document:
        found = await self.published()
        if any(objections(found, self.name, loopback=self.network.loopback)):
            raise LoginFailed("idp_misconfigured")
        return found

    async def _fetched(self) -> "KeySet":
        return await self.keys_at(await self.document())

    async def _json(self, url: str) -> Document:
        import httpx2

        answer = await self.network.send(httpx2.Request("GET", url, headers={"accept": "application/json"}))
        if answer.status_code != 200:
            raise LoginFailed("idp_unavailable", away=True)
        found = parsed(answer.content)
        if found is None:
            raise LoginFailed("idp_misconfigured")
        return found


@dataclass(slots=True)
class Issuers:
    """All issuers this process has met; nothing is fetched before somebody signs in."""

    loopback: bool = False
    transport: "httpx2.AsyncBaseTransport | None" = None
    network: Network = field(init=False)
    _known: dict[str, Issuer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.network = Network(self.loopback, self.transport)

    def of(self, name: str) -> Issuer:
        """Raises LoginFailed for an address that may not be used."""
        found = self._known.get(name)
        if found is None:
            if not may_be_asked(name, loopback=self.loopback):
                raise LoginFailed("idp_misconfigured")
            found = self._known[name] = Issuer(name, self.network)
        return found

    async def close(self) -> None:
        await self.network.close()


def imported(document: Document) -> "KeySet":
    """Key by key: one unknown curve must not lock everybody out. Shared secrets and keys to encrypt are left."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    found = []
    given = document.get("keys")
    for key in given if isinstance(given, list) else ():
        if not isinstance(key, dict) or key.get("kty") == "oct" or key.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(key))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    if not found:
        raise LoginFailed("idp_misconfigured")
    return KeySet(found)


def parsed(body: bytes) -> dict[str, Any] | None:
    """A JSON object; None for anything else, numbers that are none included (RFC 8259 knows no NaN)."""

    def none_such(word: str) -> float:
        raise ValueError(word)

    try:
        found = json.loads(body, parse_constant=none_such)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
