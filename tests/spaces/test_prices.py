"""What a booking costs, for whom; and that what the house gives is written down once, when it has taken place."""

from datetime import date, timedelta

import pytest
from refusing import refusals
from spaces.house import House, at, span
from world import NOW

from quartier.kit.spans import Span
from quartier.members import actions as members
from quartier.members.facts import support_worth
from quartier.members.words import Facts, Profile
from quartier.spaces import actions, arriving, prices
from quartier.spaces.words import Tariff


@pytest.mark.parametrize(
    ("kind", "nonprofit", "payer"),
    [
        ("company", False, "company"),
        ("company", True, "nonprofit"),  # a gGmbH
        ("initiative", False, "nonprofit"),
        ("association", False, "company"),
        ("public_body", True, "public"),
    ],
)
def test_organisations_pay_as_what_they_are(kind: str, nonprofit: bool, payer: str) -> None:
    facts = Facts(kind, nonprofit, True, None, None, None, None)  # type: ignore[arg-type]
    assert prices.paying(facts) == payer


def test_the_price_of_the_day_counts_and_its_end_is_excluded() -> None:
    tariff = Tariff("company", 100, date(2026, 11, 1), date(2026, 12, 1))
    assert [tariff.holds_on(date(2026, *day)) for day in ((10, 31), (11, 1), (11, 30), (12, 1))] == [
        False, True, True, False,
    ]  # fmt: skip


async def test_who_is_charitable_pays_less_and_everybody_else_the_list_price(at_west: House) -> None:
    room = at_west.rooms["werkhalle-nord"]
    company = await members.register_organisation(at_west.manager, Profile("Kanalrad", "company", False, True))
    made = {
        name: await actions.book_space(at_west.front_desk, room, span(day, 9, 11), organisation=whose, kind="guest")
        for name, day, whose in (("verein", 20, at_west.kitchen), ("firma", 23, company.id), ("jemand", 24, None))
    }
    house = await actions.book_space(at_west.front_desk, room, span(25, 9, 11))
    assert {name: (each.price, each.list_price, each.payer) for name, each in made.items()} == {
        "verein": (2000, 5600, "nonprofit"),
        "firma": (5600, 5600, "company"),
        "jemand": (5600, 5600, "public"),
    }
    assert (house.kind, house.price, house.list_price, house.payer) == ("internal", 0, 5600, None)


async def test_a_space_without_a_tariff_of_its_kind_costs_the_list_price(at_west: House) -> None:
    await at_west.site.sql("delete from app.tariff where tenant_id = $1 and space_kind = 'think_room'", at_west.site.id)
    made = await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(20, 9, 11), organisation=at_west.kitchen, kind="guest"
    )
    assert (made.price, made.list_price, made.payer) == (4400, 4400, "nonprofit")


async def test_a_new_price_holds_from_its_day_and_bookings_keep_theirs(at_west: House) -> None:
    room, desk = at_west.rooms["denkwerkstatt"], at_west.front_desk
    before = await actions.book_space(desk, room, span(20, 9, 11), organisation=at_west.kitchen, kind="guest")
    await prices.set_tariff(at_west.manager, "think_room", "nonprofit", 1200, date(2026, 12, 1))
    await prices.set_tariff(at_west.manager, "think_room", "nonprofit", 1000, date(2026, 12, 1))
    last = await actions.book_space(desk, room, span(30, 9, 11), organisation=at_west.kitchen, kind="guest")
    first = await actions.book_space(desk, room, span(1, 9, 11, month=12), organisation=at_west.kitchen, kind="guest")
    moved = await actions.move_booking(desk, before.id, 1, span(2, 9, 11, month=12))
    assert [each.price for each in (before, last, first, moved)] == [1600, 1600, 2000, 2000]
    told = await prices.tariffs(at_west.manager, "think_room")
    assert [(each.price_hour, each.since, each.until) for each in told if each.payer == "nonprofit"] == [
        (800, date(2025, 9, 1), date(2026, 12, 1)),
        (1000, date(2026, 12, 1), None),
    ]
    [line] = [line for line in await at_west.lines() if line["action"] == "space.tariff_set"][1:]
    assert '"price_cents": 1000' in line["numbers"]


async def test_a_price_is_never_set_for_days_that_are_over_and_never_absurd(at_west: House) -> None:
    wish = prices.set_tariff(at_west.manager, "hall", "company", -1, date(2026, 11, 18))
    assert list(await refusals(wish)) == ["FIELD_INVALID"]
    refused = (await refusals(prices.set_tariff(at_west.manager, "hall", "company", 1, date(2026, 11, 18))))[
        "FIELD_INVALID"
    ]
    assert (refused.path, refused.message("de", at_west.member.zone)) == (
        ("valid_from",), "Diese Angabe passt nicht. Möglich ist: nicht vor 19.11.2026.",
    )  # fmt: skip
    assert list(await refusals(prices.set_tariff(at_west.front_desk, "hall", "company", 1, date(2026, 12, 1)))) == [
        "NOT_ALLOWED"
    ]
    assert await at_west.site.count("app.tariff", "space_kind = 'hall'") == 3


async def test_two_sites_have_prices_of_their_own(at_west: House, house_east: House) -> None:
    await prices.set_tariff(at_west.manager, "think_room", "nonprofit", 100, date(2026, 11, 19))
    with house_east.site.speaking():
        there = await actions.book_space(
            house_east.front_desk, house_east.rooms["denkwerkstatt"], span(20, 9, 11),
            organisation=house_east.kitchen, kind="guest",
        )  # fmt: skip
    here = await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(20, 9, 11), organisation=at_west.kitchen, kind="guest"
    )
    assert (here.price, there.price) == (200, 1600)


async def test_support_is_written_once_when_a_booking_has_taken_place(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    made = await actions.book_space(at_west.member, room, span(20, 9, 11), organisation=at_west.kitchen)
    gone = await actions.book_space(at_west.member, room, span(23, 9, 11), organisation=at_west.kitchen)
    await actions.book_space(at_west.front_desk, room, span(20, 13, 15), kind="guest")  # nobody's organisation
    company = await members.register_organisation(at_west.manager, Profile("Kanalrad", "company", False, True))
    full = await actions.book_space(
        at_west.front_desk, room, span(24, 9, 11), organisation=company.id, kind="guest"
    )  # at the list price
    assert full.price == full.list_price
    await actions.cancel_booking(at_west.member, gone.id, 1)
    assert await at_west.site.count("app.support") == 0
    with at_west.site.speaking("worker"):
        for _ in range(2):
            await arriving.keep_time(at_west.site.desk(now=at(27, 8)))
    rows = await at_west.site.sql(
        "select organisation_id, kind, on_day, minutes, value, structured, source from app.support"
        " where tenant_id = $1", at_west.site.id,
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [(at_west.kitchen, "room", date(2026, 11, 20), 120, 2800, True, made.id)]
    assert await support_worth(at_west.manager, at_west.kitchen, date(2026, 11, 1), date(2026, 12, 1)) == 2800
    assert await support_worth(at_west.manager, at_west.kitchen, date(2026, 11, 21), date(2026, 12, 1)) == 0


async def test_who_leaves_early_was_still_given_the_whole_time(at_west: House) -> None:
    soon = Span(NOW + timedelta(minutes=20), NOW + timedelta(minutes=140))
    made = await actions.book_space(
        at_west.front_desk, at_west.rooms["werkhalle-nord"], soon, organisation=at_west.kitchen, override=True
    )
    there = await arriving.check_in(at_west.front_desk.at(soon.start), made.id, 1)
    await arriving.end_booking(at_west.front_desk.at(soon.start + timedelta(hours=1)), made.id, there.version)
    [row] = await at_west.site.sql("select minutes, value from app.support where tenant_id = $1", at_west.site.id)
    assert tuple(row) == (120, 3600)


def test_a_price_above_the_list_is_no_support() -> None:
    assert prices.subsidy(300, 200) == 0
    assert prices.in_words(300, 200, 0, 0, "de") == "3,00 €"
    assert prices.in_words(0, 200, 200, 0, "en") == "0,00 € (list price 2,00 €, given by the house 2,00 €)"
