"""Leases: their verbs are not there yet. A hold of the story ends when the story says so."""

from datetime import datetime
from uuid import UUID

from quartier.database.columns import ranged
from quartier.kit.ids import new_id
from quartier.kit.spans import Span
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number

_HOLD = """
update app.booking set state = 'held', held_until = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2"""
_LEASE = """
insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind, title,
  visibility, booked_by, organisation_id, price, list_price, decided_by, late, state, version, created_at, changed_at)
values ($1, $2, $3, $4, 1, $5, $6, 0, 0, 'lease', $7, 'private', $8, $9, 0, 0, $8, false, 'confirmed', 1, $10, $10)"""
_OCCUPY = """
insert into app.occupancy (tenant_id, id, booking_id, space_id, unit_no, during, created_at)
values ($1, $2, $3, $4, 1, $5, $6)"""


async def hold_booking(desk: Desk, booking: UUID, until: datetime) -> None:
    """Keep what was just booked for a few minutes only. In the transaction of the booking."""
    await desk.fetch(_HOLD, desk.tenant_id, booking, until, desk.now)


async def let_space(desk: Desk, space: UUID, during: Span, organisation: UUID | None, title: str) -> None:
    async with desk.transaction() as ledger:
        made, number = new_id(), await next_number(desk, "B")
        local = during.start.astimezone(desk.zone).replace(tzinfo=None)
        facts = (space, ranged(during), local, title, desk.person, organisation, desk.now)
        await desk.fetch(_LEASE, desk.tenant_id, made, number, *facts)
        await desk.fetch(_OCCUPY, desk.tenant_id, new_id(), made, space, ranged(during), desk.now)
        ledger.note("space.let", made, space=space)
