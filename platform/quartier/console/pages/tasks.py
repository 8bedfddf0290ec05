"""What awaits whoever is signed in: her roles, until when, and everything that only she or her like can do next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/aufgaben"
SHOWN = 10
SOON = timedelta(days=30)  # a role that ends within these is said to
HORIZON = timedelta(days=90)  # wishes for spaces that begin within these
DECIDABLE = ["SUBMITTED", "ELIGIBLE", "REVIEWED", "JURY", "RESERVE"]
STEPS = {"freigeben": "approveInstalment", "zahlen": "payInstalment"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kind of thing that waits for people with a permission: the document that finds it, and its list there."""

    key: str
    may: tuple[str, ...]
    document: str
    root: str
    asked: Callable[[Visitor], Data] = lambda visitor: {}


KINDS = (
    Waiting("decide", ("grants:decide",), "applicationsToDecide", "applications", lambda _: {"states": DECIDABLE}),
    Waiting("check", ("grants:pay_check",), "instalmentsToCheck", "instalments"),
    Waiting("release", ("grants:pay_approve", "grants:pay_release"), "instalmentsToRelease", "instalments"),
    Waiting("confirm", ("access:grant", "access:audit"), "rolesToConfirm", "roleGrants"),
    Waiting("admit", ("access:admit",), "peopleToAdmit", "accessPeople"),
    Waiting("join", ("members:approve",), "membershipApplications", "memberships"),
    Waiting("book", ("spaces:approve",), "bookingsToApprove", "bookings", lambda visitor: _ahead(visitor)),
)


def _ahead(visitor: Visitor) -> Data:
    return {"now": visitor.now.isoformat(), "horizon": (visitor.now + HORIZON).isoformat()}


@get(HERE)
async def tasks(request: Asked) -> Response[str]:
    return await _page(visitor_of(request))


@post(HERE + "/raten/{instalment:str}/{step:str}", status_code=200)
async def release(request: Asked, instalment: str, step: str) -> Response[str]:
    """Let an instalment go, or book it as paid: for whoever sees awards, but no files."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in STEPS:
        raise Turned(404)
    wish: Data = {"instalment": instalment, "version": sent.whole("version")}
    return await _done(visitor, await visitor.do(STEPS[step], idempotencyKey=sent.one("key"), **wish), step)


@post(HERE + "/rollen/{grant:str}/bestaetigen", status_code=200)
async def confirm(request: Asked, grant: str) -> Response[str]:
    """Say the second word to a role of money."""
    visitor, sent = visitor_of(request), await form_of(request)
    return await _done(
        visitor, await visitor.do("confirmRole", idempotencyKey=sent.one("key"), grant=grant), "rolle-bestaetigt"
    )


async def _done(visitor: Visitor, done: Data, did: str) -> Response[str]:
    status = refused(done)
    return onward(HERE, getan=did) if status is None else await _page(visitor, status, refusals=done["refusals"])


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    if visitor.person is None:
        raise Turned(401)
    if visitor.kind != "site":
        raise Turned(404)
    mine = await visitor.ask("myRoles")
    roles = [each | _term(visitor, each) for each in _longest(mine["myRoles"])]
    found: dict[str, list[Data]] = {}
    more: set[str] = set()
    for kind in KINDS:
        if visitor.may(*kind.may):
            answer = (await visitor.ask(kind.document, **kind.asked(visitor)))[kind.root]
            paged = isinstance(answer, dict)
            rows = answer["nodes"] if paged else answer
            found[kind.key] = rows[:SHOWN]
            if len(rows) > SHOWN or (paged and answer["pageInfo"]["hasNextPage"]):
                more.add(kind.key)
    coming: list[Data] | None = None
    if visitor.may("advice:assigned"):
        asked = {"states": ["PUBLISHED", "RUNNING"], "from": visitor.now.isoformat()}
        coming = (await visitor.ask("programmeList", **asked))["workshops"]["nodes"][:SHOWN]
    contact = None if roles else (await visitor.ask("sitePages"))["site"]
    return page(
        visitor,
        "tasks.html",
        nav="aufgaben",
        status=status,
        asked=("myRoles", {}),
        whose=mine["me"]["name"] or "",
        roles=roles,
        asleep=set(mine["me"]["asleep"]),
        found=found,
        more=more,
        coming=coming,
        contact=contact,
        **told,
    )


def _longest(grants: list[Data]) -> list[Data]:
    """Of a role that was given twice the one that lasts longer; a juror is there for each call of hers."""
    kept: dict[tuple[str, str | None], Data] = {}
    for each in sorted(grants, key=lambda grant: datetime.fromisoformat(grant["validUntil"])):
        kept[each["role"], each["call"]] = each
    return list(kept.values())


def _term(visitor: Visitor, role: Data) -> Data:
    """Its last day here, whether that is near (what a partner's sign-in renews never is), and that of its call."""
    ends = datetime.fromisoformat(role["validUntil"])
    last = (ends - timedelta(microseconds=1)).astimezone(visitor.zone).date()
    told: Data = {"last": last.isoformat(), "soon": role["source"] != "idp" and ends - visitor.now < SOON}
    closes = datetime.fromisoformat(role["callClosesAt"]) if role["callClosesAt"] else None
    told["closes"] = closes.astimezone(visitor.zone).date().isoformat() if closes else None
    return told | {"closed": closes is not None and closes < visitor.now}


PAGES: list[HTTPRouteHandler] = [tasks, release, confirm]
