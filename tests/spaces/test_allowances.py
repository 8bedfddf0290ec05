"""What a plan includes is an account: taken by bookings, given back in time, overdrawn by nobody."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from refusing import refusals
from spaces.house import House, at, span

from quartier.kit.spans import Span
from quartier.members import actions as members
from quartier.members.words import Profile
from quartier.spaces import actions, arriving, closing, deciding, holding
from quartier.spaces.quotas.queries import included
from quartier.spaces.series import changing
from quartier.spaces.series.actions import add_series_date, book_series
from quartier.spaces.series.words import Outcome, Rule, Times, What
from quartier.spaces.undoing import undo_cancel
from quartier.spaces.words import Booking

ROOM = "denkwerkstatt"
HOUR = timedelta(hours=1)


async def book(house: House, wish: Span, room: str = ROOM, **more: Any) -> Booking:
    told = {"organisation": house.kitchen} | more
    return await actions.book_space(house.member, house.rooms[room], wish, **told)


async def spent(house: House, month: int = 11, hours: int = 24) -> None:
    """Use the kitchen's minutes of a month, at eight hours a day, all over by the end of the 27th."""
    for day, length in zip((23, 24, 25), (8, 8, 8), strict=True):
        if hours > 0:
            await book(house, span(day, 8, 8 + min(length, hours), month=month))
            hours -= length


async def left(house: House, on: date = date(2026, 11, 19)) -> tuple[int, int]:
    """Minutes used and granted of the only account of room time."""
    found = await included(house.member, house.kitchen, on)
    [account] = [each for each in found if each.kind == "room_minutes"]
    return account.used, account.granted


async def assert_accounts_are_true(house: House) -> None:
    """What is used is what bookings took and did not give back, and they gave it back exactly if they ended in time."""
    rows = await house.site.sql(
        """
        select b.id from app.allowance_balance b join app.plan_allowance a on a.id = b.allowance_id
        where b.tenant_id = $1 and a.kind = 'room_minutes' and b.used <> (
          select coalesce(sum(u.minutes), 0) from app.allowance_use u where u.balance_id = b.id
            and u.given_back_at is null)
        union all
        select u.id from app.allowance_use u join app.booking b on b.id = u.booking_id
        where u.tenant_id = $1 and (u.given_back_at is not null) <> (b.state in ('cancelled', 'cancelled_by_site',
          'declined', 'withdrawn', 'expired', 'excused'))
        union all
        select b.id from app.allowance_balance b join app.plan_allowance a on a.id = b.allowance_id
        where b.tenant_id = $1 and a.kind = 'open_bookings' and b.used <> (
          select count(distinct coalesce(k.series_id, k.id)) from app.booking k where k.membership_id = b.membership_id
            and k.state in ('held', 'requested', 'confirmed', 'checked_in'))""",
        house.site.id,
    )
    assert list(rows) == []


async def test_what_the_plan_includes_costs_nothing_and_is_counted_by_the_month(at_west: House) -> None:
    made = await book(at_west, span(20, 9, 11))
    later = await book(at_west, span(1, 9, 12, month=12), "studio")
    assert [(each.price, each.list_price, each.payer) for each in (made, later)] == [
        (0, 4400, "nonprofit"), (0, 5400, "nonprofit"),
    ]  # fmt: skip
    assert await left(at_west) == (120, 1440)  # who joined today has the whole month
    assert await left(at_west, date(2026, 12, 31)) == (180, 1440)
    assert await left(at_west, date(2027, 1, 1)) == (0, 1440)
    await assert_accounts_are_true(at_west)


async def test_who_wants_more_than_is_left_hears_how_much_and_what_would_work(at_west: House) -> None:
    await spent(at_west, hours=23)
    room = at_west.rooms[ROOM]
    refused = (await refusals(book(at_west, span(26, 9, 12))))["QUOTA_SPENT"]
    assert refused.path == ("ends_at",)
    assert refused.numbers == {
        "needs": 3 * HOUR, "left": HOUR, "until": date(2026, 11, 30), "renews_on": date(2026, 12, 1),
        "missing": 2 * HOUR, "price_cents": 1600,
    }  # fmt: skip
    assert refused.alternatives == ({"space": room, "starts_at": at(26, 9), "ends_at": at(26, 10)},)
    assert refused.message("de", at_west.member.zone) == (
        "Das Kontingent reicht nicht: nötig 3 h, übrig 1 h bis 30.11.2026. Neues gibt es ab 01.12.2026. "
        "Kürzer buchen, später, oder 2 h für 16,00 € dazu."
    )
    assert (await book(at_west, span(26, 9, 10))).state == "confirmed"  # the way out is one
    assert (await book(at_west, span(1, 9, 12, month=12))).state == "confirmed"
    assert await left(at_west) == (1440, 1440)
    nothing = (await refusals(book(at_west, span(26, 14, 15))))["QUOTA_SPENT"]
    assert (nothing.numbers["left"], nothing.alternatives) == (timedelta(), ())


async def test_all_reasons_come_at_once(at_west: House) -> None:
    await spent(at_west)
    wish = book(at_west, Span(at(25, 6), at(25, 9)))
    assert list(await refusals(wish)) == ["OUT_OF_HOURS", "SPACE_TAKEN", "QUOTA_SPENT"]


async def test_beyond_the_allowance_one_pays_the_tariff_without_discount(at_west: House) -> None:
    await spent(at_west, hours=23)
    made = await book(at_west, span(26, 9, 12), beyond=True)
    assert (made.price, made.list_price) == (1600, 6600)
    assert made.subsidy == 6600 - 1600 - 800  # the hour within is paid for by the plan, at the tariff
    assert await left(at_west) == (1440, 1440)
    await assert_accounts_are_true(at_west)


async def test_what_the_plan_does_not_include_has_its_discount(at_west: House) -> None:
    made = await book(at_west, span(20, 9, 13), "arbeitsplaetze", units=2)
    assert (made.price, made.list_price, made.subsidy) == (400, 1600, 1200)  # 8 h at 1 euro, half of it
    assert await left(at_west) == (0, 1440)


async def test_without_a_fee_what_is_included_is_given_whole(at_west: House) -> None:
    await at_west.site.sql("update app.membership_term set price = 0 where tenant_id = $1", at_west.site.id)
    made = await book(at_west, span(20, 9, 11))
    assert (made.price, made.subsidy) == (0, 4400)
    with at_west.site.speaking("worker"):
        await arriving.keep_time(at_west.site.desk(now=at(21, 8)))
    [row] = await at_west.site.sql("select minutes, value from app.support where tenant_id = $1", at_west.site.id)
    assert tuple(row) == (120, 4400)


async def initiative(house: House) -> UUID:
    """Flickwerk: an initiative, for which Lena stands as well; twenty hours off peak, sixteen in peak hours."""
    body = await members.register_organisation(house.manager, Profile("Flickwerk", "initiative", False, False))
    [plan] = await house.site.sql("select id from app.plan where tenant_id = $1 and key = 'initiative'", house.site.id)
    await members.open_membership(house.manager, plan["id"], organisation=body.id)
    return body.id


async def test_peak_hours_and_the_others_are_two_accounts(at_west: House) -> None:
    body = await initiative(at_west)
    desk = at_west.front_desk
    room = at_west.rooms[ROOM]
    await actions.book_space(desk, room, span(20, 15, 20), organisation=body)  # peak is from 17 on
    found = {each.peak: (each.used, each.granted) for each in await included(at_west.manager, body, date(2026, 11, 19))
             if each.kind == "room_minutes"}  # fmt: skip
    assert found == {"off_peak": (120, 1200), "peak": (180, 960)}
    for day, start in ((21, 10), (27, 17)):  # Saturday is peak until 18
        await actions.book_space(desk, room, span(day, start, start + (8 if day == 21 else 4)), organisation=body)
    refused = await refusals(actions.book_space(desk, room, span(30, 16, 19), organisation=body))
    assert (refused["QUOTA_SPENT"].numbers["needs"], refused["QUOTA_SPENT"].numbers["missing"]) == (3 * HOUR, HOUR)
    [way] = refused["QUOTA_SPENT"].alternatives
    assert (way["starts_at"], way["ends_at"]) == (at(30, 16), at(30, 18))


async def test_a_pass_for_off_peak_hours_pays_in_peak_hours(at_west: House) -> None:
    [plan] = await at_west.site.sql(
        "select id from app.plan where tenant_id = $1 and key = 'quartierspass'", at_west.site.id
    )
    milan = await at_west.site.person("Milan Novák")
    await members.open_membership(at_west.manager, plan["id"], person=milan)
    made = await actions.book_space(at_west.front_desk, at_west.rooms["studio"], span(20, 15, 19), for_person=milan)
    assert (made.price, made.list_price) == (2 * 1800, 4 * 1800)


async def test_given_back_in_time_and_by_the_house_but_not_late_and_not_by_staying_away(at_west: House) -> None:
    made = [await book(at_west, span(day, 9, 11), "studio") for day in (20, 23, 24, 25)]
    assert (await left(at_west))[0] == 480
    in_time = at_west.member.at(at(22, 8))
    assert (await actions.cancel_booking(at_west.member.at(at(20, 8)), made[0].id, 1)).state == "cancelled_late"
    assert (await left(at_west))[0] == 480
    assert (await actions.cancel_booking(in_time, made[1].id, 1)).state == "cancelled"
    assert (await left(at_west))[0] == 360
    await actions.cancel_booking(at_west.front_desk, made[2].id, 1, reason="Wasserschaden")
    assert (await left(at_west))[0] == 240
    with at_west.site.speaking("worker"):
        await arriving.keep_time(at_west.site.desk(now=at(26, 8)))  # nobody came to the last
    assert (await left(at_west))[0] == 240
    await arriving.excuse_no_show(at_west.front_desk, made[3].id, 2, "krank")
    assert (await left(at_west))[0] == 120
    await assert_accounts_are_true(at_west)


async def test_a_closure_gives_back_what_it_takes_away(at_west: House) -> None:
    await book(at_west, span(23, 9, 11))
    await book(at_west, span(24, 9, 11))
    await closing.add_closure(at_west.manager, None, span(23, 0, 23), "repair", "Heizung", cancel=True)
    assert (await left(at_west))[0] == 120
    await assert_accounts_are_true(at_west)


async def test_a_request_takes_at_once_so_that_what_is_granted_cannot_fail(at_west: House) -> None:
    asked = [await book(at_west, span(12, hour, hour + 3, month=12), "werkhalle") for hour in (10, 11)]
    assert {each.state for each in asked} == {"requested"}
    assert await left(at_west, date(2026, 12, 1)) == (360, 1440)
    granted, [declined] = await deciding.approve_booking(at_west.manager, asked[0].id, 1)
    assert (granted.state, granted.price, declined) == ("confirmed", 0, asked[1].id)
    assert await left(at_west, date(2026, 12, 1)) == (180, 1440)
    await assert_accounts_are_true(at_west)


async def test_a_hold_that_ends_gives_back(at_west: House) -> None:
    await holding.hold_space(at_west.member, at_west.rooms[ROOM], span(20, 9, 11), organisation=at_west.kitchen)
    assert (await left(at_west))[0] == 120
    with at_west.site.speaking("worker"):
        await arriving.keep_time(at_west.site.desk(now=at_west.member.now + HOUR))
    assert (await left(at_west))[0] == 0
    await assert_accounts_are_true(at_west)


async def test_a_move_takes_anew_also_into_another_month(at_west: House) -> None:
    made = await book(at_west, span(30, 9, 11))
    made = await actions.move_booking(at_west.member, made.id, 1, span(30, 9, 13))
    assert (await left(at_west))[0] == 240
    made = await actions.move_booking(at_west.member, made.id, 2, span(1, 9, 10, month=12))
    assert ((await left(at_west))[0], (await left(at_west, date(2026, 12, 1)))[0]) == (0, 60)
    await assert_accounts_are_true(at_west)


async def test_what_moves_has_its_own_minutes_again_and_no_more(at_west: House) -> None:
    await spent(at_west)
    [first, *_] = await at_west.site.sql(
        "select id from app.booking where tenant_id = $1 order by starts_at", at_west.site.id
    )
    moved = await actions.move_booking(at_west.member, first["id"], 1, span(26, 9, 17))
    assert moved.state == "confirmed"
    refused = await refusals(
        actions.move_booking(at_west.member, first["id"], 2, span(27, 9, 18), space_id=at_west.rooms["werkhalle-nord"])
    )
    assert (refused["QUOTA_SPENT"].numbers["left"], refused["QUOTA_SPENT"].numbers["missing"]) == (8 * HOUR, HOUR)
    assert await left(at_west) == (1440, 1440)
    await assert_accounts_are_true(at_west)


async def test_a_cancellation_taken_back_takes_again_unless_somebody_has_it_by_now(at_west: House) -> None:
    await spent(at_west, hours=16)
    made = await book(at_west, span(26, 9, 17))
    gone = await actions.cancel_booking(at_west.member, made.id, 1)
    assert (await left(at_west))[0] == 960
    back = await undo_cancel(at_west.member, gone.id, 2)
    assert (back.price, await left(at_west)) == (0, (1440, 1440))
    gone = await actions.cancel_booking(at_west.member, made.id, 3)
    await book(at_west, span(27, 9, 10))
    refused = (await refusals(undo_cancel(at_west.member, gone.id, 4)))["QUOTA_SPENT"]
    assert (refused.numbers["left"], refused.numbers["needs"]) == (7 * HOUR, 8 * HOUR)
    await assert_accounts_are_true(at_west)


async def test_so_many_bookings_may_be_open_and_a_refusal_names_them(at_west: House) -> None:
    made = [await book(at_west, span(day, 9, 10)) for day in (20, 23, 24, 25, 26, 27)]
    refused = (await refusals(book(at_west, span(30, 9, 10))))["TOO_MANY_OPEN"]
    assert (refused.numbers["most"], refused.numbers["open"]) == (6, 6)
    assert str(refused.numbers["named"]).startswith("LW-B-2026-0001 (20.11.), LW-B-2026-0002 (23.11.)")
    assert refused.alternatives[0] == {"booking": made[0].id, "starts_at": at(20, 9)}
    await actions.move_booking(at_west.member, made[5].id, 1, span(27, 12, 13))  # none more than before
    await actions.cancel_booking(at_west.member, made[4].id, 1)
    assert (await book(at_west, span(30, 9, 10))).state == "confirmed"
    with at_west.site.speaking("worker"):
        await arriving.keep_time(at_west.site.desk(now=at(20, 11)))
    assert (await book(at_west, span(30, 12, 13))).state == "confirmed"
    await assert_accounts_are_true(at_west)


MONDAYS = Rule("weekly", weekdays=(1,), count=8)
MORNING = Times(datetime(2026, 11, 23, 8), 8 * HOUR)  # noqa: DTZ001  (wall time has no zone)


async def series(house: House, **more: Any) -> tuple[UUID, list[Outcome]]:
    wish = {"organisation": house.kitchen} | more
    return await book_series(house.member, house.rooms[ROOM], MONDAYS, MORNING, What("Tafelrunde"), **wish)


async def test_a_series_takes_date_by_date_and_says_which_ones_are_too_many(at_west: House) -> None:
    made, dates = await series(at_west)
    told = {each.date: [reason.code for reason in each.reasons] for each in dates}
    assert told == {
        date(2026, 11, 23): [], date(2026, 11, 30): [], date(2026, 12, 7): [], date(2026, 12, 14): [],
        date(2026, 12, 21): [], date(2026, 12, 28): ["CLOSED", "QUOTA_SPENT"], date(2027, 1, 4): [],
        date(2027, 1, 11): [],
    }  # fmt: skip
    assert await left(at_west) == (960, 1440)
    assert await left(at_west, date(2026, 12, 1)) == (1440, 1440)
    found = await included(at_west.member, at_west.kitchen, date(2026, 11, 19))
    assert [(each.used, each.granted) for each in found if each.kind == "open_bookings"] == [(1, 6)]
    assert await at_west.site.count("app.booking", f"series_id = '{made}' and price = 0") == 7
    await assert_accounts_are_true(at_west)


async def test_a_missed_date_of_an_open_series_is_no_booking_more(at_west: House) -> None:
    guest = await actions.book_space(at_west.front_desk, at_west.rooms[ROOM], span(7, 8, 16, month=12), kind="guest")
    made, _ = await series(at_west)
    for day in (20, 24, 25, 26, 27):
        await book(at_west, span(day, 9, 10), "studio")
    assert list(await refusals(book(at_west, span(21, 10, 11), "studio"))) == ["TOO_MANY_OPEN"]
    await actions.cancel_booking(at_west.front_desk, guest.id, 1, reason="entfällt")
    await add_series_date(at_west.member, made, date(2026, 12, 7))
    assert await left(at_west, date(2026, 12, 1)) == (1440, 1440)
    await assert_accounts_are_true(at_west)


async def test_a_date_of_a_series_beyond_the_allowance_is_paid_for(at_west: House) -> None:
    await spent(at_west, hours=20)
    _, dates = await series(at_west, beyond=True)
    assert [each.date for each in dates if each.reasons] == [date(2026, 11, 23), date(2026, 12, 28)]  # taken, closed
    rows = await at_west.site.sql(
        "select price from app.booking where tenant_id = $1 and series_id is not null order by starts_at",
        at_west.site.id,
    )
    assert [row["price"] for row in rows] == [4 * 800, 0, 0, 0, 0, 0]


async def test_dates_that_move_have_their_minutes_again_and_those_that_stay_keep_them(at_west: House) -> None:
    _, dates = await series(at_west)
    first = dates[0].booking
    assert first is not None
    at_night = await refusals(
        changing.move_dates(at_west.member, first, 1, "all", time(8), 9 * HOUR, on_conflict="all_or_nothing")
    )
    assert list(at_night) == ["SERIES_CONFLICT", "SPAN_TOO_LONG", "QUOTA_SPENT"][: len(at_night)]
    moved = await changing.move_dates(at_west.member, first, 1, "all", time(9), 8 * HOUR)
    assert [each.reasons for each in moved] == [()] * 7
    assert await left(at_west, date(2026, 12, 1)) == (1440, 1440)
    await changing.cancel_dates(at_west.member, first, 2, "all")
    assert [await left(at_west, date(2026, month, 19)) for month in (11, 12)] == [(0, 1440), (0, 1440)]
    await assert_accounts_are_true(at_west)


async def test_guests_and_the_house_go_by_no_plan(at_west: House) -> None:
    await spent(at_west)
    guest = await actions.book_space(
        at_west.front_desk, at_west.rooms[ROOM], span(26, 9, 11), organisation=at_west.kitchen, kind="guest"
    )
    house = await actions.book_space(at_west.front_desk, at_west.rooms[ROOM], span(27, 9, 11))
    assert (guest.price, house.price, await left(at_west)) == (1600, 0, (1440, 1440))
    refused = await refusals(
        actions.book_space(
            at_west.front_desk, at_west.rooms[ROOM], span(30, 9, 11), organisation=at_west.kitchen, override=True
        )
    )
    assert list(refused) == ["QUOTA_SPENT"]  # the front desk sets hours aside, never an allowance


async def test_two_sites_have_accounts_of_their_own(at_west: House, house_east: House) -> None:
    await spent(at_west)
    with house_east.site.speaking():
        assert (await book(house_east, span(26, 9, 17))).price == 0
        assert await left(house_east) == (480, 1440)
    assert await left(at_west) == (1440, 1440)


async def test_not_even_sql_overdraws(at_west: House) -> None:
    await book(at_west, span(20, 9, 11))
    for wrong in ("granted + 1", "-1"):
        with pytest.raises(asyncpg.CheckViolationError) as broken:
            await at_west.site.sql(
                f"update app.allowance_balance set used = {wrong} where tenant_id = $1", at_west.site.id
            )
        assert broken.value.constraint_name == "allowance_not_overdrawn"


async def test_the_constraint_speaks_in_the_words_of_the_rule(at_west: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rule were deaf the account would still not be overdrawn."""
    await book(at_west, span(20, 9, 11))
    await at_west.site.sql("update app.allowance_balance set granted = 150 where tenant_id = $1", at_west.site.id)
    monkeypatch.setattr("quartier.spaces.quotas.rules._left", lambda *_: 10_000)
    assert list(await refusals(book(at_west, span(23, 9, 11)))) == ["QUOTA_SPENT"]
    assert await at_west.site.count("app.booking") == 1
