"""What becomes of calls, files, awards and instalments beyond the verbs there are. Money moves by postings alone."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from quartier.grants import queries
from quartier.grants.history.actions import event
from quartier.grants.ledger.actions import post
from quartier.grants.words import ApplicationPlan, CallPlan, PostingKind
from quartier.kit.ids import new_id
from quartier.kit.money import Cents
from quartier.members import queries as members
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number

_CALL = """
update app.call set state = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and state <> $3 returning id"""
_DRAFT_CALL = """
insert into app.call (tenant_id, id, number, guideline_id, title_de, title_en, purposes, opens_at, closes_at, budget,
                      approved, state, version, created_at, changed_at)
select tenant_id, $2, $3, id, $4, $5, $6, $7, $8, $9, 0, 'draft', 1, $10, $10 from app.guideline
where tenant_id = $1 and key = $11 and state = 'in_force'"""
_DOOR = "select state, closes_at from app.call where tenant_id = $1 and id = $2 for no key update"
_SET_DOOR = "update app.call set state = $3, closes_at = $4 where tenant_id = $1 and id = $2"
_DRAFT = """
insert into app.application (tenant_id, id, number, call_id, organisation_id, carrier_id, contact_id, purpose, title,
                             requested, total_cost, eligible, jobs, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, 'draft', 1, $13, $13)"""
_FILE = """
update app.application a
set state = $3, reason = coalesce(nullif($4, ''), a.reason), version = a.version + 1, changed_at = $5,
    decided_at = case when $3 in ('approved', 'reserve', 'rejected', 'ineligible') then $5 else a.decided_at end,
    approved = coalesce($6, a.approved)
from app.application before
where a.tenant_id = $1 and a.id = $2 and before.tenant_id = $1 and before.id = a.id
returning before.state as was, a.call_id, a.requested, a.purpose"""
_DECISION = """
insert into app.decision (tenant_id, id, application_id, no, outcome, amount, rank, money_left, reason, by_person,
                          created_at)
select $1, $2, $3, 1, $4, $5, $6, c.budget - c.approved, $7, $8, $9
from app.application a join app.call c on c.tenant_id = a.tenant_id and c.id = a.call_id
where a.tenant_id = $1 and a.id = $3"""
_RESERVED = """
insert into app.award (tenant_id, id, number, application_id, line_id, organisation_id, amount, share, funding, planned,
                       paid, state, version, created_at, changed_at)
select a.tenant_id, $3, a.number, a.id, $4, a.organisation_id, $5, (g.rules->>'rate_permille')::int,
  g.rules->>'funding', $5, 0, 'reserved', 1, $6, $6
from app.application a
join app.call c on c.tenant_id = a.tenant_id and c.id = a.call_id
join app.guideline g on g.tenant_id = c.tenant_id and g.id = c.guideline_id
where a.tenant_id = $1 and a.id = $2"""
_SPEND = "update app.call set approved = approved + $3, changed_at = $4 where tenant_id = $1 and id = $2"
_AWARD_OF = "select id, line_id from app.award where tenant_id = $1 and application_id = $2"
_AWARD = """
update app.award set state = $3, version = version + 1, changed_at = $4 where tenant_id = $1 and id = $2"""
_BACK = "update app.award set paid = paid - $3, changed_at = $4 where tenant_id = $1 and id = $2"
_PART = """
update app.instalment set state = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and award_id = $2 and no = $3 returning id"""
_ONE_MORE = """
insert into app.instalment (tenant_id, id, award_id, no, amount, trigger, state, version, created_at, changed_at)
select $1, $2, $3, max(no) + 1, $4, 'call_for_funds', 'planned', 1, $5, $5
from app.instalment where tenant_id = $1 and award_id = $3"""


async def turn_call(desk: Desk, call: UUID, state: str) -> None:
    async with desk.transaction() as ledger:
        if await desk.fetch(_CALL, desk.tenant_id, call, state, desk.now):
            ledger.note(f"call.{state}", call)


async def draft_call(desk: Desk, plan: CallPlan) -> UUID:
    """A call that nobody sees yet."""
    async with desk.transaction() as ledger:
        made, number = new_id(), await next_number(desk, "A", digits=2)
        facts = (plan.title_de, plan.title_en, list(plan.purposes), plan.opens_at, plan.closes_at, plan.budget)
        await desk.fetch(_DRAFT_CALL, desk.tenant_id, made, number, *facts, desk.now, plan.guideline)
        ledger.note("call.drafted", made, budget_cents=plan.budget)
    return made


@contextlib.asynccontextmanager
async def permitted(desk: Desk, call: UUID) -> AsyncIterator[None]:
    """Hold the call's door open for one late application, in the transaction of its submission."""
    async with desk.transaction():
        [door] = await desk.fetch(_DOOR, desk.tenant_id, call)
        await desk.fetch(_SET_DOOR, desk.tenant_id, call, "open", desk.now)
        yield
        await desk.fetch(_SET_DOOR, desk.tenant_id, call, door["state"], door["closes_at"])


async def draft_application(desk: Desk, plan: ApplicationPlan) -> tuple[UUID, str]:
    """An application that was not handed in yet; give id and number."""
    async with desk.transaction() as ledger:
        made, number = new_id(), await next_number(desk, "F", digits=3)
        whose = (plan.call_id, plan.organisation_id, plan.carrier_id, desk.person)
        facts = (plan.purpose, plan.title, plan.requested, plan.total, plan.jobs)
        await desk.fetch(_DRAFT, desk.tenant_id, made, number, *whose, *facts, desk.now)
        await event(desk, made, "drafted", to_state="draft")
        ledger.note("application.drafted", made)
    return made, number


async def file(desk: Desk, application: UUID, state: str, reason: str = "") -> None:
    """The next state of a file: formal check, review, jury, withdrawal."""
    async with desk.transaction() as ledger:
        await _step(desk, application, state, reason)
        ledger.note("application.filed", application, state=state)


async def decide(desk: Desk, application: UUID, outcome: str, reason: str) -> None:
    """A decision that gives no money: rejected, or the next in line when some comes back."""
    async with desk.transaction() as ledger:
        await _step(desk, application, outcome, reason)
        rank = 1 if outcome == "reserve" else None
        await desk.fetch(
            _DECISION, desk.tenant_id, new_id(), application, outcome, 0, rank, reason, desk.person, desk.now
        )
        ledger.note("application.decided", application, outcome=outcome)


async def reserve(desk: Desk, application: UUID, amount: Cents, reason: str) -> None:
    """Approved, the notice not written yet: the money is reserved and not committed."""
    async with desk.transaction() as ledger:
        row = await _step(desk, application, "approved", reason, approved=amount)
        call = await queries.call(desk, row["call_id"], lock=True)
        line = await queries.line_for(desk, call.fund_id, members.today(desk).year, row["purpose"], lock=True)
        assert line is not None
        await desk.fetch(_SPEND, desk.tenant_id, call.id, amount, desk.now)
        await desk.fetch(
            _DECISION, desk.tenant_id, new_id(), application, "approved", amount, None, reason, desk.person, desk.now
        )
        award = new_id()
        await desk.fetch(_RESERVED, desk.tenant_id, application, award, line.id, amount, desk.now)
        await post(desk, line.id, "reserve", amount, f"award:{award}", application=application, award=award)
        ledger.note("application.reserved", application, amount_cents=amount)


async def turn(desk: Desk, application: UUID, state: str, reason: str) -> None:
    """The next state of an award."""
    async with desk.transaction() as ledger:
        award = await _award_of(desk, application)
        await desk.fetch(_AWARD, desk.tenant_id, award["id"], state, desk.now)
        await event(desk, application, state, reason=reason)
        ledger.note(f"award.{state}", award["id"])


async def turn_part(desk: Desk, application: UUID, no: int, state: str, reason: str) -> None:
    """The next state of an instalment."""
    async with desk.transaction() as ledger:
        award = await _award_of(desk, application)
        [part] = await desk.fetch(_PART, desk.tenant_id, award["id"], no, state, desk.now)
        await event(desk, application, f"instalment_{state}", reason=reason, instalment=no)
        ledger.note(f"instalment.{state}", part["id"])


async def one_more(desk: Desk, application: UUID, amount: Cents) -> None:
    """A further instalment, for money that came back or was cut."""
    async with desk.transaction() as ledger:
        award = await _award_of(desk, application)
        made = new_id()
        await desk.fetch(_ONE_MORE, desk.tenant_id, made, award["id"], amount, desk.now)
        ledger.note("instalment.planned", made, amount_cents=amount)


async def move_money(desk: Desk, application: UUID, kind: PostingKind, amount: Cents, reason: str) -> None:
    """Release what will not be called, or write down what came back."""
    async with desk.transaction() as ledger:
        award = await _award_of(desk, application)
        cause = f"{kind}:{award['id']}:{desk.now:%Y-%m-%d}"
        await post(desk, award["line_id"], kind, amount, cause, application=application, award=award["id"])
        if kind in {"return", "recover"}:
            await desk.fetch(_BACK, desk.tenant_id, award["id"], amount, desk.now)
        await event(desk, application, kind, reason=reason, amount_cents=amount)
        ledger.note(f"award.{kind}", award["id"], amount_cents=amount)


async def _step(desk: Desk, application: UUID, state: str, reason: str, *, approved: Cents | None = None) -> Any:
    [row] = await desk.fetch(_FILE, desk.tenant_id, application, state, reason, desk.now, approved)
    await event(desk, application, "stepped", row["was"], state, reason=reason)
    return row


async def _award_of(desk: Desk, application: UUID) -> Any:
    [row] = await desk.fetch(_AWARD_OF, desk.tenant_id, application)
    return row
