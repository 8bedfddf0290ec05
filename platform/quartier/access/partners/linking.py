"""The doors by which a person ties her institution to who she is here, and unties it. No rule stands here."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.forms import SESSION_PAGE, browser_of, form_of
from quartier.access.page import onward
from quartier.access.partners import links
from quartier.access.partners.going import PER_PEER, arrive, failed_page, out_by_form, sent
from quartier.access.partners.words import LoginFailed, Provider, Told
from quartier.access.problem import Problem
from quartier.access.sessions import SessionOver
from quartier.access.sign_ins import against
from quartier.kit.refusal import Refused

Asked = Request[Any, Any, Any]
LOGIN = f"/auth/login?next={SESSION_PAGE}"


@post("/auth/oidc/{slug:str}/link", status_code=200)
async def begin_link(request: Asked) -> Response[str]:
    """Send a signed-in person to her institution, so that it knows her here from now on."""
    arrival, provider = await arrive(request, "out", PER_PEER)
    await form_of(request)
    if arrival.session is None or arrival.desk.person is None:
        return onward(LOGIN)
    browser = browser_of(request)
    try:
        await links.ask_to_link(arrival.desk)
        address = await sent(arrival, provider, browser, "link", SESSION_PAGE, session=arrival.desk.session)
    except SessionOver:
        return onward(LOGIN)
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    except LoginFailed as failed:
        return await failed_page(arrival, provider, failed, SESSION_PAGE, again_at=SESSION_PAGE)
    return out_by_form(arrival, provider, browser, address)


async def linked(arrival: Arrival, provider: Provider, told: Told, session: UUID | None) -> Response[str]:
    """Back at the page it began on; the session stays the one she has. Raises LoginFailed."""
    try:
        await links.link(arrival.desk, provider, told, session)
    except SessionOver:
        raise LoginFailed("session_over") from None
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    return onward(SESSION_PAGE)


@post("/auth/identities/remove", status_code=200)
async def remove(request: Asked) -> Response[str]:
    """Untie an institution. What stands against it is said on the page it came from."""
    arrival = arrived(request.scope)
    form = await form_of(request)
    if arrival.session is None or arrival.desk.person is None:
        return onward(LOGIN)
    try:
        await links.unlink(arrival.desk, UUID(form.get("identity", "")))
    except ValueError:
        raise Problem(400) from None
    except SessionOver:
        return onward(LOGIN)
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    return onward(SESSION_PAGE)


LINKING: list[HTTPRouteHandler] = [begin_link, remove]
