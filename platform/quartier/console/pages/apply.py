"""Asking for money: one form from the call to the receipt. It reckons before it hands in, and loses nothing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
ROWS = 6  # costs and sources that a form has room for
LEADS = ("OWNER", "ADMIN")  # an application binds the organisation
SOURCES = ("GRANT", "OWN", "THIRD", "IN_KIND")
FIELDS = {"organisation": "organisation", "purpose": "zweck", "title": "titel", "startsOn": "beginn", "jobs": "stellen"}
FIELDS |= {"costs": "kosten", "finance": "quellen", "carrier": "organisation"}
WHENCE = ("Bitte zu jedem Betrag wählen, woher er kommt.", "Please say where each amount comes from.")
AMOUNT = ("Bitte jeden Betrag schreiben wie 3.500,00.", "Please write every amount like 3500.00.")


@get("/foerderaufrufe/{call:str}/antrag")
async def empty_form(request: Asked, call: str) -> Response[str]:
    visitor = visitor_of(request)
    return await _page(visitor, call, _given(Form(())))


@post("/foerderaufrufe/{call:str}/antrag", status_code=200)
async def apply(request: Asked, call: str) -> Response[str]:
    """Hand in, or with `nur=pruefen` only say what would be refused."""
    visitor, sent = visitor_of(request), await form_of(request)
    visitor.demand("grants:apply")
    only_check = sent.one("nur") == "pruefen"
    given = _given(sent)
    wish, problems = _read(visitor, sent)
    if problems:
        return await _page(visitor, call, given, 200 if only_check else 422, problems=problems)
    done = await visitor.do("submitApplication", dry=only_check, idempotencyKey=sent.one("key"), call=call, **wish)
    status = refused(done)
    if status is None and not only_check:
        return onward(f"/foerderung/antraege/{done['application']['id']}", getan="eingereicht")
    found = {FIELDS.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    refusals = [each | {"path": [FIELDS.get(name, name) for name in each["path"][:1]]} for each in done["refusals"]]
    told: Data = {"problems": found, "refusals": refusals, "checked": status is None}
    return await _page(visitor, call, given, 200 if only_check or status is None else status, **told)


def _given(sent: Form) -> Data:
    """What stands in the fields: as typed, or as a newcomer would begin."""
    given: Data = {name: sent.one(name) for name in ("organisation", "zweck", "titel", "beginn", "stellen")}
    given["kosten"] = [{name: sent.one(f"{name}{n}") for name in ("art", "was", "betrag")} for n in range(ROWS)]
    begun = [*SOURCES[:2], *[""] * ROWS]
    given["quellen"] = [
        {"quelle": sent.one(f"quelle{n}") or begun[n], "von": sent.one(f"von{n}"), "summe": sent.one(f"summe{n}")}
        for n in range(ROWS)
    ]
    return given


def _read(visitor: Visitor, sent: Form) -> tuple[Data, dict[str, str]]:
    """The wish, and what cannot be read of the form, by field."""
    english = visitor.language == "en"
    problems: dict[str, str] = {}
    costs = [
        {"kind": sent.one(f"art{n}"), "text": sent.one(f"was{n}")[:200], "amount": sent.cents(f"betrag{n}")}
        for n in range(ROWS)
        if sent.one(f"betrag{n}") or sent.one(f"was{n}")
    ]
    sources = [
        {"source": sent.one(f"quelle{n}"), "text": sent.one(f"von{n}")[:200], "amount": sent.cents(f"summe{n}")}
        for n in range(ROWS)
        if sent.one(f"summe{n}")
    ]
    if any(cost["amount"] is None for cost in costs):
        problems["kosten"] = AMOUNT[english]
    if any(source["amount"] is None for source in sources):
        problems["quellen"] = AMOUNT[english]
    elif any(source["source"] not in SOURCES for source in sources):
        problems["quellen"] = WHENCE[english]
    jobs = sent.whole("stellen") if sent.one("stellen") else 0
    if jobs is None:
        problems["stellen"] = "Please a whole number such as 2." if english else "Bitte eine ganze Zahl wie 2."
    starts = sent.day("beginn")
    if sent.one("beginn") and starts is None:
        problems["beginn"] = "Please a day such as 2027-03-01." if english else "Bitte einen Tag wie 2027-03-01."
    for name in ("organisation", "zweck"):
        if not sent.one(name):
            problems[name] = "Please choose." if english else "Bitte auswählen."
    wish: Data = {
        "organisation": sent.one("organisation"),
        "purpose": sent.one("zweck"),
        "title": sent.one("titel"),
        "costs": costs,
        "finance": sources,
        "jobs": jobs,
        "startsOn": starts.isoformat() if starts else None,
    }
    return wish, problems


def _leads(affiliation: Data) -> list[str]:
    """Who hands in for an organisation in which the visitor is a colleague."""
    people = affiliation["organisation"]["people"]["nodes"]
    return [each["person"]["name"] for each in people if each["person"] and not each["until"]]


async def _page(visitor: Visitor, call: str, given: Data, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("grants:apply")
    asked = {"id": call, "person": visitor.person}
    found = await visitor.ask("applyForm", **asked)
    if found["call"] is None:
        raise Turned(404)
    people = (found["person"] or {"affiliations": {"nodes": []}})["affiliations"]["nodes"]
    joined = [each for each in people if not each["until"] and each["organisation"]]
    own = [each["organisation"] for each in joined]
    signs = any(each["role"] in LEADS for each in joined)  # which one it is, is said when it is handed in
    others = [(each["organisation"]["name"], _leads(each)) for each in joined if each["role"] not in LEADS]
    if len(own) == 1:
        given["organisation"] = given["organisation"] or own[0]["id"]
    if len(found["call"]["purposes"]) == 1:
        given["zweck"] = given["zweck"] or found["call"]["purposes"][0].upper()
    facts: Data = {"problems": {}, "refusals": [], "checked": False} | told
    return page(
        visitor, "apply.html", nav="aufrufe", status=status, asked=("applyForm", asked), call=found["call"], own=own,
        signs=signs, others=others, given=given, sources=SOURCES, **facts,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [empty_form, apply]
