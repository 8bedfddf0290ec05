"""The only way to the database: one engine, one pool per power, every statement in a signed transaction.

    with DB.speaking(tenant, "app"):          # once per request, job or socket event
        await Space.select()                  # outside a transaction: its own short READ ONLY one
        async with DB.work():                 # one unit of work; inside another one it is a savepoint
            await Space.insert(...)
        await DB.run(work)                    # the same, again after a lost race

Without a speaker every statement raises NoTenant: never rows of nobody, never silently none.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from quartier.database.faults import LOST_RACE, DatabaseAway, IsolationError, NoTenant, is_away
from quartier.database.speaker import POWERS, SPEAKER, Signer, Speaker, realm_text, token_text
from quartier.database.transaction import TenantTransaction

Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
T = TypeVar("T")

SESSION = {"jit": "off", "timezone": "UTC"}
_DIRECTORY = "select id, city_id, kind, slug, name, host, state, zone from city.tenant order by slug"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the database is, and what each login role of ours says at its door."""

    dsn: str
    passwords: Mapping[str, str] = field(repr=False)  # login role -> password

    def login(self, role: str) -> dict[str, Any]:
        return {"dsn": self.dsn, "user": role, "password": self.passwords[role]}


class TenantEngine(PostgresEngine):
    """Piccolo's engine without its ways past the tenant. Unconfigured until `configure()` and `start()`."""

    def __init__(self) -> None:
        self.address: Address | None = None
        self.signer: Signer | None = None
        self.powers: tuple[str, ...] = tuple(POWERS)
        self.sizes: Mapping[str, int] = {}
        self.citus = False
        self.watch: Callable[[str], None] | None = None
        self.acquire_timeout: float = 2
        self.end_timeout: float = 5
        self.pools: dict[str, Any] = {}
        super().__init__(config={}, extensions=())

    def configure(
        self,
        address: Address,
        signer: Signer,
        *,
        powers: Iterable[str] = ("app", "worker", "auth", "city"),
        sizes: Mapping[str, int] | None = None,
        citus: bool = False,
        watch: Callable[[str], None] | None = None,
    ) -> None:
        """Say where the database is. `sizes` are connections per power at most (10 unless named).

        `watch` sees every statement before it runs: tests refuse one that does not name its tenant.
        """
        if self.pools:
            raise IsolationError("the pools are open: stop() first")
        self.address, self.signer, self.powers = address, signer, tuple(powers)
        self.sizes, self.citus, self.watch = dict(sizes or {}), citus, watch

    # -- life ----------------------------------------------------------------------------------
    async def check_version(self) -> None:
        """Piccolo's connects while the module is imported."""

    async def prep_database(self) -> None:
        """Piccolo's creates extensions while the module is imported."""

    async def start(self) -> None:
        """Open one pool per power. Raises DatabaseAway when nobody answers."""
        if self.address is None:
            raise IsolationError("DB.configure() comes first")
        try:
            for power in self.powers:
                self.pools[power] = await asyncpg.create_pool(
                    **self.address.login(POWERS[power].role),
                    min_size=1,
                    max_size=self.sizes.get(power, 10),
                    reset=_is_clean,
                    server_settings={**SESSION, "application_name": f"quartier {power}"},
                )
        except BaseException as error:
            await self.stop()
            if is_away(error):
                raise DatabaseAway(str(error)) from error
            raise

    async def stop(self) -> None:
        pools, self.pools = self.pools, {}
        for pool in pools.values():
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    async def start_connection_pool(self, **kwargs: Any) -> None:
        await self.start()

    async def close_connection_pool(self) -> None:
        await self.stop()

    def pool_of(self, power: str) -> Any:
        try:
            return self.pools[power]
        except KeyError:
            raise IsolationError(f"this process has no pool for the power {power!r}") from None

    # -- who is speaking -----------------------------------------------------------------------
    @property
    def open_transaction(self) -> TenantTransaction | None:
        """The transaction of this task; one that is over counts as long as its speaker is the same."""
        found = self.current_transaction.get()
        return found if isinstance(found, TenantTransaction) else None

    def speaking(self, realm: object, power: str = "app", token: str | None = None) -> "Speaking":
        """Name the speaker, once per request, job or socket event. Tasks that outlive it are refused.

        `realm` is the tenant's uuid, for "city" the city's; `token` is for "operator" alone.
        """
        return Speaking(self, Speaker(power, realm_text(realm), token))

    def tenant(self, *, isolation: Isolation = "READ COMMITTED", readonly: bool = False) -> TenantTransaction:
        """Open a transaction of the speaker; use `work()` in actions. A GraphQL query is one
        REPEATABLE READ READ ONLY transaction."""
        of = SPEAKER.get()
        if of is None:
            raise NoTenant("nobody is speaking")
        options = f"ISOLATION LEVEL {isolation} {'READ ONLY' if readonly else 'READ WRITE'}"
        return TenantTransaction(self, of, options)

    @contextlib.asynccontextmanager
    async def work(self, *, isolation: Isolation = "READ COMMITTED") -> AsyncIterator[TenantTransaction]:
        """Do a unit of work: a transaction, or a savepoint when one is already running."""
        running = self.open_transaction
        if running is not None:
            async with running.savepoint():
                yield running
        else:
            async with self.tenant(isolation=isolation) as tx:
                yield tx

    async def run(
        self, work: Callable[[], Awaitable[T]], *, isolation: Isolation = "READ COMMITTED", attempts: int = 3
    ) -> T:
        """Do one unit of work, again after a lost race (40001, 40P01). `work` acts on the database alone."""
        for attempt in range(1, attempts + 1):
            try:
                async with self.tenant(isolation=isolation):
                    return await work()
            except LOST_RACE:
                if attempt == attempts:
                    raise
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def signed(self, of: Speaker | None = None) -> tuple[str, str]:
        """Give realm and signed context as a one-statement read wants them ($1, $2); see `lanes`."""
        of = of or SPEAKER.get()
        if of is None or not of.open:
            raise NoTenant("nobody is speaking")
        token = of.token or (self.signer(POWERS[of.power], of.realm) if self.signer else None)
        return of.realm, token_text(token)

    async def enter(self, connection: Any, of: Speaker, options: str) -> None:
        """Open the transaction with its context: one message. Values are matched against a pattern before.

        The one place where PostgreSQL and Citus differ: Citus sends on only SET LOCAL (never
        set_config), and wants BEGIN as a message of its own.
        """
        realm, token = self.signed(of)
        setting = POWERS[of.power].setting
        parts = [f"BEGIN {options}", f"SET LOCAL {setting} = '{realm}'", f"SET LOCAL app.ctx = '{token}'"]
        for message in parts if self.citus else ["; ".join(parts)]:
            await connection.execute(message)

    # -- statements ----------------------------------------------------------------------------
    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Run one statement of the speaker; it names `tenant_id`. Outside a transaction it can only read."""
        if self.watch:
            self.watch(sql)
        running = self.open_transaction
        if running is not None:
            return await running.fetch(sql, args)
        async with self.tenant(readonly=True) as own:
            return await own.fetch(sql, args)

    async def directory(self, power: str = "auth") -> list[Any]:
        """Read hosts and realms: the only statement without a context; powers auth and worker.

        The caller keeps it in memory and compares exactly.
        """
        try:
            rows: list[Any] = await self.pool_of(power).fetch(_DIRECTORY, timeout=self.end_timeout)
        except Exception as error:
            if is_away(error):
                raise DatabaseAway(power) from error
            raise
        return rows

    async def run_querystring(self, querystring: Any, in_pool: bool = True) -> list[Any]:
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self.fetch(sql, *args)

    # -- Piccolo's other ways to a connection --------------------------------------------------
    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Any]:
        raise IsolationError("DDL belongs to migrations")

    def transaction(self, allow_nested: bool = True) -> Any:
        raise IsolationError("use work()")

    def atomic(self) -> Any:
        raise IsolationError("use work()")

    async def batch(self, *args: Any, **kwargs: Any) -> Any:
        raise IsolationError("batch() opens its own connection")

    async def get_new_connection(self) -> Any:
        raise IsolationError("connections come from the pools")


class Speaking:
    """The length of one speech: who enters it speaks. No generator, for every request passes here."""

    __slots__ = ("_engine", "_forget", "_of", "_reset")

    def __init__(self, engine: TenantEngine, of: Speaker) -> None:
        self._engine, self._of = engine, of

    def __enter__(self) -> Speaker:
        running = self._engine.open_transaction
        if running is not None and not running.over:
            raise IsolationError("the speaker cannot change inside a transaction")
        self._reset = SPEAKER.set(self._of)
        # A task that was started inside a transaction and begins anew leaves that one behind.
        self._forget = self._engine.current_transaction.set(None)
        return self._of

    def __exit__(self, *_: object) -> None:
        self._of.open = False
        self._engine.current_transaction.reset(self._forget)
        SPEAKER.reset(self._reset)


async def _is_clean(connection: Any) -> None:
    """The pool's reset: CLEAN has run already. A connection inside a transaction is closed by asyncpg then."""
    if connection.is_in_transaction():
        raise IsolationError("connection returned inside a transaction")


DB = TenantEngine()
