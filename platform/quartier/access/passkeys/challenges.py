"""Challenges: 256 random bits that leave once and come back once, to the browser they were made for.

Kept as their SHA-256; the raw ones come back inside the answer.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from quartier.access.actions import machine_now
from quartier.access.marks import mark
from quartier.access.passkeys.words import PasskeyRefused
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

Kind = Literal["register", "login", "step_up"]
LASTS = timedelta(minutes=5)

_KEEP = """
insert into auth.challenge (tenant_id, id, hash, browser_hash, kind, person_id, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)"""
# One statement finds it and uses it up: of six answers at once one has it.
_TAKE = """
delete from auth.challenge
where tenant_id = $1 and hash = $2 and browser_hash = $3 and kind = $4 and person_id is not distinct from $5
  and expires_at > $6
returning id"""


async def ask(desk: Desk, kind: Kind, browser: str, person: UUID | None) -> bytes:
    """Make a challenge. `browser` is the cookie that asks: the session's where there is one."""
    challenge = secrets.token_bytes(32)
    made = (hashlib.sha256(challenge).digest(), mark(browser), kind, person, machine_now() + LASTS)
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_KEEP, desk.tenant_id, new_id(), *made)
    return challenge


async def take(desk: Desk, kind: Kind, hashed: bytes, browser: str, person: UUID | None) -> None:
    """Use a challenge up, in time and by the browser that asked. Raises PasskeyRefused("bad_challenge").

    In a transaction of its own: an answer that is refused later has used it up all the same.
    """
    with as_auth(desk):
        async with DB.work():
            of = (hashed, mark(browser), kind, person, machine_now())
            taken = await desk.fetch(_TAKE, desk.tenant_id, *of)
    if not taken:
        raise PasskeyRefused("bad_challenge")
