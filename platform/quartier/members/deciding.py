"""What the team decides about a membership that runs: it is suspended, or goes on, or under another plan."""

from datetime import date
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, Refusal, refuse
from quartier.kit.spoken import letters
from quartier.kit.text import is_line
from quartier.members import queries, rules, telling, terms
from quartier.members.actions import demand
from quartier.members.allowances.rules import month_of
from quartier.members.queries import today
from quartier.members.words import Membership, OwnCase, PlanDoesNotFit
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

ACTIVE, SUSPENDED = frozenset({"active"}), frozenset({"suspended"})


@action("members:approve")
async def suspend_membership(desk: Desk, membership_id: UUID, version: int, reason: str) -> Membership:
    """Take its rights away until somebody lifts that, and say why: whoever holds it reads the reason.

    What is booked stays booked. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        seen = await queries.membership(desk, membership_id)
        demand(seen, version, ACTIVE)
        wrong = [] if is_line(reason, 500) else [FieldInvalid(path=("reason",), allowed=letters(1, 500))]
        refuse([*_own_case(desk, seen), *wrong])
        now = await terms.step(desk, seen, "suspended", reason=reason.strip())
        await telling.told(desk, now, "membership_suspended")
        ledger.note("membership.suspended", seen.id, before=seen.state)
        return now


@action("members:approve")
async def lift_suspension(desk: Desk, membership_id: UUID, version: int) -> Membership:
    """Give its rights back. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE."""
    async with desk.transaction() as ledger:
        seen = await queries.membership(desk, membership_id)
        demand(seen, version, SUSPENDED)
        refuse(_own_case(desk, seen))
        now = await terms.step(desk, seen, "active")
        await telling.told(desk, now, "membership_lifted")
        ledger.note("membership.lifted", seen.id, before=seen.state)
        return now


@action("members:approve")
async def change_plan(desk: Desk, membership_id: UUID, version: int, plan_id: UUID) -> tuple[Membership, date]:
    """Go on under another plan of the family from the first day of the next month; give that day.

    A change that was to come is replaced. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE,
    PLAN_NOT_OFFERED, PLAN_DOES_NOT_FIT (also: of another family).
    """
    async with desk.transaction() as ledger:
        seen = await queries.membership(desk, membership_id)
        demand(seen, version, ACTIVE)
        plan = await queries.plan(desk, plan_id)
        _, first = month_of(max(today(desk), seen.starts_on or today(desk)))
        body = await queries.organisation(desk, seen.organisation) if seen.organisation else None
        own_case = bool(_own_case(desk, seen))
        objections = list(
            rules.objections_to_membership(plan, body, starts_on=first, today=today(desk), own_case=own_case)
        )
        if plan.family != seen.family:
            objections.append(PlanDoesNotFit(path=("plan",), plan=plan.name_de, allowed=seen.family))
        refuse(objections)
        now = await terms.step(desk, seen, "active")
        await terms.change(desk, seen.id, plan, first, None)
        await telling.told(desk, now, "membership_changed")
        told = {"plan": plan.id, "starts_on": first, "price_cents": plan.price, "fields": ["plan"]}
        ledger.note("membership.plan_changed", seen.id, **told)
        return now, first


def _own_case(desk: Desk, seen: Membership) -> list[Refusal]:
    """Nobody decides about herself, or about an organisation she stands for."""
    mine = desk.person is not None and desk.person == seen.person
    return [OwnCase()] if mine or seen.organisation in desk.own else []
