"""The calendar: what is due at each site in its own zone, each moment put once."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import BERLIN, Site

from quartier.jobs.calendar import Line, Rhythm, daily, every, put_due

NOW = datetime(2026, 11, 19, 8, 40, tzinfo=UTC)  # Thursday, 09:40 in Leipzig
AUCKLAND = ZoneInfo("Pacific/Auckland")
_count = itertools.count(1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def line(rhythm: Rhythm, at: frozenset[str] = frozenset({"site"})) -> Line:
    return Line(f"test.due.{next(_count)}", rhythm, at)


async def put_at(site: Site, kind: str) -> int:
    text = "select count(*) n from jobs.pgqueuer where entrypoint = $1 and convert_from(payload, 'UTF8') ~ $2"
    return int((await site.sql(text, kind, str(site.id)))[0]["n"])


def test_four_in_the_morning_is_another_moment_in_leipzig_and_auckland() -> None:
    assert daily(4, 10)(NOW, BERLIN) == at("2026-11-19T03:10:00+00:00")
    assert daily(4, 10)(NOW, AUCKLAND) == at("2026-11-18T15:10:00+00:00")


def test_before_its_hour_the_day_before_was_the_last_one() -> None:
    assert daily(4, 10)(at("2026-11-19T03:09:59+00:00"), BERLIN) == at("2026-11-18T03:10:00+00:00")
    assert daily(4, 10)(at("2026-11-19T03:10:00+00:00"), BERLIN) == at("2026-11-19T03:10:00+00:00")


def test_every_fifteen_minutes_counts_from_the_hour() -> None:
    assert every(15)(at("2026-11-19T08:44:59+00:00"), BERLIN) == at("2026-11-19T08:30:00+00:00")


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])
@pytest.mark.parametrize("hour", [2, 3, 4])
def test_a_year_has_as_many_moments_as_days_also_where_the_clocks_change(zone: ZoneInfo, hour: int) -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=zone)
    asked = (start.astimezone(UTC) + timedelta(minutes=5 * n) for n in range(365 * 288))
    assert len({daily(hour, 30)(moment, zone) for moment in asked}) == 366  # yesterday's is known at the start


@given(st.integers(0, 3 * 365 * 86400), st.integers(0, 23), st.integers(0, 59))
def test_the_latest_moment_is_never_ahead_and_never_more_than_a_day_ago(seconds: int, hour: int, minute: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    due = daily(hour, minute)(moment, BERLIN)
    assert timedelta() <= moment - due <= timedelta(hours=25)


async def test_two_workers_ask_at_once_and_each_moment_is_put_once(west: Site, east: Site) -> None:
    tally = line(daily(4, 10))
    await asyncio.gather(put_due([tally], NOW), put_due([tally], NOW))
    await put_due([tally], NOW + timedelta(minutes=5))
    assert (await put_at(west, tally.kind), await put_at(east, tally.kind)) == (1, 1)
    assert await west.count("app.job_due", f"kind = '{tally.kind}'") == 1


async def test_the_next_day_is_put_when_the_last_one_was_done(west: Site) -> None:
    tally = line(daily(4, 10))
    await put_due([tally], NOW)
    await put_due([tally], NOW + timedelta(days=1))
    assert await put_at(west, tally.kind) == 1  # the first still waits, so the second adds nothing
    await west.sql("delete from jobs.pgqueuer where entrypoint = $1", tally.kind)
    await put_due([tally], NOW + timedelta(days=2))
    assert await put_at(west, tally.kind) == 1
    assert await west.count("app.job_due", f"kind = '{tally.kind}'") == 3


async def test_a_suspended_site_is_left_alone(west: Site, east: Site) -> None:
    tally = line(every(5))
    await west.sql("update city.tenant set state = 'suspended' where id = $1", west.id)
    await put_due([tally], NOW)
    assert (await put_at(west, tally.kind), await put_at(east, tally.kind)) == (0, 1)


async def test_the_city_has_doors_to_tidy_and_no_figures_of_its_own(the_city: Site, west: Site) -> None:
    tidy, tally = line(every(5), frozenset({"site", "city"})), line(every(5))
    await put_due([tidy, tally], NOW)
    assert (await put_at(the_city, tidy.kind), await put_at(the_city, tally.kind)) == (1, 0)
    assert (await put_at(west, tidy.kind), await put_at(west, tally.kind)) == (1, 1)


async def test_one_site_that_fails_does_not_hold_the_others_up(west: Site, east: Site) -> None:
    broken = line(every(5))
    await west.administrator.execute(
        "insert into city.tenant (id, city_id, kind, slug, name, host) "
        "select gen_random_uuid(), $1, 'site', $2, 'ohne Anker', $2 || '.test'",
        west.realm.city_id,
        f"a-{west.realm.slug}",
    )
    await put_due([broken], NOW)
    assert (await put_at(west, broken.kind), await put_at(east, broken.kind)) == (1, 1)
