"""Who is told of a series: one letter for all the dates that one act has made, moved or ended.

A letter that waits tells each of its dates as it stands when it is sent, so what is changed within the minute needs no
other one. Dates that are changed one by one have letters of their own: `spaces/telling.py`.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.notices import outbox
from quartier.notices.words import Key
from quartier.spaces.series import record
from quartier.spaces.series.words import Outcome
from quartier.spaces.telling import NEWS, STANDS
from quartier.spaces.words import Booking, BookingState, Holder
from quartier.tenancy.desk import Desk

FIRST: Mapping[BookingState, Key] = {"confirmed": "series_booked", "requested": "series_requested"}


async def booked(desk: Desk, series: UUID, holder: Holder, state: BookingState, made: Iterable[Outcome]) -> None:
    """All dates of a new series."""
    whom = holder.person or desk.person
    if whom is not None:
        dates = [each.booking for each in made if each.booking is not None]
        await _queue(desk, FIRST[state], whom, series, dates, once=str(series))


async def moved(desk: Desk, seen: Sequence[Booking], stayed: Mapping[str, Sequence[Refusal]]) -> None:
    """Dates as they were before they moved, and those that stay because they did not fit, with the reasons."""
    await outbox.stop_about_each(desk, "booking", [each.id for each in seen])
    covered = await outbox.awaited(desk, (*NEWS, "series_moved"), [each.id for each in seen])
    findings = [{"date": day, "reasons": json.loads(record.findings(why, desk))} for day, why in stayed.items()]
    await _tell(desk, "series_moved", [each for each in seen if each.id not in covered], findings)


async def ended(desk: Desk, seen: Sequence[Booking], *, by_site: bool) -> None:
    """Dates that were cancelled together. Undone within the minute, nobody hears; what the house takes away is told."""
    if by_site:
        await _tell(desk, "series_cancelled", [each for each in seen if each.state in {*STANDS, "requested"}])
        return
    earlier = await outbox.stop_about_each(desk, "booking", [each.id for each in seen])
    covered = await outbox.awaited(desk, NEWS, [each.id for each in seen])
    untold = {id_ for id_, keys in earlier.items() if "booking_confirmed" in keys} | covered
    await _tell(desk, "series_cancelled", [each for each in seen if each.state in STANDS and each.id not in untold])


async def _tell(
    desk: Desk, key: Key, seen: Sequence[Booking], findings: Sequence[Mapping[str, object]] | None = None
) -> None:
    """A series has one holder, so all its dates go to the same person; the first date's version names the event."""
    whom = next((each.for_person or each.booked_by for each in seen), None)
    if whom is not None:
        first = seen[0]
        assert first.series is not None
        once = f"{first.id}:{first.version + 1}"
        await _queue(desk, key, whom, first.series, [each.id for each in seen], once=once, findings=findings)


async def _queue(
    desk: Desk,
    key: Key,
    person: UUID,
    series: UUID,
    dates: Collection[UUID],
    *,
    once: str,
    findings: Sequence[Mapping[str, object]] | None = None,
) -> None:
    await outbox.queue(
        desk, key, person, once=f"{key}:{once}", with_calendar=True, dates=sorted(dates), findings=findings,
        series=series,
    )  # fmt: skip
