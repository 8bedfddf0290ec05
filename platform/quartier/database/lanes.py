"""Lanes: raw connections for reads that are one statement. The statement itself sets tenant and context.

    select q.* from (select set_config('app.tenant_id', $1, true) a, set_config('app.ctx', $2, true) b offset 0) t
      cross join lateral (select ... where t.a is not null and t.b is not null offset 0) q

One round trip does all, nothing is left in the session, and a forged context ends in 42501. asyncpg's pool
alone would cost a round trip more.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

import asyncpg

from quartier.database.engine import SESSION, Address
from quartier.database.faults import DatabaseAway, IsolationError, PoolExhausted, is_away
from quartier.database.speaker import POWERS, realm_text, token_text

STATEMENTS = 64  # each cached plan costs the server 50-200 KiB per connection
DEADLINE = 10.0  # seconds; the server's own limit of 5 s speaks first unless the line is dead


class _Lane:
    """One connection with its prepared statements, the least recently used is dropped first."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.statements: OrderedDict[object, Any] = OrderedDict()

    async def statement(self, key: object, sql: str) -> Any:
        known = self.statements.get(key)
        if known is not None:
            self.statements.move_to_end(key)
            return known
        if len(self.statements) >= STATEMENTS:
            self.statements.popitem(last=False)  # asyncpg closes it on the server when nobody holds it
        # Without its cache asyncpg leaves a statement unnamed unless told otherwise: parsed and planned at every read.
        self.statements[key] = made = await self.connection.prepare(sql, name=True)
        return made

    def close(self) -> None:
        self.statements.clear()
        with contextlib.suppress(Exception):
            self.connection.terminate()


class Lanes:
    """The lanes of one power: last in, first out, so that the warmest plan runs next.

    A slot is the right to hold one of `size` connections. Whoever ends gives lane or slot to the one
    that waits longest.
    """

    def __init__(self, address: Address, power: str, *, size: int = 8, wait: float = 2.0, citus: bool = False) -> None:
        self.address, self.power = address, POWERS[power]
        self.size, self.wait, self.citus = size, wait, citus
        self._idle: list[_Lane] = []
        self._waiting: deque[asyncio.Future[_Lane | None]] = deque()
        self._taken = 0  # slots in use, idle lanes included
        self._closed = False

    async def start(self) -> None:
        """Open the first lane, so that a wrong password shows at the start and not at the first reader."""
        self._give(await self._take())

    async def stop(self) -> None:
        """Close what is idle at once and the rest when it comes back."""
        self._closed = True
        while self._idle:
            lane = self._idle.pop()
            self._taken -= 1
            with contextlib.suppress(Exception):
                await lane.connection.close(timeout=2)

    async def run(self, plan_key: object, sql: str, args: Sequence[object]) -> Any:
        """Run one read and give the first column of its first row, None without a row.

        `args` begin with the realm's id and the signed context (`DB.signed()`). Raises PoolExhausted
        after 2 s without a free lane, DatabaseAway when the server is gone, and asyncpg's error of a
        failed statement.
        """
        lane = await self._take()
        kept: _Lane | None = None
        try:
            value = await self._read(lane, plan_key, sql, args)
            kept = lane
        except asyncpg.InvalidCachedStatementError:  # a migration changed a table under the plan
            raise DatabaseAway("plan out of date") from None
        except asyncpg.PostgresError as error:
            if is_away(error):
                raise DatabaseAway(self.power.role) from error
            kept = lane  # the statement failed, the connection is sound
            raise
        except TimeoutError as error:
            raise DatabaseAway(self.power.role) from error
        except Exception as error:
            if is_away(error):
                raise DatabaseAway(self.power.role) from error
            raise
        finally:
            # Whatever is not PostgreSQL's own error, cancellation included, costs the connection.
            if kept is None:
                lane.close()
            self._give(kept)
        return value

    async def _read(self, lane: _Lane, plan_key: object, sql: str, args: Sequence[object]) -> Any:
        if self.citus:
            return await self._read_on_citus(lane, sql, args)
        statement = await lane.statement(plan_key, sql)
        return await statement.fetchval(*args, timeout=DEADLINE)

    async def _read_on_citus(self, lane: _Lane, sql: str, args: Sequence[object]) -> Any:
        """Citus sends on only SET LOCAL to its workers, never set_config."""
        realm, token = realm_text(args[0]), token_text(str(args[1]))
        async with lane.connection.transaction(readonly=True):
            await lane.connection.execute(f"SET LOCAL {self.power.setting} = '{realm}'")
            await lane.connection.execute(f"SET LOCAL app.ctx = '{token}'")
            return await lane.connection.fetchval(sql, *args, timeout=DEADLINE)

    async def _take(self) -> _Lane:
        if self._closed:
            raise IsolationError("the lanes are closed")
        while self._idle:
            lane = self._idle.pop()
            if not lane.connection.is_closed():
                return lane
            self._taken -= 1
        if self._taken < self.size:
            self._taken += 1
            return await self._open()
        lane_or_slot = await self._queue()
        if lane_or_slot is not None and not lane_or_slot.connection.is_closed():
            return lane_or_slot
        return await self._open()

    async def _queue(self) -> _Lane | None:
        turn: asyncio.Future[_Lane | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self.wait):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._give(turn.result())  # it came in the moment we stopped waiting
            else:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise PoolExhausted(self.power.role) from None
            raise

    async def _open(self) -> _Lane:
        """Fill the slot we hold with a connection, or pass the slot on."""
        try:
            connection = await asyncpg.connect(
                **self.address.login(self.power.role),
                timeout=self.wait,
                statement_cache_size=0,
                server_settings={
                    **SESSION,
                    "default_transaction_read_only": "on",
                    "plan_cache_mode": "force_generic_plan",  # to plan a page anew costs more than to read it
                    "application_name": f"quartier lane {self.power.role.removeprefix('quartier_')}",
                },
            )
        except BaseException as error:
            self._give(None)
            if isinstance(error, asyncpg.TooManyConnectionsError):
                raise PoolExhausted(self.power.role) from None
            if isinstance(error, TimeoutError) or is_away(error):
                raise DatabaseAway(self.power.role) from error
            raise
        return _Lane(connection)

    def _give(self, lane: _Lane | None) -> None:
        """Hand a lane, or an empty slot (None), to the one that waits longest, else keep or free it."""
        if self._closed and lane is not None:
            lane.close()
            lane = None
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(lane)
                return
        if lane is None:
            self._taken -= 1
        else:
            self._idle.append(lane)
