"""All pages under one router: who is let in is decided before, what went wrong is told after."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, Router

from quartier.console.answers import Turned
from quartier.console.page import page
from quartier.console.visitor import Visitor

KEY = "quartier_visitor"
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
    visitor = visitor_of(request)
    if turned.status == 401 and request.method == "GET" and "hx-request" not in request.headers:
        where = f"/auth/login?next={quote(visitor.path, safe='')}"
        return Response("", status_code=303, headers={"location": where, "cache-control": "no-store"})
    return page(visitor, "turned.html", status=turned.status, code=turned.status)
