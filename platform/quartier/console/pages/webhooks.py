"""Programs of others that are told what happens here, and what was told to them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/verwaltung/webhooks"
EVENTS = (
    "booking.made", "booking.confirmed", "booking.declined", "booking.moved", "booking.cancelled", "booking.restored",
    "booking.arrived", "booking.missed", "series.made", "series.moved", "series.cancelled", "registration.made",
    "registration.promoted", "registration.accepted", "registration.cancelled", "registration.restored",
    "workshop.published", "workshop.cancelled", "membership.applied", "membership.approved", "membership.declined",
    "membership.closed", "application.submitted", "application.decided",
)  # fmt: skip


@get(HERE)
async def webhooks(request: Asked) -> Response[str]:
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def add(request: Asked) -> Response[str]:
    """Set one up. The page that answers shows its secret, and no other ever will."""
    visitor, sent = visitor_of(request), await form_of(request)
    given: Data = {
        "name": sent.one("name")[:120],
        "events": [each for each in sent.several("ereignis") if each in EVENTS],
    }
    wish: Data = {"name": given["name"], "url": sent.one("adresse")[:2000], "events": given["events"]}
    done = await visitor.do("addWebhook", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return await _page(visitor, secret=done["secret"] or "")
    return await _page(visitor, status, given=given, refusals=done["refusals"])


@post(HERE + "/{webhook:str}/{step:str}", status_code=200)
async def webhook_step(request: Asked, webhook: str, step: str) -> Response[str]:
    """Another secret, on, off, a trial."""
    visitor, sent = visitor_of(request), await form_of(request)
    key = sent.one("key")
    seen: Data = {"webhook": webhook, "version": sent.whole("version") or 0}
    if step == "geheimnis":
        done = await visitor.do("rotateWebhookSecret", idempotencyKey=key, **seen)
    elif step in ("ein", "aus"):
        done = await visitor.do("switchWebhook", idempotencyKey=key, active=step == "ein", **seen)
    elif step == "probe":
        done = await visitor.do("probeWebhook", idempotencyKey=key, webhook=webhook)
    elif step == "nochmal":
        done = await visitor.do("replayDelivery", idempotencyKey=key, delivery=webhook)
    else:
        raise Turned(404)
    status = refused(done)
    if status is None and step == "geheimnis":
        return await _page(visitor, secret=done["secret"] or "")
    return (
        onward(HERE, getan="geschickt" if step in ("probe", "nochmal") else "gespeichert")
        if status is None
        else await _page(visitor, status, refusals=done["refusals"])
    )


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("notices:configure")
    found = await visitor.ask("webhooksPage")
    facts: Data = {"secret": None, "given": {"name": "", "events": []}} | told
    return page(
        visitor,
        "webhooks.html",
        nav="webhooks",
        status=status,
        asked=("webhooksPage", {}),
        webhooks=found["webhooks"]["nodes"],
        deliveries=found["deliveries"]["nodes"],
        events=EVENTS,
        problems=by_field(facts.get("refusals", [])),
        **facts,
    )


PAGES: list[HTTPRouteHandler] = [webhooks, add, webhook_step]
