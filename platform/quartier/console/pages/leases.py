"""Offices, desks and lockers let for long: who has which, letting another, giving notice."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/raeume/vermietung"
FIELDS = ("raum", "wer", "ab", "letzter", "platz", "miete", "frist", "name")


@get(HERE)
async def leases(request: Asked) -> Response[str]:
    """What is let now and agreed; `welche=beendet` shows what was."""
    query = query_of(request)
    return await _page(visitor_of(request), which=query.one("welche"), after=query.one("weiter") or None)


@post(HERE, status_code=200)
async def let(request: Asked) -> Response[str]:
    """Let a place to an organisation that is found by its name."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name: sent.one(name)[:200] for name in FIELDS}
    problems: dict[str, str] = {}
    starts, ends, rent = sent.day("ab"), sent.day("letzter"), sent.cents("miete")
    if not given["raum"]:
        problems["space"] = visitor.t("Bitte wählen.", "Please choose.")
    if starts is None:
        problems["startsOn"] = visitor.t("Bitte einen Tag nennen.", "Please name a day.")
    if given["miete"] and rent is None:
        problems["rentMonth"] = visitor.t("Bitte einen Betrag wie 250,00.", "Please an amount such as 250.00.")
    whom = await _organisation(visitor, given["wer"])
    if whom is None:
        problems["organisation"] = visitor.t(
            "Diese Organisation gibt es hier nicht. Bitte wählen Sie eine aus der Liste.",
            "There is no such organisation here. Please choose one of the list.",
        )
    if problems or starts is None:
        return await _page(visitor, 422, given=given, problems=problems)
    done = await visitor.do(
        "openLease",
        idempotencyKey=sent.one("key"),
        space=given["raum"],
        organisation=whom,
        startsOn=starts.isoformat(),
        endsOn=ends.isoformat() if ends else None,
        unitNo=sent.whole("platz"),
        rentMonth=rent,
        noticeDays=sent.whole("frist") if given["frist"] else 90,
        title=given["name"],
    )
    status = refused(done)
    if status is None:
        return onward(HERE, getan="vermietet")
    return await _page(visitor, status, given=given, refusals=done["refusals"])


@post(HERE + "/{lease:str}/{step:str}", status_code=200)
async def give_notice(request: Asked, lease: str, step: str) -> Response[str]:
    """End a lease on a day, with a reason for its tenant."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step != "beenden":
        raise Turned(404)
    last = sent.day("letzter")
    ending = {"lease": lease, "letzter": sent.one("letzter"), "grund": sent.one("grund")[:500]}
    if last is None:
        words = visitor.t("Bitte den letzten Tag nennen.", "Please name the last day.")
        return await _page(visitor, 422, ending=ending, ending_problem=words)
    done = await visitor.do(
        "endLease",
        idempotencyKey=sent.one("key"),
        lease=lease,
        version=sent.whole("version") or 0,
        endsOn=last.isoformat(),
        reason=ending["grund"],
        byAgreement=bool(sent.one("einig")),
    )
    status = refused(done)
    if status is None:
        return onward(HERE, getan="miete-beendet")
    apart = [each | {"path": []} for each in done["refusals"]]  # its fields stand once for each lease
    return await _page(visitor, status, ending=ending, refusals=apart)


async def _organisation(visitor: Visitor, name: str) -> str | None:
    if not name:
        return None
    found = (await visitor.ask("organisationsNamed", search=name))["organisations"]["nodes"]
    named = [each["id"] for each in found if each["name"] == name]
    return str(named[0]) if len(named) == 1 else None


async def _page(
    visitor: Visitor, status: int = 200, *, which: str = "", after: str | None = None, **told: Any
) -> Response[str]:
    visitor.demand("spaces:desk")
    past = which == "beendet"
    asked: Data = {"before" if past else "from": visitor.today.isoformat(), "after": after}
    found = await visitor.ask("leasesPage", **asked)
    facts: Data = {
        "given": dict.fromkeys(FIELDS, ""),
        "problems": {},
        "ending": {"lease": ""},
        "ending_problem": None,
    } | told
    facts["problems"] = by_field(facts.get("refusals", [])) | facts["problems"]
    return page(
        visitor,
        "leases.html",
        nav="raeume",
        status=status,
        asked=("leasesPage", asked),
        found=found["leases"],
        spaces=found["spaces"]["nodes"],
        organisations=found["organisations"]["nodes"],
        past=past,
        **facts,
    )


PAGES: list[HTTPRouteHandler] = [leases, let, give_notice]
