"""`/abbestellen/<word>`: the way out of a letter, without a sign-in (RFC 8058).

Scanners follow links, so only a post acts.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.page import page
from quartier.access.problem import Problem
from quartier.notices.choices.actions import unsubscribe
from quartier.notices.choices.links import PLACE, opened
from quartier.notices.choices.words import Kind

Asked = Request[Any, Any, Any]


@get(PLACE + "{word:str}")
async def ask(request: Asked, word: str) -> Response[str]:
    """Show what would end, and a button. Whatever opens the link changes nothing."""
    arrival = arrived(request.scope)
    _, kind = _meant(arrival, word)
    return _shown(arrival, kind, done=False)


@post(PLACE + "{word:str}", status_code=200)
async def end(request: Asked, word: str) -> Response[str]:
    """End letters of this kind: for the button, and for mail programs that post by themselves, without a cookie."""
    arrival = arrived(request.scope)
    person, kind = _meant(arrival, word)
    # Whoever is signed in at this browser has nothing to do with whose letter it is.
    await unsubscribe(replace(arrival.desk, person=None, permissions=frozenset(), own=frozenset()), person, kind)
    return _shown(arrival, kind, done=True)


def _meant(arrival: Arrival, word: str) -> tuple[UUID, Kind]:
    """An altered word, one of another site and one that never was are alike."""
    found = opened(arrival.desk, word) if arrival.realm.kind == "site" else None
    if found is None:
        raise Problem(404)
    return found


def _shown(arrival: Arrival, kind: Kind, *, done: bool) -> Response[str]:
    answer = page(arrival, "unsubscribe.html", kind=kind, done=done)
    answer.headers["x-robots-tag"] = "noindex"
    answer.headers["referrer-policy"] = "no-referrer"  # the address is the word
    return answer


UNSUBSCRIBING: list[HTTPRouteHandler] = [ask, end]
