"""A cancellation is taken back by whoever made it, in its minute, while nobody else has the time."""

from datetime import timedelta
from typing import Any

import pytest
from refusing import refusals
from spaces.house import House, span

from quartier.spaces import actions
from quartier.spaces.holding import hold_space
from quartier.spaces.undoing import undo_cancel
from quartier.spaces.words import Booking

ROOM = "denkwerkstatt"


async def cancelled(house: House, **more: Any) -> Booking:
    made = await actions.book_space(
        house.member, house.rooms[ROOM], span(20, 9, 11), title="Kreis", organisation=house.kitchen, persons=5
    )
    return await actions.cancel_booking(house.member, made.id, 1, **more)


async def notices(house: House) -> list[tuple[str, str]]:
    rows = await house.site.sql(
        "select key, state from app.notice where tenant_id = $1 order by created_at, id", house.site.id
    )
    return [(row["key"], row["state"]) for row in rows]


async def test_it_stands_again_as_before_and_is_told_as_the_booking_it_is(at_west: House) -> None:
    gone = await cancelled(at_west, reason="doch nicht")
    assert await at_west.occupied() == []
    back = await undo_cancel(at_west.member.at(at_west.member.now + timedelta(seconds=60)), gone.id, gone.version)
    assert (back.state, back.version, back.span, back.late) == ("confirmed", 3, gone.span, False)
    assert await at_west.occupied() == [(ROOM, 1, gone.span.start, gone.span.end)]
    [row] = await at_west.site.sql("select reason, decided_by, ended_at, title from app.booking where id = $1", gone.id)
    assert tuple(row) == (None, None, None, "Kreis")
    assert await notices(at_west) == [("booking_confirmed", "stopped"), ("booking_confirmed", "waiting")]
    assert [line["action"] for line in await at_west.lines()] == ["space.booked", "space.cancelled", "space.restored"]


async def test_what_was_told_before_is_not_told_again(at_west: House) -> None:
    made = await actions.book_space(at_west.member, at_west.rooms[ROOM], span(20, 9, 11), organisation=at_west.kitchen)
    await at_west.site.sql(
        "update app.notice set state = 'sent', sent_at = now(), attempts = 1 where tenant_id = $1", at_west.site.id
    )
    gone = await actions.cancel_booking(at_west.member, made.id, 1)
    await undo_cancel(at_west.member, made.id, gone.version)
    assert await notices(at_west) == [("booking_confirmed", "sent"), ("booking_cancelled", "stopped")]


async def test_what_the_house_takes_away_within_the_minute_is_told_with_its_reason(at_west: House) -> None:
    made = await actions.book_space(at_west.member, at_west.rooms[ROOM], span(20, 9, 11), organisation=at_west.kitchen)
    jan = at_west.site.desk("front_desk", person=await at_west.site.person("Jan Petzold"))
    gone = await actions.cancel_booking(jan, made.id, 1, reason="Rohrbruch")
    assert gone.state == "cancelled_by_site"
    assert await notices(at_west) == [("booking_confirmed", "waiting"), ("booking_cancelled", "waiting")]
    await undo_cancel(jan, made.id, gone.version)
    told = [key for key, state in await notices(at_west) if state == "waiting"]
    assert told == ["booking_confirmed"]  # once, and of the booking that stands


async def test_after_a_minute_it_is_too_late(at_west: House) -> None:
    gone = await cancelled(at_west)
    late = at_west.member.at(at_west.member.now + timedelta(seconds=61))
    assert list(await refusals(undo_cancel(late, gone.id, gone.version))) == ["UNDO_OVER"]


async def test_whoever_was_faster_keeps_the_time(at_west: House) -> None:
    gone = await cancelled(at_west)
    await actions.book_space(at_west.front_desk, at_west.rooms[ROOM], span(20, 10, 12), kind="guest")
    assert list(await refusals(undo_cancel(at_west.member, gone.id, gone.version))) == ["SPACE_TAKEN"]
    assert (await refusals(undo_cancel(at_west.member, gone.id, 1)))["STALE_VERSION"]


async def test_only_who_cancelled_takes_it_back(at_west: House) -> None:
    gone = await cancelled(at_west)
    jan = at_west.site.desk("front_desk", person=await at_west.site.person("Jan Petzold"))
    assert list(await refusals(undo_cancel(jan, gone.id, gone.version))) == ["NOT_FOUND"]
    assert list(await refusals(undo_cancel(at_west.front_desk, gone.id, gone.version))) == ["NOT_FOUND"]  # nobody


async def test_a_hold_and_what_still_stands_are_no_cancellations(at_west: House) -> None:
    await at_west.site.sql("update app.space set hold = 30 where tenant_id = $1", at_west.site.id)
    kept = await hold_space(at_west.member, at_west.rooms[ROOM], span(23, 9, 11), organisation=at_west.kitchen)
    assert list(await refusals(undo_cancel(at_west.member, kept.id, kept.version))) == ["STEP_NOT_POSSIBLE"]
    gone = await actions.cancel_booking(at_west.member, kept.id, kept.version)
    assert list(await refusals(undo_cancel(at_west.member, gone.id, gone.version))) == ["STEP_NOT_POSSIBLE"]


@pytest.mark.parametrize("blocks", [True, False])
async def test_a_request_that_was_withdrawn_is_one_again(at_west: House, *, blocks: bool) -> None:
    await at_west.site.sql(
        "update app.space set approval = true, request_blocks = $2 where tenant_id = $1", at_west.site.id, blocks
    )
    gone = await cancelled(at_west)
    assert gone.state == "withdrawn"
    back = await undo_cancel(at_west.member, gone.id, gone.version)
    assert (back.state, len(await at_west.occupied())) == ("requested", int(blocks))


async def test_what_was_late_when_it_was_booked_is_not_asked_again(at_west: House) -> None:
    """A member may undo half an hour before the beginning, though she could not book so late."""
    gone = await cancelled(at_west)
    await at_west.site.sql("update app.space set lead = 100000 where tenant_id = $1", at_west.site.id)
    assert (await undo_cancel(at_west.member, gone.id, gone.version)).state == "confirmed"
