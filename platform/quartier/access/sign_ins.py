"""The pages of whoever is signed in: her sign-ins and passkeys, and the one that asks again who she is."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.cookies import form_word
from quartier.access.events import leave_event
from quartier.access.forms import SESSION_PAGE, form_of, local
from quartier.access.page import onward, page
from quartier.access.partners.links import links_of
from quartier.access.partners.queries import offered
from quartier.access.passkeys.queries import passkeys_of, sleeping
from quartier.access.passkeys.rules import NAME
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import end_one_session, provider_of_session, sessions_of
from quartier.database.engine import DB
from quartier.kit.refusal import Refused
from quartier.kit.spoken import shown
from quartier.tenancy.desk import Desk

Asked = Request[Any, Any, Any]
AGAIN = f"/auth/again?next={SESSION_PAGE}"
PROVEN = {"SIGN_IN_AGAIN", "STRONG_SIGN_IN_MISSING"}  # showing who one is helps


@get("/auth/sessions")
async def sessions(request: Asked) -> Response[str]:
    return await sessions_page(arrived(request.scope))


@post("/auth/sessions/end", status_code=200)
async def end(request: Asked) -> Response[str]:
    """End one session of one's own; another person's is not there."""
    arrival = arrived(request.scope)
    form = await form_of(request)
    if arrival.session is None or arrival.desk.person is None:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    try:
        session = UUID(form.get("session", ""))
    except ValueError:
        raise Problem(400) from None
    if not await end_one_session(arrival.desk, session):
        raise Problem(404)
    return onward(SESSION_PAGE)


@get("/auth/again")
async def again(request: Asked) -> Response[str]:
    """Ask once more who is there: by passkey, or at the institution that the session came from."""
    arrival = arrived(request.scope)
    onward_to = local(request.query_params.get("next", ""))
    if arrival.session is None or arrival.desk.person is None:
        return onward(f"/auth/login?next={quote(onward_to)}")
    desk = arrival.desk
    came_from = await provider_of_session(desk)
    partners = [
        (each.slug, each.name(arrival.language)) for each in (await offered(desk) if came_from else ())
        if each.id == came_from
    ]  # fmt: skip
    held = await passkeys_of(desk, arrival.desk.person)
    return page(arrival, "again.html", next=onward_to, partners=partners, passkeys=bool(held))


SIGN_INS: list[HTTPRouteHandler] = [sessions, end, again]


async def against(arrival: Arrival, refused: Refused, kind: str) -> Response[str]:
    """Say on the page of her sign-ins what stood against a wish, and how to go on; the log has the reason."""
    with as_auth(arrival.desk):
        async with DB.work():
            await leave_event(arrival.desk, kind, reason=refused.refusals[0].code.lower())
    problem = " ".join(each.message(arrival.language, arrival.realm.zone) for each in refused.refusals)
    again = await _again(arrival.desk) if any(each.code in PROVEN for each in refused.refusals) else None
    return await sessions_page(arrival, status=422, problem=problem, again=again)


async def _again(desk: Desk) -> str:
    """Where she shows once more who she is: who has no passkey and came by no institution signs in anew."""
    held = desk.person is not None and await passkeys_of(desk, desk.person)
    return AGAIN if held or await provider_of_session(desk) is not None else f"/auth/login?next={SESSION_PAGE}"


async def sessions_page(arrival: Arrival, **facts: Any) -> Response[str]:
    """A person's sign-ins, passkeys and institutions; `problem` and `again` say what stood against her last wish."""
    desk = arrival.desk
    if arrival.session is None or desk.person is None:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    tied = await links_of(desk, desk.person)
    known = {each.provider for each in tied}
    asleep = shown("roles", ", ".join(await sleeping(desk)), desk.zone, arrival.language)
    return page(
        arrival,
        "sessions.html",
        word=form_word(arrival.session),
        sessions=await sessions_of(desk, desk.person, arrival.session),
        passkeys=await passkeys_of(desk, desk.person),
        asleep=asleep,
        links=[(each, arrival.language == "en" and each.name_en or each.name_de) for each in tied],
        partners=[(each.slug, each.name(arrival.language)) for each in await offered(desk) if each.id not in known],
        longest_name=NAME,
        **facts,
    )
