"""The doors of people: pages and forms that work without scripts. No rule stands here.

The demo's mailbox is here too; outside the demo it does not exist.
"""

from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.access import cookies
from quartier.access.actions import machine_now
from quartier.access.arrival import Arrival, arrived
from quartier.access.attempts import Wish, wait_for
from quartier.access.codes import ask_code, plain, redeem_code
from quartier.access.cookies import LOGIN_COOKIE, SESSION_COOKIE, baked, demand_form_word, demand_own_page, form_word
from quartier.access.marks import BROWSER, minted
from quartier.access.partners.leaving import partner_of, way_out
from quartier.access.partners.queries import offered
from quartier.access.post import Letter, Letterbox
from quartier.access.problem import Problem
from quartier.access.sessions import end_session, sessions_of
from quartier.access.words import CodeMail

Asked = Request[Any, Any, Any]
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 10
LONGEST_NEXT = 500
PER_ADDRESS, PER_PEER, PER_REALM = 5, 20, 200  # codes an hour
TRIES_PER_PEER = 60  # an hour


@get("/auth/login")
async def login(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    onward_to = local(request.query_params.get("next", ""))
    return await _login(arrival, _browser(request), next=onward_to)


@post("/auth/code", status_code=200)
async def code(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form, browser = await _form(request)
    if arrival.post is None:
        raise Problem(503, "Hier ist noch kein Mailversand eingerichtet.", "No mail server has been set up here yet.")
    address, onward_to = plain(form.get("address", "")), local(form.get("next", ""))
    if not 3 <= len(address) <= 254 or "@" not in address[1:-1] or not address.isprintable():
        problem = _said(arrival, "Bitte eine E-Mail-Adresse eingeben.", "Please enter an e-mail address.")
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
        arrival.post.take(_letter(arrival, mail))
    return page(arrival, "code.html", browser=browser, next=onward_to)


@post("/auth/code/redeem", status_code=200)
async def redeem(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form, browser = await _form(request)
    if wait := await wait_for(arrival.desk, Wish(("redeem", "peer", arrival.address), TRIES_PER_PEER)):
        raise Problem(429, headers={"retry-after": str(wait)})
    onward_to = local(form.get("next", ""))
    session = await redeem_code(arrival.desk, form.get("code", ""), browser, instead_of=arrival.session)
    if session is None:
        problem = _said(
            arrival,
            "Dieser Code stimmt nicht oder gilt nicht mehr. Nach fünf Versuchen oder zehn Minuten hilft ein neuer.",
            "This code is wrong or no longer holds. After five tries or ten minutes, ask for a new one.",
        )
        return page(arrival, "code.html", browser=browser, status=422, problem=problem, next=onward_to)
    answer = onward(onward_to)
    answer.headers["set-cookie"] = baked(SESSION_COOKIE, session)
    return answer


@post("/auth/logout", status_code=200)
async def logout(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    form, _ = await _form(request)
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


@get("/auth/sessions")
async def sessions(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    if arrival.session is None or arrival.desk.person is None:
        return onward("/auth/login?next=/auth/sessions")
    found = await sessions_of(arrival.desk, arrival.desk.person, arrival.session)
    return page(arrival, "sessions.html", word=form_word(arrival.session), sessions=found)


@get("/dev/postfach")
async def letterbox(request: Asked) -> Response[str]:
    arrival = arrived(request.scope)
    if not isinstance(arrival.post, Letterbox):
        raise Problem(404)
    return page(arrival, "letters.html", letters=arrival.post.of(arrival.realm.id))


ENTRANCE: list[HTTPRouteHandler] = [login, code, redeem, logout, sessions, letterbox]


async def _login(arrival: Arrival, browser: str, **facts: Any) -> Response[str]:
    partners = [(each.slug, each.name(arrival.language)) for each in await offered(arrival.desk)]
    return page(arrival, "login.html", browser=browser, partners=partners, **facts)


def local(wish: str) -> str:
    """Where to go afterwards: a path of this host, else "/".

    >>> local("/explorer"), local("//evil.example"), local("/\\\\evil.example"), local("/auth/logout")
    ('/explorer', '/', '/', '/auth/sessions')
    """
    if wish.startswith("/auth/"):
        return "/auth/sessions"
    odd = len(wish) > LONGEST_NEXT or not wish.isprintable() or not wish.isascii() or "\\" in wish
    return "/auth/sessions" if not wish else "/" if odd or not wish.startswith("/") or wish.startswith("//") else wish


def _browser(request: Asked) -> str:
    known = cookies.shown(request.headers.get("cookie", "").encode("latin-1"), LOGIN_COOKIE)
    return known or minted(BROWSER)


async def _form(request: Asked) -> tuple[dict[str, str], str]:
    """The form of a page of ours, and the secret it belongs to; anything else is 400, 403 or 415."""
    arrival = arrived(request.scope)
    if request.content_type[0] != FORM:
        raise Problem(415)
    demand_own_page(dict(request.scope["headers"]), arrival.origin)
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400) from None
    form = dict(pairs)
    if len(form) != len(pairs) or "\0" in "".join(form.values()):
        raise Problem(400)
    browser = _browser(request)
    leaving = request.scope["path"] == "/auth/logout"
    demand_form_word((leaving and arrival.session) or browser, form.get("_csrf", ""))
    return form, browser


def onward(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"location": path, "cache-control": "no-store"})


def _said(arrival: Arrival, de: str, en: str) -> str:
    return en if arrival.language == "en" else de


def _letter(arrival: Arrival, mail: CodeMail) -> Letter:
    name = arrival.realm.name
    if mail.language == "en":
        subject = f"{mail.code} is your code for {name}"
        text = f"Hello {mail.name},\n\nyour code is {mail.code}. It holds for ten minutes, in the browser that asked "
        text += "for it.\nIf that was not you, you need not do anything.\n"
    else:
        subject = f"{mail.code} ist Ihr Code für {name}"
        text = f"Guten Tag {mail.name},\n\nIhr Code ist {mail.code}. Er gilt zehn Minuten, in dem Browser, der ihn "
        text += "angefordert hat.\nWenn Sie das nicht waren, müssen Sie nichts tun.\n"
    return Letter(arrival.realm.id, mail.to, subject, text, machine_now())


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("quartier.access", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(arrival: Arrival, name: str, *, browser: str | None = None, status: int = 200, **facts: Any) -> Response[str]:
    """Fill a template in the language of the request; `browser` sets the login cookie and gives the form its word."""

    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(arrival.realm.zone):%d.%m.%Y %H:%M}"

    given: dict[str, Any] = {
        "language": arrival.language,
        "t": lambda de, en: _said(arrival, de, en),
        "clock": clock,
        "problem": None,
        "address": "",
        "word": form_word(browser) if browser else "",
    }
    headers = {"cache-control": "no-store"}
    if browser is not None:
        headers["set-cookie"] = baked(LOGIN_COOKIE, browser)
    text = _templates().get_template(name).render(given | facts)
    return Response(text, status_code=status, media_type="text/html", headers=headers)
