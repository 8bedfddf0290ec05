"""What becomes of a booking: asked for and decided, held, arrived, left, missed; and what time decides."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from refusing import refusals
from spaces.house import House, at, span
from world import moved

from quartier.spaces import actions, arriving, briefing, deciding, holding, queries
from quartier.spaces.words import Booking

MINUTE = timedelta(minutes=1)


async def state(house: House, booking: UUID) -> tuple[str, int]:
    found = await queries.booking(house.manager, booking)
    return found.state, found.version


async def room(house: House, **facts: Any) -> UUID:
    """The think room, with other rules."""
    told = ", ".join(f"{name} = {value!r}" for name, value in facts.items())
    await house.site.sql(f"update app.space set {told} where tenant_id = $1 and key = 'denkwerkstatt'", house.site.id)
    return house.rooms["denkwerkstatt"]


async def asked(house: House, space: UUID, start: int, end: int, *, desk: Any = None) -> Booking:
    return await actions.book_space(desk or house.member, space, span(20, start, end), organisation=house.kitchen)


# -- requests -----------------------------------------------------------------------------------------------------
async def test_a_granted_request_holds_the_room_and_its_rivals_are_answered(at_west: House) -> None:
    space = await room(at_west, approval=True, request_blocks=False)
    first, rival, other = [await asked(at_west, space, *hours) for hours in ((9, 11), (10, 12), (14, 16))]
    assert await at_west.occupied() == []
    granted, declined = await deciding.approve_booking(at_west.manager, rival.id, 1)
    assert (granted.state, granted.version, declined) == ("confirmed", 2, [first.id])
    assert await at_west.occupied() == [("denkwerkstatt", 1, at(20, 10), at(20, 12))]
    assert [(await state(at_west, each.id))[0] for each in (first, other)] == ["declined", "requested"]
    [row] = await at_west.site.sql("select reason, decided_by from app.booking where id = $1", first.id)
    assert row["reason"] == "Die Zeit wurde inzwischen anderweitig vergeben."
    assert (await at_west.lines())[-1]["action"] == "space.approved"
    late = refusals(deciding.approve_booking(at_west.manager, first.id, 1))
    assert list(await late) == ["STALE_VERSION"]
    late = refusals(deciding.approve_booking(at_west.manager, first.id, 2))
    assert list(await late) == ["STEP_NOT_POSSIBLE"]


async def test_a_request_for_the_whole_gives_way_to_one_for_a_part(at_west: House) -> None:
    await briefing.record_briefing(at_west.front_desk, at_west.lena, "maschinen", date(2026, 11, 19))
    await at_west.site.sql(
        "update app.space set approval = true, request_blocks = false where tenant_id = $1", at_west.site.id
    )
    [whole] = await at_west.site.sql(
        "select s.id, array_agg(p.part_id order by p.part_id) parts from app.space s join app.space_part p"
        " on p.tenant_id = s.tenant_id and p.whole_id = s.id where s.tenant_id = $1 group by s.id limit 1",
        at_west.site.id,
    )
    wide = await asked(at_west, whole["id"], 14, 17)
    left, right = [await asked(at_west, part, 14, 17) for part in whole["parts"][:2]]
    _, declined = await deciding.approve_booking(at_west.manager, left.id, 1)
    assert declined == [wide.id]
    assert (await state(at_west, right.id))[0] == "requested"


async def test_who_comes_too_late_is_told_that_the_room_is_taken(at_west: House) -> None:
    space = await room(at_west, approval=True, request_blocks=False)
    request = await asked(at_west, space, 9, 11)
    await actions.book_space(at_west.manager, space, span(20, 10, 12), kind="guest")
    assert list(await refusals(deciding.approve_booking(at_west.manager, request.id, 1))) == ["SPACE_TAKEN"]
    later = moved(at_west.manager, at(20, 9))
    assert list(await refusals(deciding.approve_booking(later, request.id, 1))) == ["ALREADY_STARTED", "SPACE_TAKEN"]


async def test_nobody_grants_her_own_request_and_a_no_has_a_reason(at_west: House, house_east: House) -> None:
    space = await room(at_west, approval=True)
    request = await asked(at_west, space, 9, 11)
    herself = at_west.site.desk("manager", person=at_west.lena)
    colleague = at_west.site.desk("manager", own=frozenset({at_west.kitchen}))
    for desk in (herself, colleague):
        assert list(await refusals(deciding.approve_booking(desk, request.id, 1))) == ["OWN_CASE"]
        assert list(await refusals(deciding.decline_booking(desk, request.id, 1, "nein"))) == ["OWN_CASE"]
    assert list(await refusals(deciding.decline_booking(at_west.manager, request.id, 1, " "))) == ["FIELD_INVALID"]
    assert list(await refusals(deciding.approve_booking(at_west.member, request.id, 1))) == ["NOT_ALLOWED"]
    with house_east.site.speaking():
        assert list(await refusals(deciding.approve_booking(house_east.manager, request.id, 1))) == ["NOT_FOUND"]
    told = await deciding.decline_booking(at_west.manager, request.id, 1, "Umbau")
    assert (told.state, await at_west.occupied()) == ("declined", [])


async def test_of_rivals_granted_at_once_one_wins(forty_connections: None, house: House) -> None:
    space = await room(house, approval=True, request_blocks=False)
    with house.site.speaking():
        requests = [await asked(house, space, 9 + n, 11 + n) for n in range(0, 2)] * 4

    async def grant(request: Booking) -> list[str]:
        with house.site.speaking():
            return list(await refusals(deciding.approve_booking(house.manager, request.id, 1)))

    told = await asyncio.gather(*map(grant, requests))
    assert told.count([]) == 1
    assert {codes[0] for codes in told if codes} <= {"STALE_VERSION", "SPACE_TAKEN"}
    assert await house.site.count("app.occupancy") == 1


# -- holds --------------------------------------------------------------------------------------------------------
async def test_a_hold_blocks_is_confirmed_or_ends_by_itself(at_west: House) -> None:
    space = await room(at_west, hold=15)
    kept = await holding.hold_space(at_west.member, space, span(20, 9, 11), organisation=at_west.kitchen)
    assert (kept.state, kept.held_until) == ("held", at_west.member.now + 15 * MINUTE)
    taken = refusals(asked(at_west, space, 9, 11, desk=at_west.front_desk))
    assert list(await taken) == ["SPACE_TAKEN"]
    over = moved(at_west.member, at_west.member.now + 15 * MINUTE)
    assert list(await refusals(holding.confirm_hold(over, kept.id, kept.version))) == ["HOLD_OVER"]
    booked = await holding.confirm_hold(at_west.member, kept.id, kept.version)
    assert (booked.state, booked.held_until) == ("confirmed", None)
    second = await holding.hold_space(at_west.member, space, span(20, 14, 16), organisation=at_west.kitchen)
    await keep(at_west, second.held_until - MINUTE)  # type: ignore[operator]
    assert (await state(at_west, second.id))[0] == "held"
    await keep(at_west, second.held_until)
    assert (await state(at_west, second.id))[0] == "expired"
    assert [start for _, _, start, _ in await at_west.occupied()] == [at(20, 9)]


async def test_a_hold_is_given_up_and_not_every_space_is_held(at_west: House) -> None:
    space = await room(at_west, hold=15)
    kept = await holding.hold_space(at_west.member, space, span(20, 9, 11), organisation=at_west.kitchen)
    assert (await actions.cancel_booking(at_west.member, kept.id, kept.version)).state == "withdrawn"
    assert await at_west.occupied() == []
    await room(at_west, hold=0)
    wish = holding.hold_space(at_west.member, space, span(20, 9, 11), organisation=at_west.kitchen)
    assert list(await refusals(wish)) == ["NO_HOLDS"]


# -- arriving -----------------------------------------------------------------------------------------------------
async def keep(house: House, now: Any) -> None:
    with house.site.speaking("worker"):
        await arriving.keep_time(moved(house.site.desk(), now))


async def test_people_check_in_leave_early_and_the_rest_is_free(at_west: House) -> None:
    space = await room(at_west, checkin="required", checkin_opens=15, grace=20)
    booked = await asked(at_west, space, 9, 12)
    early = moved(at_west.front_desk, at(20, 8, 44))
    found = await refusals(arriving.check_in(early, booked.id, 1))
    assert found["TOO_EARLY"].numbers == {"opens_at": at(20, 8, 45)}
    assert list(await refusals(arriving.check_in(moved(early, at(20, 12)), booked.id, 1))) == ["BOOKING_OVER"]
    assert list(await refusals(arriving.check_in(at_west.member, booked.id, 1))) == ["NOT_ALLOWED"]
    there = await arriving.check_in(moved(early, at(20, 8, 45)), booked.id, 1)
    assert (there.state, there.version) == ("checked_in", 2)
    gone = await arriving.end_booking(moved(early, at(20, 10, 30)), booked.id, 2)
    assert gone.state == "completed"
    assert await at_west.occupied() == [("denkwerkstatt", 1, at(20, 9), at(20, 10, 30))]
    [row] = await at_west.site.sql("select checked_in_at, ended_at from app.booking where id = $1", booked.id)
    assert (row["checked_in_at"], row["ended_at"]) == (at(20, 8, 45), at(20, 10, 30))


async def test_who_leaves_before_the_start_holds_nothing(at_west: House) -> None:
    space = await room(at_west, checkin="required", checkin_opens=15)
    booked = await asked(at_west, space, 9, 12)
    desk = moved(at_west.front_desk, at(20, 8, 50))
    await arriving.check_in(desk, booked.id, 1)
    await arriving.end_booking(desk, booked.id, 2)
    assert await at_west.occupied() == []


async def test_nobody_came_and_there_was_a_reason(at_west: House) -> None:
    space = await room(at_west, checkin="required", grace=20)
    booked = await asked(at_west, space, 9, 12)
    soon, late = (moved(at_west.front_desk, at(20, 9, minute)) for minute in (19, 20))
    assert list(await refusals(arriving.mark_no_show(soon, booked.id, 1))) == ["NOT_BEGUN"]
    assert (await arriving.mark_no_show(late, booked.id, 1)).state == "no_show"
    assert await at_west.occupied() == []
    assert list(await refusals(arriving.excuse_no_show(late, booked.id, 2, ""))) == ["FIELD_INVALID"]
    assert (await arriving.excuse_no_show(late, booked.id, 2, "Straßenbahn")).state == "excused"


async def test_time_decides_once_and_only_what_is_due(at_west: House) -> None:
    watched = await room(at_west, checkin="required", grace=20)
    other = "beratung-1"
    await at_west.site.sql(
        "update app.space set checkin = 'none' where tenant_id = $1 and key = $2", at_west.site.id, other
    )
    missed = await asked(at_west, watched, 9, 11)
    came = await actions.book_space(at_west.manager, watched, span(20, 12, 13), kind="guest")
    house_own = await actions.book_space(at_west.manager, watched, span(20, 14, 15), kind="internal")
    free = await actions.book_space(at_west.manager, at_west.rooms[other], span(20, 9, 12), kind="guest", override=True)
    await keep(at_west, at(20, 9, 19))
    assert (await state(at_west, missed.id))[0] == "confirmed"
    await keep(at_west, at(20, 9, 20))
    assert await state(at_west, missed.id) == ("no_show", 2)
    await arriving.check_in(moved(at_west.front_desk, at(20, 12)), came.id, 1)
    for _ in range(2):
        await keep(at_west, at(20, 16))
    told = {each.id: await state(at_west, each.id) for each in (missed, came, house_own, free)}
    assert told == {
        missed.id: ("no_show", 2),
        came.id: ("completed", 3),
        house_own.id: ("completed", 2),  # the house itself owes nobody a check-in
        free.id: ("completed", 2),
    }
    lines = [line["action"] for line in await at_west.lines()]
    assert lines.count("space.time_kept") == 2


async def test_a_request_that_nobody_decided_ends_at_its_start(at_west: House) -> None:
    space = await room(at_west, approval=True, request_blocks=True)
    request = await asked(at_west, space, 9, 11)
    await keep(at_west, at(20, 8, 59))
    assert len(await at_west.occupied()) == 1
    await keep(at_west, at(20, 9))
    assert (await state(at_west, request.id), await at_west.occupied()) == (("expired", 2), [])
