"""Who belongs to an organisation: its leads invite colleagues and let them go, as do those who edit members."""

from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward
from quartier.console.pages.mine import show_mine
from quartier.console.pages.people import show_member
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
INVITED = {"zurueck": "withdrawInvitation", "einlassen": "admitInvited"}
FIELDS = {"address": "adresse", "name": "name"}


@post("/mitglieder/{organisation:str}/einladen", status_code=200)
async def invite(request: Asked, organisation: str) -> Response[str]:
    """Send a colleague a letter that lets her in."""
    visitor, sent = visitor_of(request), await form_of(request)
    given: Data = {name: sent.one(name) for name in ("adresse", "name", "leitung", "englisch")}
    wish: Data = {
        "address": given["adresse"],
        "name": given["name"] or None,
        "english": bool(given["englisch"]),
        "organisation": organisation,
        "affiliation": "ADMIN" if given["leitung"] else "MEMBER",
    }
    return await _done(visitor, organisation, "invite", sent, wish, given)


@post("/mitglieder/{organisation:str}/einladungen/{invitation:str}/{step:str}", status_code=200)
async def withdraw(request: Asked, organisation: str, invitation: str, step: str) -> Response[str]:
    """Take an invitation back, or let in who came with it and another address."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in INVITED:
        raise Turned(404)
    return await _done(visitor, organisation, INVITED[step], sent, {"invitation": invitation})


@post("/mitglieder/{organisation:str}/team/{affiliation:str}/{step:str}", status_code=200)
async def let_go(request: Asked, organisation: str, affiliation: str, step: str) -> Response[str]:
    """Somebody stands for this organisation no more."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step != "austragen":
        raise Turned(404)
    return await _done(visitor, organisation, "endAffiliation", sent, {"affiliation": affiliation})


async def _done(
    visitor: Visitor, organisation: str, document: str, sent: Form, wish: Data, given: Data | None = None
) -> Response[str]:
    staff = visitor.may("members:edit")
    done = await visitor.do(document, idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(
            f"/mitglieder/{organisation}" if staff else "/mein",
            getan="eingeladen"
            if document == "invite"
            else "ausgetragen"
            if document == "endAffiliation"
            else "gespeichert",
        )
    problems = {FIELDS.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    told: Data = {"refusals": done["refusals"], "problems": problems} | ({"given": given} if given else {})
    if staff:
        return await show_member(visitor, organisation, status, **told)
    return await show_mine(visitor, status, **told)


PAGES: list[HTTPRouteHandler] = [invite, withdraw, let_go]
