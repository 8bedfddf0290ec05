"""What people do with machine clients, roles and sessions. Each leaves a line in `auth.event`, never a secret.

These actions speak with the power quartier_auth in a transaction of their own: call them outside any other.
"""

from collections.abc import Collection
from datetime import timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

from quartier.access.events import leave_event as leave_event
from quartier.access.events import machine_now as machine_now
from quartier.access.marks import CLIENT, DEMO, mark, minted
from quartier.access.notices import rights_changed
from quartier.access.queries import as_auth
from quartier.access.rules import LONGEST, objections_to_client
from quartier.access.words import ClientOff, ClientSecret, OneSecret
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, refuse
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_CREATE = """
insert into auth.api_client (tenant_id, id, client_id, name, owner, secret_hash, scopes, created_at, expires_at,
  agreement)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""
_LOCK = """
select id, state, secret_hash, secret_hash_next, expires_at from auth.api_client
where tenant_id = $1 and client_id = $2 for no key update"""
_SECRETS = "update auth.api_client set secret_hash = $3, secret_hash_next = $4 where tenant_id = $1 and id = $2"
_OFF = "update auth.api_client set state = 'off' where tenant_id = $1 and id = $2"
_END_TOKENS = """
update auth.api_token set revoked_at = $3
where tenant_id = $1 and client = $2 and revoked_at is null and expires_at > $3"""
_SESSION = """
insert into auth.session (tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at)
values ($1, $2, $3, $4, 'demo', $5, $5, $6)"""
_END_DEMO = "delete from auth.session where tenant_id = $1 and method = 'demo' returning id"

_EXPIRED = {
    "delete from auth.api_token where tenant_id = $1 and expires_at < $2 returning id": timedelta(days=1),
    "delete from auth.session where tenant_id = $1 and expires_at < $2 returning id": timedelta(days=1),
    "delete from auth.login_code where tenant_id = $1 and expires_at < $2 returning id": timedelta(),
    "delete from auth.login_transaction where tenant_id = $1 and expires_at < $2 returning id": timedelta(),
    "delete from auth.logout_jti where tenant_id = $1 and expires_at < $2 returning id": timedelta(),
    "delete from auth.challenge where tenant_id = $1 and expires_at < $2 returning id": timedelta(),
    "delete from auth.invitation where tenant_id = $1 and expires_at < $2 returning id": timedelta(days=90),
    "delete from auth.idempotency where tenant_id = $1 and created_at < $2 returning id": timedelta(hours=48),
    "delete from auth.attempt where tenant_id = $1 and window_start < $2 returning n": timedelta(hours=1),
}


# -- machine clients -------------------------------------------------------------------------------
@action("access:clients")
async def create_client(
    desk: Desk,
    name: str,
    scopes: Collection[str],
    *,
    owner: UUID | None = None,
    lasts: timedelta = LONGEST,
    agreement: str | None = None,
) -> ClientSecret:
    """Make a client and show its secret, this once. `agreement` names the processing agreement of who runs it.

    Refuses SCOPE_NOT_OFFERED, AGREEMENT_MISSING for a scope that shows people, CLIENT_TOO_LONG, FIELD_INVALID.
    """
    refuse(objections_to_client(name, scopes, lasts, desk.realm.kind, agreement))
    made = ClientSecret(f"qtrc_{token_hex(8)}", machine_now() + lasts, minted(CLIENT))
    client = new_id()
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(
                _CREATE,
                desk.tenant_id,
                client,
                made.client_id,
                name.strip(),
                owner or desk.person,
                mark(made.secret),
                sorted(set(scopes)),
                machine_now(),
                made.expires_at,
                agreement.strip() if agreement else None,
            )
            await leave_event(desk, "client.created", client=client)
    return made


@action("access:clients")
async def rotate_client(desk: Desk, client_id: str) -> ClientSecret:
    """Issue a new secret beside the newest one; an older one ends now. Refuses NOT_FOUND, CLIENT_OFF."""
    secret = minted(CLIENT)
    with as_auth(desk):
        async with DB.work():
            row = await _client(desk, client_id)
            newest = row["secret_hash_next"] or row["secret_hash"]
            await desk.fetch(_SECRETS, desk.tenant_id, row["id"], newest, mark(secret))
            await leave_event(desk, "client.rotated", client=row["id"])
    return ClientSecret(client_id, row["expires_at"], secret)


@action("access:clients")
async def end_old_secret(desk: Desk, client_id: str) -> None:
    """Leave the newest secret alone valid, and end every token: the old one may be known to somebody.

    Refuses NOT_FOUND, CLIENT_OFF, ONE_SECRET.
    """
    with as_auth(desk):
        async with DB.work():
            row = await _client(desk, client_id)
            if row["secret_hash_next"] is None:
                refuse([OneSecret()])
            await desk.fetch(_SECRETS, desk.tenant_id, row["id"], row["secret_hash_next"], None)
            await _end_tokens(desk, row["id"])
            await leave_event(desk, "client.old_secret_ended", client=row["id"])


@action("access:clients")
async def disable_client(desk: Desk, client_id: str) -> None:
    """Switch a client off for good, its tokens included, at once. Refuses NOT_FOUND, CLIENT_OFF."""
    with as_auth(desk):
        async with DB.work():
            row = await _client(desk, client_id)
            await desk.fetch(_OFF, desk.tenant_id, row["id"])
            await _end_tokens(desk, row["id"])
            await leave_event(desk, "client.disabled", client=row["id"])


async def _client(desk: Desk, client_id: str) -> Any:
    rows = await desk.fetch(_LOCK, desk.tenant_id, client_id)
    if not rows:
        refuse([NotFound(path=("client_id",))])
    if rows[0]["state"] == "off":
        refuse([ClientOff()])
    return rows[0]


async def _end_tokens(desk: Desk, client: UUID) -> None:
    await desk.fetch(_END_TOKENS, desk.tenant_id, client, machine_now())
    await rights_changed(desk)


# -- persons of the demo ---------------------------------------------------------------------------
@action("access:grant")
async def open_demo_session(desk: Desk, person: UUID, *, lasts: timedelta = timedelta(days=30)) -> str:
    """Make a bearer token for an invented person. A process outside demo mode refuses to start beside it."""
    token, now = minted(DEMO), machine_now()
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_SESSION, desk.tenant_id, new_id(), person, mark(token), now, now + lasts)
            await leave_event(desk, "session.demo", person=person)
    return token


@action("access:grant")
async def end_demo_sessions(desk: Desk) -> int:
    """Delete the realm's demo sessions; give how many there were."""
    with as_auth(desk):
        async with DB.work():
            ended = await desk.fetch(_END_DEMO, desk.tenant_id)
            if ended:
                await leave_event(desk, "session.demo_ended")
                await rights_changed(desk)
    return len(ended)


@action("platform:run")
async def sweep(desk: Desk) -> int:
    """Delete what has expired, and say how much: codes at once, counters after an hour, sessions and tokens after
    a day, invitations after ninety."""
    gone, now = 0, machine_now()
    with as_auth(desk):
        async with DB.work():
            for statement, age in _EXPIRED.items():
                gone += len(await desk.fetch(statement, desk.tenant_id, now - age))
    return gone
