"""Becoming a member: asked for on one's own page, decided on the team's."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.mine import show_mine
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/antraege"
FIELDS = {"plan": "tarif", "organisation": "fuer", "startsOn": "ab", "statement": "text", "answer": "antwort"}
DECISIONS = {"annehmen": "approveMembership", "ablehnen": "declineMembership", "fragen": "askApplicant"}
OWN_STEPS = {"antworten": "answerApplication", "zurueckziehen": "withdrawApplication"}


@get(HERE)
async def applications(request: Asked) -> Response[str]:
    """Who waits for an answer, the oldest first."""
    return await _page(visitor_of(request), after=query_of(request).one("weiter") or None)


@post(HERE + "/{membership:str}/{step:str}", status_code=200)
async def decide(request: Asked, membership: str, step: str) -> Response[str]:
    """Approve, decline with a reason, or ask for more; each is told to whoever asked."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in DECISIONS:
        raise Turned(404)
    wish: Data = {"membership": membership, "version": sent.whole("version") or 0}
    if step == "ablehnen":
        wish["reason"] = sent.one("grund")
    elif step == "fragen":
        wish["question"] = sent.one("frage")
    done = await visitor.do(DECISIONS[step], idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(HERE, getan=step)
    given = {membership: {"grund": sent.one("grund"), "frage": sent.one("frage")}}
    return await _page(visitor, status, given=given, refusals=done["refusals"])


@post("/mein/mitgliedschaft", status_code=200)
async def apply(request: Asked) -> Response[str]:
    """Ask for a membership, one's own or that of an organisation one stands for."""
    visitor, sent = visitor_of(request), await form_of(request)
    joining = {name: sent.one(name) for name in ("tarif", "fuer", "ab", "text")}
    starts = sent.day("ab")
    if joining["ab"] and starts is None:
        words = "Bitte einen Tag wie 2027-03-01." if visitor.language == "de" else "Please a day such as 2027-03-01."
        return await show_mine(visitor, 422, joining=joining, problems={"ab": words})
    if not joining["tarif"]:
        words = "Bitte einen Tarif wählen." if visitor.language == "de" else "Please choose a plan."
        return await show_mine(visitor, 422, joining=joining, problems={"tarif": words})
    done = await visitor.do(
        "applyForMembership",
        idempotencyKey=sent.one("key"),
        plan=joining["tarif"],
        organisation=joining["fuer"] or None,
        startsOn=starts.isoformat() if starts else None,
        statement=joining["text"],
    )
    return await _mine(visitor, done, joining=joining)


@post("/mein/mitgliedschaft/{membership:str}/{step:str}", status_code=200)
async def own_step(request: Asked, membership: str, step: str) -> Response[str]:
    """Answer what was asked, or take the application back."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in OWN_STEPS:
        raise Turned(404)
    wish: Data = {"membership": membership, "version": sent.whole("version") or 0}
    if step == "antworten":
        wish["answer"] = sent.one("antwort")
    done = await visitor.do(OWN_STEPS[step], idempotencyKey=sent.one("key"), **wish)
    return await _mine(visitor, done, answers={membership: sent.one("antwort")})


async def _mine(visitor: Visitor, done: Data, **told: Any) -> Response[str]:
    status = refused(done)
    if status is None:
        return onward("/mein")
    problems = {FIELDS.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    return await show_mine(visitor, status, refusals=done["refusals"], problems=problems, **told)


async def _page(
    visitor: Visitor, status: int = 200, *, after: str | None = None, given: Data | None = None, **told: Any
) -> Response[str]:
    visitor.demand("members:approve")
    asked: Data = {"after": after}
    found = (await visitor.ask("membershipApplications", **asked))["memberships"]
    listed = {each["id"] for each in found["nodes"]}
    lost = [text for key, kept in (given or {}).items() if key not in listed for text in kept.values() if text]
    return page(
        visitor, "joining.html", nav="mitglieder", status=status, asked=("membershipApplications", asked), found=found,
        given=given or {}, lost=lost, **told,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [applications, decide, apply, own_step]
