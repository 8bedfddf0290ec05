"""The directory of those who agreed to stand in it, and the page on which one agrees or withdraws."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, by_field, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mein/verzeichnis"
AUDIENCES = {"haus": "MEMBERS", "alle": "PUBLIC"}


@get("/netzwerk")
async def directory(request: Asked) -> Response[str]:
    """Everybody reads who agreed to be read by everybody; members and team also who agreed to be read by them."""
    visitor = visitor_of(request)
    query = query_of(request)
    who = query.one("wer")
    asked: Data = {
        "search": query.one("q")[:100] or None,
        "persons": {"menschen": True, "organisationen": False}.get(who),
        "after": query.one("weiter") or None,
    }
    found = (await visitor.ask("directory", **asked))["directory"]
    return page(
        visitor, "directory.html", nav="netzwerk", asked=("directory", asked), found=found, q=query.one("q"), who=who
    )


@get(HERE)
async def mine(request: Asked) -> Response[str]:
    """The text, and for herself and each organisation she leads what holds now."""
    return await _mine(visitor_of(request))


@post(HERE, status_code=200)
async def agree(request: Asked) -> Response[str]:
    """Agree, with the text that was read."""
    visitor, sent = visitor_of(request), await form_of(request)
    whose = sent.one("fuer")
    done = await visitor.do(
        "giveConsent",
        idempotencyKey=sent.one("key"),
        purpose="DIRECTORY",
        textVersion=sent.one("fassung"),
        organisation=whose or None,
        audience=AUDIENCES.get(sent.one("wer"), "MEMBERS"),
        line=sent.one("satz"),
    )
    status = refused(done)
    if status is None:
        return onward(HERE, getan="eingetragen")
    typed = {"fuer": whose, "satz": sent.one("satz"), "wer": sent.one("wer")}
    told = {"refusals": done["refusals"], "problems": by_field(done["refusals"]), "typed": typed}
    return await _mine(visitor, status, **told)


@post(HERE + "/{consent:str}/widerrufen", status_code=200)
async def withdraw(request: Asked, consent: str) -> Response[str]:
    """Withdraw; the entry is gone with the answer."""
    visitor, sent = visitor_of(request), await form_of(request)
    done = await visitor.do("withdrawConsent", idempotencyKey=sent.one("key"), consent=consent)
    status = refused(done)
    one = sent.one("von")
    if status is None:
        return onward(f"/mitglieder/{one}" if one else HERE, getan="widerrufen")
    if one:
        raise Turned(status)
    return await _mine(visitor, status, refusals=done["refusals"])


async def _mine(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:own")
    if visitor.person is None:
        raise Turned(401)
    found = await visitor.ask("myConsents", person=visitor.person)
    text = (await visitor.ask("consentText"))["consentText"]
    person = found["person"] or {"name": "", "affiliations": {"nodes": []}}
    holders: list[Data] = [{"id": "", "name": person["name"], "consent": _held(found["consents"])}]
    for each in person["affiliations"]["nodes"]:
        leads = each["role"] in {"OWNER", "ADMIN"} and not each["until"] and each["organisation"]
        if leads:
            holders.append(leads | {"consent": _held(leads["consents"])})
    asked = ("myConsents", {"person": visitor.person})
    given = {"typed": {"fuer": None, "satz": "", "wer": ""}} | told
    return page(
        visitor, "my_directory.html", nav="mein", status=status, asked=asked, text=text, holders=holders, **given
    )


def _held(consents: Data) -> Data | None:
    """The one that holds, or that holds no more because the text is another; None when there is none."""
    return next((each for each in consents["nodes"] if not each["withdrawnAt"]), None)


PAGES: list[HTTPRouteHandler] = [directory, mine, agree, withdraw]
