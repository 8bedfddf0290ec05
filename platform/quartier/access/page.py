"""Pages of the sign-in: templates in the language of the request, and the three files that dress them.

The look is one file for all realms; what a realm chooses itself, its colours, is a second one.
"""

import hashlib
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.cookies import LOGIN_COOKIE, baked, form_word
from quartier.database.engine import DB
from quartier.tenancy.setting import setting

Asked = Request[Any, Any, Any]
FOR_EVER, FOR_A_WHILE = "public, max-age=31536000, immutable", "public, max-age=600"
DRESS = {"look": ("look.css", "text/css"), "passkey": ("passkey.js", "text/javascript")}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LIGHT = {"accent": "--accent", "on_accent": "--on-accent", "ground": "--ground"}
DARK = {"accent_dark": "--accent", "on_accent_dark": "--on-accent"}


def page(arrival: Arrival, name: str, *, browser: str | None = None, status: int = 200, **facts: Any) -> Response[str]:
    """Fill a template in the language of the request; `browser` sets the login cookie and gives the form its word."""

    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(arrival.realm.zone):%d.%m.%Y %H:%M}"

    given: dict[str, Any] = {
        "language": arrival.language,
        "t": lambda de, en: said(arrival, de, en),
        "clock": clock,
        "house": arrival.realm.name,
        "dress": address_of,
        "problem": None,
        "again": None,
        "address": "",
        "word": form_word(browser) if browser else "",
        "script_word": form_word(speaks) if (speaks := arrival.session or browser) else "",
    }
    headers = {"cache-control": "no-store"}
    if browser is not None:
        headers["set-cookie"] = baked(LOGIN_COOKIE, browser)
    text = _templates().get_template(name).render(given | facts)
    return Response(text, status_code=status, media_type="text/html", headers=headers)


def onward(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"location": path, "cache-control": "no-store"})


def said(arrival: Arrival, de: str, en: str) -> str:
    return en if arrival.language == "en" else de


@get("/auth/look.css", sync_to_thread=False)
def look(request: Asked) -> Response[str]:
    return _file(request, "look")


@get("/auth/passkey.js", sync_to_thread=False)
def script(request: Asked) -> Response[str]:
    return _file(request, "passkey")


@get("/auth/brand.css")
async def brand(request: Asked) -> Response[str]:
    """The colours that a site has chosen; a realm without any keeps the house's."""
    desk = arrived(request.scope).desk
    with DB.speaking(desk.tenant_id, "app"):
        chosen = await setting(desk, "brand")
    text = colours(chosen if isinstance(chosen, dict) else {})
    return Response(text, media_type="text/css", headers={"cache-control": FOR_A_WHILE})


DRESSING: list[HTTPRouteHandler] = [look, script, brand]


def colours(chosen: dict[str, Any]) -> str:
    """Write the colours as CSS; what is no colour is left out.

    >>> colours({"accent": "#a8321e", "ground": "red;}", "accent_dark": "#f0907c"})
    ':root{--accent:#a8321e}@media (prefers-color-scheme:dark){:root{--accent:#f0907c}}'
    """
    light, dark = _variables(chosen, LIGHT), _variables(chosen, DARK)
    return f":root{{{light}}}" + f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _variables(chosen: dict[str, Any], names: dict[str, str]) -> str:
    given = [(name, str(chosen.get(key, ""))) for key, name in names.items()]
    return ";".join(f"{name}:{value}" for name, value in given if _COLOUR.fullmatch(value))


def address_of(name: str) -> str:
    """Where a file of ours is; with its content the address changes, so a browser may keep it for ever."""
    return f"/auth/{DRESS[name][0]}?v={_read(name)[1]}"


def _file(request: Asked, name: str) -> Response[str]:
    text, version = _read(name)
    kept = FOR_EVER if request.query_params.get("v") == version else FOR_A_WHILE
    return Response(text, media_type=DRESS[name][1], headers={"cache-control": kept})


@cache
def _read(name: str) -> tuple[str, str]:
    text = files("quartier.access").joinpath("pages", DRESS[name][0]).read_text("utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("quartier.access", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
