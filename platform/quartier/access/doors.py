"""The doors of machines: HTTP on one side, `machines` on the other. No rule stands here."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import arrived
from quartier.access.attempts import Visitor, failed, knock
from quartier.access.permissions import scopes_of
from quartier.access.problem import Problem
from quartier.tenancy.desk import Desk

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
Decide = Callable[[Desk, Mapping[str, str]], Awaitable[tuple[int, dict[str, Any], list[tuple[str, str]]]]]
Asked = Request[Any, Any, Any]


class FormInvalid(Exception):
    """What RFC 6749 calls invalid_request; the text is for the developer of the client."""


@post("/oauth/token", status_code=200)
async def token(request: Asked) -> Response[Any]:
    from quartier.access.machines import issue  # Authlib is loaded with the first machine

    return await _answer(request, issue)


@post("/oauth/revoke", status_code=200)
async def revoke(request: Asked) -> Response[Any]:
    from quartier.access.machines import revoke as end

    return await _answer(request, end)


@post("/oauth/introspect", status_code=200)
async def introspect(request: Asked) -> Response[Any]:
    from quartier.access.machines import introspect as look

    return await _answer(request, look)


@get("/.well-known/oauth-authorization-server", sync_to_thread=False)
def metadata(request: Asked) -> Response[Any]:
    """RFC 8414. Every address comes from the directory, none from the request."""
    arrival = arrived(request.scope)
    return Response(
        {
            "issuer": arrival.origin,
            "token_endpoint": f"{arrival.origin}/oauth/token",
            "revocation_endpoint": f"{arrival.origin}/oauth/revoke",
            "introspection_endpoint": f"{arrival.origin}/oauth/introspect",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": sorted(scopes_of(arrival.realm.kind)),
        },
        headers={"cache-control": "public, max-age=300"},
    )


DOORS: list[HTTPRouteHandler] = [token, revoke, introspect, metadata]


async def _answer(request: Asked, decide: Decide) -> Response[Any]:
    arrival = arrived(request.scope)
    try:
        form = await _form(request)
    except FormInvalid as problem:
        return _json(400, {"error": "invalid_request", "error_description": str(problem)})
    visitor = Visitor(arrival.address, form.get("client_id", ""))
    if wait := await knock(arrival.desk, visitor):
        raise Problem(429, headers={"retry-after": str(wait)})
    status, body, headers = await decide(arrival.desk, form)
    if status == 401:
        await failed(arrival.desk, visitor)
        # Which half was wrong, id or secret, is for the log alone.
        body = {"error": "invalid_client", "error_description": "Unknown client, or not its secret."}
        headers = [*headers, ("www-authenticate", f'Basic realm="{arrival.realm.host}"')]
    return _json(status, body, headers)


def _json(status: int, body: Mapping[str, Any], headers: list[tuple[str, str]] | None = None) -> Response[Any]:
    kept = {name.lower(): value for name, value in headers or [] if name.lower() != "content-type"}
    return Response(body, status_code=status, headers=kept | {"cache-control": "no-store", "pragma": "no-cache"})


async def _form(request: Asked) -> dict[str, str]:
    """Read the form; the client's credentials stand in it afterwards, wherever they came from."""
    if request.content_type[0] != FORM:
        raise Problem(415, f"Bitte als {FORM} senden.", f"Send {FORM}.")
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # not ASCII, not UTF-8 behind the percent signs, no `=`, too many fields
        raise FormInvalid("The body is not a form.") from None
    form = dict(pairs)
    if "\0" in "".join(form.values()):  # PostgreSQL's text cannot hold it
        raise FormInvalid("A parameter holds a zero byte.")
    if len(form) != len(pairs):
        raise FormInvalid("A parameter stands twice.")  # RFC 6749, 3.2
    if (shown := request.headers.get("authorization")) is not None:
        if "client_secret" in form:
            raise FormInvalid("Send the secret in the header or in the form, not in both.")  # RFC 6749, 2.3
        client_id, secret = _basic(shown)
        if form.setdefault("client_id", client_id) != client_id:
            raise FormInvalid("The header and the form name two clients.")
        form["client_secret"] = secret
    return form


def _basic(header: str) -> tuple[str, str]:
    """Read HTTP Basic as RFC 6749 (2.3.1) writes it: both halves form-encoded."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        raise FormInvalid("This endpoint takes HTTP Basic.")
    try:
        halves = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        client_id, found, secret = halves.partition(":")
        if not found:
            raise ValueError
        client_id, secret = (unquote_plus(half, errors="strict") for half in (client_id, secret))
        if "\0" in client_id:
            raise ValueError
        return client_id, secret
    except (binascii.Error, ValueError):
        raise FormInvalid("The header is not HTTP Basic.") from None
