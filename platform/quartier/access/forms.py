"""Forms of our own pages: read once, with the word of the browser or session that they belong to."""

import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from quartier.access import cookies
from quartier.access.arrival import arrived
from quartier.access.cookies import LOGIN_COOKIE, SESSION_COOKIE, demand_form_word, demand_own_page
from quartier.access.marks import BROWSER, minted
from quartier.access.problem import Problem

Asked = Request[Any, Any, Any]
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 10
LONGEST_NEXT = 500
SESSION_PAGE = "/auth/sessions"
OF_A_SESSION = re.compile(r"/auth/(logout|sessions/end|passkeys/remove|identities/remove|oidc/[a-z0-9-]+/link)")


async def form_of(request: Asked) -> dict[str, str]:
    """The form of a page of ours; anything else is 400, 403 or 415."""
    arrival = arrived(request.scope)
    if request.content_type[0] != FORM:
        raise Problem(415)
    demand_own_page(dict(request.scope["headers"]), arrival.origin)
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400) from None
    form = dict(pairs)
    if len(form) != len(pairs) or "\0" in "".join(form.values()):
        raise Problem(400)
    session = arrival.session if OF_A_SESSION.fullmatch(request.scope["path"]) else None
    demand_form_word(session or browser_of(request), form.get("_csrf", ""))
    return form


def browser_of(request: Asked) -> str:
    """The secret of the browser's login cookie; a new one where there is none."""
    known = cookies.shown(request.headers.get("cookie", "").encode("latin-1"), LOGIN_COOKIE)
    return known or minted(BROWSER)


def session_shown(request: Asked) -> str | None:
    """The session that the browser carries, also one that no longer speaks: the next sign-in ends it."""
    return cookies.shown(request.headers.get("cookie", "").encode("latin-1"), SESSION_COOKIE)


def local(wish: str) -> str:
    """Where to go afterwards: a path of this host, else "/".

    >>> local("/explorer"), local("//evil.example"), local("/\\\\evil.example"), local("/auth/logout")
    ('/explorer', '/', '/', '/auth/sessions')
    """
    if wish.startswith("/auth/"):
        return SESSION_PAGE
    odd = len(wish) > LONGEST_NEXT or not wish.isprintable() or not wish.isascii() or "\\" in wish
    return SESSION_PAGE if not wish else "/" if odd or not wish.startswith("/") or wish.startswith("//") else wish
