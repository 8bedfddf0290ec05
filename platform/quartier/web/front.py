"""The front: the outermost layer, in front of graph and pages. Nothing is answered before it knows the realm.

Its order: request id → size of the head → host → size and pace of the body → speaker → answer; then log and
figures. An exception from within becomes a problem with a reference; nothing of it reaches the client.
"""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from quartier.access import uploads
from quartier.access.arrival import Arrival, put
from quartier.access.cookies import SAFE, SESSION_COOKIE, demand_form_word, demand_own_page, shown
from quartier.access.invitations.actions import Join
from quartier.access.partners.metadata import Issuers
from quartier.access.post import Post
from quartier.access.problem import Problem
from quartier.access.scanner import Scanner
from quartier.access.speaker import Speakers, TokenRefused
from quartier.database.engine import DB
from quartier.database.lanes import Lanes
from quartier.settings import Settings
from quartier.tenancy.desk import Desk
from quartier.tenancy.directory import Directory, HostUnknown, host_of
from quartier.web import metrics
from quartier.web.body import FILES_WITHIN, Body, Large
from quartier.web.languages import chosen, wanted
from quartier.web.logs import safe_path
from quartier.web.problems import answer, problem_of
from quartier.web.traces import Traces

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_HEAD = 16 * 1024  # bytes of all header fields
LARGEST_BODY = 100 * 1024
ADDRESSES = Large(uploads.MOST, uploads.MAY)  # those that mutations give away for one file
ONCE = (b"host", b"authorization", b"cookie", b"content-type", b"content-length")
FORM, WITH_FILE = b"application/x-www-form-urlencoded", b"multipart/form-data"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_FIELDS = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")

SECURITY: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")


@dataclass(slots=True)
class Visit:
    """One request as the front sees it: what the log line and a problem need."""

    scope: Scope
    send: Send
    security: tuple[tuple[bytes, bytes], ...]
    headers: dict[bytes, bytes]
    request_id: str
    method: str
    status: int = 0
    realm: str | None = None
    reason: str | None = None
    started: float = field(default_factory=time.perf_counter)

    async def answer(self, message: Message) -> None:
        """Send on; every answer gets its request id and the headers that it did not set itself."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [pair for pair in self.security if pair[0] not in names]
            given.append((b"x-request-id", self.request_id.encode()))
            if self.status in {408, 413, 431} and b"connection" not in names:  # what still comes in is not read
                given.append((b"connection", b"close"))
            message = {**message, "headers": given}
        await self.send(message)

    async def problem(self, problem: Problem) -> None:
        if self.status:  # half an answer is out: the server cuts the line
            raise ConnectionAbortedError
        language = wanted(self.headers.get(b"accept-language"))
        status, headers, body = answer(problem, reference=self.request_id, language=language)
        await self.answer({"type": "http.response.start", "status": status, "headers": headers})
        await self.answer({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})


@dataclass(slots=True)
class Front:
    """The whole application as the server sees it. `rest` is Litestar, `graphql` the graph's own ASGI callable.

    `/graphql` goes straight to the graph: routing of a framework would cost more than a compiled read.
    """

    settings: Settings
    directory: Directory
    speakers: Speakers
    lanes: Mapping[str, Lanes]
    rest: Asgi
    graphql: Asgi | None
    operations: Mapping[str, Callable[[Visit], Awaitable[None]]]
    traces: Traces
    post: Post | None
    issuers: Issuers | None = None
    join: Join | None = None
    large: Mapping[str, Large] = field(default_factory=dict)
    scanner: Scanner | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.rest(scope, receive, send)

    # -- HTTP ----------------------------------------------------------------------------------
    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self._visit(scope, send)
        with self.traces.span(visit.method, visit.headers) as span:
            try:
                await self._answer(visit, receive)
            except Exception as error:
                await self._fail(visit, error)
            finally:
                self._told(visit)
                span(visit.status, visit.realm, metrics.place(scope["path"]))

    def _visit(self, scope: Scope, send: Send) -> Visit:
        headers = {name.lower(): value for name, value in scope["headers"]}
        asked = headers.get(b"x-request-id", b"")
        request_id = asked.decode() if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(16)
        security = SECURITY if self.settings.demo else (*SECURITY, HSTS)
        return Visit(scope, send, security, headers, request_id, scope.get("method", "GET"))

    async def _answer(self, visit: Visit, receive: Receive) -> None:
        _check_head(visit.scope)
        if operation := self.operations.get(visit.scope["path"]):  # probes name no host of ours
            await operation(visit)
            return
        realm = self.directory.realm_of(_authority(visit.scope, visit.headers))
        visit.realm = realm.slug
        path = visit.scope["path"]
        large = self._large(visit.method, path)
        most, within = (large.most, FILES_WITHIN) if large is not None else (LARGEST_BODY, None)
        body = Body(receive, largest=most, told=visit.headers.get(b"content-length"), within=within)
        arrival = await self._arrive(visit, realm, bearer=not path.startswith("/oauth/"))
        if large is not None and arrival.desk.permissions.isdisjoint(large.permissions):
            body.narrow(LARGEST_BODY)
        put(visit.scope, arrival)
        # A request is a task of its own: what is bound here ends with it.
        structlog.contextvars.bind_contextvars(request_id=visit.request_id, realm=realm.slug)
        if path == "/graphql" and self.graphql is not None:  # names the speaker itself, for each operation
            await self.graphql(visit.scope, body, visit.answer)
            return
        with DB.speaking(arrival.speaker, arrival.power):
            await self.rest(visit.scope, body, visit.answer)

    def _large(self, method: str, path: str) -> Large | None:
        if method == "PUT":
            return ADDRESSES if path.startswith(uploads.PLACE) else None
        return self.large.get(path) if method == "POST" else None

    async def _arrive(self, visit: Visit, realm: Any, *, bearer: bool) -> Arrival:
        language = chosen(visit.headers.get(b"cookie")) or wanted(visit.headers.get(b"accept-language"))
        authorization = visit.headers.get(b"authorization") if bearer else None
        # A header is never mixed with the cookie, and a cookie never speaks where machines sign in.
        session = None if authorization or not bearer else shown(visit.headers.get(b"cookie"), SESSION_COOKIE)

        async def speak(authorization: str | None) -> Desk:
            self.directory.demand_open(realm.id)  # a socket lives on while the site is closed
            by_cookie = session if authorization is None else None
            return await self.speakers.desk(
                realm, authorization, session=by_cookie, language=language, request_id=visit.request_id
            )

        origin = self.settings.origin(realm.host)
        desk = await speak(authorization.decode("latin-1") if authorization is not None else None)
        if session is not None and desk.person is None:
            session = None  # it has ended
        if session is not None:
            _check_own_page(visit, session, origin, takes_files=visit.scope["path"] in self.large)
        return Arrival(
            realm=realm,
            origin=origin,
            address=self._address(visit),
            request_id=visit.request_id,
            language=language or "de",
            desk=desk,
            speak=speak,
            session=session,
            lanes=self.lanes,
            post=self.post if self.post is not None and self.post.serves(realm.id) else None,
            issuers=self.issuers,
            join=self.join,
            scanner=self.scanner,
        )

    def _address(self, visit: Visit) -> str:
        """The peer; behind a trusted proxy the last address that this proxy itself has seen."""
        peer = (visit.scope.get("client") or ("",))[0]
        forwarded = visit.headers.get(b"x-forwarded-for")
        if forwarded and peer in self.settings.trusted_proxies:
            return forwarded.decode("latin-1").rsplit(",", 1)[-1].strip()
        return str(peer)

    async def _fail(self, visit: Visit, error: Exception) -> None:
        problem = problem_of(error)
        if isinstance(error, TokenRefused):
            visit.reason = error.reason
        if problem.status >= 500:
            log = structlog.get_logger()
            said = log.error if problem.status == 500 else log.warning
            said("fault", exc_info=error, request_id=visit.request_id, realm=visit.realm)
        await visit.problem(problem)

    def _told(self, visit: Visit) -> None:
        seconds = time.perf_counter() - visit.started
        path = visit.scope["path"]
        metrics.count(visit.method, path, visit.status, seconds)
        if path.startswith(("/health/", "/metrics")):
            return  # every few seconds, from a machine
        facts = {"reason": visit.reason} if visit.reason else {}
        structlog.get_logger().info(
            "request",
            method=visit.method[:20],
            path=safe_path(path),
            status=visit.status,
            ms=round(seconds * 1000, 1),
            realm=visit.realm,
            request_id=visit.request_id,
            **facts,
        )

    # -- WebSocket -----------------------------------------------------------------------------
    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open a socket at a known host only, and for a page of that host only; its events name their speaker."""
        visit = self._visit(scope, send)
        try:
            _check_head(scope)
            realm = self.directory.realm_of(_authority(scope, visit.headers))
            visit.realm = realm.slug
            _check_origin(visit.headers.get(b"origin"), realm.host)
            put(scope, await self._arrive(visit, realm, bearer=True))
        except Exception as error:
            await self._deny(visit, receive, error)
            return
        app = self.graphql if scope["path"] == "/graphql" and self.graphql is not None else self.rest
        with structlog.contextvars.bound_contextvars(request_id=visit.request_id, realm=realm.slug):
            await app(scope, receive, send)

    async def _deny(self, visit: Visit, receive: Receive, error: Exception) -> None:
        problem = problem_of(error)
        await receive()  # websocket.connect
        if "websocket.http.response" in visit.scope.get("extensions", {}):
            status, headers, body = answer(problem, reference=visit.request_id, language=None)
            await visit.send({"type": "websocket.http.response.start", "status": status, "headers": headers})
            await visit.send({"type": "websocket.http.response.body", "body": body})
        else:
            await visit.send({"type": "websocket.close", "code": 4000 + problem.status})
        visit.status = problem.status
        self._told(visit)


def _check_head(scope: Scope) -> None:
    """Refuse a head that is too large, or that a proxy before us could read in another way than we do."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        raise Problem(431)
    names = [name for name, _ in scope["headers"]]
    twofold = any(names.count(name) > 1 for name in ONCE) or {b"content-length", b"transfer-encoding"} <= set(names)
    if twofold or not all(map(_FIELDS.fullmatch, names)):
        raise Problem(400, headers={"connection": "close"})


def _authority(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    """The Host header. An absolute-form target (`GET http://host/…`) names the same host, or nobody answers."""
    host = headers.get(b"host", b"").decode("latin-1")
    path: str = scope["path"]
    if not path.startswith("/"):
        target = urlsplit(scope.get("raw_path", path.encode()).decode("latin-1"))
        named = host_of(target.netloc)
        if target.scheme not in {"http", "https"} or named is None or named != host_of(host):
            raise HostUnknown
        scope["raw_path"] = (target.path or "/").encode("latin-1")
        scope["path"] = unquote(target.path or "/")
    return host


def _check_own_page(visit: Visit, session: str, origin: str, *, takes_files: bool) -> None:
    """Whatever may change something, or keeps talking, comes from a page of this host and carries its word.

    Forms carry it as a field, which the pages check that take them; the graph takes no forms.
    """
    socket = visit.scope["type"] == "websocket"
    if not socket and visit.method in SAFE:
        return
    demand_own_page(visit.headers, origin)
    kind = visit.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    is_form = kind == FORM or (takes_files and kind == WITH_FILE)
    if not socket and (not is_form or visit.scope["path"] == "/graphql"):
        demand_form_word(session, visit.headers.get(b"x-csrf-token", b"").decode("latin-1"))


def _check_origin(origin: bytes | None, host: str) -> None:
    """A browser names the page that opens the socket: it has to be one of this host."""
    if origin is not None and host_of(urlsplit(origin.decode("latin-1")).netloc) != host:
        raise Problem(403)
