"""The calendar of the rooms: a week of all of them, a month of one, a series; and the catalogue for everybody."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor
from quartier.console.wholes import elsewhere, halls

Asked = Request[Any, Any, Any]


@get("/raeume")
async def week(request: Asked) -> Response[str]:
    """A week, a room to a row; `tag` is any day in it."""
    visitor = visitor_of(request)
    visitor.demand("spaces:read")
    chosen = query_of(request).day("tag") or visitor.today
    monday = chosen - timedelta(days=chosen.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    asked = visitor.bounds(monday, 7)
    found, bookings = await visitor.pages("weekOfSpaces", "bookings", **asked)
    rooms, parts = found["spaces"]["nodes"], await halls(visitor)
    return page(
        visitor,
        "week.html",
        nav="raeume",
        asked=("weekOfSpaces", asked),
        days=days,
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        spaces=rooms,
        closed={day: words for day in days if (words := _closed(found["closures"]["nodes"], day, visitor))},
        held=_by_day(bookings, visitor),
        kept=_by_day(
            [each | {"space": space} for space in rooms for each in elsewhere(space["id"], parts, bookings)], visitor
        ),
    )


@get("/raeume/monat")
async def month(request: Asked) -> Response[str]:
    """A month of one room."""
    visitor = visitor_of(request)
    visitor.demand("spaces:read")
    query = query_of(request)
    first = (query.day("tag") or visitor.today).replace(day=1)
    last = first + timedelta(days=monthrange(first.year, first.month)[1] - 1)
    begin = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    weeks = [[begin + timedelta(days=7 * w + d) for d in range(7)] for w in range(((end - begin).days + 1) // 7)]
    asked: Data = visitor.bounds(begin, (end - begin).days + 1)
    rooms = (await visitor.ask("bookingForm"))["spaces"]["nodes"]
    if not rooms:
        raise Turned(404)
    space = next((each for each in rooms if each["id"] == query.one("raum")), rooms[0])
    asked["space"] = space["id"]
    found, bookings = await visitor.pages("weekOfSpaces", "bookings", **asked)
    held = _by_day(bookings, visitor)
    return page(
        visitor,
        "month.html",
        nav="raeume",
        asked=("weekOfSpaces", asked),
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=last + timedelta(days=1),
        weeks=weeks,
        rooms=rooms,
        space=space,
        closed={day: words for w in weeks for day in w if (words := _closed(found["closures"]["nodes"], day, visitor))},
        held={day: held.get((space["id"], day), []) for w in weeks for day in w},
    )


@get("/serien/{series:str}")
async def series(request: Asked, series: str) -> Response[str]:
    """One series: its rule, its dates, and those that fell out."""
    return await _series(
        visitor_of(request), series, query_of(request).one("neu"), gone=query_of(request).whole("abgesagt")
    )


@post("/serien/{series:str}/nachholen", status_code=200)
async def make_up(request: Asked, series: str) -> Response[str]:
    """Book a date that fell out after all, at its time or another of that day."""
    visitor, sent = visitor_of(request), await form_of(request)
    day, starts = sent.day("tag"), sent.clock("von")
    if day is None:
        raise Turned(422)
    wish: Data = {"series": series, "day": day.isoformat()}
    if starts:
        wish["startMinute"] = starts.hour * 60 + starts.minute
    if sent.one("trotzdem") and visitor.may("spaces:desk"):
        wish["override"] = True
    done = await visitor.do("addSeriesDate", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward(f"/buchungen/{done['booking']['id']}", neu="1")
    return await _series(visitor, series, "", status, refusals=done["refusals"])


async def _series(visitor: Visitor, key: str, new: str, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("spaces:read")
    found = (await visitor.ask("seriesPage", id=key))["series"]
    if found is None:
        raise Turned(404)
    told: Data = {"refusals": [], "gone": None} | facts
    return page(
        visitor,
        "series.html",
        nav="raeume",
        status=status,
        asked=("seriesPage", {"id": key}),
        s=found,
        is_new=bool(new),
        hers=visitor.may("spaces:desk") or any(each["own"] for each in found["bookings"]["nodes"]),
        slots=[f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 15)],
        **told,
    )


@get("/raumangebot")
async def catalogue(request: Asked) -> Response[str]:
    """The rooms for everybody, with what is in them and how one gets there."""
    visitor = visitor_of(request)
    visitor.demand("public:read")
    found, rooms = await visitor.pages("roomCatalogue", "spaces")
    hours = [each for each in found["openings"]["nodes"] if each["kind"] == "OPEN" and not each["space"]]
    return page(
        visitor,
        "catalogue.html",
        nav="katalog",
        asked=("roomCatalogue", {}),
        hours=hours,
        rooms=[each for each in rooms if not each["leaseOnly"]],
        offices=[each for each in rooms if each["leaseOnly"]],
        weekdays=[date(2024, 1, day) for day in range(1, 8)],  # a Monday and the six days after it
    )


def _by_day(bookings: Iterable[Data], visitor: Visitor) -> dict[tuple[str, date], list[Data]]:
    """Bookings by space and by each day they touch."""
    found: dict[tuple[str, date], list[Data]] = {}
    for each in bookings:
        start = datetime.fromisoformat(each["startsAt"]).astimezone(visitor.zone)
        end = datetime.fromisoformat(each["endsAt"]).astimezone(visitor.zone) - timedelta(microseconds=1)
        day = start.date()
        while day <= end.date():
            found.setdefault((each["space"]["id"], day), []).append(each)
            day += timedelta(days=1)
            if (day - start.date()).days > 400:  # a lease without an end
                break
    return found


def _closed(closures: Iterable[Data], day: date, visitor: Visitor) -> str:
    """Why the whole house is closed on a day."""
    begins, ends = visitor.midnight(day), visitor.midnight(day + timedelta(days=1))
    reasons = [
        each["reasonDe"]
        for each in closures
        if not each["space"]
        and datetime.fromisoformat(each["startsAt"]) < ends
        and datetime.fromisoformat(each["endsAt"]) > begins
    ]
    return ", ".join(reasons)


PAGES: list[HTTPRouteHandler] = [week, month, series, make_up, catalogue]
