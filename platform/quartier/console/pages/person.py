"""One person on one page: for whom she stands, her own membership, what is booked for her."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.pages.mine import show_mine
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
PEOPLE = "menschen/"
HERE = f"/mitglieder/{PEOPLE}"


@get(HERE + "{person:str}")
async def person(request: Asked, person: str) -> Response[str]:
    """Members that are no organisation have their page as well."""
    return await show_person(visitor_of(request), person)


async def show_person(visitor: Visitor, person: str, status: int = 200, **told: Any) -> Response[str]:
    """The page, with what a form on it was refused."""
    visitor.demand("members:read")
    found = (await visitor.ask("personPage", id=person))["person"]
    if found is None:
        raise Turned(404)
    bookings: list[Data] = []
    if visitor.may("spaces:desk"):
        bookings = (await visitor.ask("personBookings", person=person))["bookings"]["nodes"]
    plans: list[Data] = []
    if visitor.may("members:approve"):
        offered = (await visitor.ask("plansOffered", day=visitor.today.isoformat()))["plans"]["nodes"]
        plans = [plan for plan in offered if plan["holder"] == "PERSON"]
    return page(
        visitor, "person.html", nav="mitglieder", status=status, asked=("personPage", {"id": person}), p=found,
        bookings=bookings, plans=plans, **({"kept": {}, "typed": None} | told),
    )  # fmt: skip


@post(HERE + "{person:str}/angaben", status_code=200)
async def change(request: Asked, person: str) -> Response[str]:
    """Write a name or a language anew, from the page of the team or from one's own."""
    visitor, sent = visitor_of(request), await form_of(request)
    mine = sent.one("von") == "mein"
    wish: Data = {"name": sent.one("name"), "language": sent.one("sprache")}
    done = await visitor.do(
        "editPerson", idempotencyKey=sent.one("key"), person=person, version=sent.whole("version") or 0, **wish
    )
    status = refused(done)
    if status is None:
        return onward("/mein" if mine else f"{HERE}{person}")
    told: Data = {"refusals": done["refusals"], "typed": wish}
    return await (show_mine(visitor, status, **told) if mine else show_person(visitor, person, status, **told))


PAGES: list[HTTPRouteHandler] = [person, change]
