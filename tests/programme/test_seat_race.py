"""Many want few seats at the same moment."""

import json
import random
from datetime import timedelta
from uuid import UUID

import pytest
from crowd import outcomes
from programme.courses import Programme
from world import NOW

from quartier.programme.seats.actions import (
    accept_offer,
    cancel_registration,
    change_seats,
    expire_offers,
    promote_waitlist,
    register,
)
from quartier.tenancy.once import Answer, rehearse

pytestmark = pytest.mark.usefixtures("forty_connections", "at_west")


async def test_three_hundred_registrations_for_twenty_seats(programme: Programme) -> None:
    cafe = await programme.published(seats=20)
    people = await programme.people(300)

    counted = await outcomes(register(programme.member(person), cafe.id) for person in people)

    assert counted == {"confirmed": 20, "WORKSHOP_FULL": 280}
    assert await programme.taken(cafe) == 20


async def test_one_person_in_ten_windows_gets_one_seat(programme: Programme) -> None:
    cafe = await programme.published(seats=20)
    [ayla] = await programme.people(1)
    counted = await outcomes(register(programme.member(ayla), cafe.id) for _ in range(10))
    assert counted == {"confirmed": 1, "ALREADY_REGISTERED": 9}


@pytest.mark.parametrize(("fill", "offer"), [("strict", 0), ("fill_gaps", 30)])
async def test_joining_leaving_promoting_expiring_and_changing_at_once(
    programme: Programme, fill: str, offer: int
) -> None:
    """Whatever the order: never more than the seats, nobody twice, and nobody passed whose turn it was."""
    luck = random.Random(f"{fill}{offer}")
    cafe = await programme.published(seats=12, fill=fill, offer=timedelta(minutes=offer), after_expiry="out")
    people = await programme.people(90)

    async def visit(person: UUID, minute: int) -> None:
        desk = programme.site.desk("member", person=person, now=NOW + timedelta(minutes=minute))
        seat = await register(desk, cafe.id, party=luck.choice([1, 1, 1, 2, 3]), waitlist=True)
        if luck.random() < 0.5:
            await cancel_registration(desk, seat.id)
        elif offer:
            await accept_offer(desk, seat.id)

    async def staff(minute: int) -> None:
        desk = programme.manager.at(NOW + timedelta(minutes=minute))
        await change_seats(desk, cafe.id, luck.randint(8, 16))
        await expire_offers(programme.site.desk().at(desk.now), workshop=str(cafe.id))

    visits = [visit(person, minute) for minute, person in enumerate(people)]
    counted = await outcomes([*visits, *(staff(minute) for minute in range(0, 90, 6))])
    allowed = {"done", "SEATS_BELOW_TAKEN", "STEP_NOT_POSSIBLE", "OFFER_OVER"}
    assert set(counted) <= allowed, counted

    taken = await programme.taken(cafe)
    [pool] = await programme.site.sql(
        "select seats from app.seat_pool where tenant_id = $1 and workshop_id = $2", programme.site.id, cafe.id
    )
    assert 0 < taken <= pool["seats"]
    await _nobody_promoted_twice(programme)
    await _nobody_waits_whose_turn_it_is(programme, cafe.id)
    await _every_promotion_kept_the_order(programme, cafe.id, fill)


async def _nobody_promoted_twice(programme: Programme) -> None:
    rows = await programme.site.sql(
        "with notes as (select action, subject, numbers from app.audit_entry where tenant_id = $1), "
        "told as (select n ->> 'subject' as who from notes, jsonb_array_elements(numbers -> 'with') n "
        "where n ->> 'action' = 'registration.promoted') "
        "select who, count(*) as times from told group by who having count(*) > 1",
        programme.site.id,
    )
    assert rows == []


async def _nobody_waits_whose_turn_it_is(programme: Programme, workshop: UUID) -> None:
    """Promoting once more would move nobody: the line was moved up after every change."""
    desk = programme.manager.at(NOW + timedelta(hours=2))

    async def again() -> Answer:
        return {"moved": len((await promote_waitlist(desk, workshop)).moved)}

    assert await rehearse(desk, again) == {"moved": 0}


async def _every_promotion_kept_the_order(programme: Programme, workshop: UUID, fill: str) -> None:
    """Replay the line from the audit chain: whoever moved up stood first among those who waited and fitted."""
    rows = await programme.site.sql(
        "select id, party, priority, joined_at from app.registration where tenant_id = $1 and workshop_id = $2",
        programme.site.id,
        workshop,
    )
    known = {str(row["id"]): row for row in rows}
    waiting: set[str] = set()
    moved = 0
    lines = await programme.site.sql(
        "select action, subject, numbers from app.audit_entry where tenant_id = $1 order by seq", programme.site.id
    )
    for line in lines:
        told = json.loads(line["numbers"])
        subject = str(line["subject"])
        if line["action"] == "registration.made" and told["state"] == "waitlisted":
            waiting.add(subject)
        if line["action"] == "registration.cancelled":
            waiting.discard(subject)
        promoted = [n["subject"] for n in told.get("with", []) if n["action"] == "registration.promoted"]
        at_once = [subject] if line["action"] == "registration.made" and told["state"] == "confirmed" else []
        moved += len(promoted)
        for who in promoted + at_once:
            waiting.discard(who)
            ahead = [known[other] for other in waiting if known[other]["joined_at"] < known[who]["joined_at"]]
            assert [one for one in ahead if fill == "strict" or one["party"] <= known[who]["party"]] == []
    assert moved > 0
