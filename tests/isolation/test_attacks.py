"""The attacks on the walls, by their number, on the real schema. Each names the reason of its refusal.

What a test tries stays undone. test_layers.py runs them again with one layer taken away.
"""

import asyncio
import contextlib
import importlib
import inspect
import random
import shutil
import typing
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from conftest import Cluster
from isolation.factories import Rows
from isolation.sites import CITY, TENANT, Knock, Refused, Walls, settle, told
from world import NOW

import quartier
from quartier.database.administrator import connect
from quartier.database.catalog import WallBroken
from quartier.database.engine import TenantEngine
from quartier.database.faults import NoTenant, TransactionAborted, TransactionOver
from quartier.database.migrate import check, migrate
from quartier.insight.figures import DEFINITIONS
from quartier.insight.words import Definition, Period
from quartier.kit.spans import Span
from quartier.settings import home

PEOPLE = "select count(*) from app.person"
APP = "quartier_app"
REJECTED, DENIED, POLICY = "42501 context", "42501 denied", "42501 policy"
UNSET = {REJECTED, "42704", "22P02"}  # whichever of the two policies is asked first


# -- references and what they could tell ------------------------------------------------------------
FOREIGN_KEYS = """
select k.conrelid::regclass::text as "table", k.confrelid::regclass::text as target, k.conname,
  a.attname as "column"
from pg_constraint k cross join lateral (
  select a.attname from unnest(k.conkey) c join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c
  where a.attname <> 'tenant_id' and a.atttypid = 'uuid'::regtype limit 1) a
where k.contype = 'f' and k.connamespace::regnamespace::text in ('app', 'auth') order by 1, 3"""


async def test_02_a_reference_to_the_neighbours_row_fails_like_one_to_nothing(walls: Walls) -> None:
    """Every foreign key of the schema: East's id and an invented one give the same error and the same text."""
    keys = await walls.root.fetch(FOREIGN_KEYS)
    states = Counter[str]()
    async with walls.knocking(APP) as app, walls.knocking("quartier_auth") as auth:
        for key in keys:
            knock = auth if key["table"].startswith("auth.") else app
            of_east = await walls.root.fetch(f"select id from {key['target']} where tenant_id = $1", walls.east.id)
            heard = set()
            for target in (*(row["id"] for row in of_east), uuid4()):
                sql = f"update {key['table']} set {key['column']} = '{target}' where tenant_id = '{walls.west.id}'"
                said = await knock.ask(walls.west.id, sql + " returning 1")
                heard.add(said.text.replace(str(target), "…") if isinstance(said, Refused) else str(said))
                states[str(said)] += 1
            assert len(heard) == 1, (key["conname"], heard)
    # Some rows break a check of their own first, and what nobody may change cannot be made to point anywhere.
    assert set(states) <= {"23503", "23514", DENIED}
    assert states["23503"] >= 60


async def test_02_a_new_row_cannot_refer_to_the_neighbours(walls: Walls) -> None:
    """Also where rows are only added: a posting to East's budget line is a posting to none."""
    insert = walls.of_west.insert("app.posting").replace(walls.of_west.id("budget_line"), "{0}")
    async with walls.knocking(APP) as app:
        for target in (walls.of_east.id("budget_line"), str(uuid4())):
            assert await app.ask(walls.west.id, insert.format(target) + " returning 1") == "23503"


UNIQUE = """
select i.indrelid::regclass::text as "table", array_agg(a.attname::text order by a.attnum) as columns
from pg_index i join pg_class c on c.oid = i.indrelid join pg_attribute a on a.attrelid = c.oid
  and a.attnum = any (i.indkey) and a.attname <> 'tenant_id'
where i.indisunique and not i.indisprimary and c.relnamespace::regnamespace::text in ('app', 'auth')
  and exists (select from pg_attribute where attrelid = c.oid and attname = 'id')
  and has_table_privilege('quartier_' || case when c.relnamespace = 'auth'::regnamespace then 'auth' else 'app' end,
                          c.oid, 'UPDATE')
group by i.indexrelid, i.indrelid having not bool_or(a.attgenerated <> '') and not exists (
  select from pg_constraint k, unnest(k.conkey) n where k.contype = 'f' and k.conrelid = i.indrelid
    and n = any (array_agg(a.attnum)))"""


async def test_03_what_is_unique_at_the_neighbours_is_free_here(walls: Walls) -> None:
    """A number, a key, an address: West takes each of East's, and learns nothing from being able to."""
    found = await walls.root.fetch(UNIQUE)
    tried = 0
    async with walls.knocking(APP) as app, walls.knocking("quartier_auth") as auth:
        for table, columns in found:
            names = ", ".join(columns)
            east = await walls.root.fetchrow(f"select {names} from {table} where tenant_id = $1", walls.east.id)
            sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 1))
            one = f"id = (select id from {table} where tenant_id = '{walls.west.id}' limit 1)"
            knock = auth if table.startswith("auth.") else app
            sql = f"update {table} set {sets} where tenant_id = '{walls.west.id}' and {one} returning 1"
            assert await knock.ask(walls.west.id, sql, *tuple(east or ())) == 1, (table, columns)
            tried += 1
    assert tried >= 10


async def test_03_an_upsert_does_not_meet_the_neighbours_row(walls: Walls) -> None:
    taken = "DE811128135"  # a number that only East has

    def insert(rows: Rows) -> str:
        return rows.insert("app.organisation_identifier").replace("DE123456789", taken).replace("'vat'", "'w_id'")

    await walls.root.execute(insert(walls.of_east))
    try:
        async with walls.knocking(APP) as app:
            for clause in ("do nothing", "(tenant_id, kind, value) do update set value = excluded.value"):
                sql = f"{insert(walls.of_west)} on conflict {clause} returning (xmax = 0)"
                assert await app.ask(walls.west.id, sql) is True  # inserted, not updated
    finally:
        await walls.root.execute("delete from app.organisation_identifier where value = $1", taken)


async def test_04_a_taken_room_of_the_neighbours_is_no_room_and_never_taken(walls: Walls) -> None:
    """Same hours, same room by name: East's is held, ours is held, and one that nobody has is not."""
    texts = set()
    async with walls.knocking(APP) as app:
        for table, room in (("app.booking", "space"), ("app.occupancy", "part")):
            insert = walls.of_west.insert(table).replace(walls.of_west.id(room), "{0}") + " returning 1"
            insert = insert.replace(
                f"'{walls.of_west.id('booking')}', '{walls.of_west.id('booking')}'", f"'{uuid4()}', 'x'"
            )
            for target in (walls.of_east.id(room), str(uuid4())):
                said = await app.ask(walls.west.id, insert.format(target))
                assert said == "23503", said
                assert isinstance(said, Refused)
                texts.add(said.text)
            ours = await app.ask(walls.west.id, insert.format(walls.of_west.id(room)))
            assert ours == ("23P01" if table == "app.occupancy" else 1)
    assert len(texts) == 2  # one for each table, whichever room was asked for


# -- the context ------------------------------------------------------------------------------------
async def test_05_a_tenant_that_was_switched_by_injection_shows_nothing(walls: Walls) -> None:
    switch, whose = f"set_config('app.tenant_id', '{walls.east.id}', true)", "string_agg(distinct tenant_id::text, ' ')"
    west = str(walls.west.id)
    forms = (
        f"select {whose} from app.person where id is null or {switch} is not null",
        f"with s as materialized (select {switch}) select {whose} from s, app.person",
        f"select {whose} from (select {switch} offset 0) s, app.person",
        f"select {whose} from (select {switch}) s left join lateral (select * from app.person) m on true",
        f"with s as materialized (select {switch}), m as materialized (select m.* from s, app.person m)"
        f" select {whose} from m",
        f"select (select {whose} from app.person where {switch} is not null)"
        f" || coalesce((select {whose} from app.organisation), '')",
    )
    async with walls.knocking(APP) as app:
        for sql in forms:
            said = await app.ask(west, sql)
            assert said in (west, west + west) or said == REJECTED, (sql, said)
        async with app.speaking(west) as connection:
            await connection.execute(f"select {switch}")
            assert await told(connection.fetchval(PEOPLE)) == REJECTED


async def test_06_a_stolen_old_or_altered_context_is_rejected(walls: Walls) -> None:
    west, east = walls.west.id, walls.east.id
    good = walls.signed(APP, west)
    kid, expiry, mark = good.split(".")
    bad = {
        "West's, for East": (east, good),
        "expired": (west, walls.signed(APP, west, ttl=-1)),
        "another role's": (west, walls.signed("quartier_worker", west)),
        "another setting's": (west, walls.signed(APP, west, CITY)),
        "another key": (west, walls.signed(APP, west, key=b"x" * 32)),
        "an unknown key": (west, walls.signed(APP, west, kid="k9")),
        "no signature": (west, None),
    }
    malformed = (
        ".", "..", "k1", f"k1.{expiry}", f"k1..{mark}", f"k1.{int(expiry) + 1}.{mark}", f"k1.{expiry}.{mark[:-1]}",
        f"k1.{expiry}.{mark.upper()}", f"k1.{expiry}.zz", f"k1.{expiry} .{mark}", f"k1.{expiry}.{mark}.",
        f"k1.x.{mark}", "k1.1.1.1.1", f"k1'.{expiry}.{mark}", f"k1.{'9' * 40}.{mark}", " " + good,
    )  # fmt: skip
    assert len(set(malformed)) == 16
    async with walls.knocking(APP) as app:
        assert await app.ask(west, PEOPLE) == 1
        for name, (realm, signature) in (bad | {text: (west, text) for text in malformed}).items():
            assert await app.ask(realm, PEOPLE, signature=signature) == REJECTED, name


async def test_06_a_key_that_was_taken_away_opens_nothing(walls: Walls) -> None:
    new = b"n" * 32
    with_new = walls.signed(APP, walls.west.id, key=new, kid="k2")
    async with walls.knocking(APP) as app:
        await walls.root.execute("select sec.put_key('k2', $1)", new)
        try:
            assert await app.ask(walls.west.id, PEOPLE, signature=with_new) == 1
            assert await app.ask(walls.west.id, PEOPLE) == 1  # the first one is good beside it
        finally:
            await walls.root.execute("delete from sec.key where kid = 'k2'")
        assert await app.ask(walls.west.id, PEOPLE, signature=with_new) == REJECTED


async def test_07_without_a_context_there_is_an_error_and_never_an_empty_list(walls: Walls) -> None:
    async with walls.knocking(APP) as app:
        assert str(await app.ask(None, PEOPLE)) in UNSET  # never set in this session
        assert await app.ask(walls.west.id, PEOPLE) == 1
        assert str(await app.ask(None, PEOPLE)) in UNSET  # set once, and empty since
    async with walls.engine() as engine:
        with pytest.raises(NoTenant):
            await engine.fetch(PEOPLE)


def reads() -> Iterator[Callable[..., Awaitable[Any]]]:
    """Every query of every room. Those of access speak for themselves: they are how a speaker is found."""
    rooms = Path(str(quartier.__file__)).parent
    for path in sorted(rooms.glob("*/queries.py")):
        if path.parent.name != "access":
            module = importlib.import_module(f"quartier.{path.parent.name}.queries")
            for name, read in vars(module).items():
                if inspect.iscoroutinefunction(read) and read.__module__ == module.__name__ and name[0] != "_":
                    yield read


SOME: dict[Any, Any] = {
    **{UUID: uuid4(), str: "x", int: 1, date: NOW.date(), Span: Span(NOW, NOW + timedelta(hours=1))},
    **{Period: Period.holding("month", NOW.date()), Definition: DEFINITIONS[0]},
}


def some(hint: Any) -> Any:
    """Some value of a type. A word like Space is none: whoever has one has read before."""
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)[0]
    if typing.get_origin(hint) is not None:
        return [SOME[typing.get_args(hint)[0]]]
    return SOME.get(hint)


async def test_07_no_query_of_any_room_answers_without_a_speaker(walls: Walls) -> None:
    desk, tried = walls.west.desk(person=UUID(walls.of_west.id("person"))), 0
    for read in reads():
        hints = typing.get_type_hints(read)
        given = {
            parameter.name: some(hints[parameter.name])
            for parameter in list(inspect.signature(read).parameters.values())[1:]
            if parameter.default is parameter.empty
        }
        if None not in given.values():
            with pytest.raises(NoTenant):
                await read(desk, **given)
            tried += 1
    assert tried >= 35


# -- the engine -------------------------------------------------------------------------------------
KEEP = "insert into app.setting (tenant_id, id, key, value, valid_from, created_at) values ($1, $2, $3, '1', $4, $5)"


async def keep(engine: TenantEngine, walls: Walls, key: str) -> None:
    await engine.fetch(KEEP, walls.west.id, uuid4(), f"attack {key}", NOW.date(), NOW)


async def kept(walls: Walls) -> set[str]:
    """What was committed of West's settings by a test; taken away again."""
    rows = await walls.root.fetch("delete from app.setting where key like 'attack %' returning key")
    return {row["key"].removeprefix("attack ") for row in rows}


async def carry_over(walls: Walls, rounds: int) -> Counter[str]:
    """Requests of two sites on two connections, of which most end badly. What East's or West's rows show elsewhere."""
    seen, rng = Counter[str](), random.Random(8)
    ways = ("read", "bare", "fail", "cancel", "deadline", "poison", "forged")

    async def read(engine: TenantEngine, realm: UUID) -> None:
        rows = await engine.fetch("select tenant_id from app.person")  # no filter: the policies alone
        seen["foreign"] += sum(row["tenant_id"] != realm for row in rows)

    async def request(engine: TenantEngine, n: int) -> None:
        realm, other = (walls.west.id, walls.east.id) if n % 2 else (walls.east.id, walls.west.id)
        way = rng.choice(ways)
        with engine.speaking(realm):
            if way == "bare":
                await read(engine, realm)
                return
            async with engine.work():
                await read(engine, realm)
                if way == "fail":
                    await engine.fetch("select 1 / 0")
                if way == "deadline":
                    async with asyncio.timeout(0.001):
                        await engine.fetch("select pg_sleep(1)")
                if way == "poison":
                    await engine.fetch(f"select set_config('app.tenant_id', '{other}', false)")
                if way == "forged":
                    await engine.fetch(f"select set_config('app.tenant_id', '{other}', true)")
                    await read(engine, other)

    async def limited(engine: TenantEngine, width: asyncio.Semaphore, n: int) -> None:
        async with width:
            try:
                async with asyncio.timeout(rng.uniform(0, 0.01) if rng.random() < 0.2 else 30):
                    await request(engine, n)
            except Exception as error:
                seen[type(error).__name__] += 1

    async with walls.engine() as engine:
        engine.acquire_timeout = 60
        width = asyncio.Semaphore(40)
        await asyncio.gather(*(limited(engine, width, n) for n in range(rounds)))
        gate = asyncio.Barrier(2)
        async with asyncio.timeout(20):
            await asyncio.gather(*(_usable(engine, walls, gate) for _ in range(2)))
    return seen


async def _usable(engine: TenantEngine, walls: Walls, gate: asyncio.Barrier) -> None:
    """Both connections can be had at once, and are as new."""
    with engine.speaking(walls.west.id):
        async with engine.work():
            await gate.wait()
            [row] = await engine.fetch(
                "select current_setting('statement_timeout') || current_setting('search_path') s"
            )
            assert row["s"] == "5sext"


EXPECTED = {"foreign", "DivisionByZeroError", "TimeoutError", "InsufficientPrivilegeError"}


async def test_08_nothing_is_carried_over_in_the_pool(walls: Walls) -> None:
    seen = await carry_over(walls, 600)
    assert seen["foreign"] == 0
    assert set(seen) == EXPECTED


@pytest.mark.slow
async def test_08_nothing_is_carried_over_in_ten_thousand_rounds(walls: Walls) -> None:
    seen = await carry_over(walls, 10_000)
    assert seen["foreign"] == 0
    assert set(seen) == EXPECTED


async def test_09_what_an_injection_leaves_in_a_session_dies_with_its_transaction(walls: Walls) -> None:
    async with walls.engine(app=1) as engine:
        with engine.speaking(walls.west.id):
            async with engine.work():
                [before] = await engine.fetch("select pg_backend_pid() pid")
                for sql in (
                    "select set_config('statement_timeout', '0', false), set_config('search_path', 'app', false),"
                    f" set_config('row_security', 'off', false), set_config('app.tenant_id', '{walls.east.id}', false)",
                    "listen quartier_directory",
                    "declare stays cursor with hold for select 1",
                ):
                    await engine.fetch(sql)
        with engine.speaking(walls.east.id):
            async with engine.work():
                [after] = await engine.fetch(
                    "select pg_backend_pid() pid, current_setting('statement_timeout') timeout,"
                    " current_setting('search_path') path, current_setting('row_security') security,"
                    " (select count(*) from pg_listening_channels()) channels,"
                    " (select count(*) from pg_cursors where name = 'stays') held,"
                    " (select string_agg(distinct tenant_id::text, ' ') from app.person) people"
                )
    assert dict(after) == {
        **{"pid": before["pid"], "timeout": "5s", "path": "ext", "security": "on", "channels": 0, "held": 0},
        "people": str(walls.east.id),
    }


async def later(work: Callable[[], Awaitable[Any]]) -> Any:
    await asyncio.sleep(0.05)
    return await work()


async def test_10_stragglers_never_get_another_sites_connection(walls: Walls) -> None:
    async with walls.engine() as engine:

        async def read() -> Any:
            return await engine.fetch("select tenant_id from app.person")

        with engine.speaking(walls.west.id):
            async with engine.work() as tx:
                async with tx.savepoint():
                    late = asyncio.create_task(later(read))
                with pytest.raises(TransactionOver):
                    await late
            async with engine.work():
                late = asyncio.create_task(later(read))
            with pytest.raises(TransactionOver):
                await late
            late = asyncio.create_task(later(read))
        with pytest.raises(NoTenant):
            await late


async def test_11_a_swallowed_failure_is_no_commit(walls: Walls) -> None:
    async def swallow(engine: TenantEngine) -> None:
        async with engine.work():
            await keep(engine, walls, "failed")
            with contextlib.suppress(asyncpg.PostgresError):
                await engine.fetch("select 1 / 0")

    async def cut(engine: TenantEngine) -> None:
        async with engine.work():
            await keep(engine, walls, "cut")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await engine.fetch("select pg_sleep(2)")

    async with walls.engine() as engine:
        with engine.speaking(walls.west.id):
            for way in (swallow, cut):
                with pytest.raises(TransactionAborted):
                    await way(engine)
    assert await kept(walls) == set()


async def test_12_a_siblings_write_is_not_undone_with_anothers_savepoint(walls: Walls) -> None:
    async with walls.engine() as engine:
        with engine.speaking(walls.west.id):
            async with engine.work() as tx:

                async def optional() -> None:
                    with contextlib.suppress(asyncpg.PostgresError):
                        async with tx.savepoint():
                            await keep(engine, walls, "optional")
                            await asyncio.sleep(0.05)
                            await engine.fetch("select 1 / 0")

                async def sibling() -> None:
                    await asyncio.sleep(0.01)
                    await keep(engine, walls, "sibling")

                await asyncio.gather(optional(), sibling(), *(keep(engine, walls, f"{n}") for n in range(5)))
    assert await kept(walls) == {"sibling", "0", "1", "2", "3", "4"}


# -- powers -----------------------------------------------------------------------------------------
SERVER = (
    "select count(*) from pg_stat_activity", "select pg_cancel_backend(pg_backend_pid())",
    "select pg_terminate_backend(pg_backend_pid())", "select count(*) from pg_locks",
    "select pg_advisory_lock(42)", "select pg_advisory_xact_lock(42)", "select pg_try_advisory_lock(42)",
    "select pg_total_relation_size('app.person')", "select pg_relation_size('app.person')",
    "select pg_database_size(current_database())", "select n_tup_ins from pg_stat_user_tables limit 1",
    "select pg_stat_get_live_tuples('app.person'::regclass)", "select lo_create(0)", "select loread(0, 1)",
    "select pg_export_snapshot()", "select pg_blocking_pids(1)", "create temp table t (a int)",
    "create table app.t (a int)", "create schema s", "create table public.t (a int)",
    "create function app.f() returns int language sql as 'select 1'", "truncate app.posting",
    "drop policy signed on app.site", "alter table app.person disable row level security",
    "alter table app.person no force row level security", "create policy open on app.person using (true)",
    "select pg_read_file('/etc/hostname')", "copy app.person to program 'true'", "copy app.person to '/tmp/x'",
    "copy app.person from '/etc/hostname'", "select set_config('session_replication_role', 'replica', true)",
    "select pg_reload_conf()", "select pg_ls_dir('.')", "create extension pg_trgm", "create role r",
    "create publication p for table app.person",
)  # fmt: skip
LOGINS = ("quartier_app", "quartier_worker", "quartier_auth", "quartier_city", "quartier_operator", "quartier_queue")


async def test_13_the_servers_own_functions_are_closed(walls: Walls) -> None:
    for role in LOGINS:
        async with walls.knocking(role) as knock:
            for sql in SERVER:
                said = await _as(knock, walls, sql)
                assert str(said).startswith("42501"), (role, sql, said)


async def _as(knock: Knock, walls: Walls, sql: str) -> object:
    """In a good context of its own, and read-write, as an injection would be."""
    of_city = knock.role == "quartier_city"
    realm, setting = (walls.city.realm.city_id, CITY) if of_city else (walls.west.id, TENANT)
    signature = await walls.good(knock.role, realm, setting)
    await knock.connection.execute(
        f"begin read write; set local {setting} = '{realm}'; set local app.ctx = '{signature}'"
    )
    try:
        return await told(knock.connection.fetchval(sql))
    finally:
        await knock.connection.execute("rollback")


JANUARY = "'[2026-01-01,2026-02-01)'"
SECRETS = (
    "select count(*) from sec.key", "select count(*) from sec.city_key", "select count(*) from sec.operator_grant",
    "select sec.mark('{city}', 'enterprise|x')", "select sec.put_key('k2', 'x')",
    "select sec.put_city_key('{city}', 'x')", "select sec.isolate('app.person')", "select * from sec.fk_holes()",
    "select sec.operator_emergency('{site}', 'x')", "select city.undertaking('{city}', 'x')",
    "select city.aid_ticket('{site}')", "update city.aid set cents = 0", "insert into city.aid_rule values ('x', 1, 1)",
    "update city.indicator set min_n = 1", "update city.tenant set host = 'x.test'",
    "select count(*) from city.aid_lock",
    "set role quartier_owner", "set role quartier_sec", "set role quartier_tally", "set role quartier_jobs",
    "set role quartier_backup", "set session authorization postgres",
    "select set_config('role', 'quartier_owner', true)",
)  # fmt: skip
BEYOND = {
    "quartier_app": (
        "select count(*) from city.tenant", "select count(*) from city.city", "select count(*) from auth.session",
        "delete from city.presence", f"select city.counted_once('MATRIX', 1, {JANUARY})",
        "select sec.operator_enter('{site}', 'x', 'look')", "delete from app.posting",
        "update app.audit_entry set seq = 9",
        "delete from app.audit_entry", "select count(*) from jobs.pgqueuer", "delete from jobs.pgqueuer",
        "select count(*) from public.migration", "set role quartier_worker", "set role quartier_auth",
    ),
    "quartier_worker": (
        "select count(*) from city.city", "select count(*) from auth.session", "select count(*) from jobs.pgqueuer",
        "delete from public.migration", "set role quartier_app", "update city.tenant set state = 'open'",
        "select sec.operator_approve('{site}', 'x', '1 hour')",
    ),
    "quartier_auth": (
        "select count(*) from app.person", "select count(*) from app.site", "select count(*) from city.figure",
        "select jobs.put('x', '{{}}')", "delete from auth.event", "set role quartier_app",
    ),
    "quartier_city": (
        "select count(*) from app.person", "select count(*) from auth.session", "select count(*) from city.presence",
        "select count(*) from city.aid", "select count(*) from city.city", "select host from city.tenant",
        "update city.figure set num = 1", "select city.present('MATRIX', 1, " + JANUARY + ", '{{x}}')",
        "set role quartier_app",
    ),
    "quartier_operator": (
        "update app.booking set title = 'x'", "delete from app.booking", "select count(*) from auth.session",
        "select sec.operator_approve('{site}', 'x', '1 hour')", "select city.aid_ask('x', '{site}')",
        "select jobs.put('x', '{{}}')", "set role quartier_app",
    ),
    "quartier_queue": (
        "select count(*) from app.person", "select count(*) from auth.session", "select count(*) from city.figure",
        "select sec.verified('app.tenant_id')", "select jobs.put('x', '{{}}')", "set role quartier_worker",
    ),
}  # fmt: skip


async def test_14_no_power_reaches_into_anothers(walls: Walls) -> None:
    names = {"city": walls.city.realm.city_id, "site": walls.west.id}
    assert set(BEYOND) == set(LOGINS)
    for role, beyond in BEYOND.items():
        async with walls.knocking(role) as knock:
            for sql in (*SECRETS, *beyond):
                said = await _as(knock, walls, sql.format(**names))
                assert said == DENIED, (role, sql, said)


async def test_14_row_security_switched_off_is_a_refusal(walls: Walls) -> None:
    async with walls.knocking(APP) as app, app.speaking(walls.west.id) as connection:
        await connection.execute("set local row_security = off")
        assert await told(connection.fetchval(PEOPLE)) == POLICY


async def test_14_the_owner_of_the_tables_sees_no_row(walls: Walls) -> None:
    """FORCE: a migration that touches data as the owner changes nothing, whatever it meant to."""
    async with walls.root.transaction():
        await walls.root.execute("set local role quartier_owner")
        for table in ("app.person", "app.booking", "app.posting", "auth.session", "city.figure"):
            assert await walls.root.fetchval(f"select count(*) from {table}") == 0, table


# -- copies, and keys that lead nowhere ---------------------------------------------------------------
async def test_17_a_copied_database_has_lost_its_own_rights_and_the_lint_says_so(
    fresh_database: str, postgres: Cluster
) -> None:
    """What belongs to the database itself, and not to what is in it: a dump without --create loses the same."""
    copy = f"{fresh_database}_copy"
    root = await connect(postgres.dsn())
    try:
        await root.execute(f"create database {copy} template {fresh_database}")
        assert {line.split()[0] for line in await check(postgres.dsn(copy))} == {"D3", "R5", "R7"}
        assert await migrate(postgres.dsn(copy), postgres.keyring) == []
        assert await check(postgres.dsn(copy)) == []
    finally:
        await root.execute(f"drop database if exists {copy} with (force)")
        await root.close()


ADRIFT = """
alter table app.opening drop constraint opening_tenant_id_space_id_fkey;
alter table app.opening no force row level security;
update app.opening set space_id = gen_random_uuid();
alter table app.opening force row level security;
alter table app.opening add constraint adrift foreign key (tenant_id, space_id) references app.space;
"""


async def test_18_a_key_added_under_force_is_found_and_stops_the_migration(
    walls: Walls, fresh_database: str, tmp_path: Path
) -> None:
    """The server checks it through the policies, sees no row, and calls it valid."""
    root = await connect(walls.cluster.dsn(fresh_database))
    try:
        await settle(walls.cluster, fresh_database, root)
        folder = Path(shutil.copytree(home("migrations"), tmp_path / "migrations"))
        (folder / "m9001_adrift.py").write_text(
            "from quartier.database.migrate import migration\nID = '9001'\n"
            f"async def forwards():\n    return migration(ID, 'adrift', {ADRIFT!r}, '')\n"
        )
        with pytest.raises(WallBroken) as broken:
            await migrate(walls.cluster.dsn(fresh_database), walls.cluster.keyring, folder=folder)
        assert broken.value.found == ("foreign key with holes [app.opening.adrift: 3]",)
        valid = "select convalidated from pg_constraint where conname = 'adrift'"
        assert await root.fetchval(valid) is True
    finally:
        await root.close()


# -- the city, support, one-statement reads ---------------------------------------------------------
async def test_19_the_city_reaches_its_own_figures_and_nothing_else(walls: Walls) -> None:
    own, other = walls.city.realm.city_id, walls.halle.realm.city_id
    figures = "select string_agg(distinct city_id::text, ' ') from city.figure"
    async with walls.knocking("quartier_city") as city:
        assert await city.ask(own, figures, setting=CITY) == str(own)
        stolen = walls.signed("quartier_city", own, CITY)
        assert await city.ask(other, figures, setting=CITY, signature=stolen) == REJECTED
        posed = await city.ask(walls.west.id, figures, signature=walls.signed("quartier_city", walls.west.id))
        assert str(posed) in UNSET  # a site's context is none for a city
        assert (
            await city.ask(own, "update city.figure set num = 1", setting=CITY) == "25006"
        )  # and read-only by default


async def test_19_a_site_writes_no_figure_of_another_city_and_no_small_cell(walls: Walls) -> None:
    own, other = walls.city.realm.city_id, walls.halle.realm.city_id
    sql = (
        "insert into city.figure (tenant_id, city_id, code, version, min_n, period, n, num)"
        " values ($1, $2, 'MATRIX', 1, $3, '[2026-03-01,2026-04-01)', $4, $5) returning 1"
    )
    tries: tuple[tuple[UUID, int, int | None, int | None, object], ...] = (
        (other, 5, 9, 9, "23503"),  # written for another city
        (own, 1, 3, 3, "23503"),  # with a threshold that is not the indicator's
        (own, 5, 3, 3, "23514"),  # a small cell
        (own, 5, None, 3, "23514"),  # a small cell whose number is left out and whose sum is not
        (own, 5, None, None, 1),  # hidden
        (own, 5, 0, 0, 1),
        (own, 5, 5, 12, 1),
    )
    async with walls.knocking("quartier_worker") as worker:
        for city, least, n, num, wanted in tries:
            said = await worker.ask(walls.west.id, sql, walls.west.id, city, least, n, num)
            assert said == wanted, (city, least, n, num, said)


async def test_22_support_enters_only_with_the_sites_word_and_reads_only(walls: Walls) -> None:
    west, east = walls.west.id, walls.east.id
    reason = "Ticket 4711: a booking cannot be cancelled"
    look = "select sec.operator_enter($1, $2, 'look at bookings')::text"
    approve = "select sec.operator_approve($1, $2, $3::text::interval)"
    await walls.root.execute("delete from sec.operator_grant; delete from sec.operator_log")
    async with walls.knocking("quartier_operator") as support, walls.knocking(APP) as app:
        assert await support.ask(None, "select sec.operator_request($1, 'ops.anna', 'look')", west) == "23514"
        grant = await support.connection.fetchval("select sec.operator_request($1, 'ops.anna', $2)", west, reason)
        assert await support.ask(None, look, grant, "ops.anna") == "42501"  # nobody has approved
        assert await app.ask(east, approve, grant, "lead@east", "1 hour") == "42501"  # another site
        assert await app.ask(west, approve, grant, "ops.anna", "1 hour") == "23514"  # oneself
        assert await app.ask(west, approve, grant, "lead@west", "9 hours") == "23514"  # for too long
        await _commit(app, west, approve, grant, "lead@west", "1 hour")
        assert await support.ask(None, look, grant, "ops.bert") == "42501"  # somebody else's grant
        entry = await support.connection.fetchrow("select * from sec.operator_enter($1, 'ops.anna', 'look')", grant)
        assert entry is not None
        context = entry["ctx"]
        whose = "select string_agg(distinct tenant_id::text, ' ') from app.booking"
        assert await support.ask(west, whose, signature=context) == str(west)
        assert await support.ask(west, "update app.booking set title = 'x'", signature=context) == DENIED
        assert await support.ask(east, whose, signature=context) == REJECTED
        assert await app.ask(west, whose, signature=context) == REJECTED  # a context is for one role
        log = "select string_agg(operator || ': ' || what, ', ') from sec.operator_log_mine()"
        assert await app.ask(west, log) == "ops.anna: look"
        assert await app.ask(east, log) is None
        assert await support.ask(west, whose, signature=walls.signed("quartier_operator", west)) == REJECTED  # no look
        frozen = support.connection.transaction(isolation="repeatable_read")
        await frozen.start()
        try:  # a snapshot of before would never hear that the visit is over
            assert await support.ask(west, whose, signature=context) == REJECTED
        finally:
            await frozen.rollback()
        async with support.connection.transaction():  # begun in time, and kept open
            assert await support.ask(west, whose, signature=context) == str(west)
            await _commit(app, west, "select sec.operator_end($1)", grant)
            assert await support.ask(west, whose, signature=context) == REJECTED
        assert await support.ask(west, whose, signature=context) == REJECTED  # minutes are left, the visit is not
        assert await support.ask(None, look, grant, "ops.anna") == "42501"


async def test_22_a_visit_ends_by_the_clock_also_within_a_transaction(walls: Walls) -> None:
    west = walls.west.id
    reason = "Ticket 4712: a booking cannot be cancelled"
    await walls.root.execute("delete from sec.operator_grant; delete from sec.operator_log")
    async with walls.knocking("quartier_operator") as support, walls.knocking(APP) as app:
        grant = await support.connection.fetchval("select sec.operator_request($1, 'ops.anna', $2)", west, reason)
        await _commit(app, west, "select sec.operator_approve($1, 'lead@west', $2::text::interval)", grant, "2 seconds")
        entry = await support.connection.fetchrow("select * from sec.operator_enter($1, 'ops.anna', 'look')", grant)
        assert entry is not None
        whose = "select string_agg(distinct tenant_id::text, ' ') from app.booking"
        async with support.connection.transaction():
            assert await support.ask(west, whose, signature=entry["ctx"]) == str(west)
            await walls.root.execute("select pg_sleep(2.1)")
            assert await support.ask(west, whose, signature=entry["ctx"]) == REJECTED


async def _commit(knock: Knock, realm: UUID, sql: str, *args: Any) -> None:
    async with knock.connection.transaction():
        await knock.connection.execute(
            "select set_config('app.tenant_id', $1, true), set_config('app.ctx', $2, true)",
            str(realm),
            knock.walls.signed(knock.role, realm),
        )
        await knock.connection.execute(sql, *args)


LANE = (
    "select q.* from (select set_config('app.tenant_id', $1, true) a, set_config('app.ctx', $2, true) b offset 0) t"
    " cross join lateral (select string_agg(distinct tenant_id::text, ' ') from app.person"
    " where t.a is not null and t.b is not null offset 0) q"
)


async def test_23_a_read_of_one_statement_shows_its_own_site_and_leaves_nothing(walls: Walls) -> None:
    west, east = str(walls.west.id), str(walls.east.id)
    good = walls.signed(APP, west)
    async with walls.knocking(APP) as app:
        for _ in range(2):
            assert await told(app.connection.fetchval(LANE, west, good)) == west
            assert await told(app.connection.fetchval(LANE, east, good)) == REJECTED
            assert str(await told(app.connection.fetchval(PEOPLE))) in UNSET  # nothing is left for the next statement
