"""Calendars that go out by a secret link, and calendars of others that hold a room here."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/raeume/kalender"


@get(HERE)
async def calendars(request: Asked) -> Response[str]:
    """One's own links; for the front desk the calendars of others as well."""
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def make(request: Asked) -> Response[str]:
    """Make a link. The page that answers shows it, and no other ever will."""
    visitor, sent = visitor_of(request), await form_of(request)
    what = sent.one("was")
    wish: Data = {"scope": what} if what in ("MINE", "SITE") else {"scope": "SPACE", "space": what or None}
    done = await visitor.do("makeCalendarFeed", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return await _page(visitor, link=done["link"] or "")
    return await _page(visitor, status, refusals=done["refusals"])


@post(HERE + "/fremde", status_code=200)
async def add(request: Asked) -> Response[str]:
    """Let somebody else's calendar hold a room."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name: sent.one(name)[:2000] for name in ("raum", "name", "adresse")}
    if not given["raum"]:
        words = visitor.t("Bitte einen Raum wählen.", "Please choose a space.")
        return await _page(visitor, 422, given=given, problems={"space": words})
    wish: Data = {"space": given["raum"], "name": given["name"], "url": given["adresse"]}
    done = await visitor.do("addOutsideCalendar", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    return (
        onward(HERE, getan="gespeichert")
        if status is None
        else await _page(visitor, status, given=given, refusals=done["refusals"])
    )


@post(HERE + "/{calendar:str}/{step:str}", status_code=200)
async def end(request: Asked, calendar: str, step: str) -> Response[str]:
    """Take a link back, or read a calendar of others no more."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step == "zurueck":
        done = await visitor.do("revokeCalendarFeed", idempotencyKey=sent.one("key"), feed=calendar)
    elif step == "entfernen":
        wish: Data = {"calendar": calendar, "version": sent.whole("version") or 0}
        done = await visitor.do("removeOutsideCalendar", idempotencyKey=sent.one("key"), **wish)
    else:
        raise Turned(404)
    status = refused(done)
    return onward(HERE, getan="entfernt") if status is None else await _page(visitor, status, refusals=done["refusals"])


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("spaces:read", "spaces:book")
    if visitor.person is None:
        raise Turned(401)
    asked = {"person": visitor.person}
    found = await visitor.ask("calendarsPage", **asked)
    outside: list[Data] | None = None
    if visitor.may("spaces:desk"):
        outside = (await visitor.ask("outsideCalendars"))["outsideCalendars"]["nodes"]
    feeds = [each for each in found["calendarFeeds"]["nodes"] if not each["revokedAt"]]
    facts: Data = {"link": None, "given": dict.fromkeys(("raum", "name", "adresse"), ""), "problems": {}} | told
    facts["problems"] = by_field(facts.get("refusals", [])) | facts["problems"]
    return page(
        visitor,
        "calendars.html",
        nav="raeume",
        status=status,
        asked=("calendarsPage", asked),
        feeds=feeds,
        outside=outside if outside is None else [each for each in outside if each["active"]],
        spaces=found["spaces"]["nodes"],
        **facts,
    )


PAGES: list[HTTPRouteHandler] = [calendars, make, add, end]
