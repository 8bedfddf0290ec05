"""Tokens of machines: load, let the authority decide, store. One short transaction of quartier_auth.

The desk is the stranger's: its realm is the host's, it has no permission. Tokens live by the machine's
clock, whatever clock the demo runs on.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.authority import LASTS, Authority, Decision, Machine, Request, Token
from quartier.access.marks import mark
from quartier.access.notices import rights_changed
from quartier.access.permissions import scopes_of
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

NOBODY = Machine(id=UUID(int=0), client_id="", secrets=(), scopes=frozenset())

_CLIENT = """
select id, client_id, secret_hash, secret_hash_next, scopes, state, expires_at from auth.api_client
where tenant_id = $1 and client_id = $2"""
_TOKEN = """
select hash, client, scopes, issued_at, expires_at, revoked_at from auth.api_token
where tenant_id = $1 and hash = $2"""
# Last use is shown to people: a minute is exact enough, and a row that is written less is waited for less.
_ISSUED = """
with used as (
  update auth.api_client set last_used = $5
  where tenant_id = $1 and id = $3 and (last_used is null or last_used < $5::timestamptz - interval '1 minute')
)
insert into auth.api_token (tenant_id, id, hash, client, scopes, issued_at, expires_at)
values ($1, $2, $6, $3, $4, $5, $7)"""
_REVOKED = "update auth.api_token set revoked_at = $3 where tenant_id = $1 and hash = $2 and revoked_at is null"


async def issue(desk: Desk, form: Mapping[str, str]) -> Decision:
    """Answer a token request: 200 with the token, or what RFC 6749 (5.2) says."""
    with as_auth(desk):
        async with DB.work():
            client, problem = await _machine(desk, form.get("client_id"))
            authority = Authority(client, offered=scopes_of(desk.realm.kind))
            decision: Decision = authority.create_token_response(Request(desk.realm.host, form))
            if authority.issued is None:
                await _refused(desk, client, "token.refused", problem, decision)
            else:
                await _store(desk, client, authority.issued)
                await leave_event(desk, "token.issued", client=client.id)
    return decision


async def revoke(desk: Desk, form: Mapping[str, str]) -> Decision:
    """End one's own token at once, in every process (RFC 7009). An unknown token is no error."""
    with as_auth(desk):
        async with DB.work():
            client, problem = await _machine(desk, form.get("client_id"))
            authority = Authority(client, await _token(desk, form.get("token")))
            decision: Decision = authority.create_endpoint_response("revocation", Request(desk.realm.host, form))
            if authority.revoked is not None:
                await desk.fetch(_REVOKED, desk.tenant_id, authority.revoked.hash, machine_now())
                await leave_event(desk, "token.revoked", client=client.id)
                await rights_changed(desk)
            elif decision[0] != 200:
                await _refused(desk, client, "revocation.refused", problem, decision)
    return decision


async def introspect(desk: Desk, form: Mapping[str, str]) -> Decision:
    """Tell a client about its own token (RFC 7662); about any other one it says that it is not active."""
    with as_auth(desk):
        async with DB.work():
            client, problem = await _machine(desk, form.get("client_id"))
            authority = Authority(client, await _token(desk, form.get("token")))
            decision: Decision = authority.create_endpoint_response("introspection", Request(desk.realm.host, form))
            if decision[0] != 200:
                await _refused(desk, client, "introspection.refused", problem, decision)
    return decision


async def _machine(desk: Desk, client_id: str | None) -> tuple[Machine, str]:
    """Load the client, and the reason if it cannot be used. One that cannot knows no secret."""
    rows = await desk.fetch(_CLIENT, desk.tenant_id, client_id) if client_id else []
    if not rows:
        return NOBODY, "client_unknown" if client_id else "client_missing"
    row = rows[0]
    problem = _problem(row, machine_now())
    secrets = () if problem else tuple(s for s in (row["secret_hash"], row["secret_hash_next"]) if s)
    scopes = frozenset(row["scopes"]) & scopes_of(desk.realm.kind)
    return Machine(row["id"], row["client_id"], secrets, scopes), problem or "secret_wrong"


def _problem(row: Mapping[str, Any], now: datetime) -> str | None:
    if row["state"] != "active":
        return "client_off"
    return "client_expired" if row["expires_at"] <= now else None


async def _token(desk: Desk, shown: str | None) -> Token | None:
    rows = await desk.fetch(_TOKEN, desk.tenant_id, mark(shown)) if shown else []
    return Token(**{**rows[0], "scopes": frozenset(rows[0]["scopes"])}, now=machine_now()) if rows else None


async def _store(desk: Desk, client: Machine, issued: Mapping[str, Any]) -> None:
    now = machine_now()
    scopes = sorted(set(issued["scope"].split()))
    kept = mark(issued["access_token"])
    await desk.fetch(_ISSUED, desk.tenant_id, new_id(), client.id, scopes, now, kept, now + LASTS)


async def _refused(desk: Desk, client: Machine, kind: str, problem: str, decision: Decision) -> None:
    """The log says why; the answer of a client that failed says only that it failed."""
    error = str(decision[1].get("error"))
    reason = problem if error == "invalid_client" else error
    await leave_event(desk, kind, reason=reason, client=client.id if client.client_id else None)
