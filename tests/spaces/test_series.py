"""Series: every date by every rule, in wall time; what does not fit is kept with its reasons and can be made up."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from refusing import refusals
from spaces.house import House, at, span
from world import NOW, moved

from quartier.settings import CHECKOUT
from quartier.spaces import actions, queries
from quartier.spaces.series import actions as series
from quartier.spaces.series import changing
from quartier.spaces.series.rules import objections_to_rule
from quartier.spaces.series.words import Outcome, Rule, Times, What
from quartier.tenancy.audit import last_line

EVENING = Times(datetime(2026, 11, 24, 18), timedelta(hours=2))  # noqa: DTZ001  (wall time has no zone)
TUESDAYS = Rule("weekly", weekdays=(2,), count=4)
HOUR = timedelta(hours=1)


def wall(*parts: int, hours: float = 2) -> Times:
    return Times(datetime(*parts), timedelta(hours=hours))  # type: ignore[arg-type]  # noqa: DTZ001


async def book(house: House, rule: Rule = TUESDAYS, times: Times = EVENING, **more: Any) -> tuple[UUID, list[Outcome]]:
    wish: dict[str, Any] = {"organisation": house.kitchen, "desk": house.member, "room": "denkwerkstatt"} | more
    desk, room = wish.pop("desk"), house.rooms[wish.pop("room")]
    return await series.book_series(desk, room, rule, times, What("Lesekreis"), **wish)


def days(outcomes: list[Outcome], *, missed: bool = False) -> list[date]:
    return [each.date for each in outcomes if (each.booking is None) is missed]


async def test_every_date_is_a_booking_of_its_own(at_west: House) -> None:
    made, outcomes = await book(at_west)
    assert days(outcomes) == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)]
    assert [(room, start, end) for room, _, start, end in await at_west.occupied()] == [
        ("denkwerkstatt", at(day, 18, month=month), at(day, 20, month=month))
        for day, month in ((24, 11), (1, 12), (8, 12), (15, 12))
    ]
    rows = await at_west.site.sql(
        "select number, title, series_id, series_date from app.booking where tenant_id = $1 order by series_date",
        at_west.site.id,
    )
    assert [row["number"] for row in rows] == [f"LW-B-2026-000{n}" for n in (1, 2, 3, 4)]
    assert {(row["title"], row["series_id"]) for row in rows} == {("Lesekreis", made)}
    [line] = await at_west.lines()
    assert (line["action"], line["subject"]) == ("space.series_booked", made)


async def test_a_date_that_does_not_fit_is_kept_with_all_its_reasons_and_made_up_later(at_west: House) -> None:
    desk = at_west.front_desk
    taken = await actions.book_space(
        desk, at_west.rooms["denkwerkstatt"], span(1, 19, 21, month=12), kind="guest", override=True
    )
    made, outcomes = await book(at_west)
    assert days(outcomes, missed=True) == [date(2026, 12, 1)]
    assert [reason.code for reason in outcomes[1].reasons] == ["SPACE_TAKEN"]
    [row] = await at_west.site.sql("select date, findings, booked_as from app.missed_date where series_id = $1", made)
    assert (row["date"], row["booked_as"]) == (date(2026, 12, 1), None)
    assert '"SPACE_TAKEN"' in row["findings"]
    again = refusals(series.add_series_date(at_west.member, made, date(2026, 12, 1)))
    assert list(await again) == ["SPACE_TAKEN"]
    strange = refusals(series.add_series_date(at_west.member, made, date(2026, 12, 8)))
    assert list(await strange) == ["DATE_NOT_MISSED"]
    await actions.cancel_booking(desk, taken.id, 1, reason="abgesagt")
    booked = await series.add_series_date(at_west.member, made, date(2026, 12, 1))
    found = await queries.booking(desk, booked)
    assert (found.series, found.series_date, found.span) == (made, date(2026, 12, 1), span(1, 18, 20, month=12))
    assert list(await refusals(series.add_series_date(at_west.member, made, date(2026, 12, 1)))) == ["DATE_NOT_MISSED"]


async def test_all_or_nothing_writes_nothing_and_names_the_first_date(at_west: House) -> None:
    await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(8, 17, 19, month=12), kind="guest", override=True
    )
    before = await at_west.occupied()
    found = await refusals(book(at_west, on_conflict="all_or_nothing"))
    assert list(found) == ["SERIES_CONFLICT", "SPACE_TAKEN"]
    assert found["SERIES_CONFLICT"].numbers == {"missed": 1, "dates": 4, "day": date(2026, 12, 8)}
    assert await at_west.occupied() == before
    assert await at_west.site.count("app.series") == 0


async def test_a_series_of_which_no_date_fits_is_refused_in_either_way(at_west: House) -> None:
    night = wall(2026, 11, 24, 2)
    assert "OUT_OF_HOURS" in await refusals(book(at_west, times=night))
    assert await at_west.site.count("app.series") == 0


async def test_only_the_own_series_is_there(at_west: House, house_east: House) -> None:
    made, outcomes = await book(at_west)
    other = at_west.site.desk("member", person=await at_west.site.person("Uwe Strobel"))
    booking = outcomes[0].booking
    assert booking is not None
    for wish in (
        series.add_series_date(other, made, date(2026, 12, 1)),
        changing.cancel_dates(other, booking, 1, "all"),
        changing.move_dates(other, booking, 1, "all", time(17), HOUR),
    ):
        assert list(await refusals(wish)) == ["NOT_FOUND"]
    with house_east.site.speaking():
        wishes: list[Awaitable[Any]] = [series.add_series_date(house_east.front_desk, made, date(2026, 12, 1))]
        wishes.append(changing.cancel_dates(house_east.front_desk, booking, 1, "all", reason="x"))
        for wish in wishes:
            assert list(await refusals(wish)) == ["NOT_FOUND"]


# -- changing -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("scope", "gone"), [("this", [8]), ("following", [8, 15]), ("all", [24, 1, 8, 15])])
async def test_one_date_the_later_ones_or_all_are_cancelled(at_west: House, scope: Any, gone: list[int]) -> None:
    made, outcomes = await book(at_west)
    third = outcomes[2].booking
    assert third is not None
    told = await changing.cancel_dates(at_west.member, third, 1, scope)
    assert [(each.date.day, each.state) for each in told] == [(day, "cancelled") for day in gone]
    assert len(await at_west.occupied()) == 4 - len(gone)
    [row] = await at_west.site.sql("select state from app.series where id = $1", made)
    assert row["state"] == ("ended" if scope == "all" else "running")


async def test_what_has_begun_stays_and_a_late_date_is_late(at_west: House) -> None:
    _, outcomes = await book(at_west)
    third = outcomes[2].booking
    assert third is not None
    after_first = moved(at_west.member, at(1, 12, month=12))  # six hours before the second: past its deadline
    told = await changing.cancel_dates(after_first, third, 1, "all")
    assert [(each.date.day, each.state) for each in told] == [
        (1, "cancelled_late"),
        (8, "cancelled"),
        (15, "cancelled"),
    ]


async def test_a_date_whose_deadline_is_over_stays_when_the_others_move(at_west: House) -> None:
    _, outcomes = await book(at_west)
    third = outcomes[2].booking
    assert third is not None
    after_first = moved(at_west.member, at(1, 12, month=12))  # six hours before the second: past its deadline
    told = await changing.move_dates(after_first, third, 1, "all", time(16), timedelta(hours=2))
    assert [(each.date.day, [reason.code for reason in each.reasons]) for each in told] == [
        (1, ["MOVE_TOO_LATE"]), (8, []), (15, []),
    ]  # fmt: skip


async def test_the_later_dates_move_together_even_onto_each_others_old_time(at_west: House) -> None:
    made, outcomes = await book(at_west, rule=Rule("daily", count=3), times=wall(2026, 11, 24, 10))
    second = outcomes[1].booking
    assert second is not None
    told = await changing.move_dates(at_west.member, second, 1, "following", time(11), timedelta(hours=2))
    assert [(each.date.day, each.state) for each in told] == [(25, "confirmed"), (26, "confirmed")]
    line = await last_line(at_west.member, made)
    assert line is not None
    assert (line.action, line.fields) == ("space.series_moved", ["time"])
    held = [(start, end) for _, _, start, end in await at_west.occupied()]
    assert held == [(at(24, 10), at(24, 12)), (at(25, 11), at(25, 13)), (at(26, 11), at(26, 13))]


async def test_a_date_that_cannot_move_stays_where_it_is(at_west: House) -> None:
    _, outcomes = await book(at_west)
    await actions.book_space(
        at_west.front_desk, at_west.rooms["denkwerkstatt"], span(1, 15, 17, month=12), kind="guest", override=True
    )
    first = outcomes[0].booking
    assert first is not None
    told = await changing.move_dates(at_west.member, first, 1, "all", time(16), timedelta(hours=2))
    assert [(each.date.day, [reason.code for reason in each.reasons]) for each in told] == [
        (24, []), (1, ["SPACE_TAKEN"]), (8, []), (15, []),
    ]  # fmt: skip
    held = {start for _, _, start, _ in await at_west.occupied()}
    assert {at(24, 16), at(1, 18, month=12), at(8, 16, month=12), at(15, 16, month=12)} <= held
    third = outcomes[2].booking
    assert third is not None
    found = await refusals(
        changing.move_dates(at_west.member, third, 2, "all", time(15), HOUR * 2, on_conflict="all_or_nothing")
    )
    assert list(found) == ["SERIES_CONFLICT", "SPACE_TAKEN"]


async def test_a_booking_by_itself_has_no_later_dates(at_west: House) -> None:
    alone = await actions.book_space(
        at_west.member, at_west.rooms["denkwerkstatt"], span(20, 9, 11), organisation=at_west.kitchen
    )
    assert list(await refusals(changing.cancel_dates(at_west.member, alone.id, 1, "all"))) == ["NO_SERIES"]


async def test_two_series_at_once_share_no_date(forty_connections: None, house: House) -> None:
    async def one() -> list[Outcome]:
        with house.site.speaking():
            return (await book(house, desk=house.front_desk, organisation=None, kind="internal"))[1]

    found = await asyncio.gather(*(one() for _ in range(8)), return_exceptions=True)
    booked = [day for each in found if not isinstance(each, BaseException) for day in days(each)]
    assert sorted(booked) == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)]
    assert {getattr(each, "refusals", [None])[0].code for each in found if isinstance(each, BaseException)} == {
        "SERIES_CONFLICT"
    }
    assert await house.site.count("app.occupancy") == 4


# -- the rule -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Rule("weekly", count=3), "RULE_INVALID"),
        (Rule("weekly", weekdays=(8,), count=3), "RULE_INVALID"),
        (Rule("weekly", weekdays=(1,), nth=2, count=3), "RULE_INVALID"),
        (Rule("monthly", weekdays=(1, 2), nth=1, count=3), "RULE_INVALID"),
        (Rule("monthly", weekdays=(1,), count=3), "RULE_INVALID"),
        (Rule("monthly", weekdays=(1,), nth=6, count=3), "RULE_INVALID"),
        (Rule("daily", weekdays=(1,), count=3), "RULE_INVALID"),
        (Rule("daily"), "RULE_INVALID"),
        (Rule("daily", count=3, until=date(2026, 12, 1)), "RULE_INVALID"),
        (Rule("daily", every=0, count=3), "FIELD_INVALID"),
        (Rule("daily", count=0), "FIELD_INVALID"),
        (Rule("daily", count=201), "FIELD_INVALID"),
        (Rule("daily", until=date(2026, 11, 23)), "NO_DATES"),
        (Rule("daily", until=date(2028, 11, 23)), "TOO_MANY_DATES"),
        (Rule("daily", until=date(9999, 12, 31)), "TOO_MANY_DATES"),
        (Rule("monthly", every=52, weekdays=(1,), nth=5, until=date(2026, 12, 1)), None),
    ],
)
def test_a_rule_that_does_not_go_together_is_told_so(rule: Rule, code: str | None) -> None:
    assert {each.code for each in objections_to_rule(rule, EVENING)} == ({code} if code else set())


WINTER = """
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo
from quartier.kit.refusal import Refusal
from quartier.spaces.series.rules import dates, span_on
from quartier.spaces.series.words import Rule, Times
zone = ZoneInfo("Europe/Berlin")
def told(day, times):
    try:
        span = span_on(day, times, zone)
    except Refusal as refusal:
        return f"{day} {refusal.code} " + " ".join(f"{v:%H:%M}" for v in refusal.numbers.values())
    return f"{span.start:%Y-%m-%dT%H:%M}Z {span.length}"
for rule, first in (
    (Rule("weekly", weekdays=(7,), count=53), datetime(2026, 3, 1, 18)),
    (Rule("daily", count=9), datetime(2026, 10, 21, 1, 30)),
    (Rule("daily", count=9), datetime(2026, 3, 25, 2, 30)),
):
    times = Times(first, timedelta(hours=2))
    print("\\n".join(told(day, times) for day in dates(rule, first.date())))
"""


def test_the_clock_on_the_wall_counts_wherever_the_machine_stands() -> None:
    """Both clock changes, on machines of two zones: not one local time is wrong."""
    told = [
        subprocess.run(
            [sys.executable, "-c", WINTER],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(CHECKOUT / "platform")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for zone in ("UTC", "Pacific/Auckland")
    ]
    assert told[0] == told[1]
    sundays, autumn, spring = told[0][:53], told[0][53:62], told[0][62:]
    assert [line[11:17] for line in sundays[:5]] == ["17:00Z", "17:00Z", "17:00Z", "17:00Z", "16:00Z"]
    assert sundays[34].startswith("2026-10-25T17:00Z 2:00:00")
    assert autumn[4] == "2026-10-24T23:30Z 3:00:00"  # from half past one to half past three, an hour more
    assert spring[4] == "2026-03-29 TIME_MISSING 01:00"
    assert [line for line in (*sundays, *spring) if not line.endswith("2:00:00")] == [spring[4]]


async def test_a_date_in_the_hour_that_is_skipped_is_missed_with_the_next_time(at_west: House) -> None:
    early = moved(at_west.front_desk, NOW.replace(year=2027, month=3, day=20))
    _, outcomes = await series.book_series(
        early,
        at_west.rooms["denkwerkstatt"],
        Rule("daily", count=3),
        wall(2027, 3, 27, 2, 30, hours=1),
        What("Nachtwache"),
        kind="internal",
        override=True,
    )
    assert [[reason.code for reason in each.reasons] for each in outcomes] == [
        [],
        ["TIME_MISSING"],
        ["CLOSED"],  # Easter Monday
    ]
    assert outcomes[1].reasons[0].numbers["next_at"] == at(28, 3, month=3, year=2027)
