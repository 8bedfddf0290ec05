"""What hangs at the doors: a screen or a sheet of paper for each room, and one screen for all of them in the hall."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned
from quartier.console.forms import query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
AHEAD = timedelta(days=31)
NEXT = 3  # of a room on the screen in the hall


@get("/tuer")
async def hall(request: Asked) -> Response[str]:
    """All rooms on one screen: which one may go into now."""
    visitor = visitor_of(request)
    visitor.demand("public:read", "spaces:read")
    asked: Data = visitor.bounds(visitor.today)
    found = await visitor.ask("doors", **asked)
    return page(
        visitor,
        "hall.html",
        asked=("doors", asked),
        doors=[(door, _left(door["held"], visitor)[:NEXT]) for door in found["doors"]],
        closures=[each for each in found["closures"]["nodes"] if not each["space"]],
        names=_names(found),
    )


@get("/tuer/{space:str}")
async def door(request: Asked, space: str) -> Response[str]:
    """One room: on a screen as it is now, on paper what is on that day. `tag` names a day up to a month ahead."""
    visitor = visitor_of(request)
    visitor.demand("public:read", "spaces:read")
    day = query_of(request).day("tag") or visitor.today
    if not visitor.today <= day <= visitor.today + AHEAD:
        raise Turned(404)
    asked: Data = {"spaces": [space], "day": day.isoformat(), **visitor.bounds(day)}
    found = await visitor.ask("doors", **asked)
    if not found["doors"]:
        raise Turned(404)
    [here] = found["doors"]
    is_today = day == visitor.today
    return page(
        visitor,
        "door.html",
        asked=("doors", asked),
        d=here,
        day=day,
        is_today=is_today,
        left=_left(here["held"], visitor) if is_today else here["held"],
        tomorrow=day + timedelta(days=1) if day < visitor.today + AHEAD else None,
        closures=[each for each in found["closures"]["nodes"] if (each["space"] or {"id": space})["id"] == space],
        names=_names(found),
    )


def _left(held: list[Data], visitor: Visitor) -> list[Data]:
    """What of the day is not over yet."""
    return [each for each in held if datetime.fromisoformat(each["endsAt"]) > visitor.now]


def _names(found: Data) -> dict[str, Data]:
    return {each["id"]: each for each in found["spaces"]["nodes"]}


PAGES: list[HTTPRouteHandler] = [hall, door]
