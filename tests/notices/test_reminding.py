"""Who has a seat is reminded three days and one day before, once each."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rows import DATED, add, seat, workshop
from world import NOW, Site

from quartier.acts.reminding import remind

STARTS = NOW + timedelta(days=7)


async def reserved(site: Site, workshop: UUID, name: str, state: str = "confirmed") -> UUID:
    person = await site.person(name)
    await seat(site, workshop, person, state)
    return person


async def reminded(site: Site, at: datetime) -> list[Any]:
    with site.speaking("worker"):
        await remind(site.desk(now=at))
    return [
        row["person_id"]
        for row in await site.sql(
            "select person_id from app.notice where tenant_id = $1 order by created_at, id", site.id
        )
    ]


async def test_three_days_before_and_one_day_before_once_each(west: Site) -> None:
    ayla = await reserved(west, await workshop(west, STARTS), "Ayla")
    assert await reminded(west, STARTS - timedelta(hours=72, seconds=1)) == []
    for hours, expected in ((72, 1), (71, 1), (25, 1), (24, 2), (1, 2)):
        assert await reminded(west, STARTS - timedelta(hours=hours)) == [ayla] * expected, hours
    assert await reminded(west, STARTS) == [ayla] * 2


async def test_whoever_registers_on_the_last_day_is_reminded_once(west: Site) -> None:
    ayla = await reserved(west, await workshop(west, STARTS), "Ayla")
    assert await reminded(west, STARTS - timedelta(hours=20)) == [ayla]
    assert await reminded(west, STARTS - timedelta(hours=2)) == [ayla]


@pytest.mark.parametrize("state", ["waitlisted", "cancelled", "no_show"])
async def test_without_a_seat_there_is_nothing_to_be_reminded_of(west: Site, state: str) -> None:
    await reserved(west, await workshop(west, STARTS), "Ayla", state)
    assert await reminded(west, STARTS - timedelta(hours=24)) == []


async def test_a_moved_session_is_told_again(west: Site) -> None:
    ayla = await reserved(west, await workshop(west, STARTS), "Ayla")
    await reminded(west, STARTS - timedelta(hours=24))
    later = STARTS + timedelta(days=7)
    await west.sql(
        "update app.session set during = tstzrange($2, $2::timestamptz + '2 hours') where tenant_id = $1",
        west.id,
        later,
    )
    assert await reminded(west, later - timedelta(hours=72)) == [ayla] * 2


async def test_the_site_says_how_long_before(west: Site) -> None:
    ayla = await reserved(west, await workshop(west, STARTS), "Ayla")
    told = json.dumps({"reminder_hours": [2]})
    await add(west, "app.setting", key="programme", value=told, valid_from=date(2026, 1, 1), **DATED)
    assert await reminded(west, STARTS - timedelta(hours=3)) == []
    assert await reminded(west, STARTS - timedelta(hours=2)) == [ayla]


async def test_people_of_the_east_are_reminded_by_their_own_site(west: Site, east: Site) -> None:
    selma = await reserved(east, await workshop(east, STARTS), "Selma")
    assert await reminded(west, STARTS - timedelta(hours=24)) == []
    assert await reminded(east, STARTS - timedelta(hours=24)) == [selma]
