"""Awarding: the money is committed in the transaction that makes the award."""

from uuid import UUID

from quartier.grants import queries
from quartier.grants.award import rules
from quartier.grants.history.actions import event
from quartier.grants.ledger.actions import post
from quartier.grants.rules import grant_for
from quartier.grants.tables import Award as AwardTable
from quartier.grants.tables import Decision as DecisionTable
from quartier.grants.tables import Instalment as InstalmentTable
from quartier.grants.words import Application, Award, BudgetLine, Call, CallBudgetSpent, NoBudgetLine, Share
from quartier.kit.ids import new_id
from quartier.kit.money import Cents
from quartier.kit.refusal import Refused, StaleVersion, refuse
from quartier.members.queries import today
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_APPROVE = """
update app.application
set state = 'approved', approved = $5, decided_at = $6, reason = $7, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_SPEND_CALL = """
update app.call set approved = approved + $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and approved + $3 <= budget returning id"""


@action("grants:decide")
async def award_application(
    desk: Desk, application_id: UUID, *, amount: Cents | None = None, reason: str = "", version: int | None = None
) -> Award:
    """Approve an application and commit the money: by default what was asked, at most what the guideline gives.

    Pays from the line of this year for the application's purpose. Plans the instalments of the guideline.
    Refuses BUDGET_SPENT and CALL_BUDGET_SPENT with the money left, NO_BUDGET_LINE, AWARD_TOO_HIGH,
    CONFLICT_OF_INTEREST, STALE_VERSION, STEP_NOT_POSSIBLE.
    """
    async with desk.transaction() as ledger:
        application = await queries.application(desk, application_id)
        if version is not None and version != application.version:
            raise Refused([StaleVersion(version=application.version, seen=version)])
        # Locks in the order of the house: the call, then its line.
        call = await queries.call(desk, application.call_id, lock=True)
        line = await _line(desk, call, application)
        most = grant_for(application.eligible, call.rules, purpose=application.purpose, jobs=application.jobs)
        sum_ = min(application.requested, most) if amount is None else amount
        own_case = await queries.is_own_case(desk, application.id)
        refuse(rules.objections_to_award(sum_, application, call, line, own_case=own_case))
        await _decide(desk, application, sum_, reason, money_left=line.sums.left - sum_)
        if not await desk.fetch(_SPEND_CALL, desk.tenant_id, call.id, sum_, desk.now):
            raise Refused([CallBudgetSpent(left_cents=call.left, asked_cents=sum_)])
        award = await _award(desk, application, call, line, sum_)
        for kind in ("reserve", "commit"):
            await post(desk, line.id, kind, sum_, f"award:{award.id}", application=application.id, award=award.id)
        await event(desk, application.id, "awarded", application.state, "approved", reason=reason, amount_cents=sum_)
        ledger.note("application.awarded", application.id, award=award.id, amount_cents=sum_)
    return award


async def _line(desk: Desk, call: Call, application: Application) -> BudgetLine:
    year = today(desk).year
    line = await queries.line_for(desk, call.fund_id, year, application.purpose, lock=True)
    if line is None:
        raise Refused([NoBudgetLine(year=year, purpose=application.purpose)])
    return line


async def _decide(desk: Desk, application: Application, amount: Cents, reason: str, *, money_left: Cents) -> None:
    approved = await desk.fetch(
        _APPROVE, desk.tenant_id, application.id, application.state, application.version, amount, desk.now, reason
    )
    if not approved:
        raise Refused([StaleVersion(seen=application.version)])
    await DecisionTable.insert(
        DecisionTable(
            tenant_id=desk.tenant_id,
            id=new_id(),
            application_id=application.id,
            no=1,
            outcome="approved",
            amount=amount,
            money_left=money_left,
            reason=reason,
            by_person=desk.person,
            created_at=desk.now,
        )
    )


async def _award(desk: Desk, application: Application, call: Call, line: BudgetLine, amount: Cents) -> Award:
    """The award bears the number of the grant file: one file, one award."""
    award = Award(
        new_id(), application.number, application.id, line.id, application.organisation_id, amount, amount, 0, "noticed"
    )
    await AwardTable.insert(
        AwardTable(
            tenant_id=desk.tenant_id,
            id=award.id,
            number=award.number,
            application_id=application.id,
            line_id=line.id,
            organisation_id=award.organisation_id,
            amount=amount,
            share=call.rules.rate_permille,
            funding=call.rules.funding,
            noticed_on=today(desk),
            planned=amount,
            paid=0,
            state=award.state,
            version=1,
            created_at=desk.now,
            changed_at=desk.now,
        )
    )
    await _plan(desk, award, call.rules.pay.instalments)
    return award


async def _plan(desk: Desk, award: Award, shares: tuple[Share, ...]) -> None:
    await InstalmentTable.insert(
        *(
            InstalmentTable(
                tenant_id=desk.tenant_id,
                id=new_id(),
                award_id=award.id,
                no=no,
                amount=cents,
                trigger=trigger,
                state="planned",
                version=1,
                created_at=desk.now,
                changed_at=desk.now,
            )
            for no, cents, trigger in rules.instalments(award.amount, shares)
        )
    )
