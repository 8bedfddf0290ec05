"""What is known of a person's passkeys. Power auth; call them outside a transaction of another power."""

from typing import Any
from uuid import UUID

from quartier.access.actions import machine_now
from quartier.access.passkeys.words import Kept, Passkey, Standing
from quartier.access.permissions import CITY_ROLES, STRONG
from quartier.access.queries import as_auth
from quartier.access.roles.rules import waits
from quartier.access.sessions import FRESH
from quartier.tenancy.desk import Desk

_PASSKEYS = """
select id, name, backed_up, created_at, last_used from auth.passkey
where tenant_id = $1 and person_id = $2 order by created_at, id"""
_CREDENTIALS = "select credential_id from auth.passkey where tenant_id = $1 and person_id = $2"
_KEPT = "select id, person_id as person, public_key from auth.passkey where tenant_id = $1 and credential_id = $2"
_SESSION = """
select s.method = 'passkey' or coalesce(p.strong, false) as strong,
       coalesce(s.auth_at, s.created_at) + $4 >= $3 as fresh
from auth.session s left join auth.identity_provider p on p.tenant_id = $1 and p.id = s.provider
where s.tenant_id = $1 and s.id = $2 and s.method <> 'demo' and s.expires_at > $3 and s.last_seen + s.idle > $3"""
_WAYS = """
select (select count(*) from auth.passkey where tenant_id = $1 and person_id = $2) as passkeys,
       (select count(*) from auth.login_address where tenant_id = $1 and person_id = $2) as addresses,
       (select count(*) from auth.external_identity i
        join auth.identity_provider p on p.tenant_id = $1 and p.id = i.provider and p.state = 'active'
        where i.tenant_id = $1 and i.person_id = $2) as identities,
       (select count(*) from auth.external_identity i
        join auth.identity_provider p on p.tenant_id = $1 and p.id = i.provider and p.strong and p.state = 'active'
        where i.tenant_id = $1 and i.person_id = $2) as strong_identities"""
_GRANTED = """
select role, granted_by, confirmed_by from auth.role_grant
where tenant_id = $1 and person_id = $2 and valid_from <= $3 and valid_until > $3 and role = any($4)"""


async def passkeys_of(desk: Desk, person: UUID) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    with as_auth(desk):
        rows = await desk.fetch(_PASSKEYS, desk.tenant_id, person)
    return [Passkey(**row) for row in rows]


async def credentials_of(desk: Desk, person: UUID) -> list[bytes]:
    """The ids by which authenticators know a person's passkeys."""
    with as_auth(desk):
        rows = await desk.fetch(_CREDENTIALS, desk.tenant_id, person)
    return [bytes(row["credential_id"]) for row in rows]


async def kept(desk: Desk, credential: bytes) -> Kept | None:
    """A passkey of this very realm; another realm's is not there."""
    with as_auth(desk):
        rows = await desk.fetch(_KEPT, desk.tenant_id, credential)
    return Kept(**rows[0]) if rows else None


async def standing(desk: Desk) -> Standing | None:
    """How the person at the desk stands now; None when her session is over."""
    with as_auth(desk):
        session: list[Any] = await desk.fetch(_SESSION, desk.tenant_id, desk.session, machine_now(), FRESH)
        if not session:
            return None
        [ways] = await desk.fetch(_WAYS, desk.tenant_id, desk.person)
    return Standing(**session[0], **ways)


async def has_strong(desk: Desk, person: UUID) -> bool:
    """Whether somebody has a way in that is stronger than a mailbox."""
    with as_auth(desk):
        [ways] = await desk.fetch(_WAYS, desk.tenant_id, person)
    return bool(ways["passkeys"] or ways["strong_identities"])


async def sleeping(desk: Desk) -> list[str]:
    """Roles that the person has and this session does not wake: they want a strong proof, and nothing besides."""
    wanted = STRONG & CITY_ROLES if desk.realm.kind == "city" else STRONG - CITY_ROLES
    with as_auth(desk):
        rows = await desk.fetch(_GRANTED, desk.tenant_id, desk.person, desk.now, sorted(wanted - desk.roles))
    return sorted({row["role"] for row in rows if not waits(row["role"], row["granted_by"], row["confirmed_by"])})
