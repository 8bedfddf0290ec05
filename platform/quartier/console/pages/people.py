"""Members: the list, one organisation on one page, and the quick search over the house."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import Form, form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.mine import NOBODY
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
KINDS = ("COMPANY", "COOPERATIVE", "ASSOCIATION", "FOUNDATION", "INITIATIVE", "RESEARCH", "PUBLIC_BODY")
STATES = ("ACTIVE", "ARCHIVED")
FILTERS = ("q", "art", "stand", "schlagwort", "feld")
PARTS = (
    ("memberBookings", "bookings", "spaces:desk"),
    ("memberSeats", "registrations", "programme:attend"),
    ("memberMoney", "applications", "grants:read"),
)


@get("/mitglieder")
async def members(request: Asked) -> Response[str]:
    """Organisations by name; the filters live in the address."""
    return await _list(visitor_of(request), query_of(request))


@post("/mitglieder/schlagworte", status_code=200)
async def tag(request: Asked) -> Response[str]:
    """Give those that are ticked a tag, or take one from them; the filters stay as they were."""
    visitor, sent = visitor_of(request), await form_of(request)
    done = await visitor.do(
        "tagOrganisations",
        idempotencyKey=sent.one("key"),
        organisations=sent.several("org"),
        add=[each for each in sent.one("dazu").split(",") if each.strip()],
        remove=sent.several("weg"),
    )
    status = refused(done)
    one = sent.one("von")
    if status is None:
        kept = {name: sent.one(name) for name in FILTERS if sent.one(name)}
        return onward(f"/mitglieder/{one}" if one else "/mitglieder", **kept, getan="verschlagwortet")
    told = {"refusals": done["refusals"]}
    return await (show_member(visitor, one, status, **told) if one else _list(visitor, sent, status, **told))


async def _list(visitor: Visitor, query: Form, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:read")
    kind, state, tagged = query.one("art"), query.one("stand", "ACTIVE"), query.one("schlagwort")[:60]
    asked: Data = {
        "search": query.one("q")[:100] or None,
        "kinds": [kind] if kind in KINDS else None,
        "states": [state] if state in STATES else ["ACTIVE"],
        "tags": [tagged] if tagged else None,
        "own": query.one("feld")[:200] or None,
        "after": query.one("weiter") or None,
    }
    found = (await visitor.ask("members", **asked))["organisations"]
    tags = (await visitor.ask("organisationTags"))["organisationTags"]
    own = (await visitor.ask("ownFields", fieldStates=["ACTIVE"]))["ownFields"]["nodes"]
    filters = {"q": query.one("q"), "art": kind, "stand": state, "schlagwort": tagged, "feld": query.one("feld")[:200]}
    return page(
        visitor, "members.html", nav="mitglieder", status=status, asked=("members", asked), found=found, tags=tags,
        choices=[each for each in own if each["kind"] in ("CHOICE", "YES_NO")], filters=filters, kinds=KINDS,
        states=STATES, **told,
    )  # fmt: skip


@get("/mitglieder/{organisation:str}")
async def member(request: Asked, organisation: str) -> Response[str]:
    """One organisation: its path through the house on one line."""
    return await show_member(visitor_of(request), organisation)


async def show_member(visitor: Visitor, organisation: str, status: int = 200, **told: Any) -> Response[str]:
    """The page, with what a form on it was refused."""
    visitor.demand("members:read")
    found = (await visitor.ask("memberPage", id=organisation))["organisation"]
    if found is None:
        raise Turned(404)
    if found["mergedInto"]:
        return onward(f"/mitglieder/{found['mergedInto']['id']}")
    rows = {
        root: (await visitor.ask(document, organisation=organisation))[root]["nodes"]
        for document, root, permission in PARTS
        if visitor.may(permission)
    }
    invited = None
    if visitor.may("members:edit"):
        invited = (await visitor.ask("colleaguesInvited", organisation=organisation))["invitations"]
    tags = (await visitor.ask("organisationTags"))["organisationTags"] if visitor.may("members:edit") else []
    own = (await visitor.ask("ownFields", fieldStates=["ACTIVE"]))["ownFields"]["nodes"]
    included = (await visitor.ask("allowancesNow", organisation=organisation))["allowances"]
    plans = []
    if visitor.may("members:approve"):
        plans = (await visitor.ask("plansOffered", day=visitor.today.isoformat()))["plans"]["nodes"]
    return page(
        visitor, "member.html", nav="mitglieder", status=status, asked=("memberPage", {"id": organisation}), o=found,
        path=_path(found, rows), invited=invited, tags=tags, included=included, plans=plans,
        fields=own, **({"given": NOBODY, "kept": {}, "written": {}} | told),
    )  # fmt: skip


def _path(o: Data, rows: dict[str, list[Data]]) -> list[tuple[str, str, Data]]:
    """What happened, the newest first: when, what kind of thing, the thing itself."""
    money = rows.get("applications", [])
    steps = [(each["startsAt"], "booking", each) for each in rows.get("bookings", [])]
    steps += [(each["joinedAt"], "registration", each) for each in rows.get("registrations", [])]
    steps += [(each["submittedAt"], "application", each) for each in money if each["submittedAt"]]
    steps += [(each["decidedAt"], "award", each) for each in money if each["decidedAt"] and each["award"]]
    steps.append((o["registeredAt"], "registered", o))
    return sorted(steps, key=lambda step: step[0], reverse=True)[:30]


@get("/suche")
async def search(request: Asked) -> Response[str]:
    """Find by name; a single hit opens at once."""
    visitor = visitor_of(request)
    visitor.demand("members:read")
    wanted = query_of(request).one("q")[:100]
    found: Data = {"organisations": {"nodes": []}, "persons": {"nodes": []}, "workshops": {"nodes": []}}
    if len(wanted) >= 2:
        document = "searchHouse" if visitor.may("programme:read") else "searchMembers"
        found |= await visitor.ask(document, search=wanted)
        hits = [each for part in found.values() for each in part["nodes"]]
        if len(hits) == 1 and found["organisations"]["nodes"]:
            return onward(f"/mitglieder/{hits[0]['id']}")
        if len(hits) == 1 and found["persons"]["nodes"]:
            return onward(f"/mitglieder/menschen/{hits[0]['id']}")
    return page(visitor, "search.html", q=wanted, **found)


PAGES: list[HTTPRouteHandler] = [members, tag, member, search]
