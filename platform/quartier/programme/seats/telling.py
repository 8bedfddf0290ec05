"""Who is told of a seat: queued in the transaction that gave it, taken back when it was given back before."""

from uuid import UUID

from quartier.notices import outbox
from quartier.programme.words import Registration
from quartier.tenancy.desk import Desk


async def seated(desk: Desk, person: UUID, registration: UUID, *, again: int | None = None) -> None:
    """A seat that is certain; `again` is the version of one that was given back and taken back untold."""
    once = f"registration_confirmed:{registration}" + (f":{again}" if again else "")
    await outbox.queue(desk, "registration_confirmed", person, once=once, with_calendar=True, registration=registration)


async def offered(desk: Desk, registration: Registration) -> None:
    """A seat from the line, until somebody answers; each offer is one of its own, and there is no time to lose."""
    once = f"waitlist_offer:{registration.id}:{registration.version}"
    await outbox.queue(
        desk, "waitlist_offer", registration.person_id, once=once, send_after=desk.now, registration=registration.id
    )


async def left(desk: Desk, seen: Registration, *, by_site: bool) -> bool:
    """A seat or a place that was given back; say whether nobody had heard of the seat yet.

    Undone within the minute, nobody hears of either. What the house takes away is told in any case, a place in the line
    too: it is not she who gives it up. Calendars hear only of a seat that was certain.
    """
    untold = "registration_confirmed" in await outbox.stop_about(desk, registration=seen.id)
    seated = seen.state == "confirmed"
    if by_site or (seated and not untold):
        once = f"registration_cancelled:{seen.id}:{seen.version + 1}"
        await outbox.queue(
            desk, "registration_cancelled", seen.person_id, once=once, with_calendar=seated, registration=seen.id
        )
    return untold


async def restored(desk: Desk, seen: Registration, before: str, *, version: int, untold: bool) -> None:
    """A seat that stands again: told if nobody had heard of it yet, or if the other letter is on its way already."""
    earlier = await outbox.stop_about(desk, registration=seen.id)
    if before == "confirmed" and (untold or "registration_cancelled" not in earlier):
        await seated(desk, seen.person_id, seen.id, again=version)
