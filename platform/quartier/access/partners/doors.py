"""The doors of partners: out to their provider, back from it, and its word that somebody left. No rule stands here.

What refuses stands in the order of the checks: who looks at an answer later never sees what an earlier one refused.
"""

from typing import Any, Literal
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.cookies import LOGIN_COOKIE, SESSION_COOKIE, baked
from quartier.access.forms import FORM, SESSION_PAGE, browser_of, local, session_shown
from quartier.access.invitations.claiming import admitted
from quartier.access.invitations.doors import came
from quartier.access.page import onward, page
from quartier.access.partners import accounts, going, queries, transactions
from quartier.access.partners.claims import is_of_institution
from quartier.access.partners.going import PER_PEER, arrive, browser_shown, failed_page, issuers_of, proof_of
from quartier.access.partners.linking import LINKING, linked
from quartier.access.partners.words import LoginFailed, Provider, Told
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import Open, SessionOver, open_session, renew_session, session_of
from quartier.database.engine import DB

Asked = Request[Any, Any, Any]
TOLD = 600  # sign-outs an hour that one address tells
# No link: a foreign page could begin one by an address alone. It comes with a form of ours, at its own door.
Way = Literal["login", "step_up"]
WAYS: tuple[Way, ...] = ("login", "step_up")
# Where what failed begins anew: a plain sign-in would make somebody new of whom it was about. "" is her letter.
AGAIN_AT = {"link": SESSION_PAGE, "invitation": ""}


@get("/auth/oidc/{slug:str}/start")
async def start(request: Asked) -> Response[str]:
    """Send the browser to the provider. `purpose` login or step_up; the second needs a session."""
    arrival, provider = await arrive(request, "out", PER_PEER)
    wish = request.query_params.get("purpose", "login")
    purpose = next((way for way in WAYS if way == wish), None)
    back = local(request.query_params.get("next", "/"))
    if purpose is None:
        raise Problem(400)
    if purpose != "login" and (arrival.desk.person is None or arrival.desk.session is None):
        return onward(f"/auth/login?next={quote(back)}")
    browser = browser_of(request)
    session = arrival.desk.session if purpose != "login" else None
    try:
        address = await going.sent(arrival, provider, browser, purpose, back, session=session)
    except LoginFailed as failed:
        return await failed_page(arrival, provider, failed, back)
    headers = {
        "location": address,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "set-cookie": baked(LOGIN_COOKIE, browser),
    }
    return Response("", status_code=302, headers=headers)


@get("/auth/oidc/{slug:str}/callback")
async def callback(request: Asked) -> Response[str]:
    from quartier.access.partners.protocol import redeemed

    arrival, provider = await arrive(request, "back", PER_PEER)
    back, again_at = "/", None
    try:
        answer = _once(request)
        browser = browser_shown(request)
        sign_in = await transactions.take(arrival.desk, provider, answer.get("state", ""), browser) if browser else None
        if sign_in is None:
            raise LoginFailed("bad_state")
        back, again_at = sign_in.next, AGAIN_AT.get(sign_in.purpose)
        issuer = issuers_of(arrival).of(provider.issuer)
        keys = await queries.signing_keys(arrival.desk) if provider.auth_method == "private_key_jwt" else ()
        async with going.in_time(going.ON_THE_WAY_BACK):
            told = await redeemed(provider, issuer, sign_in, answer, keys)
        if not is_of_institution(provider, told):
            raise LoginFailed("wrong_institution")
        match sign_in.purpose:
            case "link":
                return await linked(arrival, provider, told, sign_in.session)
            case "invitation":
                return await came(arrival, provider, told, sign_in, session_shown(request))
            case "step_up":
                session, active = await _stepped_up(arrival, provider, told, sign_in.session), True
            case _:
                session, active = await _signed_in(arrival, provider, told, session_shown(request))
    except LoginFailed as failed:
        return await failed_page(arrival, provider, failed, back, again_at=again_at)
    answered = onward(back if active else "/auth/waiting")
    answered.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answered


@post("/auth/oidc/{slug:str}/backchannel-logout", status_code=200)
async def backchannel(request: Asked) -> Response[Any]:
    """Back-Channel Logout 1.0, 2.8: 200 when it is done, 400 with the reason; never kept by anybody in between."""
    from quartier.access.partners.leaving import told_to_leave

    # Who is paused lets nobody in any more, but whoever is here may still be told to leave.
    arrival, provider = await arrive(request, "told", TOLD, states=("active", "paused"))
    headers = {"cache-control": "no-store"}
    if request.content_type[0] != FORM:
        raise Problem(415)
    form = await request.form()
    try:
        await told_to_leave(arrival.desk, provider, form.get("logout_token"), issuers_of(arrival))
    except LoginFailed as failed:
        await going.note(arrival, provider, "logout.refused", failed.reason)
        return Response({"error": "invalid_request"}, status_code=400, headers=headers)
    return Response(None, status_code=200, headers=headers)


@get("/auth/keys")
async def keys(request: Asked) -> Response[Any]:
    """Our public keys for private_key_jwt, as providers fetch them (RFC 7517)."""
    found = await queries.signing_keys(arrived(request.scope).desk)
    return Response({"keys": [dict(key.public) for key in found]}, headers={"cache-control": "public, max-age=300"})


@get("/auth/waiting")
async def waiting(request: Asked) -> Response[str]:
    """Where somebody lands whom nobody has admitted yet."""
    return page(arrived(request.scope), "waiting.html")


PARTNERS: list[HTTPRouteHandler] = [start, callback, backchannel, keys, waiting, *LINKING]


async def _signed_in(arrival: Arrival, provider: Provider, told: Told, old: str | None) -> tuple[str, bool]:
    account = await accounts.signed_in(arrival.desk, provider, told)
    is_in = arrival.join is not None and await admitted(arrival.desk, account.person, arrival.join)
    with as_auth(arrival.desk):
        async with DB.work():
            session = await open_session(arrival.desk, account.person, proof_of(provider, told), instead_of=old)
    return session, account.active or is_in


async def _stepped_up(arrival: Arrival, provider: Provider, told: Told, of: Any) -> str:
    """The same person once more: a new secret, the proof of now, the old end. Raises LoginFailed("other_person")."""
    person = await accounts.person_of(arrival.desk, provider, told.subject)
    seen = await session_of(arrival.desk, of)
    if seen is None or seen.id != arrival.desk.session:
        raise LoginFailed("session_over")
    if person is None or person != seen.person:
        raise LoginFailed("other_person")
    return await _renewed(arrival, seen, provider, told)


async def _renewed(arrival: Arrival, seen: Open, provider: Provider, told: Told) -> str:
    try:
        return await renew_session(arrival.desk, seen, proof_of(provider, told))
    except SessionOver:
        raise LoginFailed("session_over") from None


def _once(request: Asked) -> dict[str, str]:
    """The answer's parameters; one that stands twice could be read in two ways."""
    pairs = list(request.query_params.multi_items())
    answer = {name: str(value) for name, value in pairs}
    if len(answer) != len(pairs) or "\0" in "".join(answer.values()):
        raise LoginFailed("bad_request")
    return answer
