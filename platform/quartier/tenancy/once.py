"""Idempotency: the same key gives the same result, however often and however fast it is sent."""

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import KeyReused, Refused
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk

KEPT = timedelta(hours=48)
# A power keeps its keys in its own schema: what `auth` does and its key commit together, too.
_CLAIM = """
insert into {0}.idempotency (tenant_id, id, caller, key, payload_hash, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, caller, key) do nothing returning id"""
_ANSWER = "update {0}.idempotency set answer = $4::jsonb where tenant_id = $1 and caller = $2 and key = $3"
_READ = "select payload_hash, answer from {0}.idempotency where tenant_id = $1 and caller = $2 and key = $3"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """A secret in an answer: told to whoever asked, never kept. The same key again tells null in its place."""

    text: str = field(repr=False)


Power = Literal["app", "auth"]


class _Rehearsed(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


async def once(
    desk: Desk, key: str, payload: bytes, work: Callable[[], Awaitable[Answer]], *, power: Power = "app"
) -> Answer:
    """Do the work with a power and keep its answer with the key, in one transaction.

    A second request with the key waits for the first and gets its answer; a refusal keeps nothing, so
    the key stays free. The same key with another payload refuses KEY_REUSED. `work` answers plain JSON
    (ids and numbers): a later reader loads the things themselves. Keys are kept for 48 hours.
    """
    digest = hashlib.sha256(payload).digest()

    async def claimed() -> Answer:
        async with _opened(desk, power):
            if await desk.fetch(_CLAIM.format(power), desk.tenant_id, new_id(), desk.caller, key, digest, desk.now):
                answer = await work()
                kept_answer = json.dumps(answer, default=_kept)
                await desk.fetch(_ANSWER.format(power), desk.tenant_id, desk.caller, key, kept_answer)
                return answer
            [earlier] = await desk.fetch(_READ.format(power), desk.tenant_id, desk.caller, key)
            if earlier["payload_hash"] != digest:
                raise Refused([KeyReused(path=("idempotencyKey",))])
            kept: Answer = json.loads(earlier["answer"])
            return kept

    return await retried(claimed)


def _kept(value: object) -> str | None:
    return None if isinstance(value, ShownOnce) else str(value)


async def rehearse(desk: Desk, work: Callable[[], Awaitable[Answer]], *, power: Power = "app") -> Answer:
    """Do everything, keep nothing: the dry run gives the answer or the refusals of the real one."""

    async def undone() -> Answer:
        try:
            async with _opened(desk, power):
                raise _Rehearsed(await work())
        except _Rehearsed as done:
            return done.answer

    return await retried(undone)


@contextlib.asynccontextmanager
async def _opened(desk: Desk, power: Power) -> AsyncIterator[None]:
    """Open a transaction of a power; with `app` it has an audit line, `auth` writes its own log."""
    with DB.speaking(desk.tenant_id, power):
        if power == "app":
            async with desk.transaction():
                yield
        else:
            async with DB.work():
                yield
