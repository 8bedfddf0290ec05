"""Becoming a member: asked for on one's own page, decided on the team's."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.mine import show_mine
from quartier.console.uploads import handed_in
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/antraege"
FIELDS = {"plan": "tarif", "organisation": "fuer", "startsOn": "ab", "statement": "text", "answer": "antwort",
          "papers": "unterlagen"}  # fmt: skip
PAPER = "papier-"
PURPOSE = "MEMBERSHIP_PAPER"
REGISTERS = ("W_ID", "VAT", "REGISTER", "TAX_NO")
DECISIONS = {"annehmen": "approveMembership", "ablehnen": "declineMembership", "fragen": "askApplicant"}
OWN_STEPS = {"antworten": "answerApplication", "zurueckziehen": "withdrawApplication"}


@get(HERE)
async def applications(request: Asked) -> Response[str]:
    """Who waits for an answer, the oldest first."""
    query = query_of(request)
    return await _page(visitor_of(request), after=query.one("weiter") or None, did=query.one("getan"))


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


@post(HERE + "/unterlagen/{paper:str}", status_code=200)
async def look_at(request: Asked, paper: str) -> Response[str]:
    """Accept a paper, or refuse it and say why."""
    visitor, sent = visitor_of(request), await form_of(request)
    wish: Data = {"version": sent.whole("version") or 0, "accepted": sent.one("urteil") == "ja"}
    note = sent.one("anmerkung")
    done = await visitor.do("decidePaper", idempotencyKey=sent.one("key"), paper=paper, note=note or None, **wish)
    status = refused(done)
    if status is None:
        return onward(HERE, getan="unterlage")
    return await _page(visitor, status, given={paper: {"anmerkung": note}}, refusals=done["refusals"])


@post(HERE + "/kennung/{organisation:str}", status_code=200)
async def identify(request: Asked, organisation: str) -> Response[str]:
    """Write down a register number of an applicant."""
    visitor, sent = visitor_of(request), await form_of(request)
    number: Data = {"kind": sent.one("register"), "value": sent.one("nummer")}
    if number["kind"] not in REGISTERS:
        raise Turned(422)
    done = await visitor.do("recordIdentifier", idempotencyKey=sent.one("key"), organisation=organisation, **number)
    status = refused(done)
    if status is None:
        return onward(HERE, getan="kennung")
    return await _page(visitor, status, given={organisation: {"nummer": number["value"]}}, refusals=done["refusals"])


@post("/mein/mitgliedschaft", status_code=200, request_max_body_size=None)
async def apply(request: Asked) -> Response[str]:
    """Ask for a membership, one's own or that of an organisation one stands for."""
    visitor, sent = visitor_of(request), await form_of(request)
    joining: Data = {name: sent.one(name) for name in ("tarif", "fuer", "ab", "text")} | {"papiere": {}}
    starts = sent.day("ab")
    if joining["ab"] and starts is None:
        words = "Bitte einen Tag wie 2027-03-01." if visitor.language == "de" else "Please a day such as 2027-03-01."
        return await show_mine(visitor, 422, joining=joining, problems={"ab": words})
    if not joining["tarif"]:
        words = "Bitte einen Tarif wählen." if visitor.language == "de" else "Please choose a plan."
        return await show_mine(visitor, 422, joining=joining, problems={"tarif": words})
    plans = (await visitor.ask("plansOffered", day=visitor.today.isoformat()))["plans"]["nodes"]
    asked: list[str] = next((each["papers"] for each in plans if each["id"] == joining["tarif"]), [])
    handed = await handed_in(visitor, sent, PURPOSE, [PAPER + kind for kind in asked])
    joining["papiere"] = handed.kept
    if handed.refusals:
        problems = {"unterlagen": " ".join(each["message"] for each in handed.refusals)}
        told = [each | {"path": ["unterlagen"]} for each in handed.refusals]
        return await show_mine(visitor, 422, joining=joining, problems=problems, refusals=told)
    papers = [{"kind": name.removeprefix(PAPER), "file": file} for name, file in handed.ids.items()]
    done = await visitor.do(
        "applyForMembership",
        idempotencyKey=sent.one("key"),
        plan=joining["tarif"],
        organisation=joining["fuer"] or None,
        startsOn=starts.isoformat() if starts else None,
        statement=joining["text"],
        papers=papers,
    )
    return await _mine(visitor, done, joining=joining)


@post("/mein/unterlagen", status_code=200, request_max_body_size=None)
async def hand_in_paper(request: Asked) -> Response[str]:
    """Hand in a paper that is missing, or another one in place of what was refused."""
    visitor, sent = visitor_of(request), await form_of(request)
    handed = await handed_in(visitor, sent, PURPOSE, ["datei"])
    if not handed.ids and not handed.refusals:
        words = "Please choose a file." if visitor.language == "en" else "Bitte eine Datei wählen."
        handed.refusals.append({"code": "FIELD_INVALID", "message": words, "path": []})
    if handed.refusals:
        return await show_mine(visitor, 422, refusals=[each | {"path": []} for each in handed.refusals])
    wish: Data = {"membership": sent.one("antrag"), "kind": sent.one("art"), "file": handed.ids["datei"]}
    done = await visitor.do("handInPaper", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward("/mein", getan="gespeichert")
    return await show_mine(visitor, status, refusals=done["refusals"])


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
        return onward("/mein", getan="gespeichert" if "answers" in told else "beantragt")
    problems = {FIELDS.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    return await show_mine(visitor, status, refusals=done["refusals"], problems=problems, **told)


async def _page(
    visitor: Visitor, status: int = 200, *, after: str | None = None, given: Data | None = None, **told: Any
) -> Response[str]:
    visitor.demand("members:approve")
    asked: Data = {"after": after}
    found = (await visitor.ask("membershipApplications", **asked))["memberships"]
    listed = {each["id"] for each in found["nodes"]}
    listed |= {paper["id"] for each in found["nodes"] for paper in each["papers"]["nodes"]}
    listed |= {each["organisation"]["id"] for each in found["nodes"] if each["organisation"]}
    lost = [text for key, kept in (given or {}).items() if key not in listed for text in kept.values() if text]
    return page(
        visitor, "joining.html", nav="mitglieder", status=status, asked=("membershipApplications", asked), found=found,
        given=given or {}, lost=lost, registers=REGISTERS, **({"did": ""} | told),
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [applications, look_at, identify, decide, apply, hand_in_paper, own_step]
