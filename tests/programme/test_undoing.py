"""Whoever has left takes it back within the minute, unless the line has moved up."""

from datetime import timedelta
from uuid import UUID

import pytest
from programme.courses import Programme
from refusing import refusals
from world import NOW

from quartier.programme import queries
from quartier.programme.seats.actions import accept_offer, cancel_registration, register
from quartier.programme.seats.undoing import undo_cancel_registration
from quartier.programme.words import Registration, Workshop
from quartier.tenancy.desk import Desk

pytestmark = pytest.mark.usefixtures("at_west")


async def left(programme: Programme, cafe: Workshop, person: UUID) -> Registration:
    made = await register(programme.member(person), cafe.id)
    return await cancel_registration(programme.member(person), made.id, reason="doch nicht")


async def notices(programme: Programme) -> list[tuple[str, str]]:
    rows = await programme.site.sql(
        "select key, state from app.notice where tenant_id = $1 order by created_at, id", programme.site.id
    )
    return [(row["key"], row["state"]) for row in rows]


def at(desk: Desk, seconds: int) -> Desk:
    return desk.at(NOW + timedelta(seconds=seconds))


async def test_the_seat_is_hers_again_and_she_is_told_of_it_once(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    gone = await left(programme, cafe, ayla)
    assert await programme.taken(cafe) == 0
    back = await undo_cancel_registration(at(programme.member(ayla), 60), gone.id, gone.version)
    assert (back.state, back.version) == ("confirmed", 3)
    assert await programme.taken(cafe) == 1
    [row] = await programme.site.sql("select reason, joined_at from app.registration where id = $1", gone.id)
    assert tuple(row) == (None, NOW)
    assert await notices(programme) == [("registration_confirmed", "stopped"), ("registration_confirmed", "waiting")]
    lines = await programme.site.sql(
        "select action from app.audit_entry where tenant_id = $1 and subject = $2 order by seq",
        programme.site.id,
        gone.id,
    )
    assert [line["action"] for line in lines] == [
        "registration.made", "registration.cancelled", "registration.restored",
    ]  # fmt: skip


async def test_who_was_told_of_her_seat_before_is_not_told_again(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    made = await register(programme.member(ayla), cafe.id)
    await programme.site.sql(
        "update app.notice set state = 'sent', sent_at = now(), attempts = 1 where tenant_id = $1", programme.site.id
    )
    gone = await cancel_registration(programme.member(ayla), made.id)
    await undo_cancel_registration(programme.member(ayla), gone.id, gone.version)
    assert await notices(programme) == [("registration_confirmed", "sent"), ("registration_cancelled", "stopped")]


async def test_who_may_have_read_that_it_is_cancelled_is_told_that_it_stands(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    made = await register(programme.member(ayla), cafe.id)
    for _ in range(2):  # first the letter of the seat is sent, then that of its end is on its way
        await programme.site.sql("update app.notice set attempts = 1 where tenant_id = $1", programme.site.id)
        if made.state == "confirmed":
            made = await cancel_registration(programme.member(ayla), made.id)
    await undo_cancel_registration(programme.member(ayla), made.id, made.version)
    assert [key for key, _ in await notices(programme)] == [
        "registration_confirmed", "registration_cancelled", "registration_confirmed",
    ]  # fmt: skip


async def test_a_place_in_the_line_is_the_old_one(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben, cem = await programme.people(3)
    await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben).at(NOW - timedelta(minutes=2)), cafe.id, waitlist=True)
    await register(programme.member(cem), cafe.id, waitlist=True)
    gone = await cancel_registration(programme.member(ben), waiting.id)
    back = await undo_cancel_registration(programme.member(ben), gone.id, gone.version)
    assert back.state == "waitlisted"
    assert [one.id for one in await queries.line(programme.manager, cafe.id)][0] == waiting.id


async def test_whom_the_line_has_moved_up_keeps_the_seat(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    await register(programme.member(ben), cafe.id, waitlist=True)
    gone = await cancel_registration(programme.member(ayla), seat.id)
    said = await refusals(undo_cancel_registration(programme.member(ayla), gone.id, gone.version))
    assert list(said) == ["WORKSHOP_FULL"]
    assert said["WORKSHOP_FULL"].numbers == {"waiting_place": 1}
    assert await programme.states(cafe) == {ayla: "cancelled", ben: "offered"}


async def test_after_a_minute_it_is_too_late_and_who_registered_anew_has_her_seat(programme: Programme) -> None:
    cafe = await programme.published(seats=3)
    [ayla] = await programme.people(1)
    gone = await left(programme, cafe, ayla)
    late = at(programme.member(ayla), 61)
    said = await refusals(undo_cancel_registration(late, gone.id, gone.version))
    assert list(said) == ["LEAVING_OVER"]
    assert said["LEAVING_OVER"].numbers == {"ended_at": NOW}
    await register(programme.member(ayla), cafe.id)
    both = await refusals(undo_cancel_registration(late, gone.id, gone.version))
    assert list(both) == ["LEAVING_OVER", "ALREADY_REGISTERED"]
    assert await programme.taken(cafe) == 1


async def test_only_who_left_takes_it_back(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    ayla, ben = await programme.people(2)
    gone = await left(programme, cafe, ayla)
    for other in (programme.member(ben), programme.manager, programme.site.desk("manager")):
        assert list(await refusals(undo_cancel_registration(other, gone.id, gone.version))) == ["NOT_FOUND"]
    assert list(await refusals(undo_cancel_registration(programme.member(ayla), gone.id, 1))) == ["STALE_VERSION"]
    assert await programme.taken(cafe) == 0


async def test_what_stands_and_an_offer_that_was_declined_are_not_taken_back(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    assert list(await refusals(undo_cancel_registration(programme.member(ayla), seat.id, 1))) == ["STEP_NOT_POSSIBLE"]
    await cancel_registration(programme.member(ayla), seat.id)
    declined = await cancel_registration(programme.member(ben), waiting.id)
    assert declined.state == "offer_declined"
    again = undo_cancel_registration(programme.member(ben), declined.id, declined.version)
    assert list(await refusals(again)) == ["STEP_NOT_POSSIBLE"]


async def test_an_accepted_seat_that_was_given_back_is_a_seat_again(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)
    await accept_offer(programme.member(ben), waiting.id)
    gone = await cancel_registration(programme.member(ben), waiting.id)
    assert (await undo_cancel_registration(programme.member(ben), gone.id, gone.version)).state == "confirmed"
    assert await programme.taken(cafe) == 1


async def test_a_workshop_that_does_not_take_place_gives_no_seat_back(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    gone = await left(programme, cafe, ayla)
    await programme.site.sql("update app.workshop set state = 'cancelled' where id = $1", cafe.id)
    again = undo_cancel_registration(programme.member(ayla), gone.id, gone.version)
    assert list(await refusals(again)) == ["STEP_NOT_POSSIBLE"]
