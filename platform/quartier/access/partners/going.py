"""What all doors of partners have in common: who is asked, the way out with one deadline, one page when it fails.

The network is asked outside of any transaction.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response

from quartier.access import cookies
from quartier.access.actions import leave_event, machine_now
from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.cookies import LOGIN_COOKIE
from quartier.access.page import page
from quartier.access.partners import queries, transactions
from quartier.access.partners.words import LoginFailed, Provider, Purpose, Told
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import FRESH, Proof
from quartier.database.engine import DB

Asked = Request[Any, Any, Any]
PER_PEER = 120  # ways out, and as many ways back, an hour from one address; an institution may sit behind one
ON_THE_WAY_OUT, ON_THE_WAY_BACK = 2.8, 8.0  # seconds in all, however many steps a provider takes
RETRY = "30"  # seconds


async def arrive(
    request: Asked, way: str, most: int, *, states: tuple[str, ...] = ("active",), slug: str | None = None
) -> tuple[Arrival, Provider]:
    """A provider of this very realm in one of these states: another realm's is 404. Each way has its own limit."""
    arrival = arrived(request.scope)
    if wait := await wait_for(arrival.desk, Wish((f"oidc {way}", "peer", arrival.address), most)):
        raise Problem(429, headers={"retry-after": str(wait)})
    named: str = slug or request.path_params["slug"]
    provider = await queries.provider(arrival.desk, named) if "\0" not in named else None
    if provider is None or provider.state not in states:
        raise Problem(404)
    return arrival, provider


async def sent(
    arrival: Arrival,
    provider: Provider,
    browser: str,
    purpose: Purpose,
    back: str,
    *,
    session: UUID | None = None,
    invitation: UUID | None = None,
) -> str:
    """Begin a sign-in of this browser; give the provider's address to send it to. Raises LoginFailed."""
    from quartier.access.partners.protocol import authorization  # Authlib is loaded with the first partner

    state = secrets.token_urlsafe(32)
    here = callback_of(arrival, provider)
    sign_in = transactions.started(provider, here, back, purpose, session=session, invitation=invitation)
    issuer = issuers_of(arrival).of(provider.issuer)
    keys = await queries.signing_keys(arrival.desk) if provider.auth_method == "private_key_jwt" else ()
    async with in_time(ON_THE_WAY_OUT):
        address = await authorization(provider, issuer, sign_in, state, keys)
    await transactions.begin(arrival.desk, provider, sign_in, state, browser)
    return address


def out_by_form(arrival: Arrival, provider: Provider, browser: str, address: str) -> Response[str]:
    """The answer to a form that leads to the provider: a form may not be redirected to another host (form-action)."""
    answer = page(arrival, "linking.html", browser=browser, provider=provider.name(arrival.language), away=address)
    answer.headers["refresh"] = f"0; url={address}"
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


@contextlib.asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """All steps of one way together. Raises LoginFailed when they take longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise LoginFailed("idp_unavailable", away=True) from None


def callback_of(arrival: Arrival, provider: Provider) -> str:
    """One address for each site and provider: it names both, wherever an answer comes from."""
    return f"{arrival.origin}/auth/oidc/{provider.slug}/callback"


def browser_shown(request: Asked) -> str | None:
    """The secret of the browser's login cookie; None where it has none."""
    return cookies.shown(request.headers.get("cookie", "").encode("latin-1"), LOGIN_COOKIE)


def issuers_of(arrival: Arrival) -> Any:
    if arrival.issuers is None:
        raise Problem(503)
    return arrival.issuers


async def failed_page(
    arrival: Arrival, provider: Provider, failed: LoginFailed, back: str, *, again_at: str | None = None
) -> Response[str]:
    """One page for whatever it was; the log has the reason. `again_at` "" is a letter's link, which nobody keeps."""
    await note(arrival, provider, "sign_in.refused", failed.reason)
    again = f"/auth/oidc/{provider.slug}/start?next={quote(back)}" if again_at is None else again_at
    name = provider.name(arrival.language)
    status = 503 if failed.reason == "idp_unavailable" else 400
    answer = page(arrival, "failed.html", status=status, away=failed.away, again_at=again, provider=name)
    if status == 503:
        answer.headers["retry-after"] = RETRY
    return answer


async def note(arrival: Arrival, provider: Provider, kind: str, reason: str) -> None:
    with as_auth(arrival.desk):
        async with DB.work():
            await leave_event(arrival.desk, kind, reason=reason, provider=provider.slug)


def proof_of(provider: Provider, told: Told) -> Proof:
    """How she showed there who she is, and when."""
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
