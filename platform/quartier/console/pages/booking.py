"""Booking a space: a form that says while one types whether it works, and what would work instead."""

from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import by_field, refused
from quartier.console.forms import Form, form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor
from quartier.kit.moments import TimeMissing, TimeTwice, wall

Asked = Request[Any, Any, Any]
FIELDS = (
    "raum",
    "tag",
    "von",
    "bis",
    "titel",
    "personen",
    "fuer",
    "wen",
    "als",
    "sichtbar",
    "trotzdem",
    "dazu",
    "wiederholen",
    "jede",
    "ende",
)
VISIBLE = ("PRIVATE", "MEMBERS", "PUBLIC")
AS = ("GUEST", "INTERNAL")  # for whom the front desk books, where it is no member
REPEATS = ("DAILY", "WEEKLY", "MONTHLY")
PLACES = {
    "space": "raum", "startsAt": "von", "endsAt": "bis", "persons": "personen", "title": "titel",
    "organisation": "fuer", "person": "wen", "forPerson": "wen", "kind": "als",
    "firstDay": "tag", "startMinute": "von", "minutes": "bis", "until": "ende", "every": "jede",
}  # fmt: skip
TAKEN = ("SPACE_TAKEN", "UNITS_TAKEN", "BUFFER_NEEDED", "CLOSED", "OUT_OF_HOURS")
OTHER_ROOMS = 2  # beside the times that the refusal itself names
WAYS = 4


@get("/raeume/buchen")
async def form(request: Asked) -> Response[str]:
    """The empty form; whoever came from a gap of the calendar finds it filled in."""
    visitor = visitor_of(request)
    visitor.demand("spaces:book")
    query = query_of(request)
    given = _given(query)
    given["tag"] = given["tag"] or visitor.today.isoformat()
    if not given["von"]:
        begin = _next_quarter(visitor) if given["tag"] == visitor.today.isoformat() else time(9)
        given["von"] = f"{begin:%H:%M}"
        given["bis"] = f"{(datetime.combine(date.min, begin) + timedelta(hours=1)):%H:%M}"
    return await _page(visitor, given)


@post("/raeume/buchen", status_code=200)
async def book(request: Asked) -> Response[str]:
    """Book, or say every reason against it with ways out. `nur=pruefen` only rehearses."""
    visitor = visitor_of(request)
    visitor.demand("spaces:book")
    sent = await form_of(request)
    given = _given(sent)
    if way := sent.one("weg"):  # one of the ways out: room and times in one button
        given["raum"], given["tag"], given["von"], given["bis"] = (way.split("|") + [""] * 4)[:4]
    rehearsing = sent.one("nur") == "pruefen"
    wish, problems = await _wish(visitor, given)
    if problems:
        return await _page(visitor, given, 200 if rehearsing else 422, problems=problems)
    series = given["wiederholen"] in REPEATS
    document = "deskBookSeries" if series else "deskBook"
    done = await visitor.do(document, dry=rehearsing, idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None and not rehearsing:
        if series:
            return onward(f"/serien/{done['series']['id']}", neu="1")
        return onward(f"/buchungen/{done['booking']['id']}", neu="1")
    ways = [] if series else await ways_out(visitor, wish, done["refusals"])
    fits = rehearsing and status is None
    if rehearsing:
        status = None  # nothing went wrong: it was only asked
    return await _page(
        visitor, given, status or 200, refusals=done["refusals"], ways=ways, fits=fits, dates=done.get("dates", [])
    )


async def _page(visitor: Visitor, given: Data, status: int = 200, **facts: Any) -> Response[str]:
    found = await visitor.ask("bookingForm")
    told: Data = {"refusals": [], "problems": {}, "ways": [], "fits": False, "dates": []} | facts
    named = {PLACES.get(field, field): words for field, words in by_field(told["refusals"]).items()}
    told["problems"] = named | told["problems"]
    space = next((each for each in found["spaces"]["nodes"] if each["id"] == given["raum"]), None)
    return page(
        visitor,
        "booking_form.html",
        nav="raeume",
        status=status,
        asked=("bookingForm", {}),
        given=given,
        day=Form((("tag", given["tag"]),)).day("tag"),
        space=space,
        spaces=found["spaces"]["nodes"],
        organisations=found["organisations"]["nodes"],
        slots=[f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 15)],
        price=_price(space, given) if space else None,
        included=await _included(visitor, given, space, found["organisations"]["nodes"]) if space else [],
        spent=bool(given["dazu"]) or any(each["code"] == "QUOTA_SPENT" for each in _reasons(told)),
        **told,
    )


def _reasons(told: Data) -> list[Data]:
    """Why not, of the wish or of any date of a series."""
    return [*told["refusals"], *(reason for each in told["dates"] for reason in each["reasons"])]


async def _included(visitor: Visitor, given: Data, space: Data, organisations: list[Data]) -> list[Data]:
    """What the plan includes of such a space, of whom it is for."""
    whose = next((each["id"] for each in organisations if each["name"] == given["fuer"]), None)
    if not visitor.may("members:own", "members:read") or (given["fuer"] and whose is None):
        return []
    found = (await visitor.ask("allowancesNow", organisation=whose))["allowances"]
    kind = space["kind"].lower()
    return [each for each in found if not each["spaceKinds"] or kind in each["spaceKinds"]]


async def _wish(visitor: Visitor, given: Data) -> tuple[Data, dict[str, str]]:
    """What is asked of the graph, or what cannot be read, by field."""
    german = visitor.language == "de"
    problems: dict[str, str] = {}
    form_ = Form(tuple((key, str(value)) for key, value in given.items()))
    day, starts, ends = form_.day("tag"), form_.clock("von"), form_.clock("bis")
    if not given["raum"]:
        problems["raum"] = "Bitte wählen Sie einen Raum." if german else "Please choose a room."
    if day is None:
        problems["tag"] = "Bitte nennen Sie einen Tag." if german else "Please name a day."
    if starts is None:
        problems["von"] = "Bitte nennen Sie eine Uhrzeit." if german else "Please name a time."
    if ends is None:
        problems["bis"] = "Bitte nennen Sie eine Uhrzeit." if german else "Please name a time."
    wish: Data = {
        "space": given["raum"],
        "title": given["titel"],
        "visibility": given["sichtbar"] if given["sichtbar"] in VISIBLE else "PRIVATE",
        "override": bool(given["trotzdem"]) and visitor.may("spaces:desk"),
        "beyond": bool(given["dazu"]),
    }
    if given["personen"]:
        wish["persons"] = form_.whole("personen")
        if not wish["persons"] or wish["persons"] < 1:
            problems["personen"] = "Bitte eine ganze Zahl ab 1." if german else "Please a whole number from 1 on."
    if given["fuer"]:
        found = await visitor.ask("organisationsNamed", search=given["fuer"])
        named = [each for each in found["organisations"]["nodes"] if each["name"] == given["fuer"]]
        if len(named) == 1:
            wish["organisation"] = named[0]["id"]
        else:
            problems["fuer"] = (
                "Diese Organisation gibt es hier nicht. Bitte wählen Sie eine aus der Liste."
                if german
                else "There is no such organisation here. Please choose one of the list."
            )
    if visitor.may("spaces:desk"):
        if given["als"] in AS:
            wish["kind"] = given["als"]
        if given["wen"]:
            wish["person"], problems["wen"] = await _person(visitor, given["wen"])
            if not problems["wen"]:
                del problems["wen"]
    if problems or day is None or starts is None or ends is None:
        return wish, problems
    if given["wiederholen"] in REPEATS:
        return wish | _rule(form_, day, starts, ends), problems
    for name, field, clock in (("startsAt", "von", starts), ("endsAt", "bis", ends)):
        last = day + timedelta(days=1) if field == "bis" and ends <= starts else day
        try:
            wish[name] = wall(datetime.combine(last, clock), visitor.zone).isoformat()
        except (TimeMissing, TimeTwice) as odd:
            problems[field] = odd.message(visitor.language, visitor.zone)
    return wish, problems


async def _person(visitor: Visitor, name: str) -> tuple[str | None, str]:
    """Who is called exactly so; else why nobody can be meant."""
    german = visitor.language == "de"
    found = (await visitor.ask("personsNamed", search=name))["persons"]["nodes"]
    called = [each for each in found if each["name"].casefold() == name.casefold()]
    if len(called) == 1:
        return called[0]["id"], ""
    if called:
        return None, (
            "So heißen mehrere. Bitte nennen Sie statt der Person die Organisation."
            if german
            else "Several people are called so. Please name the organisation instead."
        )
    near = ", ".join(each["name"] for each in found)
    words = "So heißt hier niemand." if german else "Nobody here is called so."
    ask = "Meinen Sie: {}?" if german else "Do you mean: {}?"
    return None, f"{words} {ask.format(near)}" if near else words


def _rule(given: Form, day: date, starts: time, ends: time) -> Data:
    """The repetition in the site's wall time; a series that names no end ends after ten dates."""
    first, last = starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute
    rule: Data = {
        "repeats": given.one("wiederholen"),
        "every": given.whole("jede") or 1,
        "firstDay": day.isoformat(),
        "startMinute": first,
        "minutes": (last - first) % 1440 or 1440,
        "onConflict": "SKIP",
    }
    until = given.day("ende")
    rule |= {"until": until.isoformat()} if until else {"count": 10}
    if rule["repeats"] == "WEEKLY":
        rule["weekdays"] = [day.isoweekday()]
    if rule["repeats"] == "MONTHLY":
        rule |= {"weekdays": [day.isoweekday()], "nth": (day.day - 1) // 7 + 1}
    return rule


async def ways_out(visitor: Visitor, wish: Data, refusals: list[Data]) -> list[Data]:
    """Other rooms at the same time, then other times in the same room; each is one click.

    None where it is no matter of room or time: another room does not help who has booked all that her plan allows.
    """
    if not any(each["code"] in TAKEN for each in refusals):
        return []
    free = await visitor.ask("roomsFree", startsAt=wish["startsAt"], endsAt=wish["endsAt"], persons=wish.get("persons"))
    others = [each["space"] for each in free["freeSpaces"] if each["space"] != wish["space"]][:OTHER_ROOMS]
    ways = [{"space": space, "startsAt": wish["startsAt"], "endsAt": wish["endsAt"]} for space in others]
    for refusal in refusals:
        for each in refusal["alternatives"]:
            facts = {number["name"]: number["at"] or number["id"] for number in each["numbers"]}
            if {"space", "starts_at", "ends_at"} <= facts.keys():
                ways.append({"space": facts["space"], "startsAt": facts["starts_at"], "endsAt": facts["ends_at"]})
    return ways[:WAYS]


def _price(space: Data, given: Data) -> int | None:
    """What the list says; what is charged in the end may be less, never more."""
    form_ = Form(tuple((key, str(value)) for key, value in given.items()))
    starts, ends = form_.clock("von"), form_.clock("bis")
    if starts is None or ends is None or not space["listPriceHour"]:
        return None
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return int(space["listPriceHour"] * minutes / 60) if minutes > 0 else None


def _given(sent: Form) -> Data:
    return {name: sent.one(name)[:300] for name in FIELDS}


def _next_quarter(visitor: Visitor) -> time:
    local = visitor.now.astimezone(visitor.zone) + timedelta(minutes=14)
    return time(local.hour, local.minute // 15 * 15)


PAGES: list[HTTPRouteHandler] = [form, book]
