"""Clocks: the two nights a year when they change, the turn of the year, and a machine that lives in another zone."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces.conftest import at_west, blueprint, house
from spaces.house import House
from world import BERLIN, NOW, Site, moved

from quartier.kit.moments import TimeMissing, TimeTwice, wall
from quartier.kit.refusal import Refused
from quartier.kit.spans import Span
from quartier.spaces import actions
from quartier.tenancy.numbering import next_number

__all__ = ["at_west", "blueprint", "house"]


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=day.isoweekday() % 7)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Wall time of nobody's zone yet."""
    return datetime.combine(day, clock(hour, minute))


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/St_Johns"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's own zone, which nothing may depend on."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize("year", range(2026, 2038))
def test_half_past_two_is_missing_in_march_and_comes_twice_in_october(year: int) -> None:
    spring, autumn = last_sunday(year, 3), last_sunday(year, 10)
    for minute in (0, 30, 59):
        with pytest.raises(TimeMissing) as missing:
            wall(at(spring, 2, minute), BERLIN)
        assert missing.value.numbers == {"next_at": at(spring, 1).replace(tzinfo=UTC)}  # 03:00 in Leipzig
        with pytest.raises(TimeTwice) as twice:
            wall(at(autumn, 2, minute), BERLIN)
        first = at(autumn, 0, minute).replace(tzinfo=UTC)
        assert twice.value.numbers == {"first_at": first, "second_at": first + timedelta(hours=1)}
    assert wall(at(spring, 1, 59), BERLIN) + timedelta(minutes=1) == wall(at(spring, 3), BERLIN)
    assert wall(at(autumn, 3), BERLIN) - wall(at(autumn, 1, 59), BERLIN) == timedelta(hours=2, minutes=1)


ZONES = ("Europe/Berlin", "Europe/Lisbon", "Europe/Helsinki", "Pacific/Auckland", "Australia/Lord_Howe", "UTC")


@given(st.datetimes(at(date(2026, 1, 1), 0), at(date(2037, 12, 31), 0)), st.sampled_from(ZONES))
def test_every_other_wall_time_is_one_instant_and_comes_back_as_it_was(local: datetime, zone: str) -> None:
    try:
        instant = wall(local, ZoneInfo(zone))
    except TimeMissing as missing:
        ends = missing.numbers["next_at"]
        assert isinstance(ends, datetime)
        # The first instant after the gap: a moment before it the clocks still stood before the wish.
        assert ends.astimezone(ZoneInfo(zone)).replace(tzinfo=None) > local
        assert (ends - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None) < local
    except TimeTwice as twice:
        for told in twice.numbers.values():
            assert isinstance(told, datetime)
            assert told.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    else:
        assert instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


async def test_a_room_is_held_by_instants_so_the_hour_that_comes_twice_is_two(at_west: House, elsewhere: str) -> None:
    desk = moved(at_west.front_desk, datetime(2026, 10, 1, 8, tzinfo=UTC))
    first = datetime(2026, 10, 25, 0, tzinfo=UTC)  # 02:00 summer time; an hour later it is 02:00 once more
    room, hour = at_west.rooms["denkwerkstatt"], timedelta(hours=1)
    for start in (first, first + hour):
        await actions.book_space(desk, room, Span(start, start + hour), kind="internal", override=True)
    with pytest.raises(Refused) as refused:
        await actions.book_space(desk, room, Span(first, first + hour), kind="internal", override=True)
    assert [refusal.code for refusal in refused.value.refusals] == ["SPACE_TAKEN"]
    rows = await at_west.site.sql(
        "select local_start from app.booking where tenant_id = $1 order by starts_at", at_west.site.id
    )
    assert [row["local_start"] for row in rows] == [at(date(2026, 10, 25), 2)] * 2


async def test_a_number_takes_the_year_of_the_site(west: Site, elsewhere: str) -> None:
    midnight = datetime(2026, 12, 31, 23, tzinfo=UTC)  # in Leipzig
    with west.speaking():
        numbers = []
        for now in (NOW, midnight - timedelta(microseconds=1), midnight, datetime(2028, 2, 29, 12, tzinfo=UTC)):
            desk = west.desk(now=now)
            async with desk.transaction():
                numbers.append(await next_number(desk, "B"))
    assert numbers == ["LW-B-2026-0001", "LW-B-2026-0002", "LW-B-2027-0001", "LW-B-2028-0001"]
