"""What is mine: bookings, seats, organisations, applications; the first page of a member."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]


NOBODY: Data = {"adresse": "", "name": "", "leitung": "", "englisch": ""}
LEADS = ("OWNER", "ADMIN")
NOTHING: Data = {"tarif": "", "fuer": "", "ab": "", "text": "", "papiere": {}}


@get("/mein")
async def mine(request: Asked) -> Response[str]:
    return await show_mine(visitor_of(request))


async def show_mine(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    """The page, with what a form on it was refused."""
    visitor.demand("members:own")
    if visitor.person is None:
        raise Turned(401)
    found = await visitor.ask("myPage", person=visitor.person)
    person = found["person"] or {"name": "", "affiliations": {"nodes": []}, "memberships": {"nodes": []}}
    current = [each for each in person["affiliations"]["nodes"] if not each["until"] and each["organisation"]]
    own: list[Data] = []
    for each in current:
        asked = each["organisation"]["id"]
        organisation = (await visitor.ask("myOrganisation", id=asked))["organisation"]
        if organisation:
            leads = visitor.may("members:invite") and each["role"] in LEADS
            invited = (await visitor.ask("colleaguesInvited", organisation=asked))["invitations"] if leads else None
            included = (await visitor.ask("allowancesNow", organisation=asked))["allowances"]
            own.append(organisation | {"invited": invited, "included": included, "led": each["role"] in LEADS})
    applications: list[Data] = []
    if visitor.may("grants:apply"):
        applications = (await visitor.ask("myApplications"))["applications"]["nodes"]
    plans = (await visitor.ask("plansOffered", day=visitor.today.isoformat()))["plans"]["nodes"]
    return page(
        visitor,
        "mine.html",
        nav="mein",
        status=status,
        asked=("myPage", {"person": visitor.person}),
        person=person,
        bookings=found["bookings"]["nodes"],
        registrations=found["registrations"]["nodes"],
        organisations=own,
        included=(await visitor.ask("allowancesNow"))["allowances"],
        applications=applications,
        plans=plans,
        fields=(await visitor.ask("ownFields", fieldStates=["ACTIVE"]))["ownFields"]["nodes"] if own else [],
        **({"given": NOBODY, "joining": NOTHING, "answers": {}, "kept": {}, "typed": None, "written": {}} | told),
    )


PAGES: list[HTTPRouteHandler] = [mine]
