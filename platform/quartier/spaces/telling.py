"""Who is told of a booking: queued in its own transaction, taken back when it is undone before anybody read it."""

from collections.abc import Mapping
from uuid import UUID

from quartier.notices import outbox
from quartier.notices.words import Key
from quartier.spaces.words import Booking, BookingState, Holder
from quartier.tenancy.desk import Desk

TOLD = ("member", "guest", "internal")  # kinds; of sessions, leases, blockings and outside calendars others tell
STANDS = ("confirmed", "checked_in")
NEW: Mapping[BookingState, Key] = {"confirmed": "booking_confirmed", "requested": "booking_requested"}
# Letters about many dates of a series, see series/telling.py. One that waits tells each date as it stands then.
NEWS: tuple[Key, ...] = ("series_booked", "series_requested")
LETTERS: tuple[Key, ...] = (*NEWS, "series_moved", "series_cancelled")


async def booked(desk: Desk, booking: UUID, holder: Holder, state: BookingState) -> None:
    """A new booking, or a request for one; also a date that is added to a series."""
    whom, key = holder.person or desk.person, NEW.get(state)
    if key is not None and holder.kind in TOLD and whom is not None:
        await _queue(desk, key, whom, booking, 1)


async def confirmed(desk: Desk, seen: Booking) -> None:
    """A request or a hold that stands now. Decided within the minute, it was never only a request."""
    await outbox.stop_about(desk, booking=seen.id)
    if not await _awaited(desk, seen, ("series_booked", "series_moved")):
        await _tell(desk, seen, "booking_confirmed")


async def moved(desk: Desk, seen: Booking) -> None:
    """Another time or space. Whoever was not told yet is told the new one alone."""
    earlier = await outbox.stop_about(desk, booking=seen.id)
    if await _awaited(desk, seen, (*NEWS, "series_moved")):
        return
    first = NEW.get(seen.state)
    await _tell(desk, seen, first if first in earlier else "booking_moved")


async def ended(desk: Desk, seen: Booking, state: BookingState) -> None:
    """Cancelled or declined. Undone within the minute, nobody hears of either; what the house takes away is told."""
    if state == "cancelled_by_site":  # she may have seen it on her page, and it is not she who ends it
        if seen.state in STANDS:
            await _tell(desk, seen, "booking_cancelled")
        return
    earlier = await outbox.stop_about(desk, booking=seen.id)
    if "booking_confirmed" in earlier or (state == "withdrawn" and "booking_requested" in earlier):
        return
    if state != "declined" and await _awaited(desk, seen, NEWS):
        return
    if state == "declined":
        await _tell(desk, seen, "booking_declined")
    elif seen.state in STANDS:
        await _tell(desk, seen, "booking_cancelled")


async def restored(desk: Desk, seen: Booking, state: BookingState) -> None:
    """A cancellation that was taken back: either nobody has heard of it, or nobody had heard of the booking yet."""
    earlier = await outbox.stop_about(desk, booking=seen.id)
    if await _awaited(desk, seen, LETTERS):
        return
    if "booking_cancelled" not in earlier or NEW[state] in earlier:
        await _tell(desk, seen, NEW[state])


async def _awaited(desk: Desk, seen: Booking, keys: tuple[Key, ...]) -> bool:
    return seen.series is not None and bool(await outbox.awaited(desk, keys, [seen.id]))


async def _tell(desk: Desk, seen: Booking, key: Key) -> None:
    whom = seen.for_person or seen.booked_by
    if seen.kind in TOLD and whom is not None:
        await _queue(desk, key, whom, seen.id, seen.version + 1)


async def _queue(desk: Desk, key: Key, person: UUID, booking: UUID, version: int) -> None:
    await outbox.queue(desk, key, person, once=f"{key}:{booking}:{version}", with_calendar=True, booking=booking)
