"""The money: funds with their course over the year, applications, one application up to its instalments."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from quartier.console import charts
from quartier.console.answers import Turned, by_field, refused
from quartier.console.formats import Formats
from quartier.console.forms import form_of, query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import onward, page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
STATES = (
    "SUBMITTED", "FORMAL_CHECK", "MORE_INFO", "ELIGIBLE", "IN_REVIEW", "REVIEWED", "JURY", "APPROVED", "RESERVE",
    "REJECTED", "INELIGIBLE", "WITHDRAWN",
)  # fmt: skip
STEPS = {
    "pruefen": "checkInstalment",
    "freigeben": "approveInstalment",
    "zahlen": "payInstalment",
    "abrufen": "requestInstalment",
}
TICKS = 4


@get("/foerderung")
async def overview(request: Asked) -> Response[str]:
    """Every budget line of this year: what is left, and how it went."""
    visitor = visitor_of(request)
    visitor.demand("grants:read", "grants:budget")
    found = await visitor.ask("grantsOverview")
    year = visitor.today.year
    lines = [
        {**line, "fund": visitor.t(fund["nameDe"], fund["nameEn"])}
        for fund in found["funds"]["nodes"]
        for line in fund["lines"]["nodes"]
        if line["year"] == year
    ]
    return page(
        visitor,
        "grants.html",
        nav="foerderung",
        asked=("grantsOverview", {}),
        year=year,
        lines=lines,
        chart=burn_down(visitor, lines, found["awards"]["nodes"], found["instalments"]["nodes"], year),
        awards=found["recent"]["nodes"],
    )


def burn_down(visitor: Visitor, lines: list[Data], awards: list[Data], paid: list[Data], year: int) -> Data | None:
    """Committed and paid by month against the year's money; None where there is no money yet."""
    total = sum(line["allocated"] for line in lines)
    if not total:
        return None
    formats, known = Formats(visitor.language, visitor.zone), {line["id"] for line in lines}
    months = range(1, visitor.today.month + 1)

    def until(month: int, rows: list[tuple[str | None, int]]) -> int:
        return sum(amount for day, amount in rows if day and date.fromisoformat(day) < _after(year, month))

    promised = [(each["noticedOn"], each["amount"]) for each in awards if each["line"] and each["line"]["id"] in known]
    out = [
        (each["paidOn"], each["amount"])
        for each in paid
        if each["award"] and each["award"]["line"]["id"] in known
    ]  # fmt: skip
    committed, spent = [until(m, promised) for m in months], [until(m, out) for m in months]
    names = [formats.month(date(year, m, 1)).split()[0][:3] for m in range(1, 13)]
    german = visitor.language == "de"
    words = ("bewilligt", "ausgezahlt", "gleichmäßig") if german else ("committed", "paid", "even pace")
    spent_, promised_, all_ = (formats.euro(cents, 0) for cents in (spent[-1], committed[-1], total))
    told = (
        f"Ausgezahlt {spent_} und bewilligt {promised_} von {all_}."
        if german
        else f"Paid {spent_} and committed {promised_} of {all_}."
    )
    drawn = [
        charts.Line("pace", words[2], [total * m / 12 for m in range(1, 13)]),
        charts.Line("committed", words[0], committed),
        charts.Line("paid", words[1], spent),
    ]
    ticks = [(total * n / TICKS, formats.euro(int(total * n / TICKS), 0)) for n in range(TICKS + 1)]
    title = f"Förderbudget {year}" if german else f"Grant budget {year}"
    svg = charts.lines(title, told, total, names, drawn, ticks)
    return {"svg": svg, "words": told, "rows": list(zip(names, committed, spent, strict=False)), "title": title}


def _after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


@get("/foerderung/antraege")
async def applications(request: Asked) -> Response[str]:
    visitor = visitor_of(request)
    visitor.demand("grants:read")
    query = query_of(request)
    state = query.one("stand")
    asked: Data = {"states": [state] if state in STATES else None, "after": query.one("weiter") or None}
    found = (await visitor.ask("grantsApplications", **asked))["applications"]
    return page(
        visitor, "applications.html", nav="foerderung", asked=("grantsApplications", asked), found=found, state=state,
        states=STATES,
    )  # fmt: skip


@get("/foerderung/antraege/{application:str}")
async def application(request: Asked, application: str) -> Response[str]:
    visitor = visitor_of(request)
    return await _page(visitor, application)


@post("/foerderung/antraege/{application:str}/bewilligen", status_code=200)
async def award(request: Asked, application: str) -> Response[str]:
    """Give the money. Wants a fresh sign-in; what was typed stays."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    given = {"betrag": sent.one("betrag"), "grund": sent.one("grund")}
    amount = sent.cents("betrag") if given["betrag"] else None
    if given["betrag"] and amount is None:
        word = "Bitte einen Betrag wie 3.500,00." if visitor.language == "de" else "Please an amount such as 3500.00."
        return await _page(visitor, application, 422, given=given, problems={"amount": word})
    done = await visitor.do(
        "awardApplication",
        idempotencyKey=sent.one("key"),
        application=application,
        amount=amount,
        reason=given["grund"][:1000],
        version=sent.whole("version"),
    )
    status = refused(done)
    if status is None:
        return onward(f"/foerderung/antraege/{application}", getan="bewilligen")
    return await _page(visitor, application, status, given=given, refusals=done["refusals"])


@post("/foerderung/antraege/{application:str}/raten/{instalment:str}/{step:str}", status_code=200)
async def instalment(request: Asked, application: str, instalment: str, step: str) -> Response[str]:
    """One step of an instalment: asked for, checked, approved by somebody else, paid."""
    visitor = visitor_of(request)
    sent = await form_of(request)
    if step not in STEPS:
        raise Turned(404)
    done = await visitor.do(
        STEPS[step], idempotencyKey=sent.one("key"), instalment=instalment, version=sent.whole("version")
    )
    status = refused(done)
    if status is None:
        return onward("/mein" if sent.one("zurueck") == "/mein" else f"/foerderung/antraege/{application}", getan=step)
    return await _page(visitor, application, status, refusals=done["refusals"])


async def _page(visitor: Visitor, key: str, status: int = 200, **facts: Any) -> Response[str]:
    visitor.demand("grants:read", "grants:apply")
    found = (await visitor.ask("applicationPage", id=key))["application"]
    if found is None:
        raise Turned(404)
    told: Data = {"refusals": [], "problems": {}, "given": {"betrag": "", "grund": ""}} | facts
    told["problems"] = by_field(told["refusals"]) | told["problems"]
    return page(
        visitor, "application.html", nav="foerderung", status=status, asked=("applicationPage", {"id": key}), a=found,
        can_award=found["award"] is None and visitor.may("grants:decide"), **told,
    )  # fmt: skip


@get("/foerderaufrufe")
async def calls(request: Asked) -> Response[str]:
    """What money may be asked for now, for everybody."""
    visitor = visitor_of(request)
    visitor.demand("public:read")
    asked = {"from": visitor.now.isoformat()}
    found = (await visitor.ask("openCalls", **asked))["calls"]["nodes"]
    return page(visitor, "calls.html", nav="aufrufe", asked=("openCalls", asked), calls=found)


PAGES: list[HTTPRouteHandler] = [overview, applications, application, award, instalment, calls]
