"""The doors of partners: out to their provider, back from it, and its word that somebody left. No rule stands here.

What refuses stands in the order of the checks: who looks at an answer later never sees what an earlier one refused.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Literal, cast
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access import cookies
from quartier.access.actions import leave_event, machine_now
from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.cookies import LOGIN_COOKIE, SESSION_COOKIE, baked
from quartier.access.forms import FORM, SESSION_PAGE, browser_of, form_of, local, session_shown
from quartier.access.marks import BROWSER, minted
from quartier.access.page import onward, page
from quartier.access.partners import accounts, links, queries, transactions
from quartier.access.partners.claims import is_of_institution
from quartier.access.partners.words import LoginFailed, Provider, Purpose, Told
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import FRESH, Open, Proof, SessionOver, open_session, renew_session, session_of
from quartier.access.sign_ins import against
from quartier.database.engine import DB
from quartier.kit.refusal import Refused

Asked = Request[Any, Any, Any]
PER_PEER = 120  # ways out, and as many ways back, an hour from one address; an institution may sit behind one
TOLD = 600  # sign-outs an hour that one address tells
ON_THE_WAY_OUT, ON_THE_WAY_BACK = 2.8, 8.0  # seconds in all, however many steps a provider takes
RETRY = "30"  # seconds
# No link: a foreign page could begin one by an address alone. It comes with a form of ours, at its own door.
Way = Literal["login", "step_up"]
WAYS: tuple[Way, ...] = ("login", "step_up")


@get("/auth/oidc/{slug:str}/start")
async def start(request: Asked) -> Response[str]:
    """Send the browser to the provider. `purpose` login or step_up; the second needs a session."""
    arrival, provider = await _arrive(request, "out", PER_PEER)
    purpose = request.query_params.get("purpose", "login")
    back = local(request.query_params.get("next", "/"))
    if purpose not in WAYS:
        raise Problem(400)
    if purpose != "login" and (arrival.desk.person is None or arrival.desk.session is None):
        return onward(f"/auth/login?next={quote(back)}")
    browser = _browser(request) or minted(BROWSER)
    try:
        address = await _way_out(arrival, provider, browser, cast("Purpose", purpose), back)
    except LoginFailed as failed:
        return await _failed(arrival, provider, failed, back)
    headers = {
        "location": address,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "set-cookie": baked(LOGIN_COOKIE, browser),
    }
    return Response("", status_code=302, headers=headers)


@post("/auth/oidc/{slug:str}/link", status_code=200)
async def begin_link(request: Asked) -> Response[str]:
    """Send a signed-in person to her institution, so that it knows her here from now on.

    A form may not be answered by a redirect to another host (form-action), so a page leads there.
    """
    arrival, provider = await _arrive(request, "out", PER_PEER)
    await form_of(request)
    if arrival.session is None or arrival.desk.person is None:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    browser = browser_of(request)
    try:
        await links.ask_to_link(arrival.desk)
        address = await _way_out(arrival, provider, browser, "link", SESSION_PAGE)
    except SessionOver:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    except LoginFailed as failed:
        return await _failed(arrival, provider, failed, SESSION_PAGE)
    answer = page(arrival, "linking.html", browser=browser, away=address, provider=provider.name(arrival.language))
    answer.headers["refresh"] = f"0; url={address}"
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


@post("/auth/identities/remove", status_code=200)
async def remove(request: Asked) -> Response[str]:
    """Untie an institution. What stands against it is said on the page it came from."""
    arrival = arrived(request.scope)
    form = await form_of(request)
    if arrival.session is None or arrival.desk.person is None:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    try:
        await links.unlink(arrival.desk, UUID(form.get("identity", "")))
    except ValueError:
        raise Problem(400) from None
    except SessionOver:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    return onward(SESSION_PAGE)


@get("/auth/oidc/{slug:str}/callback")
async def callback(request: Asked) -> Response[str]:
    from quartier.access.partners.protocol import redeemed

    arrival, provider = await _arrive(request, "back", PER_PEER)
    back = "/"
    try:
        answer = _once(request)
        browser = _browser(request)
        sign_in = await transactions.take(arrival.desk, provider, answer.get("state", ""), browser) if browser else None
        if sign_in is None:
            raise LoginFailed("bad_state")
        back = sign_in.next
        issuer = _issuers(arrival).of(provider.issuer)
        keys = await queries.signing_keys(arrival.desk) if provider.auth_method == "private_key_jwt" else ()
        async with _in_time(ON_THE_WAY_BACK):
            told = await redeemed(provider, issuer, sign_in, answer, keys)
        if not is_of_institution(provider, told):
            raise LoginFailed("wrong_institution")
        match sign_in.purpose:
            case "link":
                return await _linked(arrival, provider, told, sign_in.session)
            case "step_up":
                session, active = await _stepped_up(arrival, provider, told, sign_in.session), True
            case _:
                session, active = await _signed_in(arrival, provider, told, session_shown(request))
    except LoginFailed as failed:
        return await _failed(arrival, provider, failed, back)
    answered = onward(back if active else "/auth/waiting")
    answered.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answered


@post("/auth/oidc/{slug:str}/backchannel-logout", status_code=200)
async def backchannel(request: Asked) -> Response[Any]:
    """Back-Channel Logout 1.0, 2.8: 200 when it is done, 400 with the reason; never kept by anybody in between."""
    from quartier.access.partners.leaving import told_to_leave

    # Who is paused lets nobody in any more, but whoever is here may still be told to leave.
    arrival, provider = await _arrive(request, "told", TOLD, states=("active", "paused"))
    headers = {"cache-control": "no-store"}
    if request.content_type[0] != FORM:
        raise Problem(415)
    form = await request.form()
    try:
        await told_to_leave(arrival.desk, provider, form.get("logout_token"), _issuers(arrival))
    except LoginFailed as failed:
        await _note(arrival, provider, "logout.refused", failed.reason)
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


PARTNERS: list[HTTPRouteHandler] = [start, begin_link, remove, callback, backchannel, keys, waiting]


async def _arrive(
    request: Asked, way: str, most: int, *, states: tuple[str, ...] = ("active",)
) -> tuple[Arrival, Provider]:
    """A provider of this very realm in one of these states: another realm's is 404. Each way has its own limit."""
    arrival = arrived(request.scope)
    if wait := await wait_for(arrival.desk, Wish((f"oidc {way}", "peer", arrival.address), most)):
        raise Problem(429, headers={"retry-after": str(wait)})
    provider = await queries.provider(arrival.desk, request.path_params["slug"])
    if provider is None or provider.state not in states:
        raise Problem(404)
    return arrival, provider


async def _way_out(arrival: Arrival, provider: Provider, browser: str, purpose: Purpose, back: str) -> str:
    """Begin a sign-in of this browser; give the address of the provider to go to. Raises LoginFailed."""
    from quartier.access.partners.protocol import authorization  # Authlib is loaded with the first partner

    session = arrival.desk.session if purpose != "login" else None
    state = secrets.token_urlsafe(32)
    sign_in = transactions.started(provider, _callback(arrival, provider), back, purpose, session)
    issuer = _issuers(arrival).of(provider.issuer)
    keys = await queries.signing_keys(arrival.desk) if provider.auth_method == "private_key_jwt" else ()
    async with _in_time(ON_THE_WAY_OUT):
        address: str = await authorization(provider, issuer, sign_in, state, keys)
    await transactions.begin(arrival.desk, provider, sign_in, state, browser)
    return address


async def _linked(arrival: Arrival, provider: Provider, told: Told, session: UUID | None) -> Response[str]:
    """Back at the page it began on; the session stays the one she has."""
    try:
        await links.link(arrival.desk, provider, told, session)
    except SessionOver:
        raise LoginFailed("session_over") from None
    except Refused as refused:
        return await against(arrival, refused, "identity.refused")
    return onward(SESSION_PAGE)


@contextlib.asynccontextmanager
async def _in_time(seconds: float) -> AsyncIterator[None]:
    """All steps of one way together. Raises LoginFailed when they take longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise LoginFailed("idp_unavailable", away=True) from None


async def _signed_in(arrival: Arrival, provider: Provider, told: Told, old: str | None) -> tuple[str, bool]:
    account = await accounts.signed_in(arrival.desk, provider, told)
    with as_auth(arrival.desk):
        async with DB.work():
            session = await open_session(arrival.desk, account.person, _proof(provider, told), instead_of=old)
    return session, account.active


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
        return await renew_session(arrival.desk, seen, _proof(provider, told))
    except SessionOver:
        raise LoginFailed("session_over") from None


def _proof(provider: Provider, told: Told) -> Proof:
    # A provider that does not say when may know her since this morning: that is no fresh proof.
    said = told.claims.get("auth_time")
    is_time = isinstance(said, int | float) and not isinstance(said, bool)
    auth_at = datetime.fromtimestamp(min(said, told.claims["iat"]), UTC) if is_time else machine_now() - FRESH
    op_sid = told.claims.get("sid")
    return Proof(
        "oidc",
        auth_at=auth_at,
        provider=provider.id,
        op_sid=op_sid if isinstance(op_sid, str) else None,
        id_token=told.id_token,
    )


def _callback(arrival: Arrival, provider: Provider) -> str:
    """One address for each site and provider: it names both, wherever an answer comes from."""
    return f"{arrival.origin}/auth/oidc/{provider.slug}/callback"


def _browser(request: Asked) -> str | None:
    return cookies.shown(request.headers.get("cookie", "").encode("latin-1"), LOGIN_COOKIE)


def _issuers(arrival: Arrival) -> Any:
    if arrival.issuers is None:
        raise Problem(503)
    return arrival.issuers


def _once(request: Asked) -> dict[str, str]:
    """The answer's parameters; one that stands twice could be read in two ways."""
    pairs = list(request.query_params.multi_items())
    answer = {name: str(value) for name, value in pairs}
    if len(answer) != len(pairs) or "\0" in "".join(answer.values()):
        raise LoginFailed("bad_request")
    return answer


async def _failed(arrival: Arrival, provider: Provider, failed: LoginFailed, back: str) -> Response[str]:
    """One page for whatever it was; the log has the reason."""
    await _note(arrival, provider, "sign_in.refused", failed.reason)
    again = f"/auth/oidc/{provider.slug}/start?next={quote(back)}"
    name = provider.name(arrival.language)
    status = 503 if failed.reason == "idp_unavailable" else 400
    answer = page(arrival, "failed.html", status=status, away=failed.away, again_at=again, provider=name)
    if status == 503:
        answer.headers["retry-after"] = RETRY
    return answer


async def _note(arrival: Arrival, provider: Provider, kind: str, reason: str) -> None:
    with as_auth(arrival.desk):
        async with DB.work():
            await leave_event(arrival.desk, kind, reason=reason, provider=provider.slug)
