"""What is mine: bookings, seats, organisations, applications; the first page of a member."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.visitor import Data

Asked = Request[Any, Any, Any]


@get("/mein")
async def mine(request: Asked) -> Response[str]:
    visitor = visitor_of(request)
    visitor.demand("members:own")
    if visitor.person is None:
        raise Turned(401)
    found = await visitor.ask("myPage", person=visitor.person)
    person = found["person"] or {"name": "", "affiliations": {"nodes": []}, "memberships": {"nodes": []}}
    current = [each for each in person["affiliations"]["nodes"] if not each["until"] and each["organisation"]]
    own: list[Data] = []
    for each in current:
        organisation = (await visitor.ask("myOrganisation", id=each["organisation"]["id"]))["organisation"]
        if organisation:
            own.append(organisation)
    applications: list[Data] = []
    if visitor.may("grants:apply"):
        applications = (await visitor.ask("myApplications"))["applications"]["nodes"]
    return page(
        visitor,
        "mine.html",
        nav="mein",
        asked=("myPage", {"person": visitor.person}),
        person=person,
        bookings=found["bookings"]["nodes"],
        registrations=found["registrations"]["nodes"],
        organisations=own,
        applications=applications,
    )


PAGES: list[HTTPRouteHandler] = [mine]
