"""What the house's letters say: one's own words, how they read, what was said before."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/verwaltung/texte"
LANGUAGES = {"de": "DE", "en": "EN"}


@get(HERE)
async def texts(request: Asked) -> Response[str]:
    visitor = visitor_of(request)
    visitor.demand("notices:configure")
    found = (await visitor.ask("noticeTexts"))["noticeTexts"]
    return page(visitor, "texts.html", nav="texte", asked=("noticeTexts", {}), texts=found)


@get(HERE + "/{letter:str}/{language:str}")
async def text(request: Asked, letter: str, language: str) -> Response[str]:
    return await _page(visitor_of(request), letter, language)


@post(HERE + "/{letter:str}/{language:str}", status_code=200)
async def change(request: Asked, letter: str, language: str) -> Response[str]:
    """Show how it reads, keep it, or go back to the built-in text."""
    visitor, sent = visitor_of(request), await form_of(request)
    if language not in LANGUAGES:
        raise Turned(404)
    step, day = sent.one("schritt"), sent.day("ab")
    given: Data = {"subject": sent.one("betreff")[:1000], "body": sent.one("text")[:20_000], "day": sent.one("ab")}
    wish: Data = {"key": letter, "language": LANGUAGES[language], "edition": sent.whole("fassung") or 0}
    if day is not None and day != visitor.today:  # of today means at once
        wish["validFrom"] = visitor.midnight(day).isoformat()
    key = sent.one("key")
    if step == "zurueck":
        done = await visitor.do("unwordNotice", idempotencyKey=f"{key}-zurueck", **wish)
    else:
        own = {"subject": given["subject"], "body": given["body"]}
        done = await visitor.do("wordNotice", dry=step == "vorschau", idempotencyKey=key, **wish, **own)
    status = refused(done)
    if status is None and step != "vorschau":
        return onward(f"{HERE}/{letter}/{language}", neu="1")
    read = {"subject": done["subject"], "body": done["body"]} if status is None else None
    return await _page(visitor, letter, language, status or 200, given=given, read=read, refusals=done["refusals"])


async def _page(visitor: Visitor, letter: str, language: str, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("notices:configure")
    asked = {"key": letter}
    found = (await visitor.ask("noticeText", **asked))["noticeTexts"]
    both = {each["language"]: each for each in found if each["key"] == letter}
    if language not in LANGUAGES or not both:
        raise Turned(404)
    shown = both[LANGUAGES[language]]
    facts: Data = {"given": {"subject": shown["subject"], "body": shown["body"], "day": ""}, "read": None} | told
    return page(
        visitor, "text.html", nav="texte", status=status, asked=("noticeText", asked), x=shown, language=language,
        problems=by_field(facts.get("refusals", [])), **facts,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [texts, text, change]
