"""What access knows. Everything in schema `auth` is read by its own power, whoever stands at the desk."""

import contextlib
from collections.abc import Iterator

from quartier.access.words import Client
from quartier.database.engine import DB
from quartier.database.speaker import SPEAKER
from quartier.kit.refusal import NotAllowed, refuse
from quartier.tenancy.desk import Desk

_CLIENTS = """
select id, client_id, name, owner, scopes, agreement, state, created_at, expires_at, last_used,
       secret_hash_next is not null as two_secrets
from auth.api_client where tenant_id = $1 order by created_at, id"""
_DEMO = "select count(*) as n from auth.session where tenant_id = $1 and method = 'demo'"


@contextlib.contextmanager
def as_auth(desk: Desk) -> Iterator[None]:
    """Speak with the power quartier_auth: outside any transaction of another power, or inside one of its own."""
    running, speaker = DB.open_transaction, SPEAKER.get()
    inside = running is not None and not running.over and speaker is not None
    if inside and speaker is not None and (speaker.power, speaker.realm) == ("auth", str(desk.tenant_id)):
        yield
        return
    with DB.speaking(desk.tenant_id, "auth"):
        yield


async def clients(desk: Desk) -> list[Client]:
    """All machine clients of the realm, the oldest first. Refuses NOT_ALLOWED."""
    if not desk.may("access:clients"):
        refuse([NotAllowed(permission="access:clients")])
    with as_auth(desk):
        rows = await desk.fetch(_CLIENTS, desk.tenant_id)
    return [Client(**{**row, "scopes": frozenset(row["scopes"])}) for row in rows]


async def demo_sessions(desk: Desk) -> int:
    """How many sessions of the demo stand in this realm; outside demo mode there must be none."""
    with as_auth(desk):
        [row] = await desk.fetch(_DEMO, desk.tenant_id)
    return int(row["n"])
