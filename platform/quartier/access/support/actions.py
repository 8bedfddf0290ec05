"""The site lets support in, and ends it. The database signs for nobody whom the site did not let in."""

from datetime import timedelta
from uuid import UUID

from quartier.access.events import machine_now
from quartier.access.support import queries, rules
from quartier.access.support.words import VisitOver
from quartier.kit.refusal import NotAllowed, refuse
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_APPROVE = """
select sec.operator_approve(id, $3, $4) from sec.operator_requests_mine() where tenant_id = $1 and id = $2"""
_END = "select sec.operator_end(id) from sec.operator_requests_mine() where tenant_id = $1 and id = $2"


@action("access:grant")
async def approve_visit(desk: Desk, request: UUID, hours: int) -> None:
    """Let an operator look for some hours, at most four; nothing can be changed by it.

    Refuses NOT_FOUND, VISIT_OVER, FIELD_INVALID, and NOT_ALLOWED for whoever is no person of the site.
    """
    if desk.person is None:
        refuse([NotAllowed(permission="access:grant")])
    async with desk.transaction() as ledger:
        visit = await queries.visit(desk, request)
        refuse(rules.objections_to_approval(visit, hours))
        await desk.fetch(_APPROVE, desk.tenant_id, request, f"person:{desk.person}", timedelta(hours=hours))
        ledger.note("support.approved", request, operator=visit.operator, hours=hours)


@action("access:grant", "access:audit")
async def end_visit(desk: Desk, request: UUID) -> None:
    """Send an operator away at once, or say no to a request that waits. Refuses NOT_FOUND, VISIT_OVER."""
    async with desk.transaction() as ledger:
        visit = await queries.visit(desk, request)
        if rules.is_over(visit, machine_now()):
            refuse([VisitOver()])
        await desk.fetch(_END, desk.tenant_id, request)
        ledger.note("support.ended", request, operator=visit.operator)
