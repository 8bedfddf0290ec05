"""One transaction of one speaker: it gives its connection back whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import asyncpg
from piccolo.engine.postgres import PostgresTransaction

from quartier.database.faults import (
    DatabaseAway,
    IsolationError,
    NoTenant,
    PoolExhausted,
    TransactionAborted,
    TransactionOver,
    is_away,
)
from quartier.database.speaker import SPEAKER, Speaker

if TYPE_CHECKING:
    from quartier.database.engine import TenantEngine

# Sent behind COMMIT or ROLLBACK in the same message, so that the session is clean at no extra round trip;
# it replaces asyncpg's own reset.
CLEAN = "CLOSE ALL; UNLISTEN *; RESET ALL"


@dataclass(eq=False)
class Scope:
    """A transaction or a savepoint. Who holds the lock has the connection; sibling GraphQL fields share a scope."""

    tx: TenantTransaction
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    open: bool = True
    aborted: bool = False


SCOPE: ContextVar[Scope | None] = ContextVar("quartier_scope", default=None)


class TenantTransaction(PostgresTransaction):
    """One statement at a time; a failed COMMIT is reported, not leaked; stragglers are refused."""

    engine: TenantEngine

    def __init__(self, engine: TenantEngine, of: Speaker, options: str) -> None:
        if engine.open_transaction is not None:
            raise IsolationError("a transaction is open: use savepoint() or work()")
        super().__init__(engine, allow_nested=False)
        self.of, self.options, self.savepoints, self.root = of, options, 0, Scope(self)
        self.connection: Any = None
        self.over = False
        # What is said last, before COMMIT: rows that one lock of the realm orders are held the shortest so.
        self.endings: list[Callable[[], Awaitable[None]]] = []

    async def __aenter__(self) -> TenantTransaction:
        if not self.of.open:
            raise NoTenant("the request is over")
        self.pool = self.engine.pool_of(self.of.power)
        connection = await self._acquire()
        try:
            await self.engine.enter(connection, self.of, self.options)
        except BaseException as error:
            await self._discard(connection)
            if is_away(error):
                raise DatabaseAway(self.of.power) from error
            raise
        self.connection = connection
        self.reset_token = self.engine.current_transaction.set(self)
        return self

    async def _acquire(self) -> Any:
        try:
            return await self.pool.acquire(timeout=self.engine.acquire_timeout)
        except (TimeoutError, asyncpg.TooManyConnectionsError):
            raise PoolExhausted(self.of.power) from None
        except Exception as error:
            if is_away(error):
                raise DatabaseAway(self.of.power) from error
            raise

    def _scope(self) -> Scope:
        scope = SCOPE.get()
        return scope if scope is not None and scope.tx is self else self.root

    def _check(self, scope: Scope) -> None:
        if SPEAKER.get() is not self.of:
            raise IsolationError("the open transaction belongs to another speaker")
        if not scope.open or self.connection is None:
            raise TransactionOver("a task outlived its transaction or savepoint")
        if scope.aborted:
            raise TransactionAborted("an earlier statement failed: use savepoint() for parts that may fail")

    async def fetch(self, sql: str, args: tuple[Any, ...] = ()) -> list[Any]:
        scope = self._scope()
        async with scope.lock:
            self._check(scope)
            try:
                rows: list[Any] = await self.connection.fetch(sql, *args)
            except BaseException as error:
                # Also a cancelled statement leaves the transaction aborted, and COMMIT would then
                # answer ROLLBACK without an error.
                scope.aborted = True
                if is_away(error):
                    raise DatabaseAway(self.of.power) from error
                raise
            return rows

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:  # type: ignore[override]
        """Do a part that may fail alone.

        Siblings wait until it is over: their statements must not be rolled back with it. Never wait for
        a loader inside it, because its batch may belong to a waiting sibling.
        """
        outer = self._scope()
        async with outer.lock:
            self._check(outer)
            self.savepoints += 1
            name = f"s{self.savepoints}"
            await self._say(outer, f"SAVEPOINT {name}")
            inner = Scope(self)
            token, endings = SCOPE.set(inner), len(self.endings)
            try:
                yield
                if inner.aborted:
                    raise TransactionAborted("a failed statement was swallowed inside a savepoint")
                await self._finish(outer, inner, f"RELEASE SAVEPOINT {name}")
            except Exception:
                del self.endings[endings:]
                undo = f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"
                await self._finish(outer, inner, undo)
                raise
            except BaseException:  # cancelled: the whole transaction is to be rolled back
                outer.aborted = True
                raise
            finally:
                inner.open = False
                SCOPE.reset(token)

    async def _finish(self, outer: Scope, inner: Scope, sql: str) -> None:
        inner.open = False
        async with inner.lock:  # a child task may still be in its statement
            await self._say(outer, sql)

    async def _say(self, scope: Scope, sql: str) -> None:
        try:
            await self.connection.execute(sql)
        except BaseException as error:
            scope.aborted = True
            if is_away(error):
                raise DatabaseAway(self.of.power) from error
            raise

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> Literal[False]:
        try:
            if error is None and not self.root.aborted and not self._rolled_back:
                for ending in self.endings:
                    await ending()
        except BaseException as failed:
            await self._leave(failed)
            raise
        return await self._leave(error)

    async def _leave(self, error: BaseException | None) -> Literal[False]:
        self.engine.current_transaction.reset(self.reset_token)
        self.root.open = False  # from here on every straggler gets TransactionOver
        commit = error is None and not self.root.aborted and not self._rolled_back
        failure = await self._end(("COMMIT; " if commit else "ROLLBACK; ") + CLEAN)
        self.over = True
        if failure is not None and (error is None or isinstance(failure, asyncio.CancelledError)):
            raise failure
        if error is None and self.root.aborted:
            raise TransactionAborted("a failed statement was swallowed: nothing was committed")
        return False

    async def _end(self, message: str) -> BaseException | None:
        """Send the last message and give the connection back; what went wrong is returned."""
        connection, failure = self.connection, None
        try:
            async with asyncio.timeout(self.engine.end_timeout), self.root.lock:
                await connection.execute(message)
            await self.pool.release(connection)
        except BaseException as error:
            failure = await self._after(error, connection)
        finally:
            self.connection = None
        return failure

    async def _after(self, error: BaseException, connection: Any) -> BaseException:
        if isinstance(error, asyncpg.PostgresError) and not is_away(error):
            # A failed COMMIT: the server has rolled back already, the connection is sound.
            try:
                await connection.execute(CLEAN)
                await self.pool.release(connection)
            except BaseException:
                await self._discard(connection)
            return error
        # Cancelled, too late, or lost: the outcome is unknown and the idempotency key decides.
        await self._discard(connection)
        if isinstance(error, TimeoutError) or is_away(error):
            away = DatabaseAway(self.of.power)
            away.__cause__ = error
            return away
        return error

    async def rollback(self) -> None:
        """Undo everything at the end of the block."""
        self._rolled_back = True

    async def commit(self) -> None:
        raise IsolationError("leave the block to commit")

    async def _discard(self, connection: Any) -> None:
        with contextlib.suppress(Exception):
            connection.terminate()
        with contextlib.suppress(Exception):
            await self.pool.release(connection)
