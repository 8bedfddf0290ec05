"""Many people at once: an engine with more connections than a process of ours would open."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Any

from conftest import Cluster, names_its_tenant

from quartier.database.engine import DB, SESSION
from quartier.kit.refusal import Refused

CONNECTIONS = 40


@contextlib.asynccontextmanager
async def crowd(postgres: Cluster, database: str) -> AsyncIterator[None]:
    """Run the engine with forty connections, and without a limit on waiting for one, or for a lock.

    The limits (`powers.sql`: 2 s for a lock) are for people, who had better come again; here everybody stands in line
    to the end, however busy the machine is, for it is counted who gets what.
    """
    patience, session = DB.acquire_timeout, dict(SESSION)
    SESSION.update(lock_timeout="120s", statement_timeout="120s", idle_in_transaction_session_timeout="120s")
    await _restart(postgres, database, {"app": CONNECTIONS}, 120)
    try:
        yield
    finally:
        SESSION.clear()
        SESSION.update(session)
        await _restart(postgres, database, {}, patience)


async def _restart(postgres: Cluster, database: str, sizes: dict[str, int], patience: float) -> None:
    await DB.stop()
    DB.configure(postgres.address(database), postgres.keyring.signer, sizes=sizes, watch=names_its_tenant)
    DB.acquire_timeout = patience
    await DB.start()


async def outcomes(wishes: Iterable[Awaitable[Any]]) -> Counter[str]:
    """Send everything at once; count answers by state or refusal code. A fault is not an outcome and is raised."""

    async def outcome(wish: Awaitable[Any]) -> str:
        try:
            answer = await wish
        except Refused as refused:
            return refused.refusals[0].code
        return str(getattr(answer, "state", "done"))

    return Counter(await asyncio.gather(*map(outcome, wishes)))
