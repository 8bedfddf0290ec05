"""Funds are opened, calls published, applications handed in."""

import hashlib
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from quartier.database.columns import days
from quartier.grants import queries, rules
from quartier.grants.history.actions import event
from quartier.grants.ledger.actions import post
from quartier.grants.tables import Application as ApplicationTable
from quartier.grants.tables import BudgetLine as BudgetLineTable
from quartier.grants.tables import Call as CallTable
from quartier.grants.tables import Fund as FundTable
from quartier.grants.tables import Submission as SubmissionTable
from quartier.grants.words import (
    ApplicationPlan,
    Call,
    CallPlan,
    Fund,
    FundExists,
    FundPlan,
    GuidelineNotInForce,
    LinePlan,
    Submission,
)
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotAllowed, NotFound, Refused, refuse
from quartier.members import queries as members
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number


@action("grants:budget")
async def open_fund(desk: Desk, plan: FundPlan) -> Fund:
    """Open a fund with its lines; each line's money is an `allocate` posting. Refuses FUND_EXISTS, LINE_TWICE."""
    async with desk.transaction() as ledger:
        refuse(
            [
                *rules.objections_to_fund(plan),
                *([FundExists(path=("key",))] if await queries.fund_exists(desk, plan.key) else []),
            ]
        )
        fund = FundTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            key=plan.key,
            name_de=plan.name_de.strip(),
            name_en=plan.name_en,
            source=plan.source,
            valid=days(plan.valid_from, plan.valid_to + timedelta(days=1)),
            recovered_money_returns=plan.recovered_money_returns,
            created_at=desk.now,
        )
        await FundTable.insert(fund)
        for line in plan.lines:
            await _open_line(desk, fund.id, line)
        ledger.note("fund.opened", fund.id, allocated_cents=sum(line.allocated for line in plan.lines))
    return Fund(fund.id, plan.key)


async def _open_line(desk: Desk, fund: UUID, plan: LinePlan) -> None:
    line = BudgetLineTable(
        tenant_id=desk.tenant_id,
        id=new_id(),
        fund_id=fund,
        year=plan.year,
        purpose=plan.purpose,
        allocated=0,
        reserved=0,
        committed=0,
        paid=0,
        postings=0,
        created_at=desk.now,
    )
    await BudgetLineTable.insert(line)
    if plan.allocated:
        await post(desk, line.id, "allocate", plan.allocated, f"opening:{line.id}")


@action("grants:configure")
async def publish_call(desk: Desk, plan: CallPlan, *, finance: int) -> Call:
    """Publish a call under the guideline's edition in force; `finance` is how many people may pay here.

    Refuses FINANCE_MISSING, GUIDELINE_NOT_IN_FORCE, WEIGHTS_INCOMPLETE, FIELD_INVALID, BUDGET_SPENT where the
    lines of its years have less money left than the call promises.
    """
    async with desk.transaction() as ledger:
        wrong = [*rules.objections_to_payers(finance), *rules.objections_to_call(plan)]
        guideline = await queries.guideline_in_force(desk, plan.guideline)
        if guideline is None:
            raise Refused([GuidelineNotInForce(path=("guideline",), guideline=plan.guideline), *wrong])
        guideline_id, fund, guideline_rules = guideline
        first, last = (moment.astimezone(desk.zone).year for moment in (plan.opens_at, plan.closes_at))
        years = range(first, max(last, first) + 1)
        free = await queries.money_free(desk, fund, years, plan.purposes)
        refuse([*wrong, *rules.objections_under_guideline(plan, guideline_rules, free=free)])
        call = CallTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            number=await next_number(desk, "A", digits=2),
            guideline_id=guideline_id,
            title_de=plan.title_de.strip(),
            title_en=plan.title_en,
            purposes=list(plan.purposes),
            opens_at=plan.opens_at,
            closes_at=plan.closes_at,
            budget=plan.budget,
            approved=0,
            state="published",
            version=1,
            created_at=desk.now,
            changed_at=desk.now,
        )
        await CallTable.insert(call)
        ledger.note("call.published", call.id, budget_cents=plan.budget)
        return await queries.call(desk, call.id)


@action("grants:apply")
async def submit_application(desk: Desk, plan: ApplicationPlan) -> Submission:
    """Hand in an application of an organisation that one leads: numbered, frozen, hashed, with a receipt.

    Refuses LEAD_MISSING for a colleague, CALL_NOT_OPEN, NOT_ELIGIBLE with each reason after it, PURPOSE_NOT_CALLED,
    COSTS_TOO_LOW, PLAN_DOES_NOT_BALANCE, MEASURE_STARTED; NOT_FOUND for an organisation that is not one's own.
    """
    async with desk.transaction() as ledger:
        if desk.person is None:
            raise Refused([NotAllowed(permission="grants:apply")])
        if plan.organisation_id not in desk.own:
            raise Refused([NotFound(path=("organisation",))])
        call = await queries.call(desk, plan.call_id)
        applicant = await queries.applicant(desk, plan.organisation_id)
        if plan.carrier_id:
            await members.organisation(desk, plan.carrier_id)
        today = members.today(desk)
        leads = plan.organisation_id in desk.leads
        refuse(rules.objections_to_submission(plan, call, applicant, leads=leads, now=desk.now, today=today))
        number = await next_number(desk, "F", digits=3)
        application = ApplicationTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            number=number,
            call_id=call.id,
            organisation_id=plan.organisation_id,
            carrier_id=plan.carrier_id,
            contact_id=desk.person,
            purpose=plan.purpose,
            title=plan.title.strip(),
            requested=plan.requested,
            total_cost=plan.total,
            eligible=rules.eligible_costs(plan.costs, call.rules),
            jobs=plan.jobs,
            starts_on=plan.starts_on,
            submitted_at=desk.now,
            state="submitted",
            version=1,
            created_at=desk.now,
            changed_at=desk.now,
        )
        await ApplicationTable.insert(application)
        submission = await _freeze(desk, plan, application.id, number)
        await event(desk, application.id, "submitted", to_state="submitted", requested_cents=plan.requested)
        ledger.note("application.submitted", application.id, requested_cents=plan.requested)
    return submission


async def _freeze(desk: Desk, plan: ApplicationPlan, application: UUID, number: str) -> Submission:
    payload = rules.frozen({"number": number, **_plain(plan)})
    submission = Submission(application, number, rules.receipt_of(number, 1, payload), hashlib.sha256(payload).digest())
    await SubmissionTable.insert(
        SubmissionTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            application_id=application,
            no=1,
            payload=payload.decode(),
            sha256=submission.sha256,
            receipt=submission.receipt,
            by_person=desk.person,
            created_at=desk.now,
        )
    )
    return submission


def _plain(plan: ApplicationPlan) -> dict[str, object]:
    """The plan as plain JSON: ids and days as text, so that the same bytes can be made again."""
    return {
        **asdict(plan),
        "call_id": str(plan.call_id),
        "organisation_id": str(plan.organisation_id),
        "carrier_id": str(plan.carrier_id) if plan.carrier_id else None,
        "starts_on": plan.starts_on.isoformat() if plan.starts_on else None,
    }
