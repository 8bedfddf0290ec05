"""Which database a started process speaks to: DATABASE_URL, else the embedded server beside the data."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import structlog

from quartier.database import embedded
from quartier.database.engine import DB, Address
from quartier.database.keyring import Keyring, keyring
from quartier.database.migrate import check, migrate, pending
from quartier.database.sealing import SEAL
from quartier.settings import Settings

NAME = "quartier"


class NotMigrated(RuntimeError):
    """A database of somebody else's that lacks migrations: `serve` and `work` never change its schema."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = tuple(missing)
        super().__init__("missing migrations: " + ", ".join(missing))


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A database within reach. `administrator` is the address migrations use, `address` that of the login roles."""

    settings: Settings
    keyring: Keyring
    address: Address
    administrator: str = field(repr=False)
    embedded: bool

    async def furnish(self) -> list[str]:
        """Migrate; give the ids applied now. Raises WallBroken, KeyDiffers, DatabaseAway."""
        return await migrate(self.administrator, self.keyring)

    async def ready(self) -> None:
        """See to it that the schema is this code's: the embedded one is migrated, another one must be already.

        Raises NotMigrated.
        """
        if self.embedded:
            await self.furnish()
        elif missing := await pending(self.address):
            raise NotMigrated(missing)

    async def walls(self) -> list[str]:
        """Run the catalog lint; every line is a failure."""
        login = self.address.login("quartier_worker")
        return await check(login.pop("dsn"), **login)


@contextlib.asynccontextmanager
async def attached(settings: Settings) -> AsyncIterator[Installation]:
    """Find the database, starting the embedded one if need be; a server that we started ends with the block,
    and is raised again when it falls before.

    Call it from the main thread. Raises ServerProblem and SecretsExposed.
    """
    keys = keyring(settings.data)
    if settings.database_url:
        yield _installation(settings, keys, settings.database_url, is_embedded=False)
        return
    server = embedded.start(settings.data / "postgres")
    watch = asyncio.create_task(watched(server), name="quartier database")
    try:
        yield _installation(settings, keys, server.dsn(NAME), is_embedded=True)
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        server.stop()


async def watched(server: embedded.Server, pause: float = 0.5) -> None:
    """Raise the embedded server again whenever it falls, as an init system does for one of the machine's."""
    while True:
        await asyncio.sleep(pause)
        if server.fallen:
            structlog.get_logger().warning("database_fallen")
            server.raise_again()


@contextlib.asynccontextmanager
async def speaking_through(installation: Installation, sizes: Mapping[str, int] | None = None) -> AsyncIterator[None]:
    """Open the engine's pools for the length of the block; inside an open engine it does nothing."""
    if DB.pools:
        yield
        return
    DB.configure(installation.address, installation.keyring.signer, sizes=sizes, citus=installation.settings.citus)
    SEAL.configure(installation.keyring.sealing)
    await DB.start()
    try:
        yield
    finally:
        await DB.stop()


def _installation(settings: Settings, keys: Keyring, dsn: str, *, is_embedded: bool) -> Installation:
    address = Address(dsn=dsn, passwords=keys.passwords)
    return Installation(settings=settings, keyring=keys, address=address, administrator=dsn, embedded=is_embedded)
