"""Who is told of a booking: queued in its own transaction, taken back when it is undone before anybody read it."""

from uuid import UUID

from quartier.notices import outbox
from quartier.notices.words import Key
from quartier.spaces.words import Booking, BookingState, Holder
from quartier.tenancy.desk import Desk

TOLD = ("member", "guest", "internal")  # kinds; of sessions, leases, blockings and outside calendars others tell


async def booked(desk: Desk, booking: UUID, holder: Holder, state: BookingState) -> None:
    """A new booking that stands. A request is told once it is decided, a series by its own page."""
    whom = holder.person or desk.person
    if state == "confirmed" and holder.kind in TOLD and whom is not None:
        await _queue(desk, "booking_confirmed", whom, booking, 1)


async def confirmed(desk: Desk, seen: Booking) -> None:
    """A request or a hold that stands now."""
    await _tell(desk, seen, "booking_confirmed")


async def moved(desk: Desk, seen: Booking) -> None:
    """Another time or space. Whoever was not told yet is told the new one alone."""
    earlier = await outbox.stop_about(desk, booking=seen.id)
    await _tell(desk, seen, "booking_confirmed" if "booking_confirmed" in earlier else "booking_moved")


async def ended(desk: Desk, seen: Booking, state: BookingState) -> None:
    """Cancelled or declined. Undone within the minute, nobody hears of either."""
    earlier = await outbox.stop_about(desk, booking=seen.id)
    if "booking_confirmed" in earlier:
        return
    if state == "declined":
        await _tell(desk, seen, "booking_declined")
    elif seen.state in ("confirmed", "checked_in"):
        await _tell(desk, seen, "booking_cancelled")


async def _tell(desk: Desk, seen: Booking, key: Key) -> None:
    whom = seen.for_person or seen.booked_by
    if seen.kind in TOLD and whom is not None:
        await _queue(desk, key, whom, seen.id, seen.version + 1)


async def _queue(desk: Desk, key: Key, person: UUID, booking: UUID, version: int) -> None:
    await outbox.queue(desk, key, person, once=f"{key}:{booking}:{version}", with_calendar=True, booking=booking)
