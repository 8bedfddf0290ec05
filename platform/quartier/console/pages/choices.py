"""What one is told by mail, and what one can do without."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Visitor

Asked = Request[Any, Any, Any]
HERE = "/mein/benachrichtigungen"
KINDS = ("BOOKING_REMINDERS", "SESSION_REMINDERS", "OWN_ACTS")


@get(HERE)
async def choices(request: Asked) -> Response[str]:
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def choose(request: Asked) -> Response[str]:
    """Switch one kind on or off."""
    visitor, sent = visitor_of(request), await form_of(request)
    kind, channel = sent.one("art"), sent.one("weg")
    if kind not in KINDS or channel not in ("MAIL", "OFF"):
        raise Turned(404)
    done = await visitor.do("chooseNotice", idempotencyKey=sent.one("key"), kind=kind, channel=channel)
    status = refused(done)
    return onward(HERE) if status is None else await _page(visitor, status, refusals=done["refusals"])


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:own", "spaces:book", "programme:register")
    if visitor.person is None:
        raise Turned(401)
    found = (await visitor.ask("noticeChoices"))["myNoticeChoices"]
    return page(
        visitor, "choices.html", nav="mein", status=status, asked=("noticeChoices", {}),
        chosen=[each for each in found if not each["fixed"]], fixed=[each for each in found if each["fixed"]], **told,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [choices, choose]
