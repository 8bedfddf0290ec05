"""Migrations: once, whole, forwards and backwards; and no start on a database whose walls are open."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from conftest import Cluster

from quartier.database.administrator import connect
from quartier.database.catalog import WallBroken
from quartier.database.keyring import Keyring
from quartier.database.migrate import KeyDiffers, backwards, check, migrate, pending
from quartier.settings import home

ALL = sorted(path.name[1:5] for path in home("migrations").glob("m*.py"))
OURS = "('app', 'auth', 'city', 'sec', 'jobs')"
HOUSE = f"""select string_agg(line, chr(10) order by line) from (
  select format('%s %s %s', c.oid::regclass, c.relkind, c.relacl) line from pg_class c
    where relnamespace::regnamespace::text in {OURS}
  union all select format('%s.%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull)
    from pg_attribute join pg_class c on c.oid = attrelid
    where attnum > 0 and relnamespace::regnamespace::text in {OURS}
  union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
    where connamespace::regnamespace::text in {OURS}
  union all select format('%s %s %s', polrelid::regclass, polname, pg_get_expr(polqual, polrelid)) from pg_policy
  union all select format('%s %s %s', oid::regprocedure, proacl, prosrc) from pg_proc
    where pronamespace::regnamespace::text in {OURS}) x"""
FILE = """
from quartier.database.migrate import migration
ID = "{0}"
async def forwards():
    return migration(ID, "test", {1!r}, {2!r})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds its own."""
    return Path(shutil.copytree(home("migrations"), tmp_path / "migrations"))


def add(folder: Path, identity: str, forwards: str, back: str = "select 1") -> None:
    (folder / f"m{identity}_test.py").write_text(FILE.format(identity, forwards, back))


async def one(dsn: str, sql: str) -> object:
    connection = await connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_a_second_migrate_finds_nothing_to_do(fresh_database: str, postgres: Cluster) -> None:
    assert await migrate(postgres.dsn(fresh_database), postgres.keyring) == []
    assert await pending(postgres.address(fresh_database)) == []


async def test_down_and_up_again_gives_the_same_house(fresh_database: str, postgres: Cluster) -> None:
    dsn = postgres.dsn(fresh_database)
    before = await one(dsn, HOUSE)
    assert await backwards(dsn, "0001") == ALL[:0:-1]
    assert await backwards(dsn, "") == ["0001"]
    assert await one(dsn, HOUSE) is None
    assert await migrate(dsn, postgres.keyring) == ALL
    assert await one(dsn, HOUSE) == before


async def test_two_migrates_at_once_apply_each_script_once(
    fresh_database: str, postgres: Cluster, folder: Path
) -> None:
    """In two processes: here the second waits for the lock that another session holds."""
    dsn = postgres.dsn(fresh_database)
    add(folder, "9001", "create table app.m (tenant_id uuid primary key references app.site);"
        " select sec.isolate('app.m')", "drop table app.m")  # fmt: skip
    other = await connect(dsn)
    await other.execute("select pg_advisory_lock(x'517a71e5'::bigint)")
    waiting = asyncio.create_task(migrate(dsn, postgres.keyring, folder=folder))
    for _ in range(1000):
        if await other.fetchval("select count(*) from pg_locks where locktype = 'advisory' and not granted"):
            break
        await asyncio.sleep(0.01)
    assert await one(dsn, "select to_regclass('app.m')") is None
    await other.close()
    assert await waiting == ["9001"]
    assert await migrate(dsn, postgres.keyring, folder=folder) == []


async def test_a_script_that_fails_leaves_nothing_and_no_row(
    fresh_database: str, postgres: Cluster, folder: Path
) -> None:
    dsn = postgres.dsn(fresh_database)
    add(folder, "9001", "create table app.m (tenant_id uuid primary key); select 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, postgres.keyring, folder=folder)
    assert await one(dsn, "select to_regclass('app.m')") is None
    assert await pending(postgres.address(fresh_database), folder=folder) == ["9001"]


async def test_a_migration_runs_as_the_owner_and_waits_four_seconds(
    fresh_database: str, postgres: Cluster, folder: Path
) -> None:
    add(folder, "9001", "do $$ begin if current_user || current_setting('lock_timeout') <> 'quartier_owner4s'"
        " then raise exception '%', current_user; end if; end $$")  # fmt: skip
    assert await migrate(postgres.dsn(fresh_database), postgres.keyring, folder=folder) == ["9001"]


async def test_a_table_without_walls_stops_the_start(fresh_database: str, postgres: Cluster, folder: Path) -> None:
    add(folder, "9001", "create table app.m (tenant_id uuid not null references app.site, primary key (tenant_id))")
    with pytest.raises(WallBroken) as broken:
        await migrate(postgres.dsn(fresh_database), postgres.keyring, folder=folder)
    assert [line.split()[0] for line in broken.value.found] == ["T2", "T9"]
    assert await check(postgres.dsn(fresh_database)) == list(broken.value.found)


async def test_secrets_of_another_installation_are_refused(fresh_database: str, postgres: Cluster) -> None:
    other = Keyring(signing=b"x" * 32, cursor=b"x" * 32, passwords=postgres.keyring.passwords)
    with pytest.raises(KeyDiffers, match=r"secrets\.json"):
        await migrate(postgres.dsn(fresh_database), other)


async def test_the_servers_log_never_sees_a_password(fresh_database: str, postgres: Cluster) -> None:
    """Roles get SCRAM verifiers; whoever has the password logs in with it."""
    stored = await one(postgres.dsn(), "select rolpassword from pg_authid where rolname = 'quartier_app'")
    assert str(stored).startswith("SCRAM-SHA-256$4096:")
    password = postgres.keyring.passwords["quartier_app"]
    login = await connect(postgres.dsn(fresh_database), user="quartier_app", password=password)
    await login.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(postgres.dsn(fresh_database), user="quartier_app", password=password + "x")


async def test_rights_lost_by_a_copy_come_back(postgres: Cluster, fresh_database: str) -> None:
    dsn = postgres.dsn(fresh_database)
    await one(dsn, f"grant all on database {fresh_database} to public")
    await one(dsn, f"alter role quartier_app in database {fresh_database} reset all")
    assert {line.split()[0] for line in await check(dsn)} >= {"D3", "R7"}
    assert await migrate(dsn, postgres.keyring) == []
    assert await check(dsn) == []


async def test_two_files_with_one_id_are_an_error(fresh_database: str, postgres: Cluster, folder: Path) -> None:
    add(folder, "9001", "select 1")
    (folder / "m9002_test.py").write_text((folder / "m9001_test.py").read_text())
    with pytest.raises(ValueError, match="9001"):
        await migrate(postgres.dsn(fresh_database), postgres.keyring, folder=folder)


async def test_a_missing_database_is_created(postgres: Cluster, fresh_database: str) -> None:
    dsn = postgres.dsn(f"{fresh_database}_new")
    try:
        assert await migrate(dsn, postgres.keyring) == ALL
    finally:
        await one(postgres.dsn(), f'drop database if exists "{fresh_database}_new" with (force)')


async def test_a_role_without_password_in_the_file_is_left_alone(fresh_database: str, postgres: Cluster) -> None:
    """quartier_backup's password is not on this machine."""
    some = replace(postgres.keyring, passwords={"quartier_app": postgres.keyring.passwords["quartier_app"]})
    assert await migrate(postgres.dsn(fresh_database), some) == []
    backup = await one(postgres.dsn(), "select rolpassword from pg_authid where rolname = 'quartier_backup'")
    assert backup is None
