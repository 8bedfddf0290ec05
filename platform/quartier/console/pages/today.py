"""The front desk's day: who is where now, who comes next, what is still to be decided."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import ServerSentEvent

from quartier.console.forms import query_of
from quartier.console.grid import Grid, hours_of
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.visitor import Data
from quartier.console.wholes import elsewhere, halls

Asked = Request[Any, Any, Any]
LASTS = timedelta(minutes=5)  # of a stream: a browser opens the next one by itself
SHOWN = 8  # arrivals beside the grid; the others are one click away
HORIZON = timedelta(days=366)  # how far ahead requests are looked for
EXPECTED = ("MEMBER", "GUEST", "INTERNAL")


@get("/heute")
async def today(request: Asked) -> Response[str]:
    """The day as the front desk works with it; `tag` names another one."""
    visitor = visitor_of(request)
    visitor.demand("spaces:desk")
    query = query_of(request)
    day = query.day("tag") or visitor.today
    horizon = visitor.now + HORIZON
    asked = {
        "day": day.isoformat(),
        "now": visitor.now.isoformat(),
        "horizon": horizon.isoformat(),
        **visitor.bounds(day),
    }
    found, bookings = await visitor.pages("deskDay", "bookings", **asked)
    opens, closes = hours_of(found["openings"]["nodes"], bookings, visitor)
    rooms, parts = found["spaces"]["nodes"], await halls(visitor)
    grid = Grid(day, opens, closes, visitor)
    return page(
        visitor,
        "today.html",
        nav="heute",
        asked=("deskDay", asked),
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        grid=grid,
        rows=[
            (space, grid.laid(_in(space, bookings)), grid.laid(elsewhere(space["id"], parts, bookings)))
            for space in rooms
        ],
        names={space["id"]: visitor.t(space["nameDe"], space["nameEn"]) for space in rooms},
        arrived=next((each for each in bookings if each["id"] == query.one("da")), None),
        plan=sorted(
            ((space, each) for space in rooms for each in _in(space, bookings)),
            key=lambda row: (row[1]["startsAt"], row[1]["endsAt"], row[0]["id"]),
        ),
        staffed=[each for each in found["openings"]["nodes"] if each["kind"] == "STAFFED" and not each["space"]],
        closures=found["closures"]["nodes"],
        requests=found["requests"],
        sessions=found["sessions"]["nodes"],
        arrivals=arrivals(bookings, visitor.now) if day == visitor.today else [],
        is_today=day == visitor.today,
        missed=any(each["state"] == "NO_SHOW" for each in bookings),
        shown=SHOWN,
    )


@get("/heute/strom", media_type="text/event-stream")
async def stream(request: Asked) -> ServerSentEvent:
    """Says that something has changed; what it is, the page reads itself, under the rights of then."""
    visitor = visitor_of(request)
    visitor.demand("spaces:read")

    async def told() -> AsyncIterator[dict[str, str]]:
        yield {"event": "here", "data": "-"}
        async for _ in visitor.follow():
            yield {"event": "changed", "data": "-"}

    return ServerSentEvent(told())


def _in(space: Data, bookings: list[Data]) -> list[Data]:
    return [each for each in bookings if each["space"]["id"] == space["id"]]


def arrivals(bookings: list[Data], now: datetime) -> list[Data]:
    """Whom the desk expects: what is not over, by its start, whoever is here already last."""
    coming = [
        each
        for each in bookings
        if each["kind"] in EXPECTED
        and each["state"] in ("CONFIRMED", "CHECKED_IN")
        and datetime.fromisoformat(each["endsAt"]) > now
    ]
    return sorted(coming, key=lambda each: (each["state"] == "CHECKED_IN", each["startsAt"]))


PAGES: list[HTTPRouteHandler] = [today, stream]
