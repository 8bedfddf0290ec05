"""The catalog lint: empty on the real schema, and red for every way in which a wall can be left open."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from conftest import Cluster

from quartier.database.administrator import connect
from quartier.database.catalog import holes, lint
from quartier.database.migrate import check

OWNER = "set role quartier_owner; "
# Tables of one kind each, so that the mutants below need none of the rooms.
SAMPLE = (
    OWNER
    + """
  create table app.neighbour (tenant_id uuid not null references app.site, id uuid not null, email text not null,
    primary key (tenant_id, id), unique (tenant_id, email));
  create table app.hall (tenant_id uuid not null references app.site, id uuid not null, primary key (tenant_id, id));
  create table app.stay (tenant_id uuid not null references app.site, id uuid not null, hall_id uuid not null,
    neighbour_id uuid not null, during tstzrange not null, primary key (tenant_id, id),
    foreign key (tenant_id, hall_id) references app.hall,
    foreign key (tenant_id, neighbour_id) references app.neighbour,
    constraint stay_no_overlap exclude using gist (tenant_id with =, hall_id with =, during with &&));
  select sec.isolate(t) from unnest(array['app.neighbour', 'app.hall', 'app.stay']::regclass[]) t;
  reset role;
"""
)
TABLE = "create table app.m (tenant_id uuid not null references app.site, id uuid not null, hall_id uuid, {0})"
KEYED = TABLE.format("primary key (tenant_id, id)")
NEW = OWNER + TABLE + "; select sec.isolate('app.m')"
DEFINER = "language sql security definer set search_path = pg_catalog, pg_temp as"
HERE = "do $$ begin execute format('{0}', current_database()); end $$"

MUTANTS = [  # what is broken, how, which rule must speak
    ("table without tenant_id", OWNER + "create table app.m (id uuid primary key)", "T1"),
    ("table without policies", OWNER + KEYED, "T2"),
    ("FORCE taken off", OWNER + "alter table app.neighbour no force row level security", "T2"),
    ("FORCE taken off the anchor", OWNER + "alter table app.site no force row level security", "T2"),
    ("row-level security switched off", OWNER + "alter table app.stay disable row level security", "T2"),
    ("key without tenant", NEW.format("primary key (id)"), "T3"),
    ("global unique", OWNER + "create unique index on app.neighbour (id)", "T4"),
    (
        "exclusion without tenant",
        NEW.format("primary key (tenant_id, id), exclude using gist (hall_id with =)"),
        "T5",
    ),
    (
        "foreign key by id alone",
        OWNER + "create unique index u on app.hall (id);"
        " alter table app.stay add foreign key (hall_id) references app.hall (id)",
        "T6",
    ),
    (
        "foreign key sets null",
        NEW.format(
            "primary key (tenant_id, id),"
            " foreign key (tenant_id, hall_id) references app.hall on delete set null (hall_id)"
        ),
        "T7",
    ),
    ("policy opened", OWNER + "alter policy tenant on app.neighbour using (true)", "T8"),
    ("policy for fewer roles", OWNER + "alter policy signed on app.neighbour to quartier_worker", "T8"),
    ("signature taken off", OWNER + "drop policy signed on app.neighbour", "T9"),
    ("extra permissive policy", OWNER + "create policy x on app.neighbour using (true)", "T9"),
    (
        "foreign key not validated",
        OWNER + "alter table app.stay add constraint z foreign key (tenant_id, hall_id) references app.hall not valid",
        "T10",
    ),
    ("rewrite rule", OWNER + "create rule r as on insert to app.hall do also select 1", "T11"),
    (
        "tenant that is nobody",
        OWNER + "create table app.m (tenant_id uuid not null, id uuid, primary key (tenant_id, id));"
        " select sec.isolate('app.m')",
        "T12",
    ),
    (
        "default tenant",
        OWNER + "alter table app.neighbour alter tenant_id set default gen_random_uuid()",
        "T13",
    ),
    (
        "a log that may be forgotten after a year",
        OWNER + "alter policy aged on auth.event"
        " using (tenant_id = sec.verified_tenant() and created_at < now() - interval '1 year')",
        "T17",
    ),
    ("a log whose lines anybody forgets", "alter policy aged on app.look_entry to quartier_app", "T17"),
    ("table of a superuser", KEYED + "; select sec.isolate('app.m')", "T14"),
    ("tenant column on a shared table", OWNER + "alter table city.indicator add tenant_id uuid", "T15"),
    (
        "trigger",
        OWNER + "create function app.f() returns trigger language plpgsql as 'begin return new; end';"
        " revoke all on function app.f() from public;"
        " create trigger t before insert on app.neighbour for each row execute function app.f()",
        "T16",
    ),
    (
        "view with its owner's eyes",
        OWNER + "create view app.v as select * from app.neighbour; grant select on app.v to quartier_app",
        "V1",
    ),
    ("materialized view", OWNER + "create materialized view app.v as select * from app.neighbour", "V2"),
    (
        "foreign table",
        "create extension postgres_fdw schema ext; create server s foreign data wrapper postgres_fdw;"
        " create foreign table app.v (a int) server s",
        "V3",
    ),
    ("sequence", OWNER + "create sequence app.s", "V4"),
    (
        "new SECURITY DEFINER",
        OWNER + f"create function app.f() returns bigint {DEFINER} 'select count(*) from app.neighbour'",
        "F1",
    ),
    (
        "definer function owned by a superuser",
        "alter function city.counted_once(text, int, daterange) owner to current_user",
        "F1",
    ),
    ("search_path taken off", "alter function sec.verified(text) reset search_path", "F1"),
    (
        "leakproof",
        "create function sec.l(int) returns int language sql leakproof as 'select 1';"
        " revoke all on function sec.l(int) from public",
        "F2",
    ),
    ("function for everybody", "grant execute on function sec.mark(uuid, text) to public", "F3"),
    (
        "operator of our own",
        "create operator app.=== (leftarg = int, rightarg = int, function = int4eq)",
        "F4",
    ),
    ("table for everybody", OWNER + "grant select on app.neighbour to public", "G1"),
    ("schema for everybody", "grant usage on schema app to public", "G2"),
    ("city reads neighbours", OWNER + "grant select on app.neighbour to quartier_city", "G3"),
    ("city reads one column", OWNER + "grant select (email) on app.neighbour to quartier_city", "G3"),
    ("city reads the hosts' directory", OWNER + "grant select on city.city to quartier_city", "G3"),
    ("application truncates", OWNER + "grant truncate on app.neighbour to quartier_app", "G3"),
    ("application reads the key", "grant select on sec.key to quartier_app", "G3"),
    ("application reads the queue", "grant select on jobs.pgqueuer to quartier_app", "G3"),
    ("the queue's loop reads neighbours", "grant select on app.neighbour to quartier_queue", "G3"),
    (
        "default privileges",
        OWNER + "alter default privileges in schema app grant select on tables to quartier_city",
        "G4",
    ),
    ("application may cancel", "grant execute on function pg_cancel_backend(int) to quartier_app", "G5"),
    ("application past the policies", "alter role quartier_app bypassrls", "R1"),
    ("owner of the queue creates roles", "alter role quartier_jobs createrole", "R1"),
    ("application is a member of the owner", "grant quartier_owner to quartier_app", "R2"),
    (
        "application owns a table",
        "grant create on schema app to quartier_app; alter table app.hall owner to quartier_app",
        "R3",
    ),
    ("application may create", "grant create on schema app to quartier_app", "R4"),
    ("temporary tables", HERE.format("grant temp on database %I to quartier_app"), "R5"),
    ("owner may log in", "alter role quartier_owner login", "R6"),
    ("time limits lost", HERE.format("alter role quartier_app in database %I reset all"), "R7"),
    ("the queue's limits lost", HERE.format("alter role quartier_queue in database %I reset all"), "R7"),
    ("publication", "create publication p for table app.neighbour", "D1"),
    ("unknown extension", "create extension hstore schema ext", "D2"),
    ("database for everybody", HERE.format("grant connect on database %I to public"), "D3"),
]


@pytest_asyncio.fixture
async def root(postgres: Cluster, database: str) -> AsyncIterator[Any]:
    """A superuser in a transaction that is undone."""
    connection = await connect(postgres.dsn(database))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_the_walls_of_the_real_schema_stand(root: Any) -> None:
    assert await lint(root) == []


async def test_no_foreign_key_leads_nowhere(root: Any) -> None:
    assert await holes(root) == []


async def test_a_process_without_administrator_can_check_the_walls(postgres: Cluster, database: str) -> None:
    for role in ("quartier_worker", "quartier_auth", "quartier_city"):
        login = {"user": role, "password": postgres.keyring.passwords[role]}
        assert await check(postgres.dsn(database), **login) == []


async def test_the_sample_tables_are_walled_off(root: Any) -> None:
    await root.execute(SAMPLE)
    assert await lint(root) == []


@pytest.mark.parametrize(("sql", "rule"), [m[1:] for m in MUTANTS], ids=[m[0] for m in MUTANTS])
async def test_the_lint_names(root: Any, sql: str, rule: str) -> None:
    await root.execute(SAMPLE)
    try:
        await root.execute(sql)
    except (asyncpg.UndefinedFileError, asyncpg.FeatureNotSupportedError) as missing:
        pytest.skip(f"this server has no such extension: {missing}")
    await root.execute("reset role")
    found = await lint(root)
    assert any(line.startswith(rule + " ") for line in found), found


async def test_a_key_added_under_force_is_found_though_the_server_calls_it_valid(root: Any) -> None:
    """The owner sees no row under FORCE, so the server's own check of a new foreign key finds nothing wrong."""
    await root.execute(SAMPLE + OWNER + KEYED + "; reset role")
    await root.execute(
        "insert into city.city (id, slug, name) values (gen_random_uuid(), 'lint', 'Lint');"
        "insert into city.tenant (id, city_id, kind, slug, name, host)"
        " select gen_random_uuid(), id, 'site', 'lint', 'Lint', 'lint.test' from city.city where slug = 'lint';"
        "insert into app.site (tenant_id, slug, name_de, short_de, number_prefix, changed_at)"
        " select id, slug, name, name, 'L', now() from city.tenant where slug = 'lint';"
        "insert into app.m select tenant_id, gen_random_uuid(), gen_random_uuid() from app.site where slug = 'lint'"
    )
    await root.execute(
        OWNER + "select sec.isolate('app.m');"
        " alter table app.m add foreign key (tenant_id, hall_id) references app.hall; reset role"
    )
    assert await holes(root) == ["foreign key with holes [app.m.m_tenant_id_hall_id_fkey: 1]"]
