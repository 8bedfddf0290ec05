"""GraphQL over HTTP: one operation. What the request may look like, and nothing of its meaning.

POST takes JSON. GET takes queries alone, and only with a bearer header: a page of another site can make a
browser send a GET with a cookie, but not with that header.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from quartier.tenancy.desk import Desk
from quartier_graph.documents import Documents
from quartier_graph.limits import BODY
from quartier_graph.service import Reply, Service

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
NO_STORE = (b"cache-control", b"no-store")


class Asked(msgspec.Struct, rename="camel"):
    """The body of a request."""

    query: str | None = None
    document_id: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True)
class Problem(Exception):
    """A request that is not GraphQL over HTTP; `sentence` says what is allowed."""

    status: int
    sentence: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


_decode = msgspec.json.Decoder(Asked).decode


async def answer(
    scope: Scope, receive: Receive, send: Send, desk: Desk | None, service: Service, known: Documents
) -> None:
    """Answer one HTTP request of this desk; None is a stranger."""
    media = JSON
    reference = desk.request_id if desk else str(scope.get("state", {}).get("request_id", "-"))
    try:
        headers = dict(scope["headers"])
        media = _media(headers)
        safe = scope["method"] == "GET" and b"authorization" in headers
        if scope["method"] != "POST" and not safe:
            raise Problem(405, "Send a POST.", ((b"allow", b"POST"),))
        if desk is None:
            raise Problem(
                401,
                "Sign in: send Authorization: Bearer <token>; POST /oauth/token gives one.",
                ((b"www-authenticate", b'Bearer realm="quartier"'),),
            )
        asked = _read_query(scope["query_string"]) if safe else await _read(headers, receive)
        text = _text(asked, known)
        reply = await service.run(desk, text, asked.variables or {}, asked.operation_name, safe=safe)
    except Problem as problem:
        code = {401: "UNAUTHENTICATED", 404: "NOT_FOUND"}.get(problem.status, "INVALID")
        told = {"errors": [{"message": problem.sentence, "extensions": {"code": code, "reference": reference}}]}
        await _send(send, media, problem.status, msgspec.json.encode(told), problem.headers)
        return
    await _send(
        send, media, _status(reply, media), reply.body, ((b"retry-after", b"2"),) if reply.status == 503 else ()
    )


def _status(reply: Reply, media: str) -> int:
    """With the older media type, whatever was well-formed is 200: clients there cannot tell us from a proxy."""
    if media == JSON and reply.status == 400:
        return 200
    return reply.status


def _media(headers: Mapping[bytes, bytes]) -> str:
    """The answer's media type: the new one for clients that name it, else the old one."""
    accepted = headers.get(b"accept", b"*/*").decode("latin-1").lower()
    kinds = [part.split(";")[0].strip() for part in accepted.split(",")]
    if RESPONSE in kinds:
        return RESPONSE
    if not accepted.strip() or {JSON, "*/*", "application/*"} & set(kinds):
        return JSON
    raise Problem(406, f"Accept {RESPONSE} or {JSON}.")


async def _read(headers: Mapping[bytes, bytes], receive: Receive) -> Asked:
    kind = headers.get(b"content-type", b"").decode("latin-1").lower()
    media, _, parameters = kind.partition(";")
    if media.strip() != JSON:
        raise Problem(415, f"Send the body as {JSON}.")
    if "charset" in parameters and "utf-8" not in parameters:
        raise Problem(415, "Send the body in UTF-8.")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "The request broke off.")
        body += message.get("body", b"")
        if len(body) > BODY:
            raise Problem(413, f"A body has at most {BODY} bytes.")
        if not message.get("more_body"):
            break
    try:
        return _decode(bytes(body))
    except msgspec.ValidationError as error:
        raise Problem(400, f"This is not a GraphQL request: {error}. Batches are not taken.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(400, "The body is not JSON in UTF-8.") from None
    except RecursionError:
        raise Problem(400, "The body is nested too deeply.") from None


def _read_query(query: bytes) -> Asked:
    """A query in the address, as the specification writes it: objects are JSON."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10)
        found: dict[str, Any] = dict(pairs)
        if len(found) != len(pairs):
            raise Problem(400, "A parameter stands twice.")
        for name in ("variables", "extensions"):
            if name in found:
                found[name] = msgspec.json.decode(found[name] or "null")
        return msgspec.convert(found, Asked)
    except msgspec.ValidationError as error:
        raise Problem(400, f"This is not a GraphQL request: {error}.") from None
    except (ValueError, UnicodeError, RecursionError):
        raise Problem(400, "The parameters are not a GraphQL request in UTF-8.") from None


def _text(asked: Asked, known: Documents) -> str:
    if asked.query is not None and asked.document_id is not None:
        raise Problem(400, "Send query or documentId, not both.")
    if asked.document_id is not None:
        text = known.text(asked.document_id)
        if text is None:
            raise Problem(404, "No trusted document has this documentId.")
        return text
    if not asked.query:
        raise Problem(400, "Send an operation as query, or name a trusted document as documentId.")
    return asked.query


async def _send(send: Send, media: str, status: int, body: bytes, more: tuple[tuple[bytes, bytes], ...]) -> None:
    headers = [
        (b"content-type", media.encode() + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        NO_STORE,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
