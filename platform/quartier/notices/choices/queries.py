"""What a person has chosen."""

from uuid import UUID

from quartier.notices.choices.rules import DUTIES, KINDS
from quartier.notices.choices.words import Choice, Kind
from quartier.tenancy.desk import Desk

_OFF = "select kind from app.notice_choice where tenant_id = $1 and person_id = $2 and channel = 'off'"


async def choices(desk: Desk, person: UUID) -> tuple[Choice, ...]:
    """Every kind of notice and how it is told; without a word everything goes by mail."""
    off = await _off(desk, person)
    chosen = (Choice(kind, "off" if kind in off else "mail", fixed=False) for kind in KINDS)
    return (*chosen, *(Choice(duty, "mail", fixed=True) for duty in DUTIES))


async def wants(desk: Desk, person: UUID, kind: Kind) -> bool:
    return kind not in await _off(desk, person)


async def _off(desk: Desk, person: UUID) -> frozenset[str]:
    return frozenset(row["kind"] for row in await desk.fetch(_OFF, desk.tenant_id, person))
