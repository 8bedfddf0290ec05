"""What hangs on the door: the front page, and the pages that the law wants."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned
from quartier.console.forms import query_of
from quartier.console.mounted import visitor_of
from quartier.console.navigation import first_page
from quartier.console.page import onward, page

Asked = Request[Any, Any, Any]
LEGAL = {
    "impressum": "imprintDe",
    "datenschutz": "privacyDe",
    "barrierefreiheit": "accessibilityDe",
    "hausordnung": "rulesDe",
    "leichte-sprache": "plainDe",
}
KEPT = 365 * 24 * 3600  # seconds a browser remembers the language


@get("/")
async def front(request: Asked) -> Response[str]:
    """The door for strangers; whoever is signed in goes on to the first page of her day."""
    visitor = visitor_of(request)
    if visitor.person is not None:
        return onward(first_page(visitor))
    if visitor.kind == "city":
        return page(visitor, "city_front.html")
    asked = {
        "from": visitor.now.isoformat(),
        "day": visitor.today.isoformat(),
        "ends": visitor.bounds(visitor.today)["ends"],
    }
    found = await visitor.ask("frontPage", **asked)
    house = [each for each in found["openings"]["nodes"] if each["kind"] == "OPEN" and not each["space"]]
    shut = [
        each
        for each in found["closures"]["nodes"]
        if not each["space"] and datetime.fromisoformat(each["startsAt"]) <= visitor.now
    ]
    return page(visitor, "front.html", asked=("frontPage", asked), hours=house, shut=shut, **found)


@get(["/impressum", "/datenschutz", "/barrierefreiheit", "/hausordnung", "/leichte-sprache"])
async def legal(request: Asked) -> Response[str]:
    """One of the pages of the law, as the site has written it."""
    visitor = visitor_of(request)
    if visitor.kind == "city":
        return page(visitor, "legal_city.html")
    found = (await visitor.ask("sitePages"))["site"]
    which = request.scope["path"].strip("/")
    if not found[LEGAL[which]]:
        raise Turned(404)
    title, _, text = found[LEGAL[which]].lstrip().partition("\n")
    return page(visitor, "legal.html", asked=("sitePages", {}), title=title.lstrip("# "), text=text)


@get("/sprache/{code:str}")
async def language(request: Asked, code: str) -> Response[str]:
    """Choose the language of this browser, and go back."""
    if code not in ("de", "en"):
        raise NotFoundException
    wish = query_of(request).one("next", "/")
    here = (
        wish if wish.startswith("/") and not wish.startswith("//") and "\\" not in wish and wish.isprintable() else "/"
    )
    answer = onward(here)
    answer.headers["set-cookie"] = f"language={code}; Path=/; Max-Age={KEPT}; SameSite=Lax; HttpOnly"
    return answer


@get("/wieder-da")
async def back(request: Asked) -> Response[str]:
    """Where a sign-in in a window of its own ends; scripts read here the word that forms carry now."""
    return page(visitor_of(request), "back.html")


@get("/{rest:path}")
async def lost(request: Asked, rest: str) -> Response[str]:
    """Whatever no page answers."""
    raise Turned(404)


PAGES: list[HTTPRouteHandler] = [front, legal, language, back, lost]
