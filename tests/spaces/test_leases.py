"""Offices, desks and lockers let for long, held by the same constraint as an hour."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest
from refusing import refusals
from spaces.house import House, at, span

from quartier.acts import leaving
from quartier.kit.spans import Span
from quartier.members import actions as members
from quartier.members.words import Profile
from quartier.spaces import actions, closing
from quartier.spaces.leases import actions as leases
from quartier.spaces.leases import rules
from quartier.spaces.leases.words import Lease, Terms

FIRST = date(2026, 12, 1)
YEAR = Terms(FIRST, date(2027, 11, 30))


async def company(house: House) -> UUID:
    made = await members.register_organisation(house.manager, Profile("Lichtfang", "company", False, True))
    return made.id


async def test_an_office_is_let_at_the_list_rent_and_held_through_nights_and_holidays(at_west: House) -> None:
    whom, office = await company(at_west), at_west.rooms["buero-3"]
    made = await leases.open_lease(at_west.manager, office, whom, YEAR)
    assert (made.rent_month, made.list_rent_month, made.unit_no, made.state, made.version) == (
        46000,
        46000,
        1,
        "agreed",
        1,
    )
    assert await at_west.occupied() == [("buero-3", 1, at(1, 0, month=12), at(1, 0, month=12, year=2027))]
    [row] = await at_west.site.sql("select * from app.booking where id = $1", made.booking)
    assert (row["kind"], row["state"], row["price"], row["list_price"], row["payer"]) == (
        "lease",
        "confirmed",
        0,
        0,
        None,
    )
    assert (row["organisation_id"], row["visibility"]) == (whom, "private")
    [line] = await at_west.lines()
    assert (line["action"], line["subject"]) == ("space.let", made.id)


async def test_a_place_is_never_let_twice_and_an_open_lease_goes_on(at_west: House) -> None:
    whom, office = await company(at_west), at_west.rooms["buero-3"]
    await leases.open_lease(at_west.manager, office, whom, Terms(FIRST))
    for start in (FIRST, date(2030, 5, 1), date(2026, 11, 20)):
        refused = await refusals(leases.open_lease(at_west.manager, office, at_west.kitchen, Terms(start)))
        assert refused["BOOKINGS_IN_THE_WAY"].numbers["named"] == "LW-B-2026-0001"
    before = Terms(date(2026, 11, 20), date(2026, 11, 30))
    assert (await leases.open_lease(at_west.manager, office, at_west.kitchen, before)).state == "agreed"


async def test_of_thirty_who_want_the_last_office_one_gets_it(at_west: House, forty_connections: None) -> None:
    office = at_west.rooms["buero-5"]
    wishes = (leases.open_lease(at_west.manager, office, at_west.kitchen, YEAR) for _ in range(30))
    found = await asyncio.gather(*map(refusals, wishes))
    assert sorted(list(each) for each in found) == [[], *[["BOOKINGS_IN_THE_WAY"]] * 29]
    assert await at_west.site.count("app.lease") == 1


async def test_a_desk_is_let_beside_the_hours_and_takes_one_place(at_west: House) -> None:
    desks, desk = at_west.rooms["arbeitsplaetze"], at_west.front_desk
    await actions.book_space(desk, desks, span(2, 9, 12, month=12), units=3, kind="guest")
    made = await leases.open_lease(at_west.manager, desks, at_west.kitchen, Terms(FIRST, rent_month=9000))
    seventh = await leases.open_lease(at_west.manager, desks, at_west.kitchen, Terms(FIRST), unit_no=7)
    assert (made.unit_no, made.rent_month, seventh.unit_no, seventh.list_rent_month) == (4, 9000, 7, 0)
    wish = actions.book_space(desk, desks, span(2, 9, 12, month=12), units=8, kind="guest")
    assert (await refusals(wish))["UNITS_TAKEN"].numbers["left"] == 7
    await actions.book_space(desk, desks, span(2, 9, 12, month=12), units=7, kind="guest")
    taken = leases.open_lease(at_west.manager, desks, at_west.kitchen, Terms(FIRST), unit_no=7)
    assert list(await refusals(taken)) == ["BOOKINGS_IN_THE_WAY"]


async def test_a_closed_house_ends_no_lease_and_a_lease_is_not_cancelled_by_the_hour(at_west: House) -> None:
    made = await leases.open_lease(at_west.manager, at_west.rooms["buero-3"], at_west.kitchen, YEAR)
    week = Span(at(2, 0, month=12), at(9, 0, month=12))
    _, gone = await closing.add_closure(at_west.manager, None, week, "company_break", "Ruhe", cancel=True)
    assert gone == []
    wish = actions.cancel_booking(at_west.front_desk, made.booking, 1, reason="x")
    assert list(await refusals(wish)) == ["BELONGS_ELSEWHERE"]
    blocking = closing.block_space(at_west.front_desk, at_west.rooms["buero-3"], week, "Farbe", cancel=True)
    assert list(await refusals(blocking)) == ["BOOKINGS_IN_THE_WAY"]


@pytest.mark.parametrize("room", ["denkwerkstatt", "werkhalle"])
async def test_halls_and_rooms_are_let_by_the_hour_alone(at_west: House, room: str) -> None:
    wish = leases.open_lease(at_west.manager, at_west.rooms[room], at_west.kitchen, YEAR)
    assert list(await refusals(wish)) == ["SPACE_NOT_LET"]


async def test_every_odd_term_is_told_at_once(at_west: House) -> None:
    odd = Terms(date(2026, 1, 1), date(2025, 1, 1), -1, 2000, "a\nb")
    wish = leases.open_lease(at_west.manager, at_west.rooms["arbeitsplaetze"], at_west.kitchen, odd, unit_no=13)
    try:
        await wish
    except Exception as refused:
        paths = [each.path for each in refused.refusals]  # type: ignore[attr-defined]
    assert paths == [("starts_on",), ("ends_on",), ("rent_month",), ("notice_days",), ("unit_no",), ("title",)]
    assert list(await refusals(leases.open_lease(at_west.manager, uuid4(), at_west.kitchen, YEAR))) == ["NOT_FOUND"]
    assert list(await refusals(leases.open_lease(at_west.manager, at_west.rooms["buero-1"], uuid4(), YEAR))) == [
        "NOT_FOUND"
    ]
    assert list(
        await refusals(leases.open_lease(at_west.front_desk, at_west.rooms["buero-1"], at_west.kitchen, YEAR))
    ) == ["NOT_ALLOWED"]


async def test_notice_frees_the_place_from_the_day_after(at_west: House) -> None:
    office = at_west.rooms["buero-3"]
    made = await leases.open_lease(at_west.manager, office, at_west.kitchen, Terms(date(2026, 11, 1)))
    assert made.state == "running"
    refused = await refusals(leases.end_lease(at_west.manager, made.id, 1, date(2026, 12, 31), "zieht um"))
    assert refused["LEASE_NOTICE"].numbers == {"notice_days": 90, "earliest": date(2027, 2, 17)}
    seen = await leases.end_lease(at_west.manager, made.id, 1, date(2027, 2, 17), "zieht um")
    assert (seen.state, seen.ends_on, seen.version) == ("notice", date(2027, 2, 17), 2)
    assert await at_west.occupied() == [("buero-3", 1, at(1, 0), at(18, 0, month=2, year=2027))]
    seen = await leases.end_lease(at_west.manager, made.id, 2, date(2026, 11, 30), "Nachmieterin", by_agreement=True)
    await leases.open_lease(at_west.manager, office, at_west.kitchen, Terms(FIRST))
    assert list(await refusals(leases.end_lease(at_west.manager, made.id, 2, date(2026, 11, 25), "x"))) == [
        "STALE_VERSION"
    ]
    for odd in (date(2026, 11, 18), date(2026, 12, 1)):
        wish = leases.end_lease(at_west.manager, made.id, seen.version, odd, "x", by_agreement=True)
        assert (await refusals(wish))["FIELD_INVALID"].path == ("ends_on",)


async def test_the_calendar_begins_and_ends_leases_once(at_west: House) -> None:
    soon = await leases.open_lease(
        at_west.manager, at_west.rooms["buero-3"], at_west.kitchen, Terms(date(2026, 11, 20), date(2026, 11, 22))
    )
    found = []
    for day in (20, 22, 23, 24):
        with at_west.site.speaking("worker"):
            await leases.keep_leases(at_west.site.desk(now=at(day, 0, 5)))
        [row] = await at_west.site.sql(
            "select l.state, l.version, b.state as booking from app.lease l join app.booking b on b.id = l.booking_id"
            " where l.id = $1", soon.id,
        )  # fmt: skip
        found.append(tuple(row))
    assert found == [("running", 2, "confirmed"), ("running", 2, "confirmed"), *[("ended", 3, "completed")] * 2]
    over = leases.end_lease(at_west.manager.at(at(24, 9)), soon.id, 3, date(2026, 11, 30), "x")
    assert list(await refusals(over)) == ["STEP_NOT_POSSIBLE"]


async def test_rent_below_the_list_is_support_by_the_month_and_the_day(at_west: House) -> None:
    half = Terms(date(2026, 11, 16), rent_month=16000)
    made = await leases.open_lease(at_west.manager, at_west.rooms["buero-3"], at_west.kitchen, half)
    await leases.open_lease(at_west.manager, at_west.rooms["buero-1"], at_west.kitchen, Terms(date(2026, 11, 1)))
    for day, month, year in ((1, 12, 2026), (2, 12, 2026), (1, 1, 2027)):
        with at_west.site.speaking("worker"):
            await leases.keep_leases(at_west.site.desk(now=at(day, 0, 5, month, year)))
    rows = await at_west.site.sql(
        "select kind, on_day, minutes, value, source from app.support where tenant_id = $1 order by on_day",
        at_west.site.id,
    )
    assert [tuple(row) for row in rows] == [
        ("lease", date(2026, 11, 30), 15 * 1440, 15000, made.id),  # half of November at 300 EUR below the list
        ("lease", date(2026, 12, 31), 31 * 1440, 30000, made.id),
    ]


def test_a_month_counts_its_own_days() -> None:
    lease = Lease(
        uuid4(), uuid4(), uuid4(), uuid4(), 1, date(2026, 11, 16), date(2027, 2, 14), 0, 28000, 90, "running", 1
    )
    months = [date(2026, 10, 1), date(2026, 11, 1), date(2027, 2, 1), date(2027, 3, 1)]
    assert [rules.given_in(lease, first) for first in months] == [(0, 0), (15, 14000), (14, 14000), (0, 0)]


async def test_a_membership_ends_only_when_nothing_is_let_any_more(at_west: House) -> None:
    [row] = await at_west.site.sql("select id from app.membership where tenant_id = $1", at_west.site.id)
    made = await leases.open_lease(at_west.manager, at_west.rooms["buero-3"], at_west.kitchen, YEAR)
    wish = leaving.close_membership(at_west.manager, row["id"], 1, ends_on=date(2027, 1, 31))
    refused = await refusals(wish)
    assert refused["LEASE_RUNNING"].numbers == {"until": date(2027, 11, 30), "lease": made.id}
    assert await at_west.site.count("app.membership", "state = 'active' and version = 1") == 1
    await leases.end_lease(at_west.manager, made.id, 1, date(2027, 1, 31), "zieht aus", by_agreement=True)
    closed = await leaving.close_membership(at_west.manager, row["id"], 1, ends_on=date(2027, 1, 31))
    assert closed.ends_on == date(2027, 1, 31)
