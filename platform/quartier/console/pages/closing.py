"""When the house or a room is closed, out of use, or open at other hours; what is booked then is shown before."""

from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import Form, form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor
from quartier.kit.moments import TimeMissing, TimeTwice, wall

Asked = Request[Any, Any, Any]
HERE = "/raeume/schliessungen"
KINDS = ("HOLIDAY", "COMPANY_BREAK", "REPAIR", "OTHER")
BLOCK = "SPERREN"
FIELDS = ("raum", "art", "tag", "ab", "letzter", "bis", "grund")
DAY_FIELDS = ("raum", "tag", "ab", "bis", "grund")
AHEAD = timedelta(days=400)
LIFTS = {"oeffnen": "liftClosure", "freigeben": "liftBlocking"}
IN_THE_WAY = "BOOKINGS_IN_THE_WAY"


@get(HERE)
async def closures(request: Asked) -> Response[str]:
    """What is closed from now on, and the days with hours of their own."""
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def close(request: Asked) -> Response[str]:
    """Close, or take a room out of use. `nur` looks only; what is booked then goes with `absagen` alone."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name: sent.one(name)[:500] for name in FIELDS}
    span, problems = _span(visitor, sent)
    blocking = given["art"] == BLOCK
    if blocking and not given["raum"]:
        problems["space"] = visitor.t("Bitte einen Raum wählen.", "Please choose a space.")
    if not blocking and given["art"] not in KINDS:
        problems["kind"] = visitor.t("Bitte wählen.", "Please choose.")
    if span is None or problems:
        return await _page(visitor, 422, given=given, problems=problems)
    wish: Data = {"startsAt": span[0], "endsAt": span[1], "reason": given["grund"]}
    wish |= {"space": given["raum"]} if given["raum"] else {}
    wish |= {} if blocking else {"kind": given["art"]}
    wish["cancelBookings"] = bool(sent.one("absagen"))
    look = bool(sent.one("nur"))
    document = "blockSpace" if blocking else "addClosure"
    done = await visitor.do(document, dry=look, idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None and not look:
        return onward(HERE, getan="geschlossen")
    way = await _in_the_way(visitor, done["refusals"], *span)
    facts: Data = {"given": given, "refusals": done["refusals"], "way": way, "fits": status is None}
    return await _page(visitor, status or 200, **facts)


@post(HERE + "/tage", status_code=200)
async def day(request: Asked) -> Response[str]:
    """Give a day hours of its own, none at all, or those of every week again (`wie_immer`)."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name: sent.one(name)[:500] for name in DAY_FIELDS}
    day, opens, shuts = sent.day("tag"), sent.clock("ab"), sent.clock("bis")
    problems: dict[str, str] = {}
    if day is None:
        problems["t-day"] = visitor.t("Bitte einen Tag nennen.", "Please name a day.")
    hours: list[Data] = []
    if not sent.one("wie_immer"):
        if opens is None or (shuts is None and given["bis"] != "24:00"):
            problems["t-hours"] = visitor.t("Bitte beide Zeiten nennen.", "Please name both times.")
        else:
            hours = [{"startMinute": _minute(opens), "endMinute": _minute(shuts) if shuts else 1440}]
    if problems or day is None:
        return await _page(visitor, 422, own=given, problems=problems)
    wish: Data = {"day": day.isoformat(), "hours": hours, "reason": given["grund"] or "–"}
    wish |= {"space": given["raum"]} if given["raum"] else {}
    wish["cancelBookings"] = bool(sent.one("absagen"))
    done = await visitor.do("setOpeningDay", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(HERE, getan="gespeichert")
    whole = visitor.bounds(day)
    way = await _in_the_way(visitor, done["refusals"], whole["begins"], whole["ends"])
    apart = [each | {"path": [f"t-{name}" for name in each["path"][:1]]} for each in done["refusals"]]
    return await _page(visitor, status, own=given, refusals=apart, day_way=way)


@post(HERE + "/{thing:str}/{step:str}", status_code=200)
async def lift(request: Asked, thing: str, step: str) -> Response[str]:
    """Open again before the time."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step not in LIFTS:
        raise Turned(404)
    wish: Data = {"closure": thing} if step == "oeffnen" else {"booking": thing, "version": sent.whole("version") or 0}
    done = await visitor.do(LIFTS[step], idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    return (
        onward(HERE, getan="freigegeben") if status is None else await _page(visitor, status, refusals=done["refusals"])
    )


def _span(visitor: Visitor, sent: Form) -> tuple[tuple[str, str] | None, dict[str, str]]:
    """From the first to the last day, both whole unless a time is named."""
    first = sent.day("tag")
    last = sent.day("letzter") or first
    if first is None or last is None:
        return None, {"startsAt": visitor.t("Bitte den ersten Tag nennen.", "Please name the first day.")}
    try:
        starts = _instant(visitor, first, sent.clock("ab"))
        ends = _instant(visitor, last, sent.clock("bis")) if sent.clock("bis") else _instant(visitor, _next(last), None)
    except (TimeMissing, TimeTwice) as odd:
        return None, {"startsAt": odd.message(visitor.language, visitor.zone)}
    return (starts, ends), {}


def _instant(visitor: Visitor, day: date, clock: time | None) -> str:
    found = visitor.midnight(day) if clock is None else wall(datetime.combine(day, clock), visitor.zone)
    return found.isoformat()


def _next(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


async def _in_the_way(visitor: Visitor, refusals: list[Data], begins: str, ends: str) -> list[Data]:
    """The bookings that a refusal names by number, with what is known of them."""
    named = {
        word.strip()
        for each in refusals
        if each["code"] == IN_THE_WAY
        for number in each["numbers"]
        if number["name"] == "named"
        for word in number["text"].split(",")
    }
    if not named:
        return []
    _, found = await visitor.pages("bookingsThen", "bookings", begins=begins, ends=ends)
    return [each for each in found if each["number"] in named]


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("spaces:configure", "spaces:desk")
    asked = {
        "from": visitor.now.isoformat(),
        "until": (visitor.now + AHEAD).isoformat(),
        "day": visitor.today.isoformat(),
    }
    found = await visitor.ask("closingPage", **asked)
    empty = dict.fromkeys(FIELDS, "")
    facts: Data = {"given": empty, "own": dict.fromkeys(DAY_FIELDS, ""), "way": [], "day_way": [], "fits": False} | told
    codes = {each["code"] for each in facts.get("refusals", [])}
    return page(
        visitor,
        "closing.html",
        nav="raeume",
        status=status,
        asked=("closingPage", asked),
        closures=found["closures"]["nodes"],
        days=found["openingDays"]["nodes"],
        blockings=found["blockings"]["nodes"],
        spaces=found["spaces"]["nodes"],
        kinds=KINDS if visitor.may("spaces:configure") else (),
        block=BLOCK,
        booked=codes == {IN_THE_WAY},
        slots=[f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 15)],
        **facts,
    )


PAGES: list[HTTPRouteHandler] = [closures, close, day, lift]
