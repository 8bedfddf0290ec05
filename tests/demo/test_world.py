"""The invented world is the one that the design tells: its figures are exact, its people may what their roles say."""

from datetime import date
from pathlib import Path
from typing import Any

from world import Administrator

from quartier.access.actions import end_demo_sessions
from quartier.access.permissions import permissions_of
from quartier.access.queries import clients
from quartier.access.speaker import Speakers
from quartier.access.words import Belonging
from quartier.acts.opening import open_city, open_site
from quartier.database.administrator import connect
from quartier.insight import figures
from quartier.kit.ids import drawn_from
from quartier.kit.moments import Clock
from quartier.members import queries as members
from quartier.settings import home
from quartier.tenancy.blueprint import read_city, read_site
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm
from quartier_demo.draw import ids
from quartier_demo.fill import fill_site
from quartier_demo.keys import FILE, Keys, keys_of
from quartier_demo.story import World

Town = dict[str, World]
WEST, EAST, CITY = "leipzig-west", "leipzig-east", "leipzig"


async def told(administrator: Administrator, sql: str, world: World, *args: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await administrator.fetch(sql, world.realm.id, *args)]


# -- money -----------------------------------------------------------------------------------------------
LINES = """
select purpose, allocated / 100, reserved / 100, committed / 100, paid / 100 from app.budget_line
where tenant_id = $1 and year = $2 order by purpose"""
STATES = """
select substr(a.number, 6), a.state, w.state, w.amount / 100 from app.application a
left join app.award w on w.tenant_id = a.tenant_id and w.application_id = a.id
where a.tenant_id = $1 order by a.number"""


async def test_the_budget_of_west_stands_where_the_story_says(town: Town, administrator: Administrator) -> None:
    assert await told(administrator, LINES, town[WEST], 2026) == [
        ("advertising", 10_000, 600, 2_300, 800),
        ("investment", 45_000, 0, 22_260, 9_555),
        ("prototype", 20_000, 0, 4_800, 3_360),
    ]
    lines = await told(administrator, LINES, town[WEST], 2025)
    assert [line[1] for line in lines] == [2_000, 14_000, 6_000]


async def test_every_budget_line_is_the_replay_of_its_postings(town: Town, administrator: Administrator) -> None:
    rows = await administrator.fetch(
        "select l.allocated - l.reserved - l.committed as left_over,"
        " sum(case p.kind when 'allocate' then p.amount when 'reserve' then -p.amount when 'release' then p.amount"
        "     when 'recover' then p.amount else 0 end)::bigint as replayed, count(*) as postings, max(p.seq) as last"
        " from app.budget_line l join app.posting p on p.tenant_id = l.tenant_id and p.line_id = l.id"
        " where l.tenant_id = any($1) group by l.tenant_id, l.id, l.allocated, l.reserved, l.committed",
        [town[WEST].realm.id, town[EAST].realm.id],
    )
    assert len(rows) == 9 + 6
    assert all(row["left_over"] == row["replayed"] and row["postings"] == row["last"] for row in rows)


async def test_files_stand_in_every_state_of_the_story(town: Town, administrator: Administrator) -> None:
    rows = await told(administrator, STATES, town[WEST])
    assert {number: (state, award, amount) for number, state, award, amount in rows} == {
        "2025-001": ("approved", "closed", 6_000),
        "2025-002": ("approved", "closed", 2_400),
        "2025-003": ("approved", "recovered", 3_500),
        "2025-004": ("approved", "written_off", 1_800),
        "2025-005": ("approved", "lapsed", 2_800),
        "2025-006": ("approved", "recovering", 1_200),
        "2025-007": ("approved", "revoked_full", 1_600),
        "2026-001": ("approved", "active", 4_900),
        "2026-002": ("approved", "final_report", 7_000),
        "2026-003": ("approved", "amended", 4_200),
        "2026-004": ("rejected", None, None),
        "2026-005": ("approved", "active", 3_010),
        "2026-006": ("approved", "accepted", 3_150),
        "2026-007": ("rejected", None, None),
        "2026-008": ("reserve", None, None),
        "2026-009": ("approved", "active", 2_400),
        "2026-010": ("approved", "closed", 800),
        "2026-011": ("approved", "revoked_part", 3_000),
        "2026-012": ("approved", "noticed", 1_500),
        "2026-013": ("approved", "reserved", 600),
        "2026-014": ("withdrawn", None, None),
        "2026-015": ("ineligible", None, None),
        "2026-016": ("jury", None, None),
        "2026-017": ("reviewed", None, None),
        "2026-018": ("in_review", None, None),
        "2026-019": ("eligible", None, None),
        "2026-020": ("formal_check", None, None),
        "2026-021": ("more_info", None, None),
        "2026-022": ("submitted", None, None),
        "2026-023": ("draft", None, None),
    }


async def test_every_paid_instalment_had_four_eyes(town: Town, administrator: Administrator) -> None:
    rows = await told(
        administrator,
        "select distinct state from app.instalment where tenant_id = $1",
        town[WEST],
    )
    states = {state for (state,) in rows}
    assert {"planned", "requested", "queried", "checked", "approved", "ordered", "paid", "rejected"} <= states
    same = "select count(*) from app.instalment where tenant_id = $1 and approved_by in (checked_by, requested_by)"
    assert await administrator.fetchval(same, town[WEST].realm.id) == 0


async def test_easts_money_is_untouched_and_one_draft_waits(town: Town, administrator: Administrator) -> None:
    lines = await told(administrator, LINES, town[EAST], 2026)
    assert sum(line[1] for line in lines) == 18_000
    assert {line[2:] for line in lines} == {(0, 0, 0)}
    assert await told(administrator, STATES, town[EAST]) == [("2026-001", "draft", None, None)]


# -- rooms, programme, members ---------------------------------------------------------------------------
async def test_the_day_at_west_has_its_31_bookings(town: Town, administrator: Administrator) -> None:
    rows = await told(
        administrator,
        "select state, count(*) from app.booking where tenant_id = $1 and kind <> 'lease'"
        " and (starts_at at time zone 'Europe/Berlin')::date = $2 group by state",
        town[WEST],
        date(2026, 11, 19),
    )
    assert dict(rows) == {"confirmed": 24, "checked_in": 4, "held": 1, "no_show": 1, "cancelled_late": 1}
    hold = "select held_until at time zone 'Europe/Berlin' from app.booking where tenant_id = $1 and state = 'held'"
    assert str((await told(administrator, hold, town[WEST]))[0][0]) == "2026-11-19 09:52:00"


async def test_two_requests_compete_for_the_hall_and_the_series_stays_at_four(
    town: Town, administrator: Administrator
) -> None:
    requests = await told(
        administrator,
        "select title, state from app.booking where tenant_id = $1 and state = 'requested' order by title",
        town[WEST],
    )
    assert requests == [("Lastenradmarkt", "requested"), ("Winterfest", "requested")]
    starts = await told(
        administrator,
        "select distinct local_start::time::text from app.booking where tenant_id = $1"
        " and title = 'Offene Reparaturwerkstatt'",
        town[WEST],
    )
    assert starts == [("16:00:00",)]
    days = await told(
        administrator,
        "select local_start::date from app.booking where tenant_id = $1 and title = 'Offene Reparaturwerkstatt'",
        town[WEST],
    )
    assert {date(2026, 5, 14), date(2026, 12, 24), date(2026, 12, 31)}.isdisjoint({day for (day,) in days})
    assert len(days) == 49


async def test_the_think_workshop_has_23_seats_one_offer_and_five_who_wait(
    town: Town, administrator: Administrator
) -> None:
    rows = await told(
        administrator,
        "select r.state, count(*), max(r.offered_until at time zone 'Europe/Berlin')::text from app.registration r"
        " join app.workshop w on w.tenant_id = r.tenant_id and w.id = r.workshop_id"
        " where r.tenant_id = $1 and w.title_de = 'Zukunft der Werkhalle' group by r.state order by r.state",
        town[WEST],
    )
    assert rows == [
        ("cancelled", 1, None),
        ("confirmed", 23, None),
        ("offered", 1, "2026-11-20 08:15:00"),
        ("waitlisted", 5, None),
    ]
    passed = await told(
        administrator,
        "select p.reason, r.party from app.passed_over p join app.registration r"
        " on r.tenant_id = p.tenant_id and r.id = p.registration_id where p.tenant_id = $1",
        town[WEST],
    )
    assert passed == [("party_too_large", 3)]


async def test_no_pool_counts_other_seats_than_its_registrations(town: Town, administrator: Administrator) -> None:
    wrong = await administrator.fetch(
        "select p.id from app.seat_pool p where p.tenant_id = any($1) and p.taken <> (select coalesce(sum(r.party), 0)"
        " from app.registration r where r.tenant_id = p.tenant_id and r.workshop_id = p.workshop_id and r.pool = p.key"
        " and r.state in ('confirmed', 'offered', 'attended', 'no_show', 'certified', 'certificate_revoked'))",
        [town[WEST].realm.id, town[EAST].realm.id],
    )
    assert wrong == []


async def test_some_rooms_have_a_picture_that_we_have_drawn(town: Town, administrator: Administrator) -> None:
    rooms = """select s.kind, octet_length(c.content) < 6000, p.alt_en like 'Drawing: %' from app.space_photo p
      join app.space s on s.tenant_id = p.tenant_id and s.id = p.space_id
      join app.file_content c on c.tenant_id = p.tenant_id and c.file_id = p.file_id and c.variant = 'small_webp'
      where p.tenant_id = $1 order by s.kind"""
    west, east = await told(administrator, rooms, town[WEST]), await told(administrator, rooms, town[EAST])
    assert west == [(kind, True, True) for kind in ("desk", "hall", "kitchen", "studio", "think_room")]
    assert len(east) >= 2


async def test_an_application_waits_with_its_papers(town: Town, administrator: Administrator) -> None:
    waits = """select m.state, p.kind, p.state, f.media from app.membership_paper p
      join app.membership m on m.tenant_id = p.tenant_id and m.id = p.membership_id
      join app.file f on f.tenant_id = p.tenant_id and f.id = p.file_id where p.tenant_id = $1"""
    for site in (WEST, EAST):
        assert await told(administrator, waits, town[site]) == [
            ("in_review", "selbstdarstellung", "given", "application/pdf")
        ]


async def test_organisations_and_memberships_of_both_sites(town: Town, administrator: Administrator) -> None:
    sql = "select state, count(*) from app.membership where tenant_id = $1 group by state order by state"
    assert await told(administrator, sql, town[WEST]) == [("active", 23), ("ended", 2), ("in_review", 1)]
    assert await told(administrator, sql, town[EAST]) == [("active", 4), ("in_review", 1)]
    number = "select count(*) from app.organisation where tenant_id = $1"
    assert [await administrator.fetchval(number, town[slug].realm.id) for slug in (WEST, EAST)] == [20, 4]


ENTRIES = """
select coalesce(o.name, p.name), c.audience, c.withdrawn_at is not null as withdrawn from app.consent c
left join app.organisation o on o.tenant_id = c.tenant_id and o.id = c.organisation_id
left join app.person p on p.tenant_id = c.tenant_id and p.id = c.person_id
where c.tenant_id = $1 and c.purpose = 'directory'"""


async def test_the_directory_shows_who_agreed_and_not_who_took_it_back(
    town: Town, administrator: Administrator
) -> None:
    west = await told(administrator, ENTRIES, town[WEST])
    assert len(west) == 15 + 9
    assert sorted(name for name, _, withdrawn in west if withdrawn) == ["Leseclub Westwind", "Samuel Tetzner"]
    assert sum(audience == "public" for _, audience, withdrawn in west if not withdrawn) == 10 + 4
    names = {name for name, _, _ in west}
    assert {"Kanalrad eG", "Aylin Aksoy"} <= names
    assert not {"Krume & Kern UG", "Bernd Böttcher"} & names  # were not asked, or refused
    assert len(await told(administrator, ENTRIES, town[EAST])) == 3 + 2


async def test_east_has_its_week(town: Town, administrator: Administrator) -> None:
    number = """
select count(*) from app.booking where tenant_id = $1 and local_start >= '2026-11-16' and local_start < '2026-11-23'"""
    assert await administrator.fetchval(number, town[EAST].realm.id) == 7
    seats = """
select p.taken from app.seat_pool p join app.workshop w on w.tenant_id = p.tenant_id and w.id = p.workshop_id
where p.tenant_id = $1 and w.title_de = 'Was fehlt im Osten?'"""
    assert sum(taken for (taken,) in await told(administrator, seats, town[EAST])) == 5


async def test_the_audit_chain_of_each_site_has_no_hole(town: Town, administrator: Administrator) -> None:
    for world in town.values():
        rows = await told(administrator, "select seq from app.audit_entry where tenant_id = $1 order by seq", world)
        assert [seq for (seq,) in rows] == list(range(1, len(rows) + 1))
    acts = "select count(distinct action) from app.audit_entry where tenant_id = $1"
    assert await administrator.fetchval(acts, town[WEST].realm.id) > 40


async def test_the_city_has_figures_of_both_sites_and_no_small_cell(town: Town, administrator: Administrator) -> None:
    months = """
select count(distinct first_day) from city.figure
where tenant_id = $1 and code = 'money' and last_day - first_day < 31"""
    assert await administrator.fetchval(months, town[WEST].realm.id) >= 14
    small = "select count(*) from city.figure f where n > 0 and n < min_n"
    assert await administrator.fetchval(small) == 0
    assert (
        await administrator.fetchval("select count(*) from city.figure where tenant_id = $1", town[EAST].realm.id) > 0
    )


# -- who may what ----------------------------------------------------------------------------------------
class Deaf:
    hearing = False


async def belongs(desk: Desk) -> Belonging:
    assert desk.person is not None
    found = await members.standing(desk, desk.person)
    return Belonging(found.own, frozenset(found.roles))


async def test_every_token_speaks_with_the_roles_it_is_listed_with(town: Town, tmp_path: Path) -> None:
    realms = {slug: world.realm for slug, world in town.items()}
    clock = Clock(town[WEST].today - Clock().now())
    try:
        keys = await keys_of(tuple(realms.values()), tmp_path, clock)
        speakers = Speakers(clock=clock, ear=Deaf(), demo=True, belongs=belongs)
        for slug, realm in realms.items():
            for person in keys[slug].people:
                desk = await speakers.desk(realm, f"Bearer {person.token}", language=None, request_id="test")
                assert desk.roles == frozenset(person.roles)
                assert desk.permissions == permissions_of(desk.roles)
        assert {role for person in keys[WEST].people for role in person.roles} == SITE_ROLES
        assert {role for person in keys[EAST].people for role in person.roles} == SITE_ROLES
        assert {role for person in keys[CITY].people for role in person.roles} == {"city_analyst", "platform_operator"}
        assert "Sina Roth" not in {person.name for person in keys[WEST].people}
        assert await keys_of(tuple(realms.values()), tmp_path, clock) == keys
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
        await a_lost_file_makes_new_keys(realms, keys, tmp_path, clock)
    finally:
        for realm in realms.values():
            await end_demo_sessions(house(realm, clock))


SITE_ROLES = {
    "member", "member_admin", "front_desk", "manager", "advisor", "grants_officer", "award_authority", "finance",
    "jury", "mentor", "observer", "data_protection", "site_admin",
}  # fmt: skip


async def a_lost_file_makes_new_keys(realms: dict[str, Realm], before: Keys, data: Path, clock: Clock) -> None:
    (data / FILE).unlink()
    after = await keys_of(tuple(realms.values()), data, clock)
    tokens = [{person.token for person in keys[WEST].people} for keys in (before, after)]
    assert tokens[0].isdisjoint(tokens[1])
    states = {each.client_id: each.state for each in await clients(house(realms[WEST], clock))}
    assert states[before[WEST].client.id] == "off"
    assert states[after[WEST].client.id] == "active"


def house(realm: Realm, clock: Clock) -> Desk:
    return Desk(realm=realm, now=clock.now(), permissions=frozenset({"access:grant", "access:clients"}))


# -- the same again --------------------------------------------------------------------------------------
async def test_a_second_first_start_makes_equal_rows(town: Town, administrator: Administrator, elsewhere: str) -> None:
    east, begins = town[EAST], town[EAST].begins
    folder = home("tenants") / EAST
    await figures.publish(elsewhere)
    with drawn_from(ids("opening", CITY)):
        await open_city(elsewhere, read_city(home("tenants") / "city.toml"), now=town[CITY].begins, demo=True)
    with drawn_from(ids("opening", EAST)):
        realm = await open_site(elsewhere, folder, now=begins, demo=True)
    await fill_site(realm, read_site(folder), folder / "demo", begins=begins, today=east.today)
    assert realm.id == east.realm.id
    other = await connect(elsewhere)
    try:
        # Who looked is no part of the story: other tests ask the same world. Secrets differ.
        told = "select tablename from pg_tables where schemaname = 'app' and tablename <> 'look_entry' order by 1"
        tables = await administrator.fetch(told)
        for table in [f"app.{row['tablename']}" for row in tables] + ["city.figure"]:
            told = f"select to_jsonb(t) - 'token_hash' as row from {table} t where tenant_id = $1"
            rows = f"select row from ({told}) s order by row::text"
            once, again = [await c.fetch(rows, realm.id) for c in (administrator, other)]
            assert [row["row"] for row in once] == [row["row"] for row in again], table
    finally:
        await other.close()
