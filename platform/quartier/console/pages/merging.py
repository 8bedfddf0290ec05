"""Two rows for one organisation: the pairs that may be one, both side by side, and the merge."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import Turned, refused
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/mitglieder/zusammenfuehren"
FACTS = ("legalForm", "foundedOn", "nace", "street", "postcode", "town", "district", "website")


@get("/mitglieder/dubletten")
async def duplicates(request: Asked) -> Response[str]:
    """Organisations that may be one; beside one organisation also those of a name."""
    visitor = visitor_of(request)
    visitor.demand("members:merge")
    query = query_of(request)
    whose, named = query.one("von") or None, query.one("mit")[:100]
    asked: Data = {"of": whose}
    found = (await visitor.ask("duplicates", **asked))["likelyDuplicates"]
    one, others = None, []
    if whose:
        one = (await visitor.ask("mergePair", kept=whose, other=whose))["kept"]
        if one is None:
            raise Turned(404)
    if one and len(named) >= 2:
        nodes = (await visitor.ask("organisationsNamed", search=named))["organisations"]["nodes"]
        others = [each for each in nodes if each["id"] != whose]
    return page(
        visitor, "duplicates.html", nav="mitglieder", asked=("duplicates", asked), found=found, one=one, named=named,
        others=others,
    )  # fmt: skip


@get(HERE)
async def side_by_side(request: Asked) -> Response[str]:
    """Both, what would move, and what has to be settled first."""
    query = query_of(request)
    return await _pair(visitor_of(request), query.one("bleibt"), query.one("dublette"))


@post(HERE, status_code=200)
async def merge(request: Asked) -> Response[str]:
    """Make them one."""
    visitor, sent = visitor_of(request), await form_of(request)
    kept, other = sent.one("bleibt"), sent.one("dublette")
    done = await visitor.do(
        "mergeOrganisations",
        idempotencyKey=sent.one("key"),
        kept=kept,
        keptVersion=sent.whole("bleibt_stand") or 0,
        other=other,
        otherVersion=sent.whole("dublette_stand") or 0,
        endMemberships=bool(sent.one("enden")),
        dropNumbers=bool(sent.one("nummern")),
    )
    status = refused(done)
    if status is None:
        return onward(f"/mitglieder/{kept}", getan="zusammengefuehrt")
    return await _pair(visitor, kept, other, status, refusals=done["refusals"])


async def _pair(visitor: Visitor, kept: str, other: str, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("members:merge")
    asked: Data = {"kept": kept, "other": other}
    pair = await visitor.ask("mergePair", **asked)
    if pair["kept"] is None or pair["other"] is None:
        raise Turned(404)
    found = (await visitor.ask("mergePreview", **asked))["mergePreview"]
    settled = {each["path"][0] for each in found["reasons"] if each["path"]}
    return page(
        visitor, "merge.html", nav="mitglieder", status=status, asked=("mergePreview", asked), kept=pair["kept"],
        twin=pair["other"], moves=found["moves"], reasons=found["reasons"], settled=settled, facts=FACTS,
        can=all(each["path"] and each["path"][0] in {"endMemberships", "dropNumbers"} for each in found["reasons"]),
        **told,
    )  # fmt: skip


PAGES: list[HTTPRouteHandler] = [duplicates, side_by_side, merge]
