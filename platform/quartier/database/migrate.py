"""Migrations: Piccolo's files, one administrator's connection, each script in one transaction with its row."""

import contextlib
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration

from quartier.database.administrator import ADMINISTRATOR, AdministratorEngine, connect, create_database
from quartier.database.catalog import WallBroken, holes, lint, powers
from quartier.database.engine import Address
from quartier.database.keyring import KID, Keyring
from quartier.database.passwords import set_passwords
from quartier.settings import home

APP = "quartier"
LOCK = 0x517A71E5  # pg_advisory_lock: one migrate per database at a time
_KEY_FITS = "select inner_pad = sec.pad($2, 54) as fits from sec.key where kid = $1"

Migration._meta._db = ADMINISTRATOR

__all__ = ["KeyDiffers", "MigrationManager", "backwards", "check", "migrate", "migration", "pending"]


class KeyDiffers(RuntimeError):
    """The database knows another signing key than the secrets file."""


def migration(
    identity: str, description: str, forwards: str, backwards: str, *, as_owner: bool = True
) -> MigrationManager:
    """Make a migration of two SQL scripts, each of as many statements as it needs.

    They run as quartier_owner, and only the walls themselves as the administrator. Locks are waited for
    4 s: a migration that stands in a queue stops everybody behind it.
    """
    manager = MigrationManager(migration_id=identity, app_name=APP, description=description)
    head = "SET LOCAL lock_timeout = '4s';" + ("SET LOCAL ROLE quartier_owner;" if as_owner else "")

    def saying(script: str) -> Any:
        async def say() -> None:
            await ADMINISTRATOR.execute(f"{head}\n{script}\n;RESET ROLE;")

        return say

    manager.add_raw(saying(forwards))
    manager.add_raw_backwards(saying(backwards))
    return manager


async def migrate(dsn: str, keyring: Keyring, *, folder: Path | None = None) -> list[str]:
    """Bring the database up: created if missing, roles, migrations, passwords, signing key, catalog lint.

    `dsn` is an administrator's. Gives the ids that were applied now. Raises WallBroken when the catalog
    is not as it must be, KeyDiffers when the secrets file is another installation's.
    """
    await create_database(dsn)
    async with _alone(dsn), ADMINISTRATOR.connected(dsn):
        await ADMINISTRATOR.execute(powers())
        if not await Migration.table_exists():
            async with ADMINISTRATOR.transaction():
                await Migration.create_table()
                await ADMINISTRATOR.execute(
                    "grant select on public.migration to quartier_worker, quartier_backup;"
                    "grant select on all sequences in schema public to quartier_backup"
                )
        applied = await _forwards(folder or home("migrations"))
        await _put_key(ADMINISTRATOR, keyring)
        await set_passwords(ADMINISTRATOR, keyring.passwords)
        found = await lint(ADMINISTRATOR.connection)
        if applied:
            found += await holes(ADMINISTRATOR.connection)
        if found:
            raise WallBroken(found)
    return applied


async def backwards(dsn: str, until: str, *, folder: Path | None = None) -> list[str]:
    """Undo migrations, the newest first, down to and without `until`; "" undoes all."""
    async with _alone(dsn), ADMINISTRATOR.connected(dsn):
        files = _files(folder or home("migrations"))
        undone = [name for name in sorted(await _applied(), reverse=True) if name > until]
        for name in undone:
            manager = await files[name].forwards()
            async with ADMINISTRATOR.transaction():
                for raw in manager.raw_backwards:
                    await raw()
                await Migration.delete().where(Migration.app_name == APP, Migration.name == name)
    return undone


async def check(dsn: str, **login: Any) -> list[str]:
    """Run the catalog lint alone; needs no administrator. Every line is a failure."""
    connection = await connect(dsn, **login)
    try:
        return await lint(connection)
    finally:
        await connection.close()


async def pending(address: Address, *, folder: Path | None = None) -> list[str]:
    """Name the migrations that the database lacks, read as quartier_worker: no administrator needed.

    Raises asyncpg's error when the database or the role does not exist yet.
    """
    login = address.login("quartier_worker")
    connection = await connect(login.pop("dsn"), **login)
    try:
        there = await connection.fetch("select name from public.migration where app_name = $1", APP)
    finally:
        await connection.close()
    return sorted(set(_files(folder or home("migrations"))) - {row["name"] for row in there})


@contextlib.asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[None]:
    """Hold the lock on a second connection: login roles of ours may not call it, an administrator may."""
    second = await connect(dsn)
    try:
        await second.execute(f"select pg_advisory_lock({LOCK})")
        yield
    finally:
        await second.close(timeout=5)


async def _applied() -> set[str]:
    return set(await Migration.get_migrations_which_ran(app_name=APP))


async def _forwards(folder: Path) -> list[str]:
    """Piccolo's own loop prints, and writes its row outside the script's transaction."""
    done, there = [], await _applied()
    for name, module in _files(folder).items():
        if name in there:
            continue
        manager = await module.forwards()
        async with ADMINISTRATOR.transaction():
            for raw in manager.raw:
                await raw()
            await Migration.insert(Migration(name=name, app_name=APP))
        done.append(name)
    return done


def _files(folder: Path) -> dict[str, ModuleType]:
    """Load the migrations in their order, without putting their folder on the import path."""
    found: dict[str, ModuleType] = {}
    for path in sorted(folder.glob("m*.py")):
        spec = importlib.util.spec_from_file_location(f"quartier_migrations.{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if found.setdefault(module.ID, module) is not module:
            raise ValueError(f"two migrations have the id {module.ID}: {found[module.ID].__file__} and {path}")
    return dict(sorted(found.items()))


async def _put_key(administrator: AdministratorEngine, keyring: Keyring) -> None:
    rows = await administrator.fetch(_KEY_FITS, KID, keyring.signing)
    if not rows:
        await administrator.fetch("select sec.put_key($1, $2)", KID, keyring.signing)
    elif not rows[0]["fits"]:
        raise KeyDiffers(
            "This database was set up with another secrets.json. Bring that file back into the data folder "
            "(QUARTIER_DATA), or as the database's owner: delete from sec.key where kid = 'k1'."
        )
