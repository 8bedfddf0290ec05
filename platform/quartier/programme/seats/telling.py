"""Who is told of a seat: queued in the transaction that gave it, taken back when it was given back before."""

from uuid import UUID

from quartier.notices import outbox
from quartier.programme.words import Registration
from quartier.tenancy.desk import Desk


async def seated(desk: Desk, person: UUID, registration: UUID, *, again: int | None = None) -> None:
    """A seat that is certain; `again` is the version of one that was given back and taken back untold."""
    once = f"registration_confirmed:{registration}" + (f":{again}" if again else "")
    await outbox.queue(desk, "registration_confirmed", person, once=once, registration=registration)


async def offered(desk: Desk, registration: Registration) -> None:
    """A seat from the line, until somebody answers; each offer is one of its own, and there is no time to lose."""
    once = f"waitlist_offer:{registration.id}:{registration.version}"
    await outbox.queue(
        desk, "waitlist_offer", registration.person_id, once=once, send_after=desk.now, registration=registration.id
    )


async def left(desk: Desk, registration: UUID) -> bool:
    """Whoever gives a seat back within the minute hears of none; say whether that was so."""
    return "registration_confirmed" in await outbox.stop_about(desk, registration=registration)
