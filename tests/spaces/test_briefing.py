"""Spaces that ask for a briefing: it has to hold on the day itself, and only who uses the space needs it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from refusing import refusals
from spaces.house import House, at, span

from quartier.members import actions as members
from quartier.members.facts import qualified
from quartier.spaces import actions, briefing
from quartier.spaces.series import actions as series
from quartier.spaces.series.words import Rule, Times, What

TODAY = date(2026, 11, 19)


async def test_a_space_with_machines_is_refused_with_whom_to_ask(at_west: House) -> None:
    south = at_west.rooms["werkhalle-sued"]
    wish = actions.book_space(at_west.member, south, span(20, 9, 11), organisation=at_west.kitchen)
    refused = await refusals(wish)
    assert list(refused) == ["QUALIFICATION_MISSING"]
    assert refused["QUALIFICATION_MISSING"].message("de", at_west.member.zone) == (
        "Dieser Raum verlangt „Einweisung Maschinen“, gültig am 20.11.2026. Termine nennt und trägt ein: der Empfang."
    )
    last = await briefing.record_briefing(at_west.front_desk, at_west.lena, "maschinen", TODAY)
    assert last == date(2028, 11, 18)
    made = await actions.book_space(at_west.member, south, span(20, 9, 11), organisation=at_west.kitchen)
    assert made.state == "confirmed"
    [line] = [line for line in await at_west.lines() if line["action"] == "space.briefed"]
    assert '"key": "maschinen"' in line["numbers"]
    kitchen = actions.book_space(
        at_west.member, at_west.rooms["gemeinschaftskueche"], span(20, 9, 11), organisation=at_west.kitchen
    )
    assert list(await refusals(kitchen)) == ["QUALIFICATION_MISSING"]  # another briefing


async def test_it_has_to_hold_on_the_day_and_comes_with_all_other_reasons(at_west: House) -> None:
    south = at_west.rooms["werkhalle-sued"]
    await at_west.site.sql("update app.briefing set months = 1 where tenant_id = $1", at_west.site.id)
    assert await briefing.record_briefing(at_west.front_desk, at_west.lena, "maschinen", TODAY) == date(2026, 12, 18)
    await actions.book_space(at_west.member, south, span(18, 9, 11, month=12), organisation=at_west.kitchen)
    late = actions.book_space(at_west.member, south, span(19, 7, 9, month=12), organisation=at_west.kitchen)
    refused = await refusals(late)
    assert list(refused) == ["QUALIFICATION_MISSING", "OUT_OF_HOURS"]
    assert refused["QUALIFICATION_MISSING"].numbers["on"] == date(2026, 12, 19)


async def test_a_series_misses_the_dates_on_which_it_does_not_hold(at_west: House) -> None:
    await at_west.site.sql("update app.briefing set months = 1 where tenant_id = $1", at_west.site.id)
    await briefing.record_briefing(at_west.front_desk, at_west.lena, "maschinen", TODAY)
    _, outcomes = await series.book_series(
        at_west.member,
        at_west.rooms["werkhalle-sued"],
        Rule("weekly", weekdays=(2,), until=date(2026, 12, 23)),
        Times(at(8, 16, month=12).astimezone(at_west.member.zone).replace(tzinfo=None), timedelta(hours=2)),
        What("Werkstatt"),
        organisation=at_west.kitchen,
    )
    assert [(each.date.day, [reason.code for reason in each.reasons]) for each in outcomes] == [
        (8, []),
        (15, []),
        (22, ["QUALIFICATION_MISSING"]),
    ]


async def test_who_uses_the_space_needs_it_and_nobody_else(at_west: House) -> None:
    """Guests are let in by the front desk, the house uses its own; of an organisation one who has it is enough."""
    south, desk, kitchen = at_west.rooms["werkhalle-sued"], at_west.front_desk, at_west.kitchen
    await actions.book_space(desk, south, span(20, 9, 10), kind="guest")
    await actions.book_space(desk, south, span(23, 9, 10))
    assert list(await refusals(actions.book_space(desk, south, span(24, 9, 10), organisation=kitchen))) == [
        "QUALIFICATION_MISSING"
    ]
    colleague = await at_west.site.person("Kim Adler")
    await briefing.record_briefing(desk, colleague, "maschinen", TODAY)
    assert list(await refusals(actions.book_space(desk, south, span(24, 9, 10), organisation=kitchen))) == [
        "QUALIFICATION_MISSING"
    ]
    await members.add_affiliation(at_west.manager, colleague, at_west.kitchen, "member")
    await actions.book_space(desk, south, span(24, 9, 10), organisation=kitchen)
    hers = actions.book_space(desk, south, span(25, 9, 10), for_person=at_west.lena, organisation=kitchen)
    assert list(await refusals(hers)) == ["QUALIFICATION_MISSING"]
    overridden = actions.book_space(
        desk, south, span(25, 9, 10), for_person=at_west.lena, override=True, organisation=kitchen
    )
    assert list(await refusals(overridden)) == ["QUALIFICATION_MISSING"]  # nobody sets safety aside


async def test_only_what_there_is_is_recorded_and_only_for_somebody_here(at_west: House, house_east: House) -> None:
    record = briefing.record_briefing
    refused = await refusals(record(at_west.front_desk, at_west.lena, "schweben", date(2026, 11, 20)))
    assert refused["FIELD_INVALID"].path in {("key",), ("on",)}
    for day in (date(2026, 11, 20), date(2025, 11, 17)):
        assert list(await refusals(record(at_west.front_desk, at_west.lena, "kueche", day))) == ["FIELD_INVALID"]
    for stranger in (uuid4(), house_east.lena):
        assert list(await refusals(record(at_west.front_desk, stranger, "kueche", TODAY))) == ["NOT_FOUND"]
    assert list(await refusals(record(at_west.member, at_west.lena, "kueche", TODAY))) == ["NOT_ALLOWED"]
    assert await at_west.site.count("app.qualification") == 0


async def test_a_briefing_here_is_none_there(at_west: House, house_east: House) -> None:
    await briefing.record_briefing(at_west.front_desk, at_west.lena, "maschinen", TODAY)
    with house_east.site.speaking():
        assert await qualified(house_east.front_desk, "maschinen", person=at_west.lena, organisation=None) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 19), 24, date(2028, 11, 19)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_months_end_on_the_last_day_there_is(day: date, months: int, later: date) -> None:
    assert briefing.months_on(day, months) == later
