"""Three filled sites behind their walls, and everything one needs to knock: logins, and signatures good and bad."""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from conftest import Cluster
from isolation.factories import Rows
from world import Administrator, Site, open_city, open_site

from quartier.database.administrator import connect
from quartier.database.engine import TenantEngine
from quartier.database.keyring import KID
from quartier.database.speaker import Power, Signer

VISIT = """
with asked as (
  insert into sec.operator_grant (tenant_id, operator, reason, approved_by, approved_at, valid_until)
  values ($1, 'ops.walls', 'Ticket 1: somebody knocks here', 'lead', now(), now() + interval '1 hour') returning id)
select e.ctx from asked a cross join lateral sec.operator_enter(a.id, 'ops.walls', 'look') e"""
TENANT, CITY = "app.tenant_id", "app.city_id"


@dataclass(frozen=True)
class Walls:
    """A database with West and East in one city and Halle in another, one row of every table in each."""

    cluster: Cluster
    database: str
    root: Administrator = field(repr=False)
    city: Site
    west: Site
    east: Site
    halle: Site
    rows: dict[UUID, Rows]

    @property
    def of_west(self) -> Rows:
        return self.rows[self.west.id]

    @property
    def of_east(self) -> Rows:
        return self.rows[self.east.id]

    async def login(self, role: str) -> Any:
        """A connection as this login role, outside every pool of ours."""
        password = self.cluster.keyring.passwords[role]
        return await connect(self.cluster.dsn(self.database), user=role, password=password)

    def signed(
        self,
        role: str,
        realm: object,
        setting: str = TENANT,
        *,
        ttl: int = 60,
        key: bytes | None = None,
        kid: str = KID,
    ) -> str:
        return Signer(kid, key or self.cluster.keyring.signing, ttl)(Power(role, setting), str(realm))

    async def good(self, role: str, realm: object, setting: str = TENANT) -> str:
        """A context that holds: signed, and for support with a visit that the site let in."""
        if role != "quartier_operator" or setting != TENANT:
            return self.signed(role, realm, setting)
        return str(await self.root.fetchval(VISIT, realm))

    @contextlib.asynccontextmanager
    async def knocking(self, role: str) -> AsyncIterator["Knock"]:
        """Log in as this role for the length of the block."""
        connection = await self.login(role)
        try:
            yield Knock(self, role, connection)
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def engine(self, **sizes: int) -> AsyncIterator[TenantEngine]:
        """An engine of its own, as a process of ours has one; with two connections a lost one shows."""
        made = TenantEngine()
        sizes = {"app": 2, "worker": 1, "auth": 1, "city": 1} | sizes
        made.configure(self.cluster.address(self.database), self.cluster.keyring.signer, powers=sizes, sizes=sizes)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


@dataclass(frozen=True)
class Knock:
    """One login role's connection. Every statement runs in a transaction of its own, which is undone."""

    walls: Walls
    role: str
    connection: Any

    @contextlib.asynccontextmanager
    async def speaking(self, realm: object, signature: str | None = "", setting: str = TENANT) -> AsyncIterator[Any]:
        """Set a context by hand: realm None sets nothing, signature None leaves it unsigned, "" signs it well."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            if realm is not None:
                await self.connection.execute("select set_config($1, $2, true)", setting, str(realm))
                if signature is not None:
                    good = signature or await self.walls.good(self.role, realm, setting)
                    await self.connection.execute("select set_config('app.ctx', $1, true)", good)
            yield self.connection
        finally:
            await transaction.rollback()

    async def ask(
        self, realm: object, sql: str, *args: Any, signature: str | None = "", setting: str = TENANT
    ) -> object:
        """The first value of the answer, or the refusal's SQLSTATE and reason."""
        async with self.speaking(realm, signature, setting) as connection:
            return await told(connection.fetchval(sql, *args))


REASONS = {  # the texts of PostgreSQL's refusals, in words a test can name
    "context rejected": "context",
    "violates row-level security policy": "policy",
    "would be affected by row-level security": "policy",
    "permission denied": "denied",
    "must be owner": "denied",
    "COPY FROM not supported with row-level security": "copy",
}


@dataclass(frozen=True)
class Refused:
    """What the server said instead of an answer; tests compare it with `"42501 context"` and the like."""

    state: str
    text: str

    def __str__(self) -> str:
        why = next((word for text, word in REASONS.items() if text in self.text), "")
        return f"{self.state} {why}".rstrip()

    def __eq__(self, other: object) -> bool:
        return str(self) == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))


async def told(question: Awaitable[Any]) -> object:
    try:
        return await question
    except asyncpg.PostgresError as error:
        return Refused(str(error.sqlstate), str(error))


async def settle(cluster: Cluster, database: str, root: Administrator) -> Walls:
    """Open three sites and fill them by the factories."""
    city, other = await open_city(root), await open_city(root)
    west, east = [await open_site(root, city.realm.city_id, word) for word in ("west", "east")]
    halle = await open_site(root, other.realm.city_id, "halle")
    await root.execute(
        "insert into city.indicator (code, version, unit, subject, min_n, formula)"
        " values ('MATRIX', 1, 'persons', 'person', 5, 'x'), ('MATRIX-1', 1, 'persons', 'enterprise', 1, 'x'),"
        " ('MATRIX-3', 1, 'enterprises', 'enterprise', 3, 'x') on conflict do nothing"
    )
    rows = {site.id: Rows(site.id, site.realm.city_id) for site in (west, east, halle)}
    there = await tables(root)
    for made in rows.values():
        for statement in made.all(there):
            await root.execute(statement)
    return Walls(cluster, database, root, city, west, east, halle, rows)


async def tables(root: Administrator) -> list[str]:
    """Every table that has a column tenant_id."""
    rows = await root.fetch(
        "select n.nspname || '.' || c.relname t from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('app', 'auth', 'city') and c.relkind in ('r', 'p') and exists ("
        "   select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)"
        " order by 1"
    )
    return [row["t"] for row in rows]
