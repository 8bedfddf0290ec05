"""Asking for a membership and answering: each step is told to whoever asked."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from quartier.access.notices import rights_changed
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused, StaleVersion, StepNotPossible, refuse
from quartier.members import queries
from quartier.members.actions import begin_term
from quartier.members.applications import rules
from quartier.members.applications.queries import application, open_application
from quartier.members.applications.words import Application, ApplicationOpen
from quartier.members.papers.actions import drop_papers, put_papers
from quartier.members.papers.queries import objections_to_files
from quartier.members.papers.queries import papers as papers_of
from quartier.members.papers.rules import objections_to_handed, objections_to_unaccepted
from quartier.members.papers.words import Handed
from quartier.members.rules import objections_to_membership, objections_to_reason
from quartier.members.words import IdentifierMissing, MembershipExists, MembershipState, OwnCase, Plan, PlanNotOffered
from quartier.notices import outbox
from quartier.notices.words import Key
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number

_APPLY = """
insert into app.membership (tenant_id, id, number, person_id, organisation_id, family, plan_id, applied_by, applied_at,
  statement, starts_on, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'applied', 1, $9, $9)"""
_STEP = """
update app.membership set state = $5, starts_on = coalesce($6, starts_on), reason = coalesce($7, reason),
  question = coalesce($8, question), answer = coalesce($9, answer), decided_by = coalesce($10, decided_by),
  version = version + 1, changed_at = $11
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""


@action("members:own")
async def apply_for_membership(
    desk: Desk,
    plan_id: UUID,
    *,
    organisation: UUID | None = None,
    starts_on: date | None = None,
    statement: str = "",
    papers: Sequence[Handed] = (),
) -> Application:
    """Ask for a membership of an organisation one leads or stands for, or of one's own.

    Refuses NOT_FOUND (also: not yours), NOT_ALLOWED for a program, PLAN_NOT_OFFERED, PLAN_DOES_NOT_FIT,
    MEMBERSHIP_EXISTS, APPLICATION_OPEN, PAPER_MISSING, PAPER_NOT_ASKED_FOR, FIELD_INVALID.
    """
    if desk.person is None:
        raise Refused([NotAllowed(permission="members:own")])
    if organisation is not None and organisation not in desk.own:
        raise Refused([NotFound(path=("organisation",))])
    async with desk.transaction() as ledger:
        plan = await queries.plan(desk, plan_id)
        holder = organisation or desk.person
        today = queries.today(desk)
        objections: list[Refusal] = [
            *rules.objections_to_start(starts_on, today=today),
            *rules.objections_to_text("statement", statement, rules.STATEMENT, wanted=False),
            *await _objections_to_plan(desk, plan, organisation, starts_on or today, own_case=False),
            *await _in_the_way(desk, holder, plan, starts_on or today),
            *await objections_to_files(desk, papers),
            *objections_to_handed(papers, plan.papers),
        ]
        if not plan.public:
            objections.append(
                PlanNotOffered(path=("plan",), plan=plan.name_de, on=starts_on or today, since=plan.since, until=None)
            )
        if waits := await open_application(desk, holder, plan.family):
            objections.append(ApplicationOpen(number=waits.number))
        refuse(objections)
        made = new_id()
        whose = (None if organisation else desk.person, organisation)
        asked = (plan.family, plan.id, desk.person, desk.now, statement.strip() or None, starts_on)
        await desk.fetch(_APPLY, desk.tenant_id, made, await next_number(desk, "M"), *whose, *asked)
        await put_papers(desk, made, papers)
        ledger.note("membership.applied", made, plan=plan.id, holder=holder, papers=[each.kind for each in papers])
        return await application(desk, made)


@action("members:approve")
async def ask_for_more(desk: Desk, id: UUID, version: int, question: str) -> Application:  # noqa: A002
    """Ask the applicant something. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version, {"applied", "in_review"})
        refuse(
            [
                *_own_case(desk, seen),
                *rules.objections_to_text("question", question, rules.QUESTION, wanted=True),
            ]
        )
        await _step(desk, seen, "more_info", question=question.strip())
        await _tell(desk, seen, "membership_question")
        ledger.note("membership.asked", seen.id)
        return await application(desk, id)


@action("members:own")
async def answer_application(desk: Desk, id: UUID, version: int, answer: str) -> Application:  # noqa: A002
    """Answer what was asked; it goes back to those who decide. Refuses as `ask_for_more`."""
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version, {"more_info"}, own=True)
        refuse(rules.objections_to_text("answer", answer, rules.STATEMENT, wanted=True))
        await _step(desk, seen, "in_review", answer=answer.strip())
        ledger.note("membership.answered", seen.id)
        return await application(desk, id)


@action("members:own")
async def withdraw_application(desk: Desk, id: UUID, version: int) -> Application:  # noqa: A002
    """Take an application of one's own back. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE."""
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version, rules.OPEN, own=True)
        await _step(desk, seen, "withdrawn")
        await drop_papers(desk, seen.id)
        ledger.note("membership.withdrawn", seen.id)
        return await application(desk, id)


@action("members:approve")
async def approve_membership(
    desk: Desk,
    id: UUID,  # noqa: A002
    version: int,
    *,
    starts_on: date | None = None,
    reason: str | None = None,
) -> Application:
    """Make an applicant a member, from the wished day or `starts_on`, never before today, at the plan's price of then.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, PLAN_NOT_OFFERED, PLAN_DOES_NOT_FIT,
    MEMBERSHIP_EXISTS, PAPER_NOT_ACCEPTED, IDENTIFIER_MISSING, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version, rules.OPEN)
        if seen.plan is None:
            raise Refused([NotFound(path=("application",))])  # written down by hand: there is nothing to approve
        plan = await queries.plan(desk, seen.plan)
        holder = seen.organisation or seen.person
        assert holder is not None
        first = rules.first_day(seen, starts_on, today=queries.today(desk))
        own_case = bool(_own_case(desk, seen))
        refuse(
            [
                *await _objections_to_plan(desk, plan, seen.organisation, first, own_case=own_case),
                *await _in_the_way(desk, holder, plan, first),
                *objections_to_unaccepted(await papers_of(desk, seen.id), plan.papers),
                *await _unidentified(desk, seen.organisation),
                *objections_to_reason(reason),
            ]
        )
        await _step(desk, seen, "active", starts_on=first, reason=reason, decided=True)
        await begin_term(desk, seen.id, plan, first)
        await rights_changed(desk)
        await _tell(desk, seen, "membership_approved")
        ledger.note("membership.approved", seen.id, plan=plan.id, starts_on=first, price_cents=plan.price)
        return await application(desk, id)


@action("members:approve")
async def decline_membership(desk: Desk, id: UUID, version: int, reason: str) -> Application:  # noqa: A002
    """Say no, and why: the applicant reads it. Refuses as `ask_for_more`."""
    async with desk.transaction() as ledger:
        seen = await _seen(desk, id, version, rules.OPEN)
        refuse([*_own_case(desk, seen), *rules.objections_to_text("reason", reason, rules.REASON, wanted=True)])
        await _step(desk, seen, "declined", reason=reason.strip(), decided=True)
        await _tell(desk, seen, "membership_declined")
        ledger.note("membership.declined", seen.id)
        return await application(desk, id)


async def _seen(
    desk: Desk, key: UUID, version: int, possible: set[str] | frozenset[str], *, own: bool = False
) -> Application:
    """The application as it was seen, in a state that leads on; with `own` for the applicant or the team alone."""
    found = await application(desk, key)
    hers = desk.person is not None and (found.applied_by == desk.person or found.organisation in desk.own)
    if own and not hers and not desk.may("members:approve"):
        raise Refused([NotFound(path=("application",))])
    if found.version != version:
        raise Refused([StaleVersion(path=("version",), version=found.version, seen=version)])
    if found.state not in possible:
        raise Refused([StepNotPossible(state=found.state, possible=", ".join(sorted(possible)))])
    return found


def _own_case(desk: Desk, seen: Application) -> list[OwnCase]:
    """Nobody decides about herself, or about an organisation she stands for."""
    mine = desk.person is not None and desk.person in {seen.person, seen.applied_by}
    return [OwnCase()] if mine or seen.organisation in desk.own else []


async def _objections_to_plan(
    desk: Desk, plan: Plan, organisation: UUID | None, first: date, *, own_case: bool
) -> list[Refusal]:
    body = await queries.organisation(desk, organisation, lock=True) if organisation else None
    return list(objections_to_membership(plan, body, starts_on=first, today=queries.today(desk), own_case=own_case))


async def _unidentified(desk: Desk, organisation: UUID | None) -> list[Refusal]:
    body = await queries.organisation(desk, organisation) if organisation else None
    if body is None or not body.economic or await queries.is_identified(desk, body.id):
        return []
    return [IdentifierMissing(organisation=body.name)]


async def _in_the_way(desk: Desk, holder: UUID, plan: Plan, first: date) -> list[Refusal]:
    there = await queries.membership_in_the_way(desk, holder, plan.family, first)
    return [MembershipExists(number=there.number, since=there.starts_on, membership=there.id)] if there else []


async def _step(
    desk: Desk,
    seen: Application,
    state: MembershipState,
    *,
    starts_on: date | None = None,
    reason: str | None = None,
    question: str | None = None,
    answer: str | None = None,
    decided: bool = False,
) -> None:
    by = desk.person if decided else None
    changed = (state, starts_on, reason, question, answer, by, desk.now)
    if not await desk.fetch(_STEP, desk.tenant_id, seen.id, seen.state, seen.version, *changed):
        now = await application(desk, seen.id)  # somebody was faster
        raise Refused([StaleVersion(path=("version",), version=now.version, seen=seen.version)])


async def _tell(desk: Desk, seen: Application, key: Key) -> None:
    if seen.applied_by is not None:
        once = f"{key}:{seen.id}:{seen.version + 1}"
        await outbox.queue(desk, key, seen.applied_by, once=once, membership=seen.id)
