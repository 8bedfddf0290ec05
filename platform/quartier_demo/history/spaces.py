"""Check-in, no-show, hold, lease, and the end of a booking: their verbs are not there yet."""

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
_CHECK_IN = """
update app.booking set state = 'checked_in', checked_in_at = $3, version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2 and state = 'confirmed'"""
_NO_SHOW = """
update app.booking set state = 'no_show', version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2 and state = 'confirmed'"""
_FREE = "delete from app.occupancy where tenant_id = $1 and booking_id = $2"
# What is over is completed; its occupancy stays, for the use of rooms is counted by it.
_COMPLETE = """
update app.booking b
set state = 'completed', ended_at = b.ends_at, version = b.version + 1, changed_at = b.ends_at,
    checked_in_at = coalesce(b.checked_in_at, case when s.checkin = 'required' then b.starts_at end)
from app.space s
where b.tenant_id = $1 and s.tenant_id = $1 and s.id = b.space_id and b.ends_at <= $2
  and b.state in ('confirmed', 'checked_in')
returning b.id"""
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


async def check_in(desk: Desk, booking: UUID) -> None:
    async with desk.transaction() as ledger:
        await desk.fetch(_CHECK_IN, desk.tenant_id, booking, desk.now)
        ledger.note("space.checked_in", booking)


async def mark_no_show(desk: Desk, booking: UUID) -> None:
    async with desk.transaction() as ledger:
        await desk.fetch(_NO_SHOW, desk.tenant_id, booking, desk.now)
        await desk.fetch(_FREE, desk.tenant_id, booking)
        ledger.note("space.no_show", booking)


async def complete_bookings(desk: Desk) -> None:
    async with desk.transaction() as ledger:
        done = await desk.fetch(_COMPLETE, desk.tenant_id, desk.now)
        ledger.note("space.completed", None, bookings=len(done))


async def let_space(desk: Desk, space: UUID, during: Span, organisation: UUID | None, title: str) -> None:
    async with desk.transaction() as ledger:
        made, number = new_id(), await next_number(desk, "B")
        local = during.start.astimezone(desk.zone).replace(tzinfo=None)
        facts = (space, ranged(during), local, title, desk.person, organisation, desk.now)
        await desk.fetch(_LEASE, desk.tenant_id, made, number, *facts)
        await desk.fetch(_OCCUPY, desk.tenant_id, new_id(), made, space, ranged(during), desk.now)
        ledger.note("space.let", made, space=space)
