"""The way of an instalment: requested, checked, approved, paid. Each step is a guarded update."""

from uuid import UUID

from quartier.grants import queries
from quartier.grants.history.actions import event
from quartier.grants.ledger.actions import post
from quartier.grants.payout import rules
from quartier.grants.words import AwardOverpaid, Instalment
from quartier.kit.refusal import NotFound, Refused, StaleVersion, refuse
from quartier.members.queries import today
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_STEP = """
update app.instalment
set state = $5, requested_by = coalesce($6, requested_by), checked_by = coalesce($7, checked_by),
    approved_by = coalesce($8, approved_by), paid_by = coalesce($9, paid_by), paid_on = coalesce($10, paid_on),
    version = version + 1, changed_at = $11
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_ACCEPT = """
update app.award set state = 'accepted', accepted_at = $3, version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2 and state = 'noticed' returning id"""
_PAY = """
update app.award set paid = paid + $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and paid + $3 <= planned returning paid"""


@action("grants:apply")
async def request_instalment(desk: Desk, instalment_id: UUID, *, version: int | None = None) -> Instalment:
    """Call for a part of an own award; calling for money accepts the notice.

    Refuses NOT_FOUND for an award of others, LEAD_MISSING for a colleague, STEP_NOT_POSSIBLE, INSTALMENT_NOT_DUE,
    STALE_VERSION.
    """
    async with desk.transaction() as ledger:
        found = await queries.instalment(desk, instalment_id)
        if found.award.organisation_id not in desk.own:
            raise Refused([NotFound()])
        _seen(found, version)
        refuse(rules.objections_to_request(found, leads=found.award.organisation_id in desk.leads))
        if found.award.state == "noticed":
            await desk.fetch(_ACCEPT, desk.tenant_id, found.award.id, desk.now)
        await _step(desk, found, "requested", requested_by=desk.person)
        ledger.note("instalment.requested", found.id, amount_cents=found.amount)
        return await queries.instalment(desk, found.id)


@action("grants:pay_check")
async def check_instalment(desk: Desk, instalment_id: UUID, *, version: int | None = None) -> Instalment:
    """Find a requested instalment in order. Refuses STEP_NOT_POSSIBLE, CONFLICT_OF_INTEREST, STALE_VERSION."""
    async with desk.transaction() as ledger:
        found = await queries.instalment(desk, instalment_id)
        _seen(found, version)
        own_case = await queries.is_own_case(desk, found.award.application_id)
        refuse([*rules.objections_to_check(found, desk.person), *rules.objections_to_judge(own_case)])
        await _step(desk, found, "checked", checked_by=desk.person)
        ledger.note("instalment.checked", found.id, amount_cents=found.amount)
        return await queries.instalment(desk, found.id)


@action("grants:pay_approve")
async def approve_instalment(desk: Desk, instalment_id: UUID, *, version: int | None = None) -> Instalment:
    """Release a checked instalment for payment. Refuses SAME_PERSON, CONFLICT_OF_INTEREST,
    STEP_NOT_POSSIBLE, STALE_VERSION.
    """
    async with desk.transaction() as ledger:
        found = await queries.instalment(desk, instalment_id)
        _seen(found, version)
        own_case = await queries.is_own_case(desk, found.award.application_id)
        refuse([*rules.objections_to_approval(found, desk.person), *rules.objections_to_judge(own_case)])
        await _step(desk, found, "approved", approved_by=desk.person)
        ledger.note("instalment.approved", found.id, amount_cents=found.amount)
        return await queries.instalment(desk, found.id)


@action("grants:pay_release")
async def pay_instalment(desk: Desk, instalment_id: UUID, *, version: int | None = None) -> Instalment:
    """Write down that an approved instalment was paid today: posting, line and award in one transaction.

    Refuses STEP_NOT_POSSIBLE, AWARD_OVERPAID, CONFLICT_OF_INTEREST, STALE_VERSION.
    """
    async with desk.transaction() as ledger:
        found = await queries.instalment(desk, instalment_id)
        _seen(found, version)
        own_case = await queries.is_own_case(desk, found.award.application_id)
        refuse([*rules.objections_to_payment(found), *rules.objections_to_judge(own_case)])
        award = found.award
        # Locks in the order of the house: the line, then the award, then the instalment.
        await post(
            desk, award.line_id, "pay", found.amount, f"instalment:{found.id}",
            application=award.application_id, award=award.id, instalment=found.id,
        )  # fmt: skip
        if not await desk.fetch(_PAY, desk.tenant_id, award.id, found.amount, desk.now):
            raise Refused([AwardOverpaid(left_cents=award.planned - award.paid, asked_cents=found.amount)])
        await _step(desk, found, "paid", paid_by=desk.person, paid=True)
        await event(desk, award.application_id, "paid", instalment=found.no, amount_cents=found.amount)
        ledger.note("instalment.paid", found.id, award=award.id, amount_cents=found.amount)
        return await queries.instalment(desk, found.id)


def _seen(instalment: Instalment, version: int | None) -> None:
    if version is not None and version != instalment.version:
        raise Refused([StaleVersion(version=instalment.version, seen=version)])


async def _step(
    desk: Desk,
    instalment: Instalment,
    state: str,
    *,
    requested_by: UUID | None = None,
    checked_by: UUID | None = None,
    approved_by: UUID | None = None,
    paid_by: UUID | None = None,
    paid: bool = False,
) -> None:
    stepped = await desk.fetch(
        _STEP, desk.tenant_id, instalment.id, instalment.state, instalment.version, state, requested_by, checked_by,
        approved_by, paid_by, today(desk) if paid else None, desk.now,
    )  # fmt: skip
    if not stepped:
        raise Refused([StaleVersion(seen=instalment.version)])
