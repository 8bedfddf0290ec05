"""The doors of people: pages and forms that work without scripts. No rule stands here.

The demo's mailbox is here too; outside the demo it does not exist.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.codes import DIGITS, ask_code, plain, redeem_code, redeem_invitation
from quartier.access.cookies import SESSION_COOKIE, baked
from quartier.access.forms import browser_of, form_of, local, session_shown
from quartier.access.invitations.doors import accepted
from quartier.access.invitations.queries import by_id
from quartier.access.letters import code_letter
from quartier.access.page import onward, page, said
from quartier.access.partners.leaving import partner_of, way_out
from quartier.access.partners.queries import offered
from quartier.access.post import Letterbox
from quartier.access.problem import Problem
from quartier.access.sessions import Proof, end_session

Asked = Request[Any, Any, Any]
PER_ADDRESS, PER_PEER, PER_REALM = 5, 20, 200  # codes an hour
TRIES_PER_PEER = 60  # an hour


@get("/auth/login")
async def login(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    onward_to = local(request.query_params.get("next", ""))
    return await _login(arrival, browser_of(request), next=onward_to)


@get("/auth/code")
async def fill_in(request: Asked) -> Response[str]:
    """Where the link in the letter leads. It fills the code in and uses nothing up: scanners open links."""
    arrival = arrived(request.scope)
    shown = request.query_params.get("code", "")
    known = shown if len(shown) == DIGITS and shown.isascii() and shown.isdigit() else ""
    return _code(arrival, browser_of(request), next=local(request.query_params.get("next", "")), code=known)


@post("/auth/code", status_code=200)
async def code(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form, browser = await form_of(request), browser_of(request)
    if arrival.post is None:
        raise Problem(503, "Hier ist noch kein Mailversand eingerichtet.", "No mail server has been set up here yet.")
    address, onward_to = plain(form.get("address", "")), local(form.get("next", ""))
    if not 3 <= len(address) <= 254 or "@" not in address[1:-1] or not address.isprintable():
        problem = said(arrival, "Bitte eine E-Mail-Adresse eingeben.", "Please enter an e-mail address.")
        return await _login(arrival, browser, status=422, problem=problem, address=address, next=onward_to)
    wishes = (
        Wish(("code", "address", address), PER_ADDRESS),
        Wish(("code", "peer", arrival.address), PER_PEER),
        Wish(("code", "realm"), PER_REALM),
    )
    if wait := await wait_for(arrival.desk, *wishes):
        raise Problem(429, headers={"retry-after": str(wait)})
    mail = await ask_code(arrival.desk, address, browser)
    if mail is not None:
        arrival.post.take(code_letter(arrival, mail, onward_to))
    return _code(arrival, browser, next=onward_to, asked=True)


@post("/auth/code/redeem", status_code=200)
async def redeem(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form, browser = await form_of(request), browser_of(request)
    if wait := await wait_for(arrival.desk, Wish(("redeem", "peer", arrival.address), TRIES_PER_PEER)):
        raise Problem(429, headers={"retry-after": str(wait)})
    onward_to = local(form.get("next", ""))
    if (invited := await redeem_invitation(arrival.desk, form.get("code", ""), browser)) is not None:
        found = await by_id(arrival.desk, invited)
        if found is not None:
            return await accepted(arrival, found, Proof("code"), session_shown(request))
    session = await redeem_code(arrival.desk, form.get("code", ""), browser, instead_of=session_shown(request))
    if session is None:
        problem = said(
            arrival,
            "Dieser Code stimmt nicht oder gilt nicht mehr. Nach fünf Versuchen oder zehn Minuten hilft ein neuer.",
            "This code is wrong or no longer holds. After five tries or ten minutes, ask for a new one.",
        )
        return _code(arrival, browser, status=422, problem=problem, next=onward_to)
    answer = onward(onward_to)
    answer.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answer


@post("/auth/logout", status_code=200)
async def logout(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form = await form_of(request)
    away = None
    if arrival.session is not None:
        partner = await partner_of(arrival.desk, arrival.session)
        await end_session(arrival.desk, arrival.session, everywhere="everywhere" in form)
        if partner is not None and arrival.issuers is not None:
            away = await way_out(partner, arrival.issuers, arrival.origin)
    answer = onward("/auth/login")
    if away is not None:  # a form may not be answered by a redirect to another host (form-action)
        answer = page(arrival, "left.html", away=away)
        answer.headers["refresh"] = f"0; url={away}"
    answer.headers["set-cookie"] = baked(SESSION_COOKIE, "")
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@get("/dev/postfach")
async def letterbox(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    if not isinstance(arrival.post, Letterbox):
        raise Problem(404)
    return page(arrival, "letters.html", letters=arrival.post.of(arrival.realm.id))


ENTRANCE: list[HTTPRouteHandler] = [login, fill_in, code, redeem, logout, letterbox]


async def _login(arrival: Arrival, browser: str, **facts: Any) -> Response[str]:
    partners = [(each.slug, each.name(arrival.language)) for each in await offered(arrival.desk)]
    return page(arrival, "login.html", browser=browser, partners=partners, **facts)


def _code(arrival: Arrival, browser: str, *, code: str = "", asked: bool = False, **facts: Any) -> Response[str]:
    return page(arrival, "code.html", browser=browser, code=code, asked=asked, **facts)
