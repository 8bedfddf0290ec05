"""What the grants can tell: words, never rows."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec

from quartier.grants.words import (
    Applicant,
    Application,
    Award,
    BudgetLine,
    Call,
    CallNamed,
    Fund,
    GuidelineRules,
    Instalment,
    Sums,
)
from quartier.kit.money import Cents
from quartier.kit.refusal import NotFound, Refused
from quartier.members import queries as members
from quartier.tenancy.desk import Desk

_FUND = "select id, key from app.fund where tenant_id = $1 and key = $2"
_GUIDELINE = """
select id, fund_id, rules from app.guideline where tenant_id = $1 and key = $2 and state = 'in_force'"""
_LINE = """
select id, fund_id, year, purpose, allocated, reserved, committed, paid from app.budget_line
where tenant_id = $1 and """
_FREE = """
select coalesce(sum(allocated - reserved - committed), 0)::bigint as free from app.budget_line
where tenant_id = $1 and fund_id = $2 and year = any($3) and purpose = any($4)"""
_LOCK_CALL = "select 1 from app.call where tenant_id = $1 and id = $2 for no key update"
_CALL = """
select c.id, c.number, g.fund_id, c.purposes, c.opens_at, c.closes_at, c.budget, c.approved, c.state, g.rules
from app.call c join app.guideline g on g.tenant_id = c.tenant_id and g.id = c.guideline_id
where c.tenant_id = $1 and c.id = $2"""
_CALLS_NAMED = """
select id, number, title_de, title_en, closes_at from app.call where tenant_id = $1 and id = any($2)"""
_APPLICATION = """
select id, number, call_id, organisation_id, purpose, requested, eligible, jobs, state, version
from app.application where tenant_id = $1 and id = $2"""
_PARTIES = "select organisation_id, carrier_id from app.application where tenant_id = $1 and id = $2"
_INSTALMENT = """
select i.id, i.no, i.amount, i.trigger, i.requested_by, i.checked_by, i.approved_by, i.state, i.version,
       a.id as award_id, a.number, a.application_id, a.line_id, a.organisation_id, a.amount as award_amount, a.planned,
       a.paid, a.state as award_state
from app.instalment i join app.award a on a.tenant_id = i.tenant_id and a.id = i.award_id
where i.tenant_id = $1 and i.id = $2"""


async def fund(desk: Desk, key: str) -> Fund:
    """One fund by its lasting name. Refuses NOT_FOUND."""
    return Fund(**_only(await desk.fetch(_FUND, desk.tenant_id, key)))


async def fund_exists(desk: Desk, key: str) -> bool:
    return bool(await desk.fetch(_FUND, desk.tenant_id, key))


async def guideline_in_force(desk: Desk, key: str) -> tuple[UUID, UUID, GuidelineRules] | None:
    """The edition in force with its fund and its rules; None where there is none."""
    rows = await desk.fetch(_GUIDELINE, desk.tenant_id, key)
    return (rows[0]["id"], rows[0]["fund_id"], rules_of(rows[0]["rules"])) if rows else None


async def line(desk: Desk, id: UUID, *, lock: bool = False) -> BudgetLine:  # noqa: A002  (a noun's id)
    """One budget line; `lock` makes its money ours until the end. Refuses NOT_FOUND."""
    rows = await desk.fetch(_LINE + "id = $2" + (" for no key update" if lock else ""), desk.tenant_id, id)
    return _line(_only(rows))


async def line_for(desk: Desk, fund: UUID, year: int, purpose: str, *, lock: bool = False) -> BudgetLine | None:
    """The line of a year that pays for a purpose: its own one before the one for any."""
    which = "fund_id = $2 and year = $3 and purpose in ($4, 'any') order by (purpose = 'any') limit 1"
    rows = await desk.fetch(_LINE + which, desk.tenant_id, fund, year, purpose)
    return await line(desk, rows[0]["id"], lock=lock) if rows else None


async def money_free(desk: Desk, fund: UUID, years: Sequence[int], purposes: Sequence[str]) -> Cents:
    """What nobody holds on the lines of a fund that pay for the purposes in these years."""
    [row] = await desk.fetch(_FREE, desk.tenant_id, fund, list(years), [*purposes, "any"])
    free: Cents = row["free"]
    return free


async def call(desk: Desk, id: UUID, *, lock: bool = False) -> Call:  # noqa: A002
    """One call with the rules it was published under; `lock` holds its budget. Refuses NOT_FOUND."""
    if lock:
        await desk.fetch(_LOCK_CALL, desk.tenant_id, id)
    row = _only(await desk.fetch(_CALL, desk.tenant_id, id))
    return Call(**{**row, "purposes": tuple(row["purposes"]), "rules": rules_of(row["rules"])})


async def calls_named(desk: Desk, calls: Collection[UUID]) -> dict[UUID, CallNamed]:
    """How calls are called and until when they run, by id; who is not here has none."""
    rows = await desk.fetch(_CALLS_NAMED, desk.tenant_id, list(calls)) if calls else []
    return {row["id"]: CallNamed(**row) for row in rows}


async def applicant(desk: Desk, organisation: UUID) -> Applicant:
    """What guidelines ask of an organisation. Refuses NOT_FOUND."""
    facts = await members.facts(desk, organisation)
    return Applicant(facts.kind, facts.economic, facts.founded_on, facts.nace, facts.district, facts.postcode)


async def application(desk: Desk, id: UUID) -> Application:  # noqa: A002
    """One application. Refuses NOT_FOUND."""
    return Application(**_only(await desk.fetch(_APPLICATION, desk.tenant_id, id)))


async def is_own_case(desk: Desk, application: UUID) -> bool:
    """Whether the person at the desk stands, or ever stood, for who asks or for who carries it."""
    if desk.person is None:
        return False
    row = _only(await desk.fetch(_PARTIES, desk.tenant_id, application))
    parties = {row["organisation_id"], row["carrier_id"]} - {None}
    return bool(parties & desk.own) or await members.has_stood_for(desk, desk.person, parties)


async def instalment(desk: Desk, id: UUID) -> Instalment:  # noqa: A002
    """One instalment with its award. Refuses NOT_FOUND."""
    row = _only(await desk.fetch(_INSTALMENT, desk.tenant_id, id))
    award = Award(
        row["award_id"], row["number"], row["application_id"], row["line_id"], row["organisation_id"],
        row["award_amount"], row["planned"], row["paid"], row["award_state"],
    )  # fmt: skip
    return Instalment(
        row["id"], award, row["no"], row["amount"], row["trigger"], row["requested_by"], row["checked_by"],
        row["approved_by"], row["state"], row["version"],
    )  # fmt: skip


def rules_of(stored: str) -> GuidelineRules:
    return msgspec.json.decode(stored, type=GuidelineRules)


def _line(row: Any) -> BudgetLine:
    sums = Sums(row["allocated"], row["reserved"], row["committed"], row["paid"])
    return BudgetLine(row["id"], row["fund_id"], row["year"], row["purpose"], sums)


def _only(rows: list[Any]) -> Any:
    if not rows:
        raise Refused([NotFound()])
    return rows[0]
