"""What is known of a realm's partners. Power auth; call them outside a transaction of another power."""

import json
from datetime import timedelta
from typing import Any

from quartier.access.actions import machine_now
from quartier.access.partners.words import Provider, SigningKey
from quartier.access.queries import as_auth
from quartier.database.sealing import SEAL, SealBroken
from quartier.tenancy.desk import Desk

_PROVIDERS = """
select p.id, p.slug, p.name_de, p.name_en, p.issuer, p.client_id, p.auth_method, p.secret_enc, p.scope, p.algorithms,
       p.par, p.max_age, p.claims_from, p.groups_claim, p.required_claims, p.role_ceiling, p.strong, p.auto_approve,
       p.state, p.version,
       array(select array[r.claim_value, r.role] from auth.provider_rule r
             where r.tenant_id = $1 and r.provider = p.id order by r.claim_value, r.role) as rules
from auth.identity_provider p where p.tenant_id = $1"""
_KEYS = """
select kid, private_enc, public from auth.signing_key
where tenant_id = $1 and ends_at > $2 order by active_from desc, kid"""


async def providers(desk: Desk) -> tuple[Provider, ...]:
    """All providers of the realm, in the order of their German names."""
    with as_auth(desk):
        rows = await desk.fetch(f"{_PROVIDERS} order by p.name_de, p.slug", desk.tenant_id)
    return tuple(map(_provider, rows))


async def offered(desk: Desk) -> tuple[Provider, ...]:
    """Those whose people may sign in now."""
    return tuple(provider for provider in await providers(desk) if provider.state == "active")


async def provider(desk: Desk, slug: str) -> Provider | None:
    """One provider of this very realm; another realm's is not there."""
    with as_auth(desk):
        rows = await desk.fetch(f"{_PROVIDERS} and p.slug = $2", desk.tenant_id, slug)
    return _provider(rows[0]) if rows else None


async def signing_keys(desk: Desk) -> tuple[SigningKey, ...]:
    """The realm's keys that have not ended, the newest first: the first one signs, all are published."""
    with as_auth(desk):
        rows = await desk.fetch(_KEYS, desk.tenant_id, machine_now())
    return tuple(
        SigningKey(row["kid"], json.loads(SEAL.open(row["private_enc"])), json.loads(row["public"])) for row in rows
    )


def _opened(sealed: bytes | None) -> str | None:
    """A secret of a key that is gone is no secret any more; the other providers go on."""
    try:
        return SEAL.open(sealed) if sealed else None
    except SealBroken:
        return None


def _provider(row: Any) -> Provider:
    return Provider(
        id=row["id"],
        slug=row["slug"],
        name_de=row["name_de"],
        name_en=row["name_en"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        auth_method=row["auth_method"],
        secret=_opened(row["secret_enc"]),
        scope=tuple(row["scope"]),
        algorithms=tuple(row["algorithms"]),
        par=row["par"],
        max_age=timedelta(seconds=row["max_age"]) if row["max_age"] else None,
        claims_from=row["claims_from"],
        groups_claim=row["groups_claim"],
        required_claims={name: frozenset(allowed) for name, allowed in json.loads(row["required_claims"]).items()},
        ceiling=frozenset(row["role_ceiling"]),
        rules=tuple((value, role) for value, role in row["rules"]),
        strong=row["strong"],
        auto_approve=row["auto_approve"],
        state=row["state"],
        version=row["version"],
    )
