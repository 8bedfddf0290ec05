"""A page: a template filled for one visitor. German stands in the templates, English in `english.po`."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from io import BytesIO
from json import dumps
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from quartier.console import charts
from quartier.console.assets import address
from quartier.console.done import said
from quartier.console.formats import Formats
from quartier.console.navigation import links
from quartier.console.visitor import Visitor
from quartier.kit.ids import new_id

LANGUAGES = ("de", "en")
VARY = "Accept-Language, Cookie, HX-Request"
_SIGNS = (
    "!#$%&'()*+,/:;=?@[]~"  # of an address; the rest is written by its bytes, for a header knows no more than ASCII
)


def page(
    visitor: Visitor, name: str, *, nav: str = "", status: int = 200, asked: tuple[str, dict[str, Any]] | None = None,
    **facts: Any,
) -> Response[str]:  # fmt: skip
    """Fill a template. `asked` is the document behind the page and its variables: the footer opens it."""
    given = {
        "visitor": visitor,
        "links": links(visitor),
        "nav": nav,
        "explorer": explorer(asked) if asked else None,
        "key": str(new_id()),
        "refusals": [],
        "problems": {},
        "told": said(visitor.path, visitor.language),
        "failed": status >= 400,
    }
    template = _environment(visitor.language, visitor.zone).get_template(name)
    headers = {"content-language": visitor.language, "vary": VARY, "cache-control": "no-store"}
    return Response(template.render(given | facts), status_code=status, media_type="text/html", headers=headers)


def onward(path: str, **query: str) -> Response[str]:
    """After a form that was done: the page to look at now."""
    location = quote(path, safe=_SIGNS) + (f"?{urlencode(query)}" if query else "")
    return Response("", status_code=303, headers={"location": location, "cache-control": "no-store"})


def explorer(asked: tuple[str, dict[str, Any]]) -> str:
    document, variables = asked
    return f"/explorer?document={document}&variables={quote(dumps(variables))}"


def prose(text: str | None) -> Markup:
    """Markdown of the site as HTML; raw HTML in it stays text."""
    return Markup(_markdown().render(text or ""))  # noqa: S704  (html is off, so nothing of the text is markup)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


@cache
def english() -> dict[str, str | tuple[str, ...]]:
    """What the templates say, in English, by the German words."""
    text = files("quartier.console").joinpath("english.po").read_bytes()
    catalogue = read_po(BytesIO(text), locale="en")
    found: dict[str, str | tuple[str, ...]] = {}
    for each in catalogue:
        if each.id and each.string:
            key = each.id if isinstance(each.id, str) else each.id[0]
            found[key] = each.string if isinstance(each.string, str) else tuple(each.string)
    return found


@cache
def _environment(language: str, zone: ZoneInfo) -> Environment:
    made = Environment(
        loader=PackageLoader("quartier.console", "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known = english() if language == "en" else {}

    def one(message: str) -> str:
        found = known.get(message, message)
        return found if isinstance(found, str) else found[0]

    def several(singular: str, plural: str, n: int) -> str:
        found = known.get(singular, (singular, plural))
        forms = (found, found) if isinstance(found, str) else found
        return forms[0] if n == 1 else forms[1]

    made.install_gettext_callables(one, several, newstyle=True)  # type: ignore[attr-defined]
    formats = Formats(language, zone)
    made.filters.update({name: getattr(formats, name) for name in _filters()})
    made.filters["prose"] = prose
    made.globals.update({"asset": address, "bar": charts.bar, "zip": zip})
    return made


def _filters() -> Iterable[str]:
    return (name for name in vars(Formats) if not name.startswith("_"))
