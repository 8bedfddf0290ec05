"""The desk: who is speaking, at which site, with which permissions. Everything that touches data takes it first."""

import contextlib
import json
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.database.engine import DB
from quartier.tenancy.audit import Ledger, write
from quartier.tenancy.realm import Realm

_TELL = "select pg_notify($1, tenant_id || ':' || $2::uuid) from app.site where tenant_id = $3"
_LEDGER: ContextVar[Ledger | None] = ContextVar("quartier_ledger", default=None)


@dataclass(frozen=True, slots=True)
class Desk:
    """One speaker for one request, job or event.

    `own` are the organisations the person belongs to now, `leads` those of them whose colleagues are hers to choose;
    `now` is domain time and stays the same for the whole request; `request_id` joins log lines, errors and audit
    lines. `session` is the id of the browser's session; `asks_again` are the permissions that want a fresh proof of
    who she is before they are used, `asleep` the roles that want a stronger proof than this session's.
    """

    realm: Realm
    now: datetime
    person: UUID | None = None
    client: UUID | None = None
    permissions: frozenset[str] = frozenset()
    own: frozenset[UUID] = frozenset()
    leads: frozenset[UUID] = frozenset()
    language: str = "de"
    request_id: str = "-"
    roles: frozenset[str] = field(default=frozenset(), compare=False)
    session: UUID | None = None
    asks_again: frozenset[str] = frozenset()
    asleep: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def tenant_id(self) -> UUID:
        return self.realm.id

    @property
    def zone(self) -> ZoneInfo:
        return self.realm.zone

    @property
    def caller(self) -> str:
        """Who an idempotency key belongs to: keys of two callers never meet."""
        return f"person:{self.person}" if self.person else f"client:{self.client}" if self.client else "house"

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def at(self, now: datetime) -> "Desk":
        """The same desk at another moment; jobs and the demo world use it."""
        return replace(self, now=now)

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Run one statement of this realm; it has to name `tenant_id`."""
        return await DB.fetch(sql, *args)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Ledger]:
        """Open one transaction with one audit line; inside an open one, a savepoint whose notes go with it.

        The lines are written last, because each site's chain has one head: its lock is held the shortest.
        """
        outer = _LEDGER.get()
        if outer is not None:
            kept = len(outer.notes)
            try:
                async with DB.work():
                    yield outer
            except BaseException:
                del outer.notes[kept:]
                raise
            return
        ledger = Ledger()
        token = _LEDGER.set(ledger)
        try:
            async with DB.work():
                yield ledger
                await write(self, ledger)
        finally:
            _LEDGER.reset(token)

    @property
    def in_transaction(self) -> bool:
        """Whether an action runs inside another one, or inside a wish that is done once."""
        running = DB.open_transaction
        return _LEDGER.get() is not None or (running is not None and not running.over)

    async def tell(self, channel: str, subject: UUID) -> None:
        """Notify who listens, when this transaction commits. The payload is `tenant:id`, for anybody may listen.

        The tenant comes from the site's own row, so from the verified context.
        """
        await DB.fetch(_TELL, channel, subject, self.tenant_id)

    async def later(
        self, kind: str, *, after: timedelta = timedelta(), once: str | None = None, **args: object
    ) -> None:
        """Leave a job in this transaction. Arguments are ids and dates, never personal data.

        `once` names what is to be done only one time while a job for it waits or runs.
        """
        await DB.fetch("select jobs.put($1, $2, $3, $4)", kind, json.dumps(args, default=str), after, once)
