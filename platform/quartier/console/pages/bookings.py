"""One booking: what it is, who decides, and everything that can be done with it."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, placed, refused
from quartier.console.forms import Form, form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.booking import ways_out
from quartier.console.visitor import Data, Visitor
from quartier.kit.moments import TimeMissing, TimeTwice, wall

Asked = Request[Any, Any, Any]
BACK = {"/heute", "/mein", "/raeume"}
STEPS = {
    "da": "checkIn",
    "nicht-erschienen": "markNoShow",
    "ende": "endBooking",
    "bestaetigen": "approveBooking",
    "ablehnen": "declineBooking",
    "absagen": "cancelBooking",
    "behalten": "confirmHold",
    "entschuldigt": "excuseNoShow",
    "zuruecknehmen": "undoCancel",
}
UNDONE = ("CANCELLED", "CANCELLED_LATE", "CANCELLED_BY_SITE", "WITHDRAWN")
SCOPES = ("FOLLOWING", "ALL")  # of a series, beside the one date
PLACES = {"space": "raum", "startsAt": "von", "endsAt": "bis", "reason": "grund"}
WITH_REASON = {"ablehnen", "absagen", "entschuldigt"}


@get("/buchungen/{booking:str}")
async def booking(request: Asked, booking: str) -> Response[str]:
    visitor = visitor_of(request)
    query = query_of(request)
    told = next((word for word in ("neu", "abgesagt") if query.one(word)), query.one("getan") or None)
    return await _page(visitor, booking, told=told)


@post("/buchungen/{booking:str}/{step:str}", status_code=200)
async def act(request: Asked, booking: str, step: str) -> Response[str]:
    """One step with a booking; a refusal shows the page with its reasons."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    if step == "verschieben":
        return await _move(visitor, booking, sent)
    if step == "absagen" and sent.one("umfang") in SCOPES:
        return await _cancel_several(visitor, booking, sent)
    if step not in STEPS:
        raise Turned(404)
    wish: Data = {"booking": booking, "version": sent.whole("version") or 0}
    if step in WITH_REASON:
        wish["reason"] = sent.one("grund")[:500] or None
        if step == "ablehnen":
            wish["reason"] = wish["reason"] or ""
    done = await visitor.do(
        STEPS[step], idempotencyKey=sent.one("key") or f"{booking}-{step}-{wish['version']}", **wish
    )
    status = refused(done)
    if status is None:
        back = sent.one("zurueck")
        if step == "absagen":  # no question before: the way back stands on the page
            return onward(f"/buchungen/{booking}", abgesagt="1")
        if step == "da" and back == "/heute":
            return onward(back, da=booking)
        return onward(back) if back in BACK else onward(f"/buchungen/{booking}", getan=step)
    return await _page(visitor, booking, status, refusals=done["refusals"])


async def _cancel_several(visitor: Visitor, booking: str, sent: Form) -> Response[str]:
    """Give back this date of a series and those that follow, or every one that is still to come."""
    done = await visitor.do(
        "cancelSeries",
        idempotencyKey=f"{booking}-{sent.one('umfang')}-{sent.whole('version')}",
        booking=booking,
        version=sent.whole("version") or 0,
        scope=sent.one("umfang"),
        reason=sent.one("grund")[:500] or None,
    )
    status = refused(done)
    if status is not None:
        return await _page(visitor, booking, status, refusals=done["refusals"])
    series = (await visitor.ask("bookingPage", id=booking))["booking"]["series"]
    return onward(f"/serien/{series['id']}", abgesagt=str(len(done["dates"])))


async def _move(visitor: Visitor, booking: str, sent: Form) -> Response[str]:
    given = {name: sent.one(name) for name in ("raum", "tag", "von", "bis")}
    if way := sent.one("weg"):  # one of the ways out: room and times in one button
        given = dict(zip(given, (way.split("|") + [""] * 4)[:4], strict=True))
    form_ = Form(tuple(given.items()))
    day, starts, ends = form_.day("tag"), form_.clock("von"), form_.clock("bis")
    if day is None or starts is None or ends is None:
        word = "Bitte Tag und Uhrzeiten nennen." if visitor.language == "de" else "Please name a day and times."
        return await _page(visitor, booking, 422, given=given, problems={"tag": word})
    last = day + timedelta(days=1) if ends <= starts else day
    try:
        span = [wall(datetime.combine(d, t), visitor.zone).isoformat() for d, t in ((day, starts), (last, ends))]
    except (TimeMissing, TimeTwice) as odd:
        problems = {"von": odd.message(visitor.language, visitor.zone)}
        return await _page(visitor, booking, 422, given=given, problems=problems)
    wish: Data = {"startsAt": span[0], "endsAt": span[1], "space": given["raum"] or None}
    done = await visitor.do(
        "deskMove",
        idempotencyKey=sent.one("key"),
        booking=booking,
        version=sent.whole("version") or 0,
        **wish,
        override=bool(sent.one("trotzdem")) and visitor.may("spaces:desk"),
        beyond=bool(sent.one("dazu")),
    )
    status = refused(done)
    if status is None:
        return onward(f"/buchungen/{booking}", getan="verschieben")
    ways = await ways_out(visitor, wish, done["refusals"]) if given["raum"] else []
    return await _page(visitor, booking, status, given=given, refusals=done["refusals"], ways=ways)


async def _page(visitor: Visitor, key: str, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("spaces:read")
    found = await visitor.ask("bookingPage", id=key)
    one = found["booking"]
    if one is None:
        raise Turned(404)
    rivals: list[Data] = []
    if one["state"] == "REQUESTED" and visitor.may("spaces:approve"):
        span = {"begins": one["startsAt"], "ends": one["endsAt"]}
        others = await visitor.ask("bookingRivals", space=one["space"]["id"], **span)
        rivals = [each for each in others["bookings"]["nodes"] if each["id"] != one["id"]]
    starts, ends = (datetime.fromisoformat(one[end]).astimezone(visitor.zone) for end in ("startsAt", "endsAt"))
    told: Data = {"refusals": [], "problems": {}, "told": None, "given": None, "ways": []} | facts
    told["refusals"] = placed(told["refusals"], PLACES)
    told["problems"] = by_field(told["refusals"]) | told["problems"]
    stands = {
        "raum": one["space"]["id"], "tag": starts.date().isoformat(), "von": f"{starts:%H:%M}", "bis": f"{ends:%H:%M}",
    }  # fmt: skip
    told["given"] = told["given"] or stands
    return page(
        visitor,
        "booking.html",
        nav="raeume",
        status=status,
        asked=("bookingPage", {"id": key}),
        b=one,
        stands=stands,
        spaces=found["spaces"]["nodes"],
        rivals=rivals,
        slots=[f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 15)],
        begun=starts <= visitor.now,
        can=_possible(
            visitor, one, today=starts.date() <= visitor.today, begun=starts <= visitor.now, over=ends <= visitor.now
        ),
        day=starts.date(),
        is_new=told["told"] == "neu",
        did=told["told"],
        undo=told.pop("told") == "abgesagt" and one["state"] in UNDONE,
        **told,
    )


def _possible(visitor: Visitor, one: Data, *, today: bool, begun: bool, over: bool) -> set[str]:
    """The steps that lead on from here and that this visitor may take; the graph has the last word."""
    state, desk = one["state"], visitor.may("spaces:desk")
    ours = one["kind"] in ("MEMBER", "GUEST", "INTERNAL", "BLOCKING")
    can: set[str] = set()
    if state in ("CONFIRMED", "REQUESTED", "HELD") and ours and (desk or one["own"]) and not over:
        can |= {"absagen", "verschieben"}
    if state == "HELD" and (desk or one["own"]):
        can.add("behalten")
    if state == "REQUESTED" and visitor.may("spaces:approve"):
        can |= {"bestaetigen", "ablehnen"}
    if desk and state == "CONFIRMED" and ours and today and not over:
        can.add("da")
    if desk and state == "CONFIRMED" and ours and begun:
        can.add("nicht-erschienen")
    if desk and state == "CHECKED_IN":
        can.add("ende")
    if desk and state == "NO_SHOW":
        can.add("entschuldigt")
    return can


PAGES: list[HTTPRouteHandler] = [booking, act]
