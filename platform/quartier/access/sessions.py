"""Sessions of people in a browser: opened after a proof, ended one by one or all at once.

None is moved or renewed: each sign-in makes a new one.

These actions speak with the power quartier_auth in a transaction of their own: call them outside any other.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.marks import SESSION, mark, minted
from quartier.access.notices import rights_changed
from quartier.access.queries import as_auth
from quartier.access.words import SignedIn
from quartier.database.engine import DB
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

Method = Literal["code", "passkey", "oidc", "first"]
STAFF = timedelta(minutes=60), timedelta(hours=10)  # idle, absolute
MEMBER = timedelta(days=7), timedelta(days=30)
FRESH = timedelta(minutes=5)  # how long a proof of who one is holds for what asks again

_HAS_ROLE = """
select 1 as x from auth.role_grant
where tenant_id = $1 and person_id = $2 and valid_until > $3 limit 1"""
_OPEN = """
insert into auth.session (tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at, idle,
  auth_at, provider, op_sid, id_token_enc)
values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12)"""
_END = "delete from auth.session where tenant_id = $1 and token_hash = $2 and method <> 'demo' returning person_id"
_END_ALL = "delete from auth.session where tenant_id = $1 and person_id = $2 and method <> 'demo' returning id"
_END_BY_ID = "delete from auth.session where tenant_id = $1 and id = $2 and method <> 'demo' returning id"
_END_ONE = """
delete from auth.session where tenant_id = $1 and id = $2 and person_id = $3 and method <> 'demo' returning id"""
_CAME_FROM = "select provider from auth.session where tenant_id = $1 and id = $2"
_SESSION_OF = """
select id, person_id as person, expires_at, coalesce(auth_at, created_at) + $4 >= $3 as fresh from auth.session
where tenant_id = $1 and id = $2 and method <> 'demo' and expires_at > $3 and last_seen + idle > $3"""
_OF = """
select id, method, created_at, last_seen, least(expires_at, last_seen + idle) as ends_at, token_hash = $4 as here
from auth.session where tenant_id = $1 and person_id = $2 and method <> 'demo'
  and expires_at > $3 and last_seen + idle > $3 order by created_at desc, id"""

_AT = _OF.replace("token_hash = $4 as here", "id is not distinct from $4 as here")


@dataclass(frozen=True, slots=True)
class Proof:
    """How a person showed who she is, and when (the machine's clock). The rest is a partner's sign-in alone."""

    method: Method
    auth_at: datetime | None = None
    provider: UUID | None = None
    op_sid: str | None = None
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Open:
    """A session that somebody has; `fresh` says that its proof is at most five minutes old."""

    id: UUID
    person: UUID
    expires_at: datetime
    fresh: bool


async def session_of(desk: Desk, session: UUID | None) -> Open | None:
    """A session by its id, while it lasts."""
    with as_auth(desk):
        rows = await desk.fetch(_SESSION_OF, desk.tenant_id, session, machine_now(), FRESH)
    return Open(**rows[0]) if rows else None


async def renew_session(desk: Desk, seen: Open, proof: Proof) -> str:
    """Give a person who showed once more who she is a new secret in place of the old one, until the old end."""
    with as_auth(desk):
        async with DB.work():
            if not await desk.fetch(_END_BY_ID, desk.tenant_id, seen.id):
                raise SessionOver
            secret = await open_session(desk, seen.person, proof, ends_at=seen.expires_at)
            await leave_event(desk, "session.renewed", reason=proof.method, person=seen.person)
    return secret


class SessionOver(Exception):
    """It ended while the person was away to show who she is."""


async def open_session(
    desk: Desk, person: UUID, proof: Proof, *, instead_of: str | None = None, ends_at: datetime | None = None
) -> str:
    """Make the secret of a new session in the open transaction of power auth; the browser's old one ends.

    Whoever holds a granted role rests 60 minutes at most and signs in daily; members stay for 30 days.
    """
    secret, now = minted(SESSION), machine_now()
    if instead_of is not None:
        await desk.fetch(_END, desk.tenant_id, mark(instead_of))
    idle, longest = STAFF if await desk.fetch(_HAS_ROLE, desk.tenant_id, person, desk.now) else MEMBER
    id_token = SEAL.close(proof.id_token) if proof.id_token else None
    of_partner = (proof.auth_at or now, proof.provider, proof.op_sid, id_token)
    kept = (mark(secret), proof.method, now, min(now + longest, ends_at or now + longest), idle, *of_partner)
    await desk.fetch(_OPEN, desk.tenant_id, new_id(), person, *kept)
    await leave_event(desk, "session.opened", reason=proof.method, person=person)
    await rights_changed(desk)
    return secret


async def end_session(desk: Desk, secret: str, *, everywhere: bool = False) -> int:
    """Sign out: this session, or all of its person; give how many ended. A secret of no session ends nothing."""
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_END, desk.tenant_id, mark(secret))
            if not rows:
                return 0
            person: UUID = rows[0]["person_id"]
            more = await desk.fetch(_END_ALL, desk.tenant_id, person) if everywhere else []
            await leave_event(desk, "session.ended", reason="everywhere" if everywhere else None, person=person)
            await rights_changed(desk)
    return 1 + len(more)


async def end_one_session(desk: Desk, session: UUID) -> bool:
    """End a session of the person at the desk by its id; false when she has none of this id."""
    with as_auth(desk):
        async with DB.work():
            ended = await desk.fetch(_END_ONE, desk.tenant_id, session, desk.person)
            if ended:
                await leave_event(desk, "session.ended", reason="by_hand")
                await rights_changed(desk)
    return bool(ended)


async def provider_of_session(desk: Desk) -> UUID | None:
    """The partner whose sign-in began the session at the desk; None for a local one."""
    with as_auth(desk):
        rows = await desk.fetch(_CAME_FROM, desk.tenant_id, desk.session)
    return rows[0]["provider"] if rows else None


async def sessions_of(desk: Desk, person: UUID, here: str) -> list[SignedIn]:
    """A person's open sessions, the newest first; `here` is the secret of the one that asks."""
    with as_auth(desk):
        rows = await desk.fetch(_OF, desk.tenant_id, person, machine_now(), mark(here))
    return [SignedIn(**row) for row in rows]


async def sessions_at(desk: Desk, person: UUID) -> list[SignedIn]:
    """A person's open sessions, the newest first, as the desk sees them."""
    with as_auth(desk):
        rows = await desk.fetch(_AT, desk.tenant_id, person, machine_now(), desk.session)
    return [SignedIn(**row) for row in rows]
