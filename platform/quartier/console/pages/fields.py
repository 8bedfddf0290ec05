"""What this house asks of its organisations: its own fields, made and put in order; and the answers of one of them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.mine import show_mine
from quartier.console.pages.people import show_member
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/felder"
KINDS = ("TEXT", "NUMBER", "DATE", "YES_NO", "CHOICE")
NEW: Data = {"art": "", "deutsch": "", "englisch": "", "auswahl": "", "sichtbar": ""}


@get(HERE)
async def fields(request: Asked) -> Response[str]:
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def make(request: Asked) -> Response[str]:
    """Ask for something more."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = _given(sent)
    if given["art"] not in KINDS:
        word = visitor.t("Bitte wählen.", "Please choose.")
        return await _page(visitor, 422, given=given, problems={"kind": word})
    done = await visitor.do("makeField", idempotencyKey=sent.one("key"), kind=given["art"], **_wish(given))
    status = refused(done)
    return (
        onward(HERE, getan="gespeichert")
        if status is None
        else await _page(visitor, status, given=given, refusals=done["refusals"])
    )


@post(HERE + "/{field:str}/{step:str}", status_code=200)
async def act(request: Asked, field: str, step: str) -> Response[str]:
    """Change a field, retire it, take it back, or put it one place further up."""
    visitor, sent = visitor_of(request), await form_of(request)
    which: Data = {"field": field, "version": sent.whole("version") or 0, "idempotencyKey": sent.one("key")}
    given = _given(sent)
    if step == "aendern":
        done = await visitor.do("changeField", **which, **_wish(given))
    elif step in {"stilllegen", "wieder"}:
        done = await visitor.do("retireField", **which, retired=step == "stilllegen")
    elif step == "hoch":
        done = await visitor.do("orderFields", idempotencyKey=sent.one("key"), fields=await _up(visitor, field))
    else:
        raise Turned(404)
    status = refused(done)
    if status is None:
        return onward(HERE, getan="gespeichert")
    return await _page(visitor, status, changed=(field, given), refusals=done["refusals"])


@post("/mitglieder/{organisation:str}/felder", status_code=200)
async def answer(request: Asked, organisation: str) -> Response[str]:
    """Write the answers of one organisation: as the team, or as whoever leads it."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name[5:]: value.strip() for name, value in sent.pairs if name.startswith("feld-")}
    done = await visitor.do(
        "answerFields",
        idempotencyKey=sent.one("key"),
        organisation=organisation,
        version=sent.whole("version") or 0,
        answers=[{"field": field, "value": value} for field, value in given.items()],
    )
    status, mine = refused(done), bool(sent.one("mein"))
    if status is None:
        return onward("/mein" if mine else f"/mitglieder/{organisation}", getan="gespeichert")
    told: Data = {"refusals": done["refusals"], "problems": by_field(done["refusals"]), "written": given}
    return await (show_mine(visitor, status, **told) if mine else show_member(visitor, organisation, status, **told))


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:edit")
    asked: Data = {"fieldStates": None}
    found = (await visitor.ask("ownFields", **asked))["ownFields"]["nodes"]
    facts: Data = {"given": NEW, "changed": ("", NEW), "problems": {}} | told
    facts["problems"] = by_field(facts.get("refusals", [])) | facts["problems"]
    return page(
        visitor,
        "fields.html",
        nav="mitglieder",
        status=status,
        asked=("ownFields", asked),
        active=[each for each in found if each["state"] == "ACTIVE"],
        retired=[each for each in found if each["state"] == "RETIRED"],
        kinds=KINDS,
        **facts,
    )


async def _up(visitor: Visitor, field: str) -> list[str]:
    """All that are asked for, with this one a place further up."""
    found = (await visitor.ask("ownFields", fieldStates=["ACTIVE"]))["ownFields"]["nodes"]
    order = [each["id"] for each in found]
    if field in order[1:]:
        place = order.index(field)
        order[place - 1], order[place] = order[place], order[place - 1]
    return order


def _given(sent: Form) -> Data:
    return {name: sent.one(name)[:2000] for name in NEW}


def _wish(given: Data) -> Data:
    return {
        "labelDe": given["deutsch"],
        "labelEn": given["englisch"] or None,
        "choices": [line.strip() for line in given["auswahl"].splitlines() if line.strip()],
        "shared": bool(given["sichtbar"]),
    }


PAGES: list[HTTPRouteHandler] = [fields, make, act, answer]
