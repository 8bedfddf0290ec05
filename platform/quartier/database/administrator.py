"""The administrator's one connection: migrations, opening of realms, checks. Never used by a request."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from quartier.database.faults import DatabaseAway, IsolationError, is_away


class AdministratorEngine(PostgresEngine):
    """Piccolo's engine on one connection that somebody opened with `connected(dsn)`."""

    def __init__(self) -> None:
        self.connection: Any = None
        super().__init__(config={}, extensions=())

    async def check_version(self) -> None:
        """Piccolo's connects while the module is imported."""

    async def prep_database(self) -> None:
        """Piccolo's creates extensions while the module is imported."""

    @contextlib.asynccontextmanager
    async def connected(self, dsn: str) -> AsyncIterator["AdministratorEngine"]:
        """Hold the connection for the length of the block. Raises DatabaseAway."""
        if self.connection is not None:
            raise IsolationError("the administrator is at work already")
        self.connection = await connect(dsn)
        try:
            yield self
        finally:
            connection, self.connection = self.connection, None
            await connection.close(timeout=5)

    def transaction(self, allow_nested: bool = True) -> Any:
        return self.connection.transaction()

    async def execute(self, script: str) -> None:
        """Run a script of several statements."""
        await self.connection.execute(script)

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        rows: list[Any] = await self.connection.fetch(sql, *args)
        return rows

    async def run_querystring(self, querystring: Any, in_pool: bool = True) -> list[Any]:
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self.fetch(sql, *args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Any]:
        return await self.fetch(ddl)

    async def get_new_connection(self) -> Any:
        raise IsolationError("the administrator has one connection")


ADMINISTRATOR = AdministratorEngine()


async def connect(dsn: str, **login: Any) -> Any:
    """Open a connection of one's own. Raises DatabaseAway when nobody answers."""
    try:
        return await asyncpg.connect(dsn, timeout=10, statement_cache_size=0, **login)
    except Exception as error:
        if isinstance(error, TimeoutError) or is_away(error):
            raise DatabaseAway(_where(dsn)) from error
        raise


async def create_database(dsn: str) -> bool:
    """Create the database that the address names unless it exists; say whether it was created."""
    try:
        await (await connect(dsn)).close()
    except asyncpg.InvalidCatalogNameError:
        name = unquote(urlsplit(dsn).path.removeprefix("/"))
        connection = await connect(dsn, database="postgres")
        try:
            await connection.execute(f"create database {_quoted(name)} encoding 'UTF8' template template0")
        except asyncpg.DuplicateDatabaseError:
            return False  # somebody else was faster
        finally:
            await connection.close()
        return True
    return False


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _where(dsn: str) -> str:
    """The address without its password, for people."""
    parts = urlsplit(dsn)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"
