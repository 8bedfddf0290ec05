"""The database restarts: requests fail cleanly, and then go on by themselves."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from conftest import FAST, KEYRING
from database.bells import WEST
from reliability.servers import children_of

from quartier.database import embedded
from quartier.database.attach import watched
from quartier.database.embedded import Server
from quartier.database.engine import Address, TenantEngine
from quartier.database.faults import DatabaseAway, Unavailable
from quartier.database.lanes import Lanes
from quartier.database.migrate import migrate
from quartier.database.pulse import pulse


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="quartier-restart-"))
    folder.chmod(0o755)
    server = embedded.start(folder / "postgres", FAST)
    yield server
    embedded.start(folder / "postgres").stop()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_after_a_restart_pools_and_lanes_find_the_database_again(server: Server) -> None:
    dsn = server.dsn("quartier")
    await migrate(dsn, KEYRING)
    address = Address(dsn=dsn, passwords=KEYRING.passwords)
    db = TenantEngine()
    db.configure(address, KEYRING.signer, powers=("app", "auth"))
    await db.start()
    lanes = Lanes(address, "app", size=2)
    await lanes.start()

    async def sites() -> int:
        with db.speaking(WEST):
            [row] = await db.fetch("select count(*)::int n from app.site")
            return int(row["n"])

    assert (await sites(), await lanes.run("one", "select 1", ()), await db.directory()) == (0, 1, [])
    server.stop()
    for _ in range(3):
        with pytest.raises(DatabaseAway):
            await sites()
        with pytest.raises(DatabaseAway):
            await lanes.run("one", "select 1", ())
        with pytest.raises(DatabaseAway):
            await db.directory()
    again = embedded.start(server.home, {**FAST, "port": server.port})
    try:
        assert (await sites(), await lanes.run("one", "select 1", ()), await db.directory()) == (0, 1, [])
    finally:
        await lanes.stop()
        await db.stop()
        again.stop()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the server's processes in /proc")
async def test_a_server_that_hangs_is_told_away_in_time_and_is_back_at_once(server: Server) -> None:
    """Its processes stand still: lines stay open, and nothing answers."""
    await migrate(server.dsn("quartier"), KEYRING)
    db = TenantEngine()
    db.configure(Address(dsn=server.dsn("quartier"), passwords=KEYRING.passwords), KEYRING.signer, powers=("app",))
    await db.start()
    assert server.own is not None
    stopped = [server.own.pid, *children_of(server.own.pid)]
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        for _ in range(3):
            async with asyncio.timeout(6):
                with pytest.raises(Unavailable):
                    await pulse(db, "app")
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    for _ in range(20):
        assert abs(await pulse(db, "app")) < 60
    await db.stop()


async def test_without_a_database_the_start_says_so() -> None:
    address = Address(dsn="postgresql://127.0.0.1:1/quartier", passwords=KEYRING.passwords)
    db = TenantEngine()
    db.configure(address, KEYRING.signer)
    with pytest.raises(DatabaseAway):
        await db.start()
    with pytest.raises(DatabaseAway):
        await Lanes(address, "app").start()
    with pytest.raises(DatabaseAway, match="127.0.0.1:1/quartier"):
        await migrate(address.dsn, KEYRING)


async def test_an_embedded_server_that_is_killed_is_raised_again_at_its_port(server: Server) -> None:
    await migrate(server.dsn("quartier"), KEYRING)
    assert server.own is not None
    watch = asyncio.create_task(watched(server, pause=0.05))
    try:
        server.own.kill()
        server.own.wait()
        for _ in range(1200):
            if await is_there(server):
                break
            await asyncio.sleep(0.05)
        assert await is_there(server)
    finally:
        watch.cancel()


async def is_there(server: Server) -> bool:
    try:
        connection = await asyncpg.connect(server.dsn("quartier"))
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True
