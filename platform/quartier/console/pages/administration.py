"""Who may come in and do what: people and roles, partners' sign-in, programs, and the log of all of it."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import Form, form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
ROLES = (
    "front_desk",
    "advisor",
    "mentor",
    "observer",
    "manager",
    "grants_officer",
    "finance",
    "data_protection",
    "site_admin",
)
CITY_ROLES = ("city_analyst", "platform_operator")
SCOPES = (
    "members:read", "spaces:read", "spaces:book", "spaces:desk", "programme:read", "programme:register",
    "programme:attend", "network:read", "grants:read", "insight:read", "insight:export",
)  # fmt: skip
CITY_SCOPES = ("insight:compare",)
STEPS = {
    "einlassen": "admitPerson", "sperren": "blockPerson", "entsperren": "unblockPerson", "abmelden": "endSessions",
}  # fmt: skip
INVITED = {"zurueck": "withdrawInvitation", "einlassen": "admitInvited"}
A_YEAR = 365


@get("/verwaltung/zugang")
async def people(request: Asked) -> Response[str]:
    """Who waits, who has which role, who is kept out."""
    visitor = visitor_of(request)
    return await _people(visitor, search=query_of(request).one("q"))


@post("/verwaltung/zugang/person/{person:str}/{step:str}", status_code=200)
async def person_step(request: Asked, person: str, step: str) -> Response[str]:
    """Let in, keep out, let in again, sign out everywhere."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    if step not in STEPS:
        raise Turned(404)
    wish: Data = {"person": person}
    if step != "abmelden":
        wish["version"] = sent.whole("version") or 0
    if step == "sperren":
        wish["reason"] = sent.one("grund")[:500]
    return await _done(visitor, STEPS[step], sent, **wish)


@post("/verwaltung/zugang/rolle", status_code=200)
async def give(request: Asked) -> Response[str]:
    """Give a role to somebody who is found by name."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    given = {name: sent.one(name) for name in ("wer", "rolle", "bis", "warum")}
    german = visitor.language == "de"
    problems: dict[str, str] = {}
    found = (await visitor.ask("peopleNamed", search=given["wer"]))["accessPeople"] if given["wer"] else []
    named = [each for each in found if each["name"] == given["wer"]] or found
    if len(named) != 1:
        problems["wer"] = (
            (
                "Diese Person gibt es hier nicht."
                if not named
                else "Mehrere heißen so. Bitte den ganzen Namen schreiben."
            )
            if german
            else ("There is no such person here." if not named else "Several have this name. Please write all of it.")
        )
    until = sent.day("bis")
    if until is None:
        problems["bis"] = "Bitte einen Tag nennen." if german else "Please name a day."
    if problems or until is None:
        return await _people(visitor, 422, given=given, problems=problems)
    done = await visitor.do(
        "grantRole",
        idempotencyKey=sent.one("key"),
        person=named[0]["id"],
        role=given["rolle"],
        until=visitor.midnight(until + timedelta(days=1)).isoformat(),
        reason=given["warum"][:500] or None,
    )
    status = refused(done)
    if status is None:
        return onward("/verwaltung/zugang", getan="rolle-gegeben")
    return await _people(visitor, status, given=given, refusals=done["refusals"])


@post("/verwaltung/zugang/rolle/{grant:str}/{step:str}", status_code=200)
async def role_step(request: Asked, grant: str, step: str) -> Response[str]:
    """Take a role away, or say the second word to one of money."""
    visitor = visitor_of(request)
    steps = {"nehmen": "endRole", "bestaetigen": "confirmRole"}
    if step not in steps:
        raise Turned(404)
    return await _done(visitor, steps[step], await form_of(request), grant=grant)


@post("/verwaltung/zugang/betrieb/{request_id:str}/{step:str}", status_code=200)
async def support_step(request: Asked, request_id: str, step: str) -> Response[str]:
    """Let an operator look for some hours, send one away, or refuse a request."""
    visitor, sent = visitor_of(request), await form_of(request)
    if step == "einlassen":
        return await _done(visitor, "approveSupport", sent, request=request_id, hours=sent.whole("stunden") or 1)
    if step != "beenden":
        raise Turned(404)
    return await _done(visitor, "endSupport", sent, request=request_id)


@post("/verwaltung/zugang/einladung", status_code=200)
async def invite(request: Asked) -> Response[str]:
    """Send somebody a letter that gives her a role."""
    visitor, sent = visitor_of(request), await form_of(request)
    asked = {name: sent.one(name) for name in ("adresse", "name", "als", "bis_tag", "englisch")}
    until = sent.day("bis_tag")
    if until is None:
        words = "Bitte einen Tag nennen." if visitor.language == "de" else "Please name a day."
        return await _people(visitor, 422, invite=asked, problems={"bis_tag": words})
    done = await visitor.do(
        "invite",
        idempotencyKey=sent.one("key"),
        address=asked["adresse"],
        name=asked["name"] or None,
        english=bool(asked["englisch"]),
        role=asked["als"],
        roleUntil=visitor.midnight(until + timedelta(days=1)).isoformat(),
    )
    status = refused(done)
    if status is None:
        return onward("/verwaltung/zugang", getan="eingeladen")
    fields = {"address": "adresse", "name": "name", "role": "als", "until": "bis_tag"}
    problems = {fields.get(name, name): words for name, words in by_field(done["refusals"]).items()}
    return await _people(visitor, status, invite=asked, problems=problems, told_apart=done["refusals"])


@post("/verwaltung/zugang/einladung/{invitation:str}/{step:str}", status_code=200)
async def withdraw(request: Asked, invitation: str, step: str) -> Response[str]:
    """Take an invitation back, or let in who came with it and another address."""
    if step not in INVITED:
        raise Turned(404)
    return await _done(visitor_of(request), INVITED[step], await form_of(request), invitation=invitation)


async def _done(visitor: Visitor, document: str, sent: Form, **wish: Any) -> Response[str]:
    done = await visitor.do(document, idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    if status is None:
        return onward("/verwaltung/zugang", getan="gespeichert")
    return await _people(visitor, status, refusals=done["refusals"])


async def _people(visitor: Visitor, status: int = 200, *, search: str = "", **facts: Any) -> Response[str]:
    visitor.demand("access:admit", "access:grant")
    asked = {"search": search[:100] or None}
    found = await visitor.ask("accessPage", **asked)
    support = await _support(visitor) if visitor.kind == "site" and visitor.may("access:grant") else None
    year = date.fromordinal(visitor.today.toordinal() + A_YEAR - 1).isoformat()
    told: Data = {
        "refusals": [],
        "problems": {},
        "given": {"wer": "", "rolle": "", "bis": year, "warum": ""},
        "invite": {"adresse": "", "name": "", "als": "", "bis_tag": year, "englisch": ""},
    } | facts
    told["problems"] = {_field(name): words for name, words in by_field(told["refusals"]).items()} | told["problems"]
    told["refusals"] = told["refusals"] or told.pop("told_apart", [])
    grants: dict[str, list[Data]] = {}
    for each in found["roleGrants"]:
        grants.setdefault(each["person"], []).append(each)
    return page(
        visitor,
        "people_roles.html",
        nav="zugang",
        status=status,
        asked=("accessPage", asked),
        q=search,
        waiting=found["waiting"],
        staff=found["staff"],
        blocked=found["blocked"],
        invited=found["invitations"],
        grants=grants,
        roles=CITY_ROLES if visitor.kind == "city" else ROLES,
        support=support,
        seconds=[each for each in found["roleGrants"] if each["waits"]],
        **told,
    )


async def _support(visitor: Visitor) -> Data:
    found = await visitor.ask("supportPage")
    return {"requests": found["supportRequests"], "entries": found["supportEntries"]}


def _field(name: str) -> str:
    return {"person": "wer", "role": "rolle", "until": "bis"}.get(name, name)


@get("/verwaltung/partner")
async def partners(request: Asked) -> Response[str]:
    """What is registered at whose provider, what its groups give here and, when asked, what keeps its people out."""
    visitor = visitor_of(request)
    visitor.demand("access:providers", "access:grant")
    if "pruefen" not in request.query_params:
        return await _partners(visitor)
    found = (await visitor.ask("providerFindings"))["providerFindings"]
    return await _partners(visitor, findings=found)


@post("/verwaltung/partner/{slug:str}/{step:str}", status_code=200)
async def partner_step(request: Asked, slug: str, step: str) -> Response[str]:
    """Let a partner's people in, or keep them out."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    states = {"oeffnen": "ACTIVE", "anhalten": "PAUSED"}
    version = sent.whole("version") or 0
    if step == "geheimnis":
        wish: Data = {"provider": slug, "version": version, "secret": sent.one("geheimnis")}
        done = await visitor.do("putProviderSecret", idempotencyKey=sent.one("key"), **wish)
    elif step in states:
        wish = {"provider": slug, "version": version, "state": states[step]}
        done = await visitor.do("setProviderState", idempotencyKey=sent.one("key"), **wish)
    else:
        raise Turned(404)
    status = refused(done)
    if status is None:
        return onward("/verwaltung/partner", getan="gespeichert")
    return await _partners(visitor, status, refusals=done["refusals"])


async def _partners(visitor: Visitor, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("access:providers", "access:grant")
    found = await visitor.ask("providersPage")
    return page(
        visitor, "partners.html", nav="partner", status=status, asked=("providersPage", {}),
        providers=found["identityProviders"],
        names={each["slug"]: visitor.t(each["nameDe"], each["nameEn"]) for each in found["identityProviders"]}, **facts,
    )  # fmt: skip


@get("/verwaltung/clients")
async def clients(request: Asked) -> Response[str]:
    return await _clients(visitor_of(request))


@post("/verwaltung/clients", status_code=200)
async def make_client(request: Asked) -> Response[str]:
    """Make a client; the page that answers shows its secret, and no other ever will."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    given: Data = {"name": sent.one("name"), "scopes": sent.several("scope"), "agreement": sent.one("agreement")}
    wish = given | {"agreement": given["agreement"] or None}
    done = await visitor.do("createApiClient", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    secret = {"id": done["clientId"], "secret": done["secret"]} if status is None else None
    return await _clients(visitor, status or 200, given=given, refusals=done["refusals"], secret=secret)


@post("/verwaltung/clients/{client:str}/{step:str}", status_code=200)
async def client_step(request: Asked, client: str, step: str) -> Response[str]:
    """A new secret, an end of the old one, an end of all."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    steps = {"erneuern": "rotateApiClient", "altes-beenden": "endOldSecret", "abschalten": "disableApiClient"}
    if step not in steps:
        raise Turned(404)
    done = await visitor.do(steps[step], idempotencyKey=sent.one("key"), clientId=client)
    status = refused(done)
    if status is None and step != "erneuern":
        return onward("/verwaltung/clients", getan="gespeichert")
    secret = {"id": client, "secret": done.get("secret")} if status is None else None
    return await _clients(visitor, status or 200, refusals=done["refusals"], secret=secret)


async def _clients(visitor: Visitor, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("access:clients")
    found = await visitor.ask("clientsPage")
    told: Data = {"secret": None, "refusals": [], "given": {"name": "", "scopes": [], "agreement": ""}} | facts
    told["problems"] = by_field(told["refusals"])
    return page(
        visitor, "clients.html", nav="programme", status=status, asked=("clientsPage", {}), clients=found["apiClients"],
        scopes=CITY_SCOPES if visitor.kind == "city" else SCOPES, **told,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [
    people, person_step, support_step, give, role_step, invite, withdraw, partners, partner_step, clients, make_client,
    client_step,
]  # fmt: skip
