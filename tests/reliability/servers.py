"""A database server of one's own, to be killed; and the house's engine speaking to it."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import KEYRING, Cluster, names_its_tenant

from quartier.database import embedded
from quartier.database.embedded import Server
from quartier.database.engine import DB, Address
from quartier.database.migrate import migrate
from quartier.database.sealing import SEAL

# What is acknowledged is in the operating system's hands: that survives a kill, though not a power cut.
OPTIONS = {"fsync": "off", "synchronous_commit": "on", "max_connections": 60}
NAME = "quartier"


@dataclass
class Victim:
    """A server that can be killed and started again at the same port."""

    server: Server

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.server.dsn())

    @property
    def address(self) -> Address:
        return self.cluster.address(NAME)

    def kill(self) -> None:
        """kill -9 of the whole server: the postmaster first, so that it mourns nobody, then all its children."""
        assert self.server.own is not None
        postmaster = self.server.own.pid
        children = children_of(postmaster)
        for pid in (postmaster, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.own.wait(20)

    def start(self) -> None:
        self.server = embedded.start(self.server.home, {**OPTIONS, "port": self.server.port})


def children_of(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            stat = (entry / "stat").read_text()
            if int(stat.rsplit(") ", 1)[1].split()[1]) == parent:
                found.append(int(entry.name))
    return found


@contextlib.contextmanager
def victim() -> Iterator[Victim]:
    folder = Path(tempfile.mkdtemp(prefix="quartier-victim-"))
    folder.chmod(0o755)  # as root the server runs as another user
    made = Victim(embedded.start(folder / "postgres", OPTIONS))
    try:
        yield made
    finally:
        made.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def speaking_to(victim: Victim) -> AsyncIterator[None]:
    """Migrate the victim and let `DB` speak to it for the length of the block; then to the run's database again."""
    await migrate(victim.cluster.dsn(NAME), KEYRING)
    async with speaking_at(victim.address):
        yield


@contextlib.asynccontextmanager
async def speaking_at(address: Address) -> AsyncIterator[None]:
    """Let `DB` speak to a migrated database for the length of the block; then to the run's again."""
    before: Any = (DB.address, DB.signer, DB.sizes, DB.watch) if DB.pools else None
    await DB.stop()
    DB.configure(address, KEYRING.signer, watch=names_its_tenant)
    SEAL.configure(KEYRING.sealing)
    await DB.start()
    try:
        yield
    finally:
        await DB.stop()
        if before:
            was, signer, sizes, watch = before
            DB.configure(was, signer, sizes=sizes, watch=watch)
            await DB.start()
