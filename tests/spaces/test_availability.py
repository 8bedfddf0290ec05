"""When spaces are free: one statement says the same as the rules, for every space and any state of the house."""

import json
import random
import re
import time
from datetime import date, timedelta

import asyncpg
import pytest
from conftest import Cluster
from refusing import refusals
from rows import add, number
from spaces.house import House, at, span
from world import NOW

from quartier.database.engine import DB, SESSION
from quartier.kit.spans import Span
from quartier.spaces import actions, availability, queries, rules
from quartier.spaces.availability import free_times, is_free
from quartier.spaces.words import Wish

WEEK = Span(at(23, 0), at(30, 0))
QUARTER = timedelta(minutes=15)


async def test_a_free_week_is_the_hours_and_a_booking_with_its_buffers_is_taken_out(at_west: House) -> None:
    room = at_west.rooms["denkwerkstatt"]
    day = Span(at(24, 0), at(25, 0))
    [before] = await free_times(at_west.member, day, spaces=[room])
    [hours] = before.spans
    await actions.book_space(at_west.member, room, span(24, 10, 12), organisation=at_west.kitchen)
    [after] = await free_times(at_west.member, day, spaces=[room])
    assert after.spans == (Span(hours.start, at(24, 9, 45)), Span(at(24, 12, 15), hours.end))
    assert (after.space, after.key) == (room, "denkwerkstatt")


async def test_it_says_what_the_rules_say_whatever_is_held(at_west: House, house_east: House) -> None:
    """Random bookings over two sites and every room; then each quarter of an hour is asked of both."""
    chance = random.Random(20261119)
    for house in (at_west, house_east):
        with house.site.speaking():
            for _ in range(90):
                key = chance.choice(["werkhalle", "werkhalle-nord", "denkwerkstatt", "beratung-1", "arbeitsplaetze"])
                start = at(23 + chance.randrange(6), chance.randrange(8, 19), chance.choice([0, 30]))
                booking = actions.book_space(
                    house.manager,
                    house.rooms[key],
                    Span(start, start + chance.randrange(1, 4) * timedelta(hours=1)),
                    kind="guest",
                    units=chance.randrange(1, 5) if key == "arbeitsplaetze" else 1,
                    override=True,
                )
                await refusals(booking)
    await at_west.site.sql(
        "insert into app.closure (tenant_id, id, space_id, during, kind, reason_de, created_at)"
        " values ($1, gen_random_uuid(), $2, tstzrange($3, $4), 'repair', 'Boden', $5)",
        at_west.site.id, at_west.rooms["werkhalle-nord"], at(25, 10), at(25, 15), NOW,
    )  # fmt: skip
    of_their_own = ((None, 24, 600, 800), ("werkhalle-nord", 24, 700, 1440), ("beratung-2", 29, 600, 900))
    for of, day, first, last in of_their_own:  # the 29th is a Sunday
        await at_west.site.sql(
            "insert into app.opening_day (tenant_id, id, space_id, day, minutes, reason_de, created_at)"
            " values ($1, gen_random_uuid(), $2, $3, int4range($4, $5), 'Fest', $6)",
            at_west.site.id, at_west.rooms[of] if of else None, date(2026, 11, day), first, last, NOW,
        )  # fmt: skip
    held = await at_west.site.count("app.occupancy")
    assert held > 60
    checked = 0
    found = {each.space: each for each in await free_times(at_west.member, WEEK)}
    for key in ("werkhalle", "werkhalle-nord", "werkhalle-sued", "denkwerkstatt", "arbeitsplaetze", "beratung-2"):
        space = await queries.space(at_west.member, at_west.rooms[key])
        situation = await queries.situation(at_west.member, space, WEEK)
        for n in range(chance.randrange(4), 7 * 96 - 4, 4):
            wish = Wish(Span(WEEK.start + n * QUARTER, WEEK.start + (n + 4) * QUARTER))
            rules_say = not [
                *rules.objections_to_hours(space, wish.span, situation, zone=at_west.member.zone),
                *rules.objections_to_neighbours(space, wish, situation, now=NOW, zone=at_west.member.zone),
            ]
            assert is_free(found[space.id], wish.span) is rules_say, (key, wish.span)
            checked += rules_say
    assert checked > 50


async def test_a_night_when_the_clocks_change_is_as_long_as_it_is(at_west: House) -> None:
    """Own hours from midnight to four in the October night: five hours."""
    room = at_west.rooms["beratung-1"]
    await at_west.site.sql(
        "update app.opening set valid = '[2020-01-01,2020-01-02)' where tenant_id = $1", at_west.site.id
    )
    await at_west.site.sql(
        "insert into app.opening (tenant_id, id, space_id, kind, weekday, minutes, valid, created_at)"
        " values ($1, gen_random_uuid(), $2, 'open', 7, '[0,240)', '[2026-01-01,)', $3)",
        at_west.site.id, room, NOW,
    )  # fmt: skip
    [free] = await free_times(at_west.member, Span(at(25, 0, month=10), at(26, 0, month=10)), spaces=[room])
    assert [each.length for each in free.spans] == [timedelta(hours=5)]


async def test_wishes_narrow_and_a_foreign_room_is_not_there(at_west: House, house_east: House) -> None:
    keys = {each.key for each in await free_times(at_west.member, WEEK)}
    assert "denkwerkstatt" in keys
    assert "buero-1" not in keys  # by lease alone
    large = {each.key for each in await free_times(at_west.member, WEEK, persons=60)}
    assert large
    assert large < keys
    assert await free_times(at_west.member, WEEK, equipment=["Raumschiff"]) == ()
    assert await free_times(at_west.member, WEEK, spaces=[house_east.rooms["denkwerkstatt"]]) == ()
    for odd in (
        Span(at(24, 10), at(24, 10)),
        Span(at(24, 10), at(24, 9)),
        Span(at(1, 0), at(1, 0, month=1, year=2027)),
    ):
        assert list(await refusals(free_times(at_west.member, odd))) == ["FIELD_INVALID"]


@pytest.mark.slow
async def test_a_week_of_thirty_spaces_among_fifty_thousand_bookings_is_found_by_indexes(
    house: House, postgres: Cluster, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bar of the issue (20 ms in the database), printed as a median; what fails is a table read whole.

    The bookings are those of a year.
    """
    site = house.site
    pattern = await site.sql("select * from app.space where tenant_id = $1 and key = 'denkwerkstatt'", site.id)
    have = await site.count("app.space", "state = 'open' and not lease_only")
    for n in range(30 - have):
        row = {**pattern[0], "key": f"raum-{n}", "position": 100 + n}
        for name in ("tenant_id", "id"):
            row.pop(name)
        await add(site, "app.space", **row)
    await site.sql(
        """
        with s as (select id, row_number() over (order by id) - 1 as r from app.space
                   where tenant_id = $1 and state = 'open' and not lease_only and units = 1),
        b as (
          insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind,
            title, visibility, price, list_price, late, state, created_at, changed_at)
          select $1, gen_random_uuid(), $3 || n, s.id, 1, tstzrange(x.a, x.a + interval '1 h'), x.a::timestamp, 0, 15,
            'guest', '', 'private', 0, 0, false, 'confirmed', $2, $2
          from generate_series(0, 49999) n join s on s.r = n % (select count(*) from s)
          cross join lateral (
            select timestamptz '2026-06-01 06:00+00' + (n / (select count(*) from s)) * interval '5 h' as a) x
          returning id, space_id, during)
        insert into app.occupancy (tenant_id, id, booking_id, space_id, unit_no, during, created_at)
        select $1, gen_random_uuid(), id, space_id, 1, during, $2 from b""",
        site.id, NOW, number(),
    )  # fmt: skip
    await site.sql("vacuum analyze app.booking")
    await site.sql("vacuum analyze app.occupancy")
    assert await site.count("app.booking") == 50_000
    connection = await asyncpg.connect(**postgres.address(database).login("quartier_app"), server_settings=SESSION)
    took = []
    try:
        with site.speaking():
            realm, token = DB.signed()
        for _ in range(11):
            async with connection.transaction():
                await connection.execute(f"set local app.tenant_id = '{realm}'; set local app.ctx = '{token}'")
                values: tuple[object, ...] = (
                    site.id,
                    WEEK.start,
                    WEEK.end,
                    WEEK.start.date(),
                    WEEK.end.date(),
                    None,
                    None,
                    None,
                    [],
                )
                text = await connection.fetchval(
                    f"explain (analyze, timing off, format json) {availability._FREE}", *values
                )
            took.append(json.loads(text)[0]["Execution Time"])
    finally:
        await connection.close()
    begun = time.perf_counter()
    with site.speaking():
        found = await free_times(house.member, WEEK)
    whole = (time.perf_counter() - begun) * 1000
    with capsys.disabled():
        print(f"\n{len(found)} spaces: median {sorted(took)[5]:.1f} ms in the database, {whole:.1f} ms in all")
    assert len(found) >= 30
    assert sum(len(each.spans) for each in found) > 28 * 7 * 2  # the week is full of bookings
    assert not re.search(r'"Seq Scan"[^}]*"(booking|occupancy)"', text)
