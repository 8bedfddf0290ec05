"""An offered seat waits for an answer, and goes on when none comes."""

import json
from datetime import timedelta

import pytest
from programme.courses import STARTS, Programme
from refusing import refusals
from world import NOW

from quartier.programme.seats.actions import EXPIRE, accept_offer, cancel_registration, expire_offers, register

pytestmark = pytest.mark.usefixtures("at_west")
UNTIL = NOW + timedelta(hours=24)


async def test_an_offer_holds_to_its_last_moment(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)

    too_late = programme.site.desk("member", person=ben, now=UNTIL + timedelta(seconds=1))
    said = await refusals(accept_offer(too_late, waiting.id))
    assert said["OFFER_OVER"].numbers == {"offered_until": UNTIL}
    in_time = programme.site.desk("member", person=ben, now=UNTIL)
    assert (await accept_offer(in_time, waiting.id)).state == "confirmed"


async def test_an_offer_leaves_the_job_that_ends_it(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)

    [job] = await programme.site.sql(
        "select convert_from(payload, 'UTF8') as payload, execute_after - created as after from jobs.pgqueuer "
        "where entrypoint = $1 and convert_from(payload, 'UTF8')::jsonb ->> 'tenant' = $2",
        EXPIRE,
        str(programme.site.id),
    )
    assert json.loads(job["payload"])["args"] == {"workshop": str(cafe.id)}
    assert job["after"] == timedelta(hours=24, seconds=1)


@pytest.mark.parametrize(
    ("after_expiry", "ben_then", "next_turn"),
    [("to_end", "waitlisted", "offered"), ("out", "offer_expired", "offered")],
)
async def test_an_offer_nobody_took_goes_to_the_next(
    programme: Programme, after_expiry: str, ben_then: str, next_turn: str
) -> None:
    cafe = await programme.published(seats=1, after_expiry=after_expiry)
    ayla, ben, cem = await programme.people(3)
    seat = await register(programme.member(ayla), cafe.id)
    await register(programme.manager, cafe.id, person=ben, priority=5, waitlist=True)
    await register(programme.member(cem), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)

    house = programme.site.desk()
    await expire_offers(house.at(UNTIL), workshop=str(cafe.id))  # the last moment still counts
    assert (await programme.states(cafe))[ben] == "offered"
    await expire_offers(house.at(UNTIL + timedelta(seconds=1)), workshop=str(cafe.id))

    assert await programme.states(cafe) == {ayla: "cancelled", ben: ben_then, cem: next_turn}
    assert await programme.taken(cafe) == 1


async def test_the_job_does_nothing_when_the_offer_was_taken(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.member(ayla), seat.id)
    await accept_offer(programme.member(ben), waiting.id)
    lines = await programme.site.count("app.audit_entry")

    await expire_offers(programme.site.desk().at(UNTIL + timedelta(hours=1)), workshop=str(cafe.id))

    assert (await programme.states(cafe))[ben] == "confirmed"
    assert await programme.site.count("app.audit_entry") == lines


async def test_shortly_before_the_start_no_seat_is_offered_any_more(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    waiting = await register(programme.member(ben), cafe.id, waitlist=True)
    late = programme.site.desk("member", person=ayla, now=STARTS - timedelta(hours=5))

    await cancel_registration(late, seat.id)

    assert (await programme.states(cafe))[ben] == "waitlisted"
    assert (
        await programme.site.count("app.passed_over", f"registration_id = '{waiting.id}' and reason = 'too_late'") == 1
    )


async def test_an_offer_never_outlives_the_start(programme: Programme) -> None:
    cafe = await programme.published(seats=1)
    ayla, ben = await programme.people(2)
    seat = await register(programme.member(ayla), cafe.id)
    await register(programme.member(ben), cafe.id, waitlist=True)
    await cancel_registration(programme.site.desk("member", person=ayla, now=STARTS - timedelta(hours=6)), seat.id)
    rows = await programme.site.sql(
        "select offered_until from app.registration where tenant_id = $1 and state = 'offered'", programme.site.id
    )
    assert [row["offered_until"] for row in rows] == [STARTS]
