"""Many sites with many rows, seeded and equal at every run: what the figures are measured on."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

import asyncpg

CITY = UUID(int=0x51)


@dataclass(frozen=True)
class Size:
    """Rows of one site."""

    organisations: int = 2_000
    bookings: int = 20_000
    workshops: int = 300
    applications: int = 400
    spaces: int = 40
    others: int = 0  # people who stand for no organisation


def tenant(number: int) -> UUID:
    return UUID(bytes=hashlib.md5(f"bench site {number}".encode(), usedforsecurity=False).digest())


def host(number: int) -> str:
    return f"site-{number}.localhost"


# {k} makes the uuid of row i of a kind; $1 is the tenant, $2 its number, $3 how many rows. Keys repeat per tenant.
_K = "md5('{0}' || $2::int || ':' || {1})::uuid"


def _key(kind: str, index: str = "i") -> str:
    return _K.format(kind, index)


_SPACES = f"""
insert into app.space (tenant_id, id, key, position, name_de, kind, persons, units, floor, step_free, access, equipment, grid,
  min, max, lead, horizon_days, before, after, approval, request_blocks, hold, checkin, checkin_opens, grace, cancel_until,
  who, lease_only, list_price_hour, state, created_at, changed_at)
select $1, {_key("space")}, 'raum-' || i, i, 'Raum "' || i || '" für Größeres', (array['hall','studio','kitchen'])[1 + i % 3],
  4 + i % 40, 1, 'Erdgeschoss', i % 2 = 0, '{{}}', '{{}}', 15, 30, 480, 30, 180, 0, 0, false, false, 15, 'none', 15, 20, 1440,
  'members', false, 900, 'open', '2025-01-01+00', '2025-01-01+00'
from generate_series(1, $3::int) i"""

_PEOPLE = f"""
insert into app.person (tenant_id, id, name, sort_key, email, state, created_at, changed_at)
select $1, {_key("person")}, 'Person ' || i, 'person ' || lpad(i::text, 6, '0'), 'p' || i || '@example.org', 'active',
  '2025-01-01+00', '2025-01-01+00'
from generate_series(1, $3::int) i"""

_ORGANISATIONS = f"""
insert into app.organisation (tenant_id, id, name, sort_key, kind, nonprofit, economic, founded_on, district, about_de,
  partner_roles, tags, state, created_at, changed_at)
select $1, {_key("org")}, 'Mitglied "' || i || '" Müller & Töchter', 'mitglied ' || lpad(i::text, 6, '0'),
  (array['company','association','initiative'])[1 + i % 3], i % 3 = 1, i % 3 = 0, date '2015-01-01' + (i % 3000),
  (array['Plagwitz','Lindenau'])[1 + i % 2], '', '{{}}', '{{}}', 'active', '2025-01-01+00', '2025-01-01+00'
from generate_series(1, $3::int) i"""

_AFFILIATIONS = f"""
insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at)
select $1, {_key("aff")}, {_key("person")}, {_key("org")}, 'owner', '[2025-01-01,)', '2025-01-01+00'
from generate_series(1, $3::int) i"""

_BOOKINGS = f"""
insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind, title, visibility,
  organisation_id, price, list_price, late, state, created_at, changed_at)
select $1, {_key("booking")}, 'B-' || i, {_key("space", "(1 + (i * 31) % $4::int)")}, 1, tstzrange(s, s + interval '2 hours'),
  s at time zone 'Europe/Berlin', 0, 0, 'member', 'Treffen ' || i, 'members', {_key("org", "(1 + (i * 7919) % $5::int)")}, 0, 1800,
  false, (array['confirmed','completed','cancelled'])[1 + i % 3], '2025-01-01+00', '2025-01-01+00'
from (select i, timestamptz '2026-01-01 08:00+00' + (i * 37 % 26000) * interval '30 minutes' s
      from generate_series(1, $3::int) i) q"""

_WORKSHOPS = f"""
with made as (
  insert into app.workshop (tenant_id, id, number, format, topic, title_de, text_de, language, led_by, min_seats, opens_at,
    closes_at, cancel_until, fee, fill, offer, offer_stops, after_expiry, visibility, stakeholder, state, created_at, changed_at)
  select $1, {_key("workshop")}, 'K-' || i, 'workshop', 'produkt', 'Denkwerkstatt ' || i, '', 'de', {_key("person", "1")}, 0,
    '2026-01-01+00', '2027-01-01+00', 1440, 0, 'strict', 1440, 360, 'to_end', 'public', false, 'published', '2025-01-01+00',
    '2025-01-01+00'
  from generate_series(1, $3::int) i returning id
), pools as (
  insert into app.seat_pool (tenant_id, id, workshop_id, key, name_de, seats, taken, created_at)
  select $1, id, id, 'alle', 'Alle', 20, 10, '2025-01-01+00' from made returning 1
), sessions as (
  insert into app.session (tenant_id, id, workshop_id, no, during, local_start, place, state, created_at, changed_at)
  select $1, id, id, 1, tstzrange(s, s + interval '3 hours'), s at time zone 'Europe/Berlin', 'Hof', 'planned', s, s
  from (select id, timestamptz '2026-02-01 10:00+00' + row_number() over () * interval '1 day' s from made) q returning 1
)
insert into app.registration (tenant_id, id, workshop_id, pool, person_id, organisation_id, party, joined_at, state, created_at,
  changed_at)
select $1, md5('reg' || $2::int || made.id || i)::uuid, made.id, 'alle', {_key("person")}, {_key("org")}, 1,
  timestamptz '2026-01-02+00' + i * interval '1 minute', 'confirmed', '2026-01-02+00', '2026-01-02+00'
from made, generate_series(1, 10) i"""

_APPLICATIONS = f"""
with fund as (
  insert into app.fund (tenant_id, id, key, name_de, source, valid, recovered_money_returns, created_at)
  values ($1, {_key("fund", "1")}, 'fonds', 'Fonds', 'city', '[2025-01-01,2030-01-01)', true, '2025-01-01+00')
), line as (
  insert into app.budget_line (tenant_id, id, fund_id, year, purpose, allocated, created_at)
  values ($1, {_key("line", "1")}, {_key("fund", "1")}, 2026, 'any', 100000000, '2025-01-01+00')
), guideline as (
  insert into app.guideline (tenant_id, id, key, edition, fund_id, name_de, valid, rules, state, created_at, changed_at)
  values ($1, {_key("guide", "1")}, 'alle', 1, {_key("fund", "1")}, 'Alle', '[2025-01-01,2030-01-01)', '{{}}', 'in_force',
    '2025-01-01+00', '2025-01-01+00')
), call as (
  insert into app.call (tenant_id, id, number, guideline_id, title_de, purposes, opens_at, closes_at, budget, state, created_at,
    changed_at)
  values ($1, {_key("call", "1")}, 'C-1', {_key("guide", "1")}, 'Aufruf', '{{prototype}}', '2026-01-01+00', '2027-01-01+00',
    100000000, 'open', '2025-01-01+00', '2025-01-01+00')
)
insert into app.application (tenant_id, id, number, call_id, organisation_id, contact_id, purpose, title, requested, total_cost,
  eligible, jobs, submitted_at, state, created_at, changed_at)
select $1, {_key("apl")}, 'F-' || i, {_key("call", "1")}, {_key("org", "(1 + (i * 17) % $4::int)")}, {_key("person", "1")},
  'prototype', 'Prototyp ' || i, 50000 + (i * 977) % 450000, 600000, 600000, 0,
  timestamptz '2026-01-10 09:00+00' + i * interval '1 hour', 'submitted', '2026-01-10+00', '2026-01-10+00'
from generate_series(1, $3::int) i"""

_KIND = "(array['{0}'])[1 + i % {1}]"


def _kinds(*kinds: str) -> str:
    return _KIND.format("','".join(kinds), len(kinds))


# Lines a minute apart, of fifty people: their hashes are no chain, for nobody proves it here.
_LOGS = (
    f"""
insert into app.audit_entry (tenant_id, id, seq, action, subject, person, numbers, request_id, created_at, hash)
select $1, {_key("act")}, i, {_kinds("space.booked", "booking.moved", "member.approved", "application.submitted")},
  {_key("booking")}, {_key("person", "(1 + i % 50)")}, '{{"version": 2}}', 'bench', {{at}}, sha256(i::text::bytea)
from generate_series(1, $3::int) i""",
    "insert into app.audit_head (tenant_id, seq, hash) select $1, $3::int, sha256($2::int::text::bytea)",
    f"""
insert into auth.event (tenant_id, id, seq, kind, reason, person, request_id, created_at, hash)
select $1, {_key("event")}, i, {_kinds("session.opened", "session.ended", "code.sent", "audit.read")}, 'bench',
  {_key("person", "(1 + i % 50)")}, 'bench', {{at}}, sha256(i::text::bytea)
from generate_series(1, $3::int) i""",
    "insert into auth.event_head (tenant_id, seq, hash) select $1, $3::int, sha256($2::int::text::bytea)",
    f"""
insert into app.look_entry (tenant_id, id, person, operation, fields, subjects, times, request_id, created_at)
select $1, {_key("look")}, {_key("person", "(1 + i % 50)")}, {_kinds("memberPage", "deskDay", "searchHouse")},
  '{{Person.email}}', array[{_key("person", "(1 + i % 900)")}], 1, 'bench', {{at}}
from generate_series(1, $3::int) i""",
)
_AT = "timestamptz '2026-01-01+00' + i * interval '1 minute'"
_SINGLES = (
    f"""
insert into app.series (tenant_id, id, space_id, repeats, every, weekdays, first, length, dates, on_conflict, title, kind,
  units, visibility, state, created_at, changed_at)
select $1, {_key("series", "1")}, {_key("space", "1")}, 'weekly', 1, array[2], '2026-12-01 18:00', 120, 40, 'skip', '',
  'internal', 1, 'private', 'running', '2026-01-01+00', '2026-01-01+00'""",
    f"""
insert into app.import_run (tenant_id, id, name, total, faulty, organisations, people, memberships, state, created_at,
  changed_at)
select $1, {_key("import", "1")}, 'liste.csv', 500, 0, 500, 0, 0, 'checked', '2026-01-01+00', '2026-01-01+00'""",
    f"""
insert into app.import_row (tenant_id, id, run_id, line, cells, makes_organisation, makes_person, makes_membership, state,
  created_at)
select $1, {_key("line")}, {_key("import", "1")}, 1 + i, jsonb_build_object('name', 'Neu ' || i), true, false, false, 'ready',
  '2026-01-01+00'
from generate_series(1, 500) i""",
    f"""
update app.booking set series_id = {_key("series", "1")}, series_date = date '2026-01-01' + substr(number, 3)::int where tenant_id = $1 and id in (
  select {_key("booking")} from generate_series(1, 40) i)""",
)
LEADS = """
select p.id from app.person p join app.affiliation a on a.tenant_id = p.tenant_id and a.person_id = p.id
where p.tenant_id = $1 order by p.sort_key limit $2"""


async def city(connection: asyncpg.Connection) -> UUID:
    """The bench's city and its realm; gives the realm's id."""
    realm = tenant(0)
    await connection.execute("insert into city.city (id, slug, name) values ($1, 'bench', 'Bench')", CITY)
    await _realm(connection, realm, 0, "city", "stadt.localhost")
    return realm


async def _realm(connection: asyncpg.Connection, key: UUID, number: int, kind: str, name: str) -> None:
    await connection.execute(
        "insert into city.tenant (id, city_id, kind, slug, host, name) values ($1, $2, $3, $4, $5, $4)",
        key,
        CITY,
        kind,
        f"bench-{number}",
        name,
    )
    await connection.execute(
        "insert into app.site (tenant_id, slug, name_de, short_de, zone, number_prefix, languages, changed_at) "
        "values ($1, $2, $2, 'B', 'Europe/Berlin', 'B', '{de}', '2025-01-01+00')",
        key,
        f"bench-{number}",
    )


async def site(connection: asyncpg.Connection, number: int, size: Size) -> UUID:
    """Fill one site; gives its tenant. Run by an administrator, who is not bound by the policies."""
    key = tenant(number)
    async with connection.transaction():
        await _realm(connection, key, number, "site", host(number))
        await connection.execute(_SPACES, key, number, size.spaces)
        await connection.execute(_PEOPLE, key, number, size.organisations + size.others)
        await connection.execute(_ORGANISATIONS, key, number, size.organisations)
        await connection.execute(_AFFILIATIONS, key, number, size.organisations)
        await connection.execute(_BOOKINGS, key, number, size.bookings, size.spaces, size.organisations)
        await connection.execute(_WORKSHOPS, key, number, size.workshops)
        await connection.execute(_APPLICATIONS, key, number, size.applications, size.organisations)
    return key


async def logs(connection: asyncpg.Connection, number: int, lines: int) -> None:
    """So many lines in each of a site's three logs."""
    for statement in _LOGS:
        await connection.execute(statement.replace("{at}", _AT), tenant(number), number, lines)


async def singles(connection: asyncpg.Connection, number: int) -> None:
    """A series with dates and a list that waits: what some pages are about."""
    for statement in _SINGLES:
        await connection.execute(statement, tenant(number), number)
