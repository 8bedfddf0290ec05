"""What decides about a machine's token: Authlib's AuthorizationServer, without I/O and without memory.

`machines` loads what is known, asks here, and stores what was decided: one object per request, so no
thread and no shared state. Authlib's lenient places are closed (default scopes, narrowed scopes).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import scope_to_list
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from quartier.access.marks import MACHINE, mark, minted

LASTS = timedelta(minutes=15)
METHODS = ("client_secret_basic", "client_secret_post")

Decision = tuple[int, dict[str, Any], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Machine(ClientMixin):  # type: ignore[misc]
    """A client as stored; `scopes` are what it may hold in this realm now."""

    id: UUID
    client_id: str
    secrets: tuple[bytes, ...]
    scopes: frozenset[str]

    def get_client_id(self) -> str:
        return self.client_id

    def check_client_secret(self, secret: str) -> bool:
        """Compare with every valid secret in constant time; two are valid while one is being replaced."""
        shown = mark(secret)
        return any([hmac.compare_digest(shown, kept) for kept in self.secrets])

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def check_response_type(self, response_type: str) -> bool:
        return False

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return False

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        """Every asked scope or none: a client never gets less than it believes to have."""
        return scope if scope and set(scope_to_list(scope)) <= self.scopes else ""


@dataclass(frozen=True, slots=True)
class Token(TokenMixin):  # type: ignore[misc]
    """A token as stored. `now` is the machine's clock at this request."""

    hash: bytes
    client: UUID
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    now: datetime

    def check_client(self, client: Machine) -> bool:
        return self.client == client.id

    def get_scope(self) -> str:
        return " ".join(sorted(self.scopes))

    def get_expires_in(self) -> int:
        return int((self.expires_at - self.issued_at).total_seconds())

    def is_expired(self) -> bool:
        return self.expires_at <= self.now

    def is_revoked(self) -> bool:
        return self.revoked_at is not None


class Request(OAuth2Request):  # type: ignore[misc]
    """A form whose parameters stand once; the client's id and secret are in it, wherever they came from."""

    def __init__(self, host: str, form: Mapping[str, str]) -> None:
        # What the world sees is https; Authlib refuses anything else outright.
        super().__init__("POST", f"https://{host}/oauth", headers={})
        self._form = dict(form)
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._form


class Authority(AuthorizationServer):  # type: ignore[misc]
    """Decides one request. `issued` and `revoked` say what is to be stored afterwards."""

    def __init__(self, client: Machine, token: Token | None = None, *, offered: frozenset[str] = frozenset()) -> None:
        super().__init__(scopes_supported=sorted(offered))
        self.client, self.found = client, token
        self.issued: dict[str, Any] | None = None
        self.revoked: Token | None = None
        self.register_token_generator(
            "default", BearerTokenGenerator(_new_token, None, lambda *_: int(LASTS.total_seconds()))
        )
        self.register_grant(Credentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> Machine:
        """The client that was loaded; for an unknown id one that knows no secret, so both answer alike."""
        return self.client

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        self.issued = token

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Decision:
        return status, body, headers

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


def _new_token(*_: Any, **__: Any) -> str:
    return minted(MACHINE)


class Credentials(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        asked = self.request.payload.scope
        if not asked or not scope_to_list(asked):
            raise InvalidScopeError("Name the scopes you need.")
        super().validate_requested_scope()
        if self.request.client.get_allowed_scope(asked) != asked:
            raise InvalidScopeError()


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        found: Token | None = self.server.found
        return found

    def revoke_token(self, token: Token, request: Request) -> None:
        self.server.revoked = token


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        found: Token | None = self.server.found
        return found

    def check_permission(self, token: Token, client: Machine, request: Request) -> bool:
        """Only its own: whether another's token is alive is nobody's business."""
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        client: Machine = self.server.client
        return {
            "active": True,
            "client_id": client.client_id,
            "scope": " ".join(sorted(token.scopes & client.scopes)),
            "exp": int(token.expires_at.timestamp()),
            "iat": int(token.issued_at.timestamp()),
            "token_type": "Bearer",
        }
