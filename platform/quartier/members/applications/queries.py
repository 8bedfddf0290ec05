"""Applications as they are kept."""

from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.members.applications.words import Application
from quartier.tenancy.desk import Desk

_APPLICATION = """
select id, number, person_id as person, organisation_id as organisation, plan_id as plan, starts_on, applied_by, state,
       version
from app.membership where tenant_id = $1"""
_OPEN = """ and holder_id = $2 and family = $3 and state in ('applied', 'in_review', 'more_info') limit 1"""


async def application(desk: Desk, id: UUID) -> Application:  # noqa: A002  (a noun's id)
    """A membership as it was asked for, whatever became of it; `plan` is None where nobody asked. Refuses NOT_FOUND."""
    rows: list[Any] = await desk.fetch(_APPLICATION + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound(path=("application",))])
    return Application(**rows[0])


async def open_application(desk: Desk, holder: UUID, family: str) -> Application | None:
    """The one of this holder and family of plans that waits."""
    rows = await desk.fetch(_APPLICATION + _OPEN, desk.tenant_id, holder, family)
    return Application(**rows[0]) if rows else None
