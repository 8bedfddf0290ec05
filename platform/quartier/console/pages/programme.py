"""The programme: for everybody what is on, for members a seat, for the team who comes and who waits."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
COMING, PAST, DRAFTS = "kommt", "war", "entwurf"
TABS = {COMING: "Kommt", PAST: "War", DRAFTS: "Entwürfe"}
HOLDS = ("CONFIRMED", "ATTENDED", "PARTLY_ATTENDED", "CERTIFIED", "NO_SHOW")
LEFT = ("CANCELLED", "CANCELLED_LATE")
SPARE = 4  # lines on paper for who comes unannounced
OPEN = ("WAITLISTED", "OFFERED", "CONFIRMED")


@get("/programm")
async def programme(request: Asked) -> Response[str]:
    """What comes; `welche` shows what was, or the drafts of those who plan."""
    visitor = visitor_of(request)
    visitor.demand("public:read", "programme:read")
    query = query_of(request)
    which = query.one("welche", COMING)
    asked: Data = {"search": query.one("q")[:100] or None, "after": query.one("weiter") or None}
    if which == DRAFTS and visitor.may("programme:plan"):
        asked["states"] = ["DRAFT"]
    elif which == PAST:
        asked |= {"states": ["PUBLISHED", "RUNNING", "DONE", "CANCELLED"], "until": visitor.now.isoformat()}
    else:
        which = COMING
        asked |= {"states": ["PUBLISHED", "RUNNING"], "from": visitor.midnight(visitor.today).isoformat()}
    found = (await visitor.ask("programmeList", **asked))["workshops"]
    tabs = [(key, label) for key, label in TABS.items() if key != DRAFTS or visitor.may("programme:plan")]
    return page(
        visitor, "programme.html", nav="programm", asked=("programmeList", asked), found=found, which=which, tabs=tabs,
        q=query.one("q"),
    )  # fmt: skip


@get("/programm/{workshop:str}")
async def workshop(request: Asked, workshop: str) -> Response[str]:
    visitor = visitor_of(request)
    query = query_of(request)
    return await _page(visitor, workshop, seat=query.one("neu"), left=query.one("abgemeldet"))


@post("/programm/{workshop:str}/anmelden", status_code=200)
async def register(request: Asked, workshop: str) -> Response[str]:
    """Take a seat, or a place in the line when that was chosen."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    done = await visitor.do(
        "register",
        idempotencyKey=sent.one("key"),
        workshop=workshop,
        party=sent.whole("plaetze") or 1,
        waitlist=bool(sent.one("warteliste")),
    )
    status = refused(done)
    if status is None:
        return onward(f"/programm/{workshop}", neu=done["registration"]["state"].lower())
    return await _page(visitor, workshop, status, refusals=done["refusals"])


@post("/programm/{workshop:str}/{step:str}/{registration:str}", status_code=200)
async def change(request: Asked, workshop: str, step: str, registration: str) -> Response[str]:
    """Give a seat back and take that back, or accept the one that is offered."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    steps = {
        "abmelden": "cancelRegistration",
        "annehmen": "acceptOffer",
        "zuruecknehmen": "undoCancelRegistration",
    }
    if step not in steps:
        raise Turned(404)
    done = await visitor.do(
        steps[step], idempotencyKey=sent.one("key"), registration=registration, version=sent.whole("version")
    )
    status = refused(done)
    if status is None and step == "abmelden":  # no question before: the way back stands on the page
        return onward(f"/programm/{workshop}", abgemeldet=registration)
    if status is None:
        return onward(f"/programm/{workshop}", getan="platz")
    return await _page(visitor, workshop, status, refusals=done["refusals"])


@get("/programm/{workshop:str}/anwesenheit")
async def attendance(request: Asked, workshop: str) -> Response[str]:
    """The list at the door: names by the alphabet, on paper with room for a signature."""
    visitor = visitor_of(request)
    visitor.demand("programme:attend")
    found = (await visitor.ask("workshopPage", id=workshop))["workshop"]
    if found is None:
        raise Turned(404)
    _, people = await visitor.pages("workshopPeople", "registrations", workshop=workshop)
    coming = sorted((each for each in people if each["state"] in HOLDS), key=_name)
    asked = ("workshopPeople", {"workshop": workshop})
    dates = [each for each in found["sessions"]["nodes"] if each["state"] != "CANCELLED"]
    return page(
        visitor, "attendance.html", nav="programm", asked=asked, w=found, coming=coming, dates=dates, spare=SPARE
    )


async def _page(
    visitor: Visitor, key: str, status: int = 200, *, seat: str = "", left: str = "", **facts: Any
) -> Response[str]:
    visitor.demand("public:read", "programme:read")
    found = (await visitor.ask("workshopPage", id=key))["workshop"]
    if found is None:
        raise Turned(404)
    people: list[Data] = []
    if visitor.may("programme:attend", "programme:plan", "programme:register"):
        _, people = await visitor.pages("workshopPeople", "registrations", workshop=key)
    staff = visitor.may("programme:attend", "programme:plan")
    mine = [each for each in people if each["person"] and each["person"]["id"] == visitor.person]
    return page(
        visitor,
        "workshop.html",
        nav="programm",
        status=status,
        asked=("workshopPage", {"id": key}),
        w=found,
        mine=[each for each in mine if each["state"] in OPEN],
        undo=next((each for each in mine if each["id"] == left and each["state"] in LEFT), None),
        coming=sorted((each for each in people if each["state"] in HOLDS), key=_name) if staff else [],
        waiting=[each for each in people if each["state"] in ("WAITLISTED", "OFFERED")] if staff else [],
        staff=staff,
        seat=seat,
        **facts,
    )


def _name(registration: Data) -> str:
    name: str = (registration["person"] or {"name": ""})["name"]
    return name.casefold().rpartition(" ")[2]


PAGES: list[HTTPRouteHandler] = [programme, workshop, register, change, attendance]
