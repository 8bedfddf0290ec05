"""All pages under one router: who is let in is decided before, what went wrong is told after."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, Router

from quartier.console.answers import Turned
from quartier.console.forms import WORD, read_before
from quartier.console.page import page
from quartier.console.visitor import Visitor

KEY = "quartier_visitor"
LATER = (401, 500, 503)  # what may go well when it is sent once more
Asked = Request[Any, Any, Any]


def visitor_of(request: Asked) -> Visitor:
    """Who asks; put there before any page is reached."""
    found: Visitor = request.scope["state"][KEY]
    return found


def mounted(admit: Callable[[Asked], Awaitable[None]]) -> Router:
    """The router of all pages; `admit` puts the visitor in place or turns the request away."""
    from quartier.console.pages import HANDLERS

    return Router("/", route_handlers=HANDLERS, before_request=admit, exception_handlers={Turned: _turned})


def _turned(request: Asked, turned: Turned) -> Response[str]:
    """Say why; whoever sent a form gets it back, to be sent once more when the reason is gone."""
    visitor, sent, partly = visitor_of(request), read_before(request), "hx-request" in request.headers
    stranger = turned.status == 401 or turned.changed
    typing = partly and stranger and sent is not None and sent.one("nur") == "pruefen"
    if stranger and partly and not typing:  # the page asks for itself again, and is led to the sign-in
        return _empty(turned.status, "hx-refresh", "true")
    if turned.status == 401 and request.method == "GET":
        return _empty(303, "location", f"/auth/login?next={quote(visitor.path, safe='')}")
    again = sent is not None and not partly and (turned.changed or turned.status in LATER)
    kept = [(name, value) for name, value in sent.pairs if name != WORD] if sent and again else []
    answer = page(
        visitor,
        "turned.html",
        status=turned.status,
        code="changed" if turned.changed else turned.status,
        kept=kept,
        texts=[value for _, value in kept if any(map(str.isspace, value.strip()))],
        typing=typing,
    )
    if turned.status == 503:
        answer.headers["retry-after"] = "2"
    if typing:  # all that was typed stays where it is
        answer.headers |= {"hx-reselect": "#anmelden", "hx-reswap": "innerHTML"}
    return answer


def _empty(status: int, name: str, value: str) -> Response[str]:
    return Response("", status_code=status, headers={name: value, "cache-control": "no-store"})
