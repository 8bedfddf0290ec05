"""Moving and cancelling a booking; sessions hold rooms for the programme."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from spaces.house import House, at, span

from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions, queries
from quartier.spaces.words import Booking

HOUR = timedelta(hours=1)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


async def booked(house: House, wish: Span, room: str = "denkwerkstatt") -> Booking:
    return await actions.book_space(house.member, house.rooms[room], wish, organisation=house.kitchen)


async def test_a_booking_moves_to_another_time_and_room(at_west: House) -> None:
    made = await booked(at_west, span(25, 9, 11))
    moved = await actions.move_booking(at_west.member, made.id, 1, span(25, 10, 13))  # its own time is no obstacle
    assert (moved.span, moved.version, moved.state, moved.price) == (span(25, 10, 13), 2, "confirmed", 0)
    studio = at_west.rooms["studio"]
    moved = await actions.move_booking(at_west.member, made.id, 2, span(23, 9, 10), space_id=studio)
    assert (moved.space, moved.version, moved.price, moved.number) == (studio, 3, 0, made.number)
    assert await at_west.occupied() == [("studio", 1, at(23, 9), at(23, 10))]
    [row] = await at_west.site.sql("select local_start, after from app.booking where id = $1", made.id)
    assert (row["local_start"].hour, row["after"]) == (9, 15)
    lines = await at_west.lines()
    assert [line["action"] for line in lines] == ["space.booked", "space.moved", "space.moved"]


async def test_a_move_keeps_all_the_rules_and_a_refused_one_changes_nothing(at_west: House) -> None:
    made = await booked(at_west, span(20, 9, 11))
    await actions.book_space(at_west.front_desk, at_west.rooms["denkwerkstatt"], span(20, 14, 16), kind="guest")
    before = await at_west.occupied()
    refusals = {
        "SPACE_TAKEN": span(20, 13, 15),
        "BUFFER_NEEDED": span(20, 16, 17),
        "OUT_OF_HOURS": span(20, 7, 9),
        "SPAN_IN_PAST": span(18, 9, 11),
    }
    for code, wish in refusals.items():
        with pytest.raises(Refused) as refused:
            await actions.move_booking(at_west.member, made.id, 1, wish)
        assert code in codes(refused)
    with pytest.raises(Refused) as refused:
        await actions.move_booking(at_west.member, made.id, 1, span(23, 9, 11), space_id=uuid4())
    assert codes(refused) == ["NOT_FOUND"]
    assert await at_west.occupied() == before
    assert await queries.booking(at_west.member, made.id) == made


async def test_an_old_page_moves_and_cancels_nothing(at_west: House) -> None:
    made = await booked(at_west, span(24, 9, 11))
    moved = await actions.move_booking(at_west.member, made.id, 1, span(24, 12, 14))
    for stale in (
        actions.move_booking(at_west.member, made.id, 1, span(24, 15, 16)),
        actions.cancel_booking(at_west.member, made.id, 1),
    ):
        with pytest.raises(Refused) as refused:
            await stale
        [refusal] = refused.value.refusals
        assert (refusal.code, refusal.numbers) == ("STALE_VERSION", {"version": 2, "seen": 1})
    assert await queries.booking(at_west.member, made.id) == moved


async def test_a_member_who_moves_into_the_hall_asks_and_keeps_the_old_time(at_west: House) -> None:
    hall = at_west.rooms["werkhalle"]
    made = await booked(at_west, span(24, 9, 11))
    asked = await actions.move_booking(at_west.member, made.id, 1, span(24, 12, 14), space_id=hall)
    assert (asked.state, asked.space) == ("requested", hall)
    assert await at_west.occupied() == [("denkwerkstatt", 1, at(24, 9), at(24, 11))]
    staff = await booked(at_west, span(25, 9, 11))
    moved = await actions.move_booking(at_west.manager, staff.id, 1, span(25, 12, 14), space_id=hall)
    assert moved.state == "confirmed"
    back = await actions.move_booking(
        at_west.member, made.id, 2, span(24, 15, 16), space_id=at_west.rooms["denkwerkstatt"]
    )
    assert back.state == "confirmed"
    assert ("denkwerkstatt", 1, at(24, 15), at(24, 16)) in await at_west.occupied()
    assert ("denkwerkstatt", 1, at(24, 9), at(24, 11)) not in await at_west.occupied()


async def test_cancelling_in_time_and_late(at_west: House) -> None:
    early, late = await booked(at_west, span(23, 9, 11)), await booked(at_west, span(20, 9, 11))
    gone = await actions.cancel_booking(at_west.member, early.id, 1)
    assert (gone.state, gone.late, gone.version) == ("cancelled", False, 2)
    gone = await actions.cancel_booking(at_west.member, late.id, 1, reason="krank")
    assert (gone.state, gone.late) == ("cancelled_late", True)
    [row] = await at_west.site.sql("select reason, ended_at, decided_by from app.booking where id = $1", late.id)
    assert tuple(row) == ("krank", at_west.member.now, at_west.lena)
    assert await at_west.occupied() == []
    again = await booked(at_west, span(20, 9, 11))
    assert again.state == "confirmed"
    with pytest.raises(Refused) as refused:
        await actions.cancel_booking(at_west.member, late.id, 2)
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.numbers["state"]) == ("STEP_NOT_POSSIBLE", "cancelled_late")


async def test_after_the_deadline_nobody_moves_her_booking_away_from_being_cancelled_late(at_west: House) -> None:
    """The hall asks the house first, and what was only asked for is withdrawn without being late."""
    room = at_west.rooms["denkwerkstatt"]
    made = await booked(at_west, span(20, 9, 12))
    late = {
        "another day": (span(25, 9, 12), room),
        "later that day": (span(20, 14, 17), room),
        "shorter": (span(20, 9, 10), room),
        "another room": (span(20, 9, 12), at_west.rooms["studio"]),
        "a room one asks for": (span(20, 9, 12), at_west.rooms["werkhalle"]),
    }
    for what, (wish, where) in late.items():
        with pytest.raises(Refused) as refused:
            await actions.move_booking(at_west.member, made.id, 1, wish, space_id=where)
        [refusal] = refused.value.refusals
        assert (refusal.code, refusal.numbers["until"]) == ("MOVE_TOO_LATE", at(19, 9)), what
    assert await queries.booking(at_west.member, made.id) == made
    longer = await actions.move_booking(at_west.member, made.id, 1, span(20, 9, 13))
    assert (longer.state, longer.span) == ("confirmed", span(20, 9, 13))
    on_time = at_west.member.at(at(19, 9))
    assert (await actions.move_booking(on_time, made.id, 2, span(20, 14, 17))).span == span(20, 14, 17)
    moved = await actions.move_booking(at_west.front_desk, made.id, 3, span(25, 9, 11))  # who is asked there decides
    assert (await actions.cancel_booking(at_west.member, moved.id, 4)).state == "cancelled"


async def test_the_front_desk_says_why_it_takes_a_booking_away(at_west: House) -> None:
    made = await booked(at_west, span(20, 9, 11))
    with pytest.raises(Refused) as refused:
        await actions.cancel_booking(at_west.front_desk, made.id, 1)
    assert codes(refused) == ["FIELD_INVALID"]
    assert len(await at_west.occupied()) == 1
    gone = await actions.cancel_booking(at_west.front_desk, made.id, 1, reason="Wasserschaden")
    assert (gone.state, gone.late) == ("cancelled_by_site", False)
    assert await at_west.occupied() == []


async def test_a_request_is_withdrawn_or_declined(at_west: House) -> None:
    first, second = (
        await booked(at_west, span(24, 9, 11), "werkhalle"),
        await booked(at_west, span(24, 9, 11), "werkhalle"),
    )
    assert (await actions.cancel_booking(at_west.member, first.id, 1)).state == "withdrawn"
    gone = await actions.cancel_booking(at_west.manager, second.id, 1, reason="Messe")
    assert gone.state == "declined"


async def test_what_has_begun_stays(at_west: House) -> None:
    made = await booked(at_west, span(20, 9, 11))
    during = at_west.member.at(at(20, 9))
    for change in (
        actions.cancel_booking(during, made.id, 1),
        actions.move_booking(during, made.id, 1, span(20, 12, 14)),
    ):
        with pytest.raises(Refused) as refused:
            await change
        [refusal] = refused.value.refusals
        assert (refusal.code, refusal.numbers) == ("ALREADY_STARTED", {"started_at": at(20, 9)})
    assert await queries.booking(at_west.member, made.id) == made


async def test_somebody_elses_booking_is_not_found(at_west: House, house_east: House) -> None:
    made = await booked(at_west, span(20, 9, 11))
    kim = await at_west.site.person("Kim Behr")
    stranger = at_west.site.desk("member", person=kim)
    for desk, booking in ((stranger, made.id), (at_west.member, uuid4())):
        for change in (
            actions.cancel_booking(desk, booking, 1),
            actions.move_booking(desk, booking, 1, span(20, 12, 14)),
        ):
            with pytest.raises(Refused) as refused:
                await change
            assert codes(refused) == ["NOT_FOUND"]
    with house_east.site.speaking(), pytest.raises(Refused) as refused:
        await actions.cancel_booking(house_east.manager, made.id, 1, reason="x")
    assert codes(refused) == ["NOT_FOUND"]
    assert await queries.booking(at_west.member, made.id) == made
    colleague = at_west.site.desk("member", person=kim, own=frozenset({at_west.kitchen}))
    assert (await actions.cancel_booking(colleague, made.id, 1)).state == "cancelled_late"


async def test_a_session_holds_its_room_and_gives_it_back(at_west: House) -> None:
    room, evening = at_west.rooms["denkwerkstatt"], span(24, 19, 22)
    made = await actions.book_session(at_west.manager, room, evening, "Zukunft der Werkhalle")
    seen = await queries.booking(at_west.manager, made)
    assert (seen.kind, seen.state, seen.price, seen.organisation) == ("session", "confirmed", 0, None)
    [line] = await at_west.lines()
    assert json.loads(line["numbers"])["overrode"] == ["OUT_OF_HOURS"]
    for change in (
        actions.cancel_booking(at_west.manager, made, 1, reason="x"),
        actions.move_booking(at_west.manager, made, 1, span(25, 9, 11)),
    ):
        with pytest.raises(Refused) as refused:
            await change
        assert codes(refused) == ["BELONGS_ELSEWHERE"]
    with pytest.raises(Refused) as refused:
        await actions.book_session(at_west.manager, room, span(24, 20, 21), "Noch eine")
    assert codes(refused) == ["SPACE_TAKEN"]
    await actions.free_booking(at_west.manager, made)
    assert (await queries.booking(at_west.manager, made)).state == "cancelled_by_site"
    assert await at_west.occupied() == []
    with pytest.raises(Refused) as refused:
        await actions.free_booking(at_west.manager, made)
    assert codes(refused) == ["STEP_NOT_POSSIBLE"]


async def test_a_session_takes_all_the_places_and_never_a_members_booking(at_west: House) -> None:
    places = at_west.rooms["arbeitsplaetze"]
    made = await actions.book_session(at_west.manager, places, span(24, 9, 12), "Offenes Haus")
    assert len(await at_west.occupied()) == 12
    hers = await booked(at_west, span(25, 9, 11))
    with pytest.raises(Refused) as refused:
        await actions.free_booking(at_west.manager, hers.id)
    assert codes(refused) == ["NOT_FOUND"]
    started = at_west.manager.at(at(24, 9))
    with pytest.raises(Refused) as refused:
        await actions.free_booking(started, made)
    assert codes(refused) == ["ALREADY_STARTED"]


async def test_who_follows_the_day_is_told_of_every_change_and_of_no_refusal(at_west: House) -> None:
    told: list[str] = []
    ear = at_west.site.administrator

    def hear(*args: object) -> None:
        told.append(str(args[-1]))

    await ear.add_listener("quartier_booking", hear)
    try:
        made = await booked(at_west, span(24, 9, 11))
        with pytest.raises(Refused):
            await booked(at_west, span(24, 10, 12))
        await actions.move_booking(at_west.member, made.id, 1, span(24, 12, 14))
        await actions.cancel_booking(at_west.member, made.id, 2)
        await ear.execute("select 1")
    finally:
        await ear.remove_listener("quartier_booking", hear)
    assert told == [f"{at_west.site.id}:{made.id}"] * 3
