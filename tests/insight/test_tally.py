"""The figures of a small neighbourhood, counted by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Range
from jobs.workers import Queue
from rows import DATED, STATEFUL, add, number, organisation, seat, session, workshop
from world import NOW, Site

from quartier.insight import queries
from quartier.insight.actions import tally
from quartier.insight.handlers import KINDS
from quartier.insight.words import Period, PeriodKind

TODAY = NOW.date()
Numbers = dict[str, tuple[int | None, int | None, int | None]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


async def counted(site: Site, now: datetime = NOW) -> None:
    with site.speaking("worker"):
        await tally(site.desk(now=now))


async def numbers(site: Site, code: str, kind: PeriodKind = "month", day: date = TODAY) -> Numbers:
    """What the site published, by slice: n, num, den."""
    with site.speaking():
        found = await queries.figures(site.desk(), Period.holding(kind, day), [code])
    return {figure.cell.slice: (figure.cell.n, figure.cell.num, figure.cell.den) for figure in found}


async def member(
    site: Site, kind: str, since: date = date(2026, 1, 1), until: date | None = None, state: str = "active"
) -> UUID:
    whose = {"organisation_id": await organisation(site, kind, kind)} if kind != "person" else {}
    whose = whose or {"person_id": await site.person("Jemand")}
    return await add(
        site, "app.membership", number=number(), family="haus", starts_on=since, state=state, ends_on=until,
        **whose, **STATEFUL,
    )  # fmt: skip


# -- memberships ---------------------------------------------------------------------------------------------
async def test_memberships_in_force_on_the_last_day_by_kind(west: Site) -> None:
    for kind, many in (("company", 9), ("association", 6), ("initiative", 2), ("person", 1)):
        for _ in range(many):
            await member(west, kind)
    await member(west, "company", since=date(2026, 11, 20))  # begins tomorrow
    await member(west, "company", until=date(2026, 11, 18), state="ended")  # ended yesterday
    await member(west, "company", state="declined")
    await counted(west)
    found = await numbers(west, "memberships")
    assert found["all"] == (18, 18, None)
    assert found["kind:company"] == (9, 9, None)
    assert found["kind:association"] == (None, None, None)  # 6, hidden: 2 and 1 alone would lie between 1 and 2
    assert (found["kind:initiative"], found["kind:person"]) == ((None, None, None),) * 2
    assert found["kind:foundation"] == (0, 0, None)
    assert len(found) == 9


async def test_a_membership_that_ended_counts_for_the_month_before(west: Site) -> None:
    for _ in range(5):
        await member(west, "company", until=date(2026, 10, 31), state="ended")
    await counted(west)
    assert (await numbers(west, "memberships", day=date(2026, 10, 1)))["all"] == (5, 5, None)
    assert (await numbers(west, "memberships"))["all"] == (0, 0, None)


# -- programme -----------------------------------------------------------------------------------------------
async def test_sessions_held_and_seats_of_workshops_that_are_over(west: Site) -> None:
    cafe = await workshop(west, at("2026-10-20T17:00+02:00"), seats=12)
    await session(west, cafe, at("2026-11-03T17:00+01:00"), no=2)  # the last of two: its seats count in November
    await workshop(west, at("2026-11-19T08:00+01:00"), seats=30)  # ends at 10:00, it is 09:40
    await workshop(west, at("2026-11-05T17:00+01:00"), state="cancelled")
    await workshop(west, at("2026-10-31T22:30+01:00"), seats=7)  # over at half past midnight, in November
    await counted(west)
    assert await numbers(west, "sessions", day=date(2026, 10, 1)) == {"all": (1, 1, None)}
    assert await numbers(west, "sessions") == {"all": (2, 2, None)}
    assert await numbers(west, "sessions", "quarter") == {"all": (3, 3, None)}
    assert await numbers(west, "seats") == {"all": (2, 19, None)}
    assert await numbers(west, "seats", day=date(2026, 10, 1)) == {"all": (0, 0, None)}


async def attended(site: Site, of: UUID, states: list[str | None]) -> None:
    for state in states:
        found = await seat(site, of, await site.person("Gast"))
        if state is not None:
            await add(
                site, "app.attendance", session_id=of, registration_id=found, state=state, minutes=120, by="staff",
                **STATEFUL,
            )  # fmt: skip


async def test_attendance_is_present_or_late_of_registered_at_the_start(west: Site) -> None:
    cafe = await workshop(west, at("2026-11-03T17:00+01:00"))
    await attended(west, cafe, ["present", "present", "late", "absent", "excused", None])
    await seat(west, cafe, await west.person("Absage"), "cancelled_late")
    await seat(west, cafe, await west.person("Warteliste"), "waitlisted")
    await counted(west)
    assert await numbers(west, "attendance") == {"all": (6, 3, 6)}


async def test_four_people_are_not_shown_and_neither_is_their_share(west: Site) -> None:
    await attended(west, await workshop(west, at("2026-11-03T17:00+01:00")), ["present"] * 4)
    await counted(west)
    assert await numbers(west, "attendance") == {"all": (None, None, None)}


async def test_the_same_person_at_three_sessions_is_one_person(west: Site) -> None:
    guest = await west.person("Stammgast")
    for day in (3, 10, 17):
        cafe = await workshop(west, at(f"2026-11-{day:02}T17:00+01:00"))
        await seat(west, cafe, guest)
        await attended(west, cafe, ["present"])
    await counted(west)
    assert await numbers(west, "attendance") == {"all": (None, None, None)}  # 6 places, 4 people


async def test_a_quarter_never_gives_its_one_small_month_away(opened: Site) -> None:
    await attended(opened, await workshop(opened, at("2026-10-13T17:00+02:00")), ["present"] * 9)
    await attended(opened, await workshop(opened, at("2026-11-03T17:00+01:00")), ["present"] * 3)
    await counted(opened)
    assert await numbers(opened, "attendance", day=date(2026, 10, 1)) == {"all": (9, 9, 9)}
    assert await numbers(opened, "attendance") == {"all": (None, None, None)}
    assert await numbers(opened, "attendance", "quarter") == {"all": (None, None, None)}  # 12 − 9 = 3
    assert await numbers(opened, "attendance", "year") == {"all": (None, None, None)}


async def test_a_quarter_of_large_months_is_shown(opened: Site) -> None:
    await attended(opened, await workshop(opened, at("2026-10-13T17:00+02:00")), ["present"] * 9)
    await attended(opened, await workshop(opened, at("2026-11-03T17:00+01:00")), ["present"] * 6)
    await counted(opened, at("2026-10-20T04:10+02:00"))  # the quarter and September were counted then
    await counted(opened)
    assert await numbers(opened, "attendance", "quarter") == {"all": (15, 15, 15)}
    assert await numbers(opened, "attendance", "year") == {"all": (15, 15, 15)}


# -- what changes ----------------------------------------------------------------------------------------------
async def test_one_more_neighbour_is_not_seen_from_one_day_to_the_next(west: Site) -> None:
    for _ in range(12):
        await member(west, "company")
    await counted(west)
    await member(west, "company")
    await counted(west, NOW + timedelta(days=1))
    assert (await numbers(west, "memberships"))["all"] == (12, 12, None)
    for _ in range(4):
        await member(west, "company")
    await counted(west, NOW + timedelta(days=2))
    assert (await numbers(west, "memberships"))["all"] == (17, 17, None)


async def test_when_the_month_is_over_its_last_number_stands(west: Site) -> None:
    for _ in range(12):
        await member(west, "company")
    await counted(west)
    await member(west, "company")
    await counted(west, at("2026-12-01T04:10+01:00"))
    assert (await numbers(west, "memberships"))["all"] == (13, 13, None)
    await member(west, "company")  # entered late: a correction of one waits
    await counted(west, at("2026-12-02T04:10+01:00"))
    assert (await numbers(west, "memberships"))["all"] == (13, 13, None)


# -- rooms -----------------------------------------------------------------------------------------------------
async def space(site: Site, key: str, kind: str = "hall", units: int = 1) -> UUID:
    return await add(
        site, "app.space", key=key, position=1, name_de=key, kind=kind, persons=20, units=units, floor="EG",
        step_free=True, access=[], equipment=[], grid=30, min=30, max=600, lead=0, horizon_days=90, before=0, after=0,
        approval=False, request_blocks=False, hold=0, checkin="none", checkin_opens=0, grace=0, cancel_until=0,
        who="members", lease_only=False, list_price_hour=0, state="open", **STATEFUL,
    )  # fmt: skip


async def hours(site: Site, weekday: int, first: int, last: int, of: UUID | None = None) -> None:
    await add(site, "app.opening", space_id=of, kind="open", weekday=weekday, minutes=Range(first * 60, last * 60),
              valid=Range(date(2020, 1, 1), None), **DATED)  # fmt: skip


async def booked(site: Site, of: UUID, first: str, last: str, kind: str = "member", **more: Any) -> UUID:
    values = {"units": 1, "state": "completed", **more}
    return await add(
        site, "app.booking", number=number(), space_id=of, during=Range(at(first), at(last)),
        local_start=at(first).replace(tzinfo=None), before=0, after=0, kind=kind, title="", visibility="private",
        price=0, list_price=0, late=False, **values, **STATEFUL,
    )  # fmt: skip


async def test_room_use_is_booked_minutes_of_open_minutes(west: Site) -> None:
    """October 2026: five Thursdays, the house open 8 to 12, and closed on the 15th."""
    hall = await space(west, "halle")
    await hours(west, 4, 8, 12)
    holiday = Range(at("2026-10-15T00:00+02:00"), at("2026-10-16T00:00+02:00"))
    await add(west, "app.closure", during=holiday, kind="other", reason_de="", **DATED)
    club = await organisation(west, "Hofgrün", "association", nonprofit=True)
    await booked(west, hall, "2026-10-01T07:00+02:00", "2026-10-01T10:00+02:00", organisation_id=club)  # 2 h within
    await booked(west, hall, "2026-10-08T09:00+02:00", "2026-10-08T10:00+02:00", kind="blocking")
    await booked(west, hall, "2026-10-08T10:00+02:00", "2026-10-08T11:00+02:00", state="cancelled")
    await booked(west, hall, "2026-10-29T11:00+01:00", "2026-10-29T12:30+01:00", kind="internal")  # 1 h within
    await counted(west)
    assert await numbers(west, "room_use", day=date(2026, 10, 1)) == {"all": (2, 180, 4 * 240)}


async def test_desks_count_by_unit_and_a_whole_by_its_parts(west: Site) -> None:
    whole, north, south = [await space(west, key) for key in ("werkhalle", "nord", "sued")]
    for part in (north, south):
        await add(west, "app.space_part", whole_id=whole, part_id=part, **DATED)
    desks = await space(west, "tische", "desk", units=12)
    await hours(west, 4, 8, 12)
    await hours(west, 4, 8, 9, desks)  # hours of its own
    await hours(west, 4, 9, 10, desks)
    someone = await west.person("Lea")
    await booked(west, whole, "2026-10-01T08:00+02:00", "2026-10-01T09:00+02:00", for_person=someone)  # 2 × 60
    await booked(west, north, "2026-10-01T09:00+02:00", "2026-10-01T09:30+02:00", for_person=someone)  # 30
    await booked(west, desks, "2026-10-01T08:30+02:00", "2026-10-01T12:00+02:00", for_person=someone, units=3)  # 3 × 90
    await counted(west)
    assert await numbers(west, "room_use", day=date(2026, 10, 1)) == {"all": (1, 420, 5 * (2 * 240 + 12 * 120))}


async def test_a_day_with_hours_of_its_own_counts_with_them(west: Site) -> None:
    """The house opens an hour on one Thursday and on a Friday besides; the studio three hours on that Thursday."""
    for key in ("halle", "studio"):
        await space(west, key)
    studio = (await west.sql("select id from app.space where tenant_id = $1 and key = 'studio'", west.id))[0]["id"]
    await hours(west, 4, 8, 12)
    for of, day, first, last in ((None, 15, 8, 9), (None, 16, 10, 12), (studio, 15, 9, 12)):
        await add(west, "app.opening_day", space_id=of, day=date(2026, 10, day), minutes=Range(first * 60, last * 60),
                  reason_de="", **DATED)  # fmt: skip
    someone = await west.person("Lea")
    await booked(west, studio, "2026-10-15T08:00+02:00", "2026-10-15T10:00+02:00", for_person=someone)  # 1 h within
    await counted(west)
    open_minutes = (4 * 240 + 60 + 120) + (4 * 240 + 180 + 120)
    assert await numbers(west, "room_use", day=date(2026, 10, 1)) == {"all": (1, 60, open_minutes)}


async def test_room_use_until_now_while_the_month_runs(west: Site) -> None:
    hall = await space(west, "halle")
    await hours(west, 4, 8, 12)
    await booked(west, hall, "2026-11-19T09:00+01:00", "2026-11-19T11:00+01:00", state="checked_in", kind="internal")
    await counted(west)  # Thursday, 09:40: Thursdays 5, 12, and 100 minutes of today
    assert await numbers(west, "room_use") == {"all": (1, 40, 2 * 240 + 100)}


async def test_slices_of_the_rooms_are_hidden_below_five_who_booked(west: Site) -> None:
    hall, kitchen = await space(west, "halle"), await space(west, "kueche", "kitchen")
    await hours(west, 4, 8, 20)
    for hour in range(8, 16):
        firm = await organisation(west, f"Firma {hour}")
        where = hall if hour < 14 else kitchen
        await booked(west, where, f"2026-10-01T{hour:02}:00+02:00", f"2026-10-01T{hour + 1:02}:00+02:00",
                     organisation_id=firm)  # fmt: skip
    await counted(west)
    found = await numbers(west, "room_use", "quarter")
    assert found["all"][:2] == (8, 480)
    assert found["payer:company"] == found["all"]
    assert (found["kind:hall"], found["kind:kitchen"]) == ((None, None, None),) * 2
    assert found["kind:desk"] == (0, 0, 0)
    assert set(await numbers(west, "room_use", "year")) == {"all"}


# -- money -----------------------------------------------------------------------------------------------------
async def test_money_is_replayed_to_the_end_of_the_period(west: Site) -> None:
    fund = await add(west, "app.fund", key="vf", name_de="Fonds", source="city", recovered_money_returns=False,
                     valid=Range(date(2026, 1, 1), date(2027, 1, 1)), **DATED)  # fmt: skip
    line = await add(west, "app.budget_line", fund_id=fund, year=2026, purpose="any", allocated=100_000, reserved=2_000,
                     committed=30_000, paid=10_000, created_at=at("2026-01-02T08:00+01:00"))  # fmt: skip
    await add(west, "app.budget_line", fund_id=fund, year=2025, purpose="any", allocated=999, **DATED)
    steps = [("allocate", 120_000, 1), ("withdraw", 20_000, 2), ("reserve", 40_000, 3), ("commit", 38_000, 4),
             ("release", 3_000, 5), ("pay", 15_000, 6), ("recover", 5_000, 12)]  # fmt: skip
    for seq, (kind, amount, month) in enumerate(steps, start=1):
        await add(west, "app.posting", line_id=line, seq=seq, kind=kind, amount=amount, cause=f"c{seq}",
                  created_at=at(f"2026-{month:02}-10T08:00+01:00"))  # fmt: skip
    await counted(west, at("2026-11-19T09:40+01:00"))
    assert await numbers(west, "money") == {
        "allocated": (1, 100_000, None),
        "reserved": (1, 2_000, None),
        "committed": (1, 35_000, None),
        "paid": (1, 15_000, None),
        "open": (1, 63_000, None),
    }
    await counted(west, at("2027-01-02T04:10+01:00"))
    after = await numbers(west, "money", "year")
    assert [after[part][1] for part in ("allocated", "reserved", "committed", "paid", "open")] == [
        95_000, 2_000, 30_000, 10_000, 63_000,
    ]  # fmt: skip


# -- walls -----------------------------------------------------------------------------------------------------
async def test_a_site_counts_itself_alone(west: Site, east: Site) -> None:
    for site, many in ((west, 7), (east, 11)):
        for _ in range(many):
            await member(site, "company")
    await counted(west)
    assert (await numbers(west, "memberships"))["all"] == (7, 7, None)
    assert await east.count("city.figure") == 0


async def test_the_tally_is_a_job_and_runs_as_the_site(queue: Queue, west: Site, east: Site) -> None:
    for _ in range(7):
        await member(west, "company", since=date(2020, 1, 1))
    async with queue.working(KINDS["insight.tally"].work):
        assert await queue.ended(await queue.put(west)) == "successful"
    [row] = await west.sql(
        "select n from city.figure where tenant_id = $1 and code = 'memberships' and slice = 'all' "
        "order by last_day desc, first_day desc limit 1",
        west.id,
    )
    assert (row["n"], await east.count("city.figure")) == (7, 0)


FIGURE = """
insert into city.figure (tenant_id, city_id, code, version, min_n, period, slice, n, num, den)
values ($1, $2, $3, 1, $4, '[2026-11-01,2026-12-01)', 'all', $5, $6, $7)"""


@pytest.mark.parametrize("row", [(4, 4, None), (1, 0, 1), (None, 4, None), (None, None, 4), (-1, None, None)])
async def test_19_a_small_cell_cannot_be_stored(west: Site, row: tuple[int | None, int | None, int | None]) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="figure_no_small_cell"):
        await west.administrator.execute(FIGURE, west.id, west.realm.city_id, "memberships", 5, *row)


async def test_19_a_site_cannot_lower_the_smallest_cell(west: Site) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await west.administrator.execute(FIGURE, west.id, west.realm.city_id, "memberships", 1, 4, 4, None)


async def test_nothing_but_figures_is_written(west: Site) -> None:
    await member(west, "company")
    tables = [
        row["t"] for row in await west.sql("select 'app.' || tablename t from pg_tables where schemaname = 'app'")
    ]
    before = {table: await west.count(table) for table in tables}
    await counted(west)
    grown = {table for table in tables if await west.count(table) != before[table]}
    assert grown == {"app.audit_entry", "app.audit_head"}
    assert await west.count("city.figure") > 0
