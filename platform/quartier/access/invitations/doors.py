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
from quartier.access.invitations.claiming import accept_by_institution, claim
from quartier.access.invitations.letter import waiting_letter
from quartier.access.invitations.words import Invitation
from quartier.access.letters import code_letter
from quartier.access.page import onward, page, said
from quartier.access.partners import accounts
from quartier.access.partners.claims import address_of
from quartier.access.partners.going import PER_PEER as PER_PEER_OUT
from quartier.access.partners.going import arrive, failed_page, out_by_form, proof_of, sent
from quartier.access.partners.queries import offered
from quartier.access.partners.words import LoginFailed, Provider, Started, Told
from quartier.access.people.queries import names, reader
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import Proof, open_session
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
    """Accept. A link that the house printed opens a session at once; any other wants the code of its mailbox.

    Or the word of an institution (`partner`): it is asked by a page that leads there.
    """
    arrival, found = await _found(request, token)
    slug = (await form_of(request)).get("partner")
    browser = browser_of(request)
    if found is None:
        return await _page(arrival, None, token, browser)
    if found.invited_by is None:
        return await accepted(arrival, found, Proof("first"), session_shown(request))
    if slug is not None:
        return await _away(request, found, slug, token, browser)
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


async def came(arrival: Arrival, provider: Provider, told: Told, sign_in: Started, old: str | None) -> Response[str]:
    """Back from the institution with an invitation: in at once, or waiting for somebody to look at two addresses."""
    desk = arrival.desk
    found = await queries.by_id(desk, sign_in.invitation) if sign_in.invitation else None
    if found is None or arrival.join is None:
        await _over(arrival)
        return page(arrival, "invitation.html", status=404, found=None)
    address = address_of(provider, told)
    is_hers = address == found.address
    if is_hers:
        try:
            if await accept_by_institution(desk, found, arrival.join, provider, told) is None:
                return page(arrival, "invitation.html", status=409, found=None)
        except Refused as refused:
            words = " ".join(each.message(arrival.language, arrival.realm.zone) for each in refused.refusals)
            return page(arrival, "invitation.html", status=409, found=None, problem=words)
    account = await accounts.signed_in(desk, provider, told)
    claimed = is_hers or await claim(desk, found, account.person, address)
    if claimed and not is_hers and found.claimed_by is None:
        await _tell_inviter(arrival, found)
    with as_auth(desk):
        async with DB.work():
            session = await open_session(desk, account.person, proof_of(provider, told), instead_of=old)
    if is_hers:
        answer = onward(sign_in.next)
    else:
        answer = page(arrival, "claimed.html", status=200 if claimed else 409, claimed=claimed, address=address)
    answer.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answer


INVITATIONS: list[HTTPRouteHandler] = [invitation, take]


async def _found(request: Asked, token: str) -> tuple[Arrival, Invitation | None]:
    arrival = arrived(request.scope)
    if wait := await wait_for(arrival.desk, Wish(("invitation", "peer", arrival.address), PER_PEER)):
        raise Problem(429, headers={"retry-after": str(wait)})
    found = await queries.by_token(arrival.desk, token)
    if found is None:
        await _over(arrival)
    return arrival, found


async def _tell_inviter(arrival: Arrival, found: Invitation) -> None:
    """Once, when the first one comes: nobody looks at a list of invitations every day."""
    whom = await reader(arrival.desk, found.invited_by) if found.invited_by else None
    if whom is not None and arrival.post is not None:
        arrival.post.take(waiting_letter(arrival, found, *whom))


async def _over(arrival: Arrival) -> None:
    with as_auth(arrival.desk):
        async with DB.work():
            await leave_event(arrival.desk, "invitation.refused", reason="unknown_or_over")


async def _away(request: Asked, found: Invitation, slug: str, token: str, browser: str) -> Response[str]:
    """To the institution. Who comes back in is let in by a person, so her letter is read and answered by code alone."""
    arrival, provider = await arrive(request, "out", PER_PEER_OUT, slug=slug)
    if found.person_id is not None:
        raise Problem(404)
    try:
        address = await sent(arrival, provider, browser, "invitation", "/", invitation=found.id)
    except LoginFailed as failed:
        return await failed_page(arrival, provider, failed, "/", again_at=f"/auth/invitation/{token}")
    return out_by_form(arrival, provider, browser, address)


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
    way = found.invited_by is not None and found.person_id is None
    partners = [(each.slug, each.name(arrival.language)) for each in (await offered(arrival.desk) if way else ())]
    about: dict[str, Any] = {"token": token, "by": by, "to": to, "partners": partners}
    return page(arrival, "invitation.html", browser=browser, found=found, **about)
