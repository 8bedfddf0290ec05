"""The doors of passkeys: JSON from the script of our own pages. No rule stands here.

What is not believed answers 400 with the same words, whatever it was; the log has the reason.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.actions import leave_event
from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.cookies import SESSION_COOKIE, baked, demand_form_word, demand_own_page
from quartier.access.forms import SESSION_PAGE, browser_of, form_of, local, session_shown
from quartier.access.page import onward
from quartier.access.passkeys import keeping, showing
from quartier.access.passkeys.ceremony import House
from quartier.access.passkeys.keeping import Came
from quartier.access.passkeys.words import PasskeyRefused
from quartier.access.problem import Problem
from quartier.access.queries import as_auth
from quartier.access.sessions import SessionOver
from quartier.access.sign_ins import AGAIN, PROVEN, against
from quartier.database.engine import DB
from quartier.kit.refusal import Refused

Asked = Request[Any, Any, Any]
JSON = "application/json"
PER_PEER, PER_PERSON = 240, 60  # steps an hour; an institution may sit behind one address


@post("/auth/passkey/options", status_code=200)
async def sign_in_options(request: Asked) -> Response[str]:
    arrival, _ = await _told(request)
    return _made(await showing.ask_to_sign_in(arrival.desk, browser_of(request), _house(arrival)))


@post("/auth/passkey", status_code=200)
async def sign_in(request: Asked) -> Response[Any]:
    arrival, told = await _told(request)
    came = Came(told.get("credential"), browser_of(request), _house(arrival))
    return await _session(
        arrival,
        told,
        "sign_in.refused",
        lambda: showing.sign_in(arrival.desk, came, instead_of=session_shown(request)),
    )


@post("/auth/again/options", status_code=200)
async def step_up_options(request: Asked) -> Response[str]:
    arrival, _ = await _told(request)
    return _made(await showing.ask_to_step_up(arrival.desk, _signed_in(arrival), _house(arrival)))


@post("/auth/again", status_code=200)
async def step_up(request: Asked) -> Response[Any]:
    arrival, told = await _told(request)
    came = Came(told.get("credential"), _signed_in(arrival), _house(arrival))
    return await _session(arrival, told, "step_up.refused", lambda: showing.step_up(arrival.desk, came))


@post("/auth/passkeys/options", status_code=200)
async def set_up_options(request: Asked) -> Response[Any]:
    arrival, told = await _told(request)
    wish = (arrival.desk, _signed_in(arrival), _house(arrival), _name(told))
    try:
        return _made(await keeping.ask_to_set_up(*wish))
    except SessionOver:
        raise _stranger() from None
    except Refused as refused:
        return await _refused(arrival, "passkey.refused", refused)


@post("/auth/passkeys", status_code=200)
async def set_up(request: Asked) -> Response[Any]:
    arrival, told = await _told(request)
    came = Came(told.get("credential"), _signed_in(arrival), _house(arrival))
    try:
        await keeping.set_up(arrival.desk, came, _name(told))
    except SessionOver:
        raise _stranger() from None
    except Refused as refused:
        return await _refused(arrival, "passkey.refused", refused)
    except PasskeyRefused as refused:
        raise await _disbelieved(arrival, "passkey.refused", refused) from None
    return Response({"next": SESSION_PAGE}, media_type=JSON)


@post("/auth/passkeys/remove", status_code=200)
async def remove(request: Asked) -> Response[str]:
    """A form: it works without the script. What stands against it is said on the page it came from."""
    arrival = arrived(request.scope)
    form = await form_of(request)
    _signed_in(arrival)
    try:
        await keeping.remove(arrival.desk, UUID(form.get("passkey", "")))
    except ValueError:
        raise Problem(400) from None
    except SessionOver:
        return onward(f"/auth/login?next={SESSION_PAGE}")
    except Refused as refused:
        return await against(arrival, refused, "passkey.refused")
    return onward(SESSION_PAGE)


PASSKEYS: list[HTTPRouteHandler] = [
    sign_in_options, sign_in, step_up_options, step_up, set_up_options, set_up, remove,
]  # fmt: skip


async def _told(request: Asked) -> tuple[Arrival, dict[str, Any]]:
    """A JSON object from a page of ours, within its hourly measure; else 400, 403, 415 or 429."""
    arrival = arrived(request.scope)
    if request.content_type[0] != JSON:
        raise Problem(415)
    headers = dict(request.scope["headers"])
    demand_own_page(headers, arrival.origin)
    demand_form_word(arrival.session or browser_of(request), headers.get(b"x-csrf-token", b"").decode("latin-1"))
    wishes = [Wish(("passkey", "peer", arrival.address), PER_PEER)]
    if arrival.desk.person is not None:
        wishes.append(Wish(("passkey", "person", str(arrival.desk.person)), PER_PERSON))
    if wait := await wait_for(arrival.desk, *wishes):
        raise Problem(429, headers={"retry-after": str(wait)})
    try:
        told = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, RecursionError):
        raise Problem(400) from None
    if not isinstance(told, dict):
        raise Problem(400)
    return arrival, told


def _signed_in(arrival: Arrival) -> str:
    """The secret of the session that speaks; a stranger is 401."""
    if arrival.session is None or arrival.desk.person is None:
        raise _stranger()
    return arrival.session


def _stranger() -> Problem:
    return Problem(401, "Bitte melden Sie sich erst an.", "Please sign in first.")


def _name(told: dict[str, Any]) -> str:
    name = told.get("name", "")
    if not isinstance(name, str):
        raise Problem(400)
    return name


def _house(arrival: Arrival) -> House:
    return House(arrival.realm.host, arrival.realm.name, arrival.origin)


def _made(options: str) -> Response[str]:
    return Response(options, media_type=JSON)


async def _session(
    arrival: Arrival, told: dict[str, Any], kind: str, work: Callable[[], Awaitable[str]]
) -> Response[Any]:
    wish = told.get("next", "")
    onward_to = local(wish if isinstance(wish, str) else "")
    try:
        secret = await work()
    except Refused as refused:
        return await _refused(arrival, kind, refused)
    except PasskeyRefused as refused:
        raise await _disbelieved(arrival, kind, refused) from None
    except SessionOver:
        raise await _disbelieved(arrival, kind, PasskeyRefused("session_over")) from None
    return Response({"next": onward_to}, media_type=JSON, headers={"set-cookie": baked(SESSION_COOKIE, secret)})


async def _disbelieved(arrival: Arrival, kind: str, refused: PasskeyRefused) -> Problem:
    await _note(arrival, kind, refused.reason)
    return Problem(
        400,
        "Mit diesem Passkey hat es nicht geklappt. Bitte noch einmal versuchen, oder anders anmelden.",
        "It did not work with this passkey. Please try again, or sign in another way.",
    )


async def _refused(arrival: Arrival, kind: str, refused: Refused) -> Response[Any]:
    """Every reason in words, and where to go when showing a passkey helps."""
    await _note(arrival, kind, refused.refusals[0].code.lower())
    codes = [each.code for each in refused.refusals]
    said = {
        "status": 422,
        "codes": codes,
        "detail": " ".join(each.message(arrival.language, arrival.realm.zone) for each in refused.refusals),
        "again": AGAIN if PROVEN.intersection(codes) else None,
    }
    return Response(said, status_code=422, media_type="application/problem+json")


async def _note(arrival: Arrival, kind: str, reason: str) -> None:
    with as_auth(arrival.desk):
        async with DB.work():
            await leave_event(arrival.desk, kind, reason=reason)
