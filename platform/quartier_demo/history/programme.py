"""The beginning, the end and the calling off of a workshop: their verbs are not there yet."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from quartier.programme.seats.actions import EXPIRE
from quartier.spaces.actions import free_booking
from quartier.tenancy.desk import Desk

_WORKSHOP = """
update app.workshop set state = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and state = any($5) returning id"""
_SESSIONS = """
update app.session set state = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and workshop_id = $2 and state = 'planned' returning booking_id"""
_REGISTRATION = """
update app.registration set state = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2 and state = 'confirmed'"""
_CALL_OFF = """
update app.registration
set state = 'cancelled_by_site', offered_until = null, reason = $3, version = version + 1, changed_at = $4
where tenant_id = $1 and workshop_id = $2 and state in ('waitlisted', 'offered', 'confirmed') returning id"""
_EMPTY = "update app.seat_pool set taken = 0 where tenant_id = $1 and workshop_id = $2"
_OFFERS = """
select offered_until from app.registration where tenant_id = $1 and workshop_id = $2 and state = 'offered'"""


async def turn_workshop(desk: Desk, workshop: UUID, state: str) -> None:
    async with desk.transaction() as ledger:
        if await desk.fetch(_WORKSHOP, desk.tenant_id, workshop, state, desk.now, ["published", "running"]):
            ledger.note(f"workshop.{state}", workshop)


async def end_workshop(desk: Desk, workshop: UUID, states: Mapping[UUID, str]) -> None:
    """The last session is over; `states` say what became of each registration."""
    async with desk.transaction() as ledger:
        await desk.fetch(_WORKSHOP, desk.tenant_id, workshop, "done", desk.now, ["published", "running"])
        await desk.fetch(_SESSIONS, desk.tenant_id, workshop, "done", desk.now)
        for registration, state in states.items():
            await desk.fetch(_REGISTRATION, desk.tenant_id, registration, state, desk.now)
        ledger.note("workshop.done", workshop, registrations=len(states))


async def cancel_workshop(desk: Desk, workshop: UUID, reason: str) -> None:
    """Call it off: rooms are freed, seats given back."""
    async with desk.transaction() as ledger:
        for row in await desk.fetch(_SESSIONS, desk.tenant_id, workshop, "cancelled", desk.now):
            if row["booking_id"]:
                await free_booking(desk, row["booking_id"], reason=reason)
        called_off = await desk.fetch(_CALL_OFF, desk.tenant_id, workshop, reason, desk.now)
        await desk.fetch(_EMPTY, desk.tenant_id, workshop)
        await desk.fetch(_WORKSHOP, desk.tenant_id, workshop, "cancelled", desk.now, ["published"])
        ledger.note("workshop.cancelled", workshop, registrations=len(called_off))


async def watch_offers(desk: Desk, workshop: UUID) -> None:
    """Leave the job that ends an offer once more: the one of the past counts from the machine's now."""
    async with desk.transaction():
        for row in await desk.fetch(_OFFERS, desk.tenant_id, workshop):
            await desk.later(EXPIRE, after=row["offered_until"] - desk.now + timedelta(seconds=1), workshop=workshop)
