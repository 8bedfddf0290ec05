"""Idempotency: the same key gives the same result, however often and however fast it is sent."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from quartier.kit.ids import new_id
from quartier.kit.refusal import KeyReused, Refused
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk

KEPT = timedelta(hours=48)
_CLAIM = """
insert into app.idempotency (tenant_id, id, caller, key, payload_hash, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, caller, key) do nothing returning id"""
_ANSWER = "update app.idempotency set answer = $4::jsonb where tenant_id = $1 and caller = $2 and key = $3"
_READ = "select payload_hash, answer from app.idempotency where tenant_id = $1 and caller = $2 and key = $3"

Answer = dict[str, Any]


class _Rehearsed(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


async def once(desk: Desk, key: str, payload: bytes, work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do the work and keep its answer with the key, in one transaction.

    A second request with the key waits for the first and gets its answer; a refusal keeps nothing, so
    the key stays free. The same key with another payload refuses KEY_REUSED. `work` answers plain JSON
    (ids and numbers): a later reader loads the things themselves. Keys are kept for 48 hours.
    """
    digest = hashlib.sha256(payload).digest()

    async def claimed() -> Answer:
        async with desk.transaction():
            if await desk.fetch(_CLAIM, desk.tenant_id, new_id(), desk.caller, key, digest, desk.now):
                answer = await work()
                await desk.fetch(_ANSWER, desk.tenant_id, desk.caller, key, json.dumps(answer, default=str))
                return answer
            [earlier] = await desk.fetch(_READ, desk.tenant_id, desk.caller, key)
            if earlier["payload_hash"] != digest:
                raise Refused([KeyReused(path=("idempotencyKey",))])
            kept: Answer = json.loads(earlier["answer"])
            return kept

    return await retried(claimed)


async def rehearse(desk: Desk, work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do everything, keep nothing: the dry run gives the answer or the refusals of the real one."""

    async def undone() -> Answer:
        try:
            async with desk.transaction():
                raise _Rehearsed(await work())
        except _Rehearsed as done:
            return done.answer

    return await retried(undone)
