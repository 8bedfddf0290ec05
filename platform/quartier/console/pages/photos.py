"""Photos of the rooms: put up with words for them, described anew, moved, taken away."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.uploads import handed_in
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/raeume/bilder"
FIELDS = {"altDe": "deutsch", "altEn": "englisch", "file": "datei"}
EMPTY: Data = {"deutsch": "", "englisch": "", "kept": {}}


@get(HERE)
async def photos(request: Asked) -> Response[str]:
    """The photos of one room; without one of the first."""
    return await _page(visitor_of(request), query_of(request).one("raum"))


@post(HERE, status_code=200, request_max_body_size=None)
async def add(request: Asked) -> Response[str]:
    """Hand a picture in and show it; a picture that came already is not chosen twice."""
    visitor, sent = visitor_of(request), await form_of(request)
    visitor.demand("spaces:configure")
    space = sent.one("raum")
    handed = await handed_in(visitor, sent, "SPACE_PHOTO", ["datei"])
    given: Data = {"deutsch": sent.one("deutsch"), "englisch": sent.one("englisch"), "kept": handed.kept}
    if handed.refusals:
        problems = {"datei": " ".join(each["message"] for each in handed.refusals)}
        return await _page(visitor, space, 422, given=given, refusals=handed.refusals, problems=problems)
    if not handed.ids:
        words = "Please choose a picture." if visitor.language == "en" else "Bitte ein Bild wählen."
        return await _page(visitor, space, 422, given=given, problems={"datei": words})
    wish: Data = {"altDe": given["deutsch"], "altEn": given["englisch"], "file": handed.ids["datei"]}
    done = await visitor.do("addSpacePhoto", idempotencyKey=sent.one("key"), space=space, **wish)
    status = refused(done)
    if status is None:
        return onward(HERE, raum=space, getan="gespeichert")
    problems = {FIELDS.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    told = [each | {"path": [FIELDS.get(name, name) for name in each["path"][:1]]} for each in done["refusals"]]
    return await _page(visitor, space, status, given=given, refusals=told, problems=problems)


@post(HERE + "/{photo:str}/{step:str}", status_code=200)
async def change(request: Asked, photo: str, step: str) -> Response[str]:
    """Describe a photo anew, move it to the front, or take it away."""
    visitor, sent = visitor_of(request), await form_of(request)
    visitor.demand("spaces:configure")
    space, key = sent.one("raum"), sent.one("key")
    if step == "beschreiben":
        words: Data = {"altDe": sent.one("deutsch"), "altEn": sent.one("englisch")}
        seen = sent.whole("version") or 0
        done = await visitor.do("describeSpacePhoto", idempotencyKey=key, photo=photo, version=seen, **words)
    elif step == "vor":
        there = await _of(visitor, space)
        order = [each["id"] for each in there["photos"]["nodes"]]
        order = [photo, *(each for each in order if each != photo)]
        done = await visitor.do("orderSpacePhotos", idempotencyKey=key, space=space, photos=order)
    elif step == "entfernen":
        done = await visitor.do("removeSpacePhoto", idempotencyKey=key, photo=photo)
    else:
        raise Turned(404)
    status = refused(done)
    if status is None:
        return onward(HERE, raum=space, getan="gespeichert")
    typed = {photo: {"deutsch": sent.one("deutsch"), "englisch": sent.one("englisch")}}
    return await _page(visitor, space, status, typed=typed, refusals=done["refusals"])


async def _of(visitor: Visitor, space: str) -> Data:
    found: Data | None = (await visitor.ask("spacePhotos", space=space))["space"]
    if found is None:
        raise Turned(404)
    return found


async def _page(visitor: Visitor, space: str, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("spaces:configure")
    asked = {"space": space or "-"}
    found = await visitor.ask("spacePhotos", **asked)
    if not space and found["spaces"]["nodes"]:
        asked = {"space": found["spaces"]["nodes"][0]["id"]}
        found = await visitor.ask("spacePhotos", **asked)
    if found["space"] is None:
        raise Turned(404)
    facts = {"given": EMPTY, "typed": {}} | told
    return page(
        visitor, "photos.html", nav="raeume", status=status, asked=("spacePhotos", asked), space=found["space"],
        spaces=found["spaces"]["nodes"], **facts,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [photos, add, change]
