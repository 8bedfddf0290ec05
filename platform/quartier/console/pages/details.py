"""What is written down about an organisation: by the team all of it, by its leads how it shows itself."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.people import KINDS
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
LINES = {
    "name": "name", "legalForm": "rechtsform", "nace": "nace", "street": "strasse", "postcode": "plz", "town": "ort",
    "district": "stadtteil", "website": "website", "aboutDe": "text", "aboutEn": "text-en",
}  # fmt: skip
FIELDS = {**LINES, "kind": "art", "foundedOn": "gegruendet", "nonprofit": "gemeinnuetzig", "economic": "wirtschaftlich"}
SHOWN = ("website", "aboutDe", "aboutEn")


@get("/mitglieder/{organisation:str}/angaben")
async def details(request: Asked, organisation: str) -> Response[str]:
    return await _page(visitor_of(request), organisation)


@post("/mitglieder/{organisation:str}/angaben", status_code=200)
async def change(request: Asked, organisation: str) -> Response[str]:
    """Write it anew; whoever comes too late sees her own words beside what stands there now."""
    visitor, sent = visitor_of(request), await form_of(request)
    found = await _found(visitor, organisation)
    stands = _stands(found)
    given = stands | {name: _sent(sent, name) for name in (FIELDS if visitor.may("members:edit") else SHOWN)}
    problems: dict[str, str] = {}
    if given["kind"] not in KINDS:
        problems["kind"] = visitor.t("Bitte wählen.", "Please choose.")
    if given["foundedOn"] and sent.day(FIELDS["foundedOn"]) is None and given["foundedOn"] != stands["foundedOn"]:
        problems["foundedOn"] = visitor.t("Bitte einen Tag wie 2024-03-01.", "Please a day such as 2024-03-01.")
    if problems:
        return await _page(visitor, organisation, 422, given=given, problems=problems)
    wish: Data = {name: given[name] or None for name in (*LINES, "foundedOn")}
    wish |= {"name": given["name"], "kind": given["kind"], "aboutDe": given["aboutDe"]}
    wish |= {name: bool(given[name]) for name in ("nonprofit", "economic")}
    done = await visitor.do(
        "editOrganisation", idempotencyKey=sent.one("key"), organisation=organisation,
        version=sent.whole("version") or 0, **wish,
    )  # fmt: skip
    status = refused(done)
    if status is None:
        return onward(f"/mitglieder/{organisation}" if visitor.may("members:read") else "/mein")
    return await _page(visitor, organisation, status, given=given, refusals=done["refusals"])


def _sent(sent: Form, name: str) -> str:
    return sent.one(FIELDS[name]).replace("\r\n", "\n")


def _stands(found: Data) -> dict[str, str]:
    """What is written down, as the form has it: a tick is `ja`."""
    ticks = {name: "ja" if found[name] else "" for name in ("nonprofit", "economic")}
    return {name: found[name] or "" for name in FIELDS} | ticks


async def _found(visitor: Visitor, organisation: str) -> Data:
    visitor.demand("members:edit", "members:invite")
    found: Data | None = (await visitor.ask("organisationDetails", id=organisation))["organisation"]
    if found is None:
        raise Turned(404)
    return found


async def _page(visitor: Visitor, organisation: str, status: int = 200, **told: Any) -> Response[str]:
    found = await _found(visitor, organisation)
    stands = _stands(found)
    facts: Data = {"given": stands, "problems": {}} | told
    facts["problems"] = by_field(facts.get("refusals", [])) | facts["problems"]
    return page(
        visitor, "details.html", nav="mitglieder" if visitor.may("members:read") else "mein", status=status,
        asked=("organisationDetails", {"id": organisation}), o=found, stands=stands, kinds=KINDS,
        all=visitor.may("members:edit"), back=f"/mitglieder/{organisation}" if visitor.may("members:read") else "/mein",
        **facts,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [details, change]
