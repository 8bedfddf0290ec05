"""The doors of an invitation: a page that uses nothing up, and the button that accepts."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.codes import ask_code_of_invitation
from quartier.access.cookies import SESSION_COOKIE, baked
from quartier.access.events import leave_event
from quartier.access.forms import browser_of, form_of, session_shown
from quartier.access.invitations import queries
from quartier.access.invitations.actions import accept
from quartier.access.invitations.words import Invitation
from quartier.access.letters import code_letter
from quartier.access.page import onward, page, said
from quartier.access.people.queries import names
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import Proof
from quartier.database.engine import DB
from quartier.kit.refusal import Refused
from quartier.kit.spoken import shown

Asked = Request[Any, Any, Any]
PER_PEER = 60  # looks at invitations an hour


@get("/auth/invitation/{token:str}")
async def invitation(request: Asked, token: str) -> Response[str]:
    """Who invites whom to what. Scanners open links, so this uses nothing up."""
    arrival, found = await _found(request, token)
    return await _page(arrival, found, token, browser_of(request))


@post("/auth/invitation/{token:str}", status_code=200)
async def take(request: Asked, token: str) -> Response[str]:
    """Accept. A link that the house printed opens a session at once; any other wants the code of its mailbox."""
    arrival, found = await _found(request, token)
    await form_of(request)
    browser = browser_of(request)
    if found is None:
        return await _page(arrival, None, token, browser)
    if found.invited_by is None:
        return await accepted(arrival, found, Proof("first"), session_shown(request))
    if arrival.post is None:
        raise Problem(503, "Hier ist noch kein Mailversand eingerichtet.", "No mail server has been set up here yet.")
    mail = await ask_code_of_invitation(arrival.desk, found, browser)
    arrival.post.take(code_letter(arrival, mail, "/"))
    return page(arrival, "code.html", browser=browser, code="", asked=True, next="/")


async def accepted(arrival: Arrival, found: Invitation, proof: Proof, old: str | None) -> Response[str]:
    """The answer of somebody whose address is proven: a session, or in words why not."""
    if arrival.join is None:
        raise Problem(503)
    try:
        session = await accept(arrival.desk, found, arrival.join, proof=proof, instead_of=old)
    except Refused as refused:
        words = " ".join(each.message(arrival.language, arrival.realm.zone) for each in refused.refusals)
        return page(arrival, "invitation.html", status=409, browser=None, found=None, problem=words)
    if session is None:
        return page(arrival, "invitation.html", status=409, found=None)
    answer = onward("/auth/sessions" if proof.method == "first" else "/")
    answer.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answer


INVITATIONS: list[HTTPRouteHandler] = [invitation, take]


async def _found(request: Asked, token: str) -> tuple[Arrival, Invitation | None]:
    arrival = arrived(request.scope)
    if wait := await wait_for(arrival.desk, Wish(("invitation", "peer", arrival.address), PER_PEER)):
        raise Problem(429, headers={"retry-after": str(wait)})
    found = await queries.by_token(arrival.desk, token)
    if found is None:
        with as_auth(arrival.desk):
            async with DB.work():
                await leave_event(arrival.desk, "invitation.refused", reason="unknown_or_over")
    return arrival, found


async def _page(arrival: Arrival, found: Invitation | None, token: str, browser: str) -> Response[str]:
    if found is None:
        return page(arrival, "invitation.html", status=404, browser=browser, found=None)
    known = await names(arrival.desk, [found.invited_by]) if found.invited_by else {}
    role = shown("role", found.role, arrival.realm.zone, arrival.language) if found.role else None
    to = role or (
        said(arrival, "Mitarbeit in einer Organisation", "working for an organisation")
        if found.organisation
        else said(arrival, "wieder hineinkommen", "coming back in")
    )
    by = known.get(found.invited_by) if found.invited_by else None
    return page(arrival, "invitation.html", browser=browser, found=found, token=token, by=by, to=to)
