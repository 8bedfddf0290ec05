"""Entering an organisation by hand: who stands at the desk is not in any list yet."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import by_field, placed, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.people import KINDS
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/neu"
TEXTS = {
    "name": "name", "rechtsform": "legalForm", "strasse": "street", "plz": "postcode", "ort": "town",
    "stadtteil": "district", "web": "website", "ueber": "aboutDe",
}  # fmt: skip
PLACES = {path: field for field, path in TEXTS.items()} | {"kind": "art", "foundedOn": "gegruendet"}
EMPTY: Data = dict.fromkeys((*TEXTS, "art", "gegruendet", "gemeinnuetzig", "wirtschaftlich"), "")


@get(HERE)
async def form(request: Asked) -> Response[str]:
    return _page(visitor_of(request))


@post(HERE, status_code=200)
async def enter(request: Asked) -> Response[str]:
    """Write it down, and go on to its page, where people are invited."""
    visitor, sent = visitor_of(request), await form_of(request)
    visitor.demand("members:edit")
    given = {name: sent.one(name)[:2000] for name in EMPTY}
    founded = sent.day("gegruendet")
    problems: dict[str, str] = {}
    if given["art"] not in KINDS:
        problems["art"] = visitor.t("Bitte wählen.", "Please choose.")
    if given["gegruendet"] and founded is None:
        problems["gegruendet"] = visitor.t("Bitte einen Tag wie 2024-03-01.", "Please a day such as 2024-03-01.")
    if problems:
        return _page(visitor, 422, given=given, problems=problems)
    done = await visitor.do("registerOrganisation", idempotencyKey=sent.one("key"), **_wish(given, sent))
    status = refused(done)
    if status is None:
        return onward(f"/mitglieder/{done['organisation']['id']}", getan="aufgenommen")
    return _page(visitor, status, given=given, refusals=placed(done["refusals"], PLACES))


def _wish(given: Data, sent: Form) -> Data:
    wish: Data = {path: given[name] for name, path in TEXTS.items() if given[name] or name in ("name", "ueber")}
    founded = sent.day("gegruendet")
    return wish | {
        "kind": given["art"],
        "nonprofit": bool(given["gemeinnuetzig"]),
        "economic": bool(given["wirtschaftlich"]),
        "foundedOn": founded.isoformat() if founded else None,
    }


def _page(visitor: Visitor, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("members:edit")
    told: Data = {"given": EMPTY, "problems": {}, "refusals": []} | facts
    told["problems"] = by_field(told["refusals"]) | told["problems"]
    return page(visitor, "entering.html", nav="mitglieder", status=status, kinds=KINDS, **told)


PAGES: list[HTTPRouteHandler] = [form, enter]
