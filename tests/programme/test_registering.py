"""A seat is given once; who comes too late learns the place in the line."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from programme.courses import Programme
from refusing import refusals
from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.programme import queries
from quartier.programme.seats.actions import accept_offer, cancel_registration, change_seats, register
from quartier.programme.words import PoolPlan
from quartier.tenancy.audit import last_line

pytestmark = pytest.mark.usefixtures("at_west")


async def test_a_member_gets_a_seat_while_there_are_seats(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)

    seat = await register(programme.member(ayla), cafe.id)

    assert (seat.state, seat.place) == ("confirmed", None)
    assert await programme.taken(cafe) == 1
    assert await programme.site.count("app.audit_entry", "action = 'registration.made'") == 1


async def test_a_full_workshop_offers_the_waiting_list(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    first, second, third = await programme.people(3)
    await register(programme.member(first), cafe.id)

    said = await refusals(register(programme.member(second), cafe.id))
    assert list(said) == ["WORKSHOP_FULL"]
    assert said["WORKSHOP_FULL"].numbers == {"waiting_place": 1}
    assert await programme.states(cafe) == {first: "confirmed"}

    assert (await register(programme.member(second), cafe.id, waitlist=True)).place == 1
    assert (await register(programme.member(third), cafe.id, waitlist=True)).place == 2
    assert await programme.taken(cafe) == 1


async def test_all_reasons_are_told_at_once(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    await register(programme.member(ayla), cafe.id)
    late = programme.site.desk("member", person=ayla, now=NOW + timedelta(days=8))

    said = await refusals(register(late, cafe.id, party=3))
    assert list(await refusals(register(programme.manager, cafe.id, party=0, priority=-1))) == ["FIELD_INVALID"]

    assert list(said) == ["NOT_OPEN", "PARTY_TOO_LARGE", "ALREADY_REGISTERED"]
    assert said["PARTY_TOO_LARGE"].numbers == {"party": 3, "seats": 2}


async def test_a_draft_takes_nobody_and_is_hidden_from_who_does_not_plan(programme: Programme) -> None:
    draft = await programme.planned()
    [ayla] = await programme.people(1)
    assert list(await refusals(register(programme.member(ayla), draft.id))) == ["NOT_FOUND"]
    assert list(await refusals(register(programme.manager, draft.id))) == ["NOT_OPEN"]


async def test_what_is_by_invitation_takes_whom_staff_has_registered(programme: Programme) -> None:
    private = await programme.published(visibility="invited")
    ayla, ben = await programme.people(2)
    assert list(await refusals(register(programme.member(ayla), private.id))) == ["NOT_FOUND"]
    seat = await register(programme.manager, private.id, person=ben)
    assert list(await refusals(register(programme.member(ben), private.id))) == ["ALREADY_REGISTERED"]
    await cancel_registration(programme.member(ben), seat.id)
    assert (await register(programme.member(ben), private.id)).state == "confirmed"


async def test_a_machine_never_acts_for_a_person(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    [ayla] = await programme.people(1)
    scopes = frozenset({"programme:read", "programme:attend", "programme:register"})
    machine = replace(programme.site.desk(), client=new_id(), permissions=scopes)

    assert list(await refusals(register(machine, cafe.id, person=ayla))) == ["NOT_ALLOWED"]
    seat = await register(programme.member(ayla), cafe.id)
    assert list(await refusals(cancel_registration(machine, seat.id))) == ["NOT_FOUND"]
    assert await programme.states(cafe) == {ayla: "confirmed"}


async def test_only_staff_registers_others_and_gives_priority(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    ayla, ben = await programme.people(2)

    assert list(await refusals(register(programme.member(ayla), cafe.id, person=ben))) == ["NOT_ALLOWED"]
    assert list(await refusals(register(programme.member(ayla), cafe.id, priority=1))) == ["NOT_ALLOWED"]
    assert (await register(programme.manager, cafe.id, person=ben, priority=1)).person_id == ben
    assert list(await refusals(register(programme.manager, cafe.id, person=new_id()))) == ["NOT_FOUND"]


async def test_kept_seats_are_a_pool_of_their_own(programme: Programme) -> None:
    pools = (PoolPlan("open", "Offen", 1), PoolPlan("initiativen", "Für Initiativen", 1))
    cafe = await programme.published(pools=pools)
    ayla, ben, cem = await programme.people(3)
    await register(programme.member(ayla), cafe.id)

    assert (await register(programme.member(ben), cafe.id, pool="initiativen")).state == "confirmed"
    said = await refusals(register(programme.member(cem), cafe.id, pool="kinder"))
    assert said["FIELD_INVALID"].numbers == {"allowed": "initiativen, open"}


async def test_who_leaves_makes_room_for_the_next_in_line(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben, cem = await programme.people(3)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    await register(programme.member(cem), cafe.id, waitlist=True)

    assert (await cancel_registration(programme.member(ayla), seat.id)).state == "cancelled"

    assert await programme.states(cafe) == {ayla: "cancelled", ben: "offered", cem: "waitlisted"}
    assert await programme.taken(cafe) == 1
    offered = await queries.registration(programme.manager, waiting.id)
    assert offered.offered_until == NOW + timedelta(hours=24)
    assert (await accept_offer(programme.member(ben), waiting.id)).state == "confirmed"


async def test_where_nobody_has_to_answer_the_next_is_confirmed_at_once(programme: Programme) -> None:
    cafe = await programme.published(seats=1, offer=timedelta())
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)
    assert await programme.states(cafe) == {ayla: "cancelled", ben: "confirmed"}


async def test_after_the_deadline_a_seat_is_cancelled_late(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    ayla, ben = await programme.people(2)
    seats = [await register(programme.member(person), cafe.id) for person in (ayla, ben)]
    deadline = NOW + timedelta(days=6)  # 24 hours before the start

    in_time = programme.site.desk("member", person=ayla, now=deadline)
    late = programme.site.desk("member", person=ben, now=deadline + timedelta(microseconds=1))
    assert (await cancel_registration(in_time, seats[0].id)).state == "cancelled"
    assert (await cancel_registration(late, seats[1].id)).state == "cancelled_late"
    assert list(await refusals(cancel_registration(late, seats[1].id))) == ["STEP_NOT_POSSIBLE"]
    assert await programme.taken(cafe) == 0


async def test_the_registration_of_somebody_else_does_not_exist(programme: Programme) -> None:
    cafe = await programme.published()
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)

    assert list(await refusals(cancel_registration(programme.member(ben), seat.id))) == ["NOT_FOUND"]
    assert list(await refusals(cancel_registration(programme.member(ben), new_id()))) == ["NOT_FOUND"]
    assert await programme.states(cafe) == {ayla: "confirmed"}


async def test_somebody_who_saw_an_older_version_is_told(programme: Programme) -> None:
    cafe = await programme.published()
    [ayla] = await programme.people(1)
    seat = await register(programme.member(ayla), cafe.id)
    said = await refusals(cancel_registration(programme.member(ayla), seat.id, version=7))
    assert said["STALE_VERSION"].numbers == {"version": 1, "seen": 7}


async def test_more_seats_move_the_line_up_and_fewer_never_throw_anybody_out(programme: Programme) -> None:
    cafe = await programme.published(seats=1, offer=timedelta())
    people = await programme.people(4)
    for person in people:
        await register(programme.member(person), cafe.id, waitlist=True)

    assert (await change_seats(programme.manager, cafe.id, 3)).taken == 3
    line = await last_line(programme.manager, cafe.id)
    assert line is not None
    assert (line.action, line.fields) == ("workshop.seats_changed", ["seats"])
    states = await programme.states(cafe)
    assert [states[person] for person in people] == ["confirmed", "confirmed", "confirmed", "waitlisted"]
    said = await refusals(change_seats(programme.manager, cafe.id, 2))
    assert said["SEATS_BELOW_TAKEN"].numbers == {"taken": 3}


async def test_a_party_that_does_not_fit_holds_the_line_and_is_told_why(programme: Programme) -> None:
    cafe = await programme.published(seats=3)
    ayla, ben, cem, family, dora = await programme.people(5)
    seats = [await register(programme.member(person), cafe.id) for person in (ayla, ben, cem)]
    waiting = await register(programme.member(family), cafe.id, party=3, waitlist=True)
    await register(programme.member(dora), cafe.id, waitlist=True)

    for _ in range(2):  # the second cancellation has more to say than the first
        await cancel_registration(programme.manager, seats.pop().id)

    rows = await programme.site.sql(
        "select reason, numbers->>'free' as free from app.passed_over where tenant_id = $1 and registration_id = $2 "
        "order by created_at, id",
        programme.site.id,
        waiting.id,
    )
    assert [tuple(row) for row in rows] == [("party_too_large", "1"), ("party_too_large", "2")]
    assert (await programme.states(cafe))[dora] == "waitlisted"

    await cancel_registration(programme.manager, seats.pop().id)
    assert (await programme.states(cafe))[family] == "offered"
    assert await programme.taken(cafe) == 3


async def test_a_newcomer_does_not_pass_the_line(programme: Programme) -> None:
    cafe = await programme.published(seats=3)
    ayla, ben, family, dora = await programme.people(4)
    await register(programme.member(ayla), cafe.id)
    seat = await register(programme.member(ben), cafe.id)
    await register(programme.member(family), cafe.id, party=3, waitlist=True)
    await cancel_registration(programme.member(ben), seat.id)

    said = await refusals(register(programme.member(dora), cafe.id))
    assert said["WORKSHOP_FULL"].numbers == {"waiting_place": 2}


async def test_raw_sql_cannot_sell_a_seat_twice(programme: Programme) -> None:
    cafe = await programme.published(seats=2)
    desk = programme.manager
    sql = "update app.seat_pool set taken = taken + 3 where tenant_id = $1 and workshop_id = $2"
    with pytest.raises(asyncpg.CheckViolationError) as held:
        async with desk.transaction():
            await desk.fetch(sql, desk.tenant_id, cafe.id)
    assert held.value.constraint_name == "seat_pool_not_oversold"
    assert await programme.taken(cafe) == 0


async def test_the_same_workshop_is_unknown_in_the_east(programme: Programme, east: Site) -> None:
    cafe = await programme.published()
    [ayla] = await programme.people(1)
    seat = await register(programme.member(ayla), cafe.id)
    selma: UUID = await east.person("Selma Yıldız", "manager")
    with east.speaking():
        desk = east.desk("manager", person=selma)
        for wish in (
            register(desk, cafe.id),
            register(desk, new_id()),
            cancel_registration(desk, seat.id),
            accept_offer(desk, seat.id),
            change_seats(desk, cafe.id, 99),
        ):
            assert list(await refusals(wish)) == ["NOT_FOUND"]
    assert await programme.taken(cafe) == 1
