"""What an hour costs whom: the prices that hold and those to come, and a new one from a day on."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console.answers import by_field, refused
from quartier.console.forms import form_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
HERE = "/raeume/preise"
PAYERS = ("COMPANY", "NONPROFIT", "PUBLIC")
FIELDS = ("art", "wer", "preis", "ab")


@get(HERE)
async def prices(request: Asked) -> Response[str]:
    return await _page(visitor_of(request))


@post(HERE, status_code=200)
async def change(request: Asked) -> Response[str]:
    """Set a price from a day on; what is booked already keeps its own."""
    visitor, sent = visitor_of(request), await form_of(request)
    given = {name: sent.one(name)[:40] for name in FIELDS}
    price, starts = sent.cents("preis"), sent.day("ab")
    problems: dict[str, str] = {}
    if not given["art"]:
        problems["kind"] = visitor.t("Bitte wählen.", "Please choose.")
    if given["wer"] not in PAYERS:
        problems["payer"] = visitor.t("Bitte wählen.", "Please choose.")
    if price is None:
        problems["priceHour"] = visitor.t("Bitte einen Betrag wie 12,50.", "Please an amount such as 12.50.")
    if starts is None:
        problems["validFrom"] = visitor.t("Bitte einen Tag nennen.", "Please name a day.")
    if problems or starts is None:
        return await _page(visitor, 422, given=given, problems=problems)
    wish: Data = {"kind": given["art"], "payer": given["wer"], "priceHour": price, "validFrom": starts.isoformat()}
    done = await visitor.do("setTariff", idempotencyKey=sent.one("key"), **wish)
    status = refused(done)
    return (
        onward(HERE, getan="preis")
        if status is None
        else await _page(visitor, status, given=given, refusals=done["refusals"])
    )


async def _page(visitor: Visitor, status: int = 200, **told: Any) -> Response[str]:
    visitor.demand("spaces:desk")
    found = await visitor.ask("pricesPage")
    today = visitor.today.isoformat()
    tariffs = [each for each in found["tariffs"]["nodes"] if not each["validUntil"] or each["validUntil"] >= today]
    now = {(each["spaceKind"], each["payer"]): each for each in tariffs if each["validFrom"] <= today}
    spaces = found["spaces"]["nodes"]
    kinds = sorted({each["kind"] for each in spaces} | {each["spaceKind"] for each in tariffs})
    listed = {kind: sorted({each["listPriceHour"] for each in spaces if each["kind"] == kind}) for kind in kinds}
    facts: Data = {"given": dict.fromkeys(FIELDS, ""), "problems": {}} | told
    facts["problems"] = by_field(facts.get("refusals", [])) | facts["problems"]
    return page(
        visitor,
        "prices.html",
        nav="raeume",
        status=status,
        asked=("pricesPage", {}),
        kinds=kinds,
        payers=PAYERS,
        now=now,
        listed=listed,
        coming=[each for each in tariffs if each["validFrom"] > today],
        **facts,
    )


PAGES: list[HTTPRouteHandler] = [prices, change]
