"""Who has a room is reminded of it a day before, once, unless she has only just booked or moved it."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from rows import DATED, add
from spaces.house import House, span
from world import NOW

from quartier.acts.reminding import remind
from quartier.spaces import actions
from quartier.spaces.words import Booking

SPAN = span(24, 10, 12)
DAY, HOUR = timedelta(hours=24), timedelta(hours=1)


async def booked(house: House) -> Booking:
    return await actions.book_space(house.member, house.rooms["denkwerkstatt"], SPAN, organisation=house.kitchen)


async def reminded(house: House, at: datetime) -> list[UUID]:
    """Who was reminded up to then."""
    with house.site.speaking("worker"):
        await remind(house.site.desk(now=at))
    rows = await house.site.sql(
        "select person_id from app.notice where tenant_id = $1 and key = 'booking_reminder'", house.site.id
    )
    return [row["person_id"] for row in rows]


async def test_a_day_before_and_once(at_west: House) -> None:
    await booked(at_west)
    assert await reminded(at_west, SPAN.start - DAY - HOUR) == []
    for before in (DAY, DAY - HOUR, HOUR):
        assert await reminded(at_west, SPAN.start - before) == [at_west.lena]
    assert await reminded(at_west, SPAN.end) == [at_west.lena]


async def test_who_booked_within_the_day_knows_it(at_west: House) -> None:
    made = await booked(at_west)
    await at_west.site.sql(
        "update app.booking set created_at = $3, changed_at = $3 where tenant_id = $1 and id = $2",
        at_west.site.id, made.id, SPAN.start - DAY + HOUR,
    )  # fmt: skip
    assert await reminded(at_west, SPAN.start - HOUR) == []


async def test_a_moved_booking_is_reminded_of_anew(at_west: House) -> None:
    made = await booked(at_west)
    assert await reminded(at_west, SPAN.start - DAY) == [at_west.lena]
    later = span(27, 10, 12)
    await actions.move_booking(at_west.member, made.id, made.version, later)
    assert await reminded(at_west, later.start - DAY) == [at_west.lena] * 2


@pytest.mark.parametrize("state", ["requested", "cancelled", "cancelled_by_site", "no_show"])
async def test_what_does_not_stand_is_not_reminded_of(at_west: House, state: str) -> None:
    made = await booked(at_west)
    await at_west.site.sql(
        "update app.booking set state = $3 where tenant_id = $1 and id = $2", at_west.site.id, made.id, state
    )
    assert await reminded(at_west, SPAN.start - HOUR) == []


@pytest.mark.parametrize(("hours", "expected"), [([], 0), ([2], 1), ([48, 2], 2)])
async def test_the_site_says_how_long_before(at_west: House, hours: list[int], expected: int) -> None:
    await booked(at_west)
    await at_west.site.sql("delete from app.setting where tenant_id = $1 and key = 'booking'", at_west.site.id)
    told = json.dumps({"reminder_hours": hours})
    await add(at_west.site, "app.setting", key="booking", value=told, valid_from=date(2026, 1, 1), **DATED)
    assert SPAN.start - NOW > timedelta(hours=48)
    await reminded(at_west, SPAN.start - timedelta(hours=47))
    assert len(await reminded(at_west, SPAN.start - HOUR)) == expected


async def test_each_house_reminds_its_own(at_west: House, house_east: House) -> None:
    with house_east.site.speaking():
        await booked(house_east)
    assert await reminded(at_west, SPAN.start - HOUR) == []
    assert await reminded(house_east, SPAN.start - HOUR) == [house_east.lena]
