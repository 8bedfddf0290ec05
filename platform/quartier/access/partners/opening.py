"""Partners of a site that opens: rows of their providers, from the folder that declares the site.

They are the power auth's and so no part of the opening's one transaction: they come after it and before the doors
open, each once, however often an opening that was cut off goes on.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from quartier.access.actions import leave_event
from quartier.access.partners import queries
from quartier.access.partners.claims import written
from quartier.access.partners.keys import make_signing_key
from quartier.access.partners.words import Provider
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.database.sealing import SEAL
from quartier.kit.ids import new_id
from quartier.tenancy.blueprint.shape.access import DEMO_IDP, Oidc, Partner
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences

_PRACTICE = re.compile(r"^http://(localhost|127\.0\.0\.1):\d+")
_PROVIDER = """
insert into auth.identity_provider (tenant_id, id, slug, name_de, name_en, issuer, client_id, auth_method,
  secret_enc, scope, algorithms, par, max_age, claims_from, groups_claim, required_claims, role_ceiling, strong,
  auto_approve, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $17, $18, $19, $20, $21, $21)
on conflict on constraint provider_slug_once do nothing returning id"""
_RULE = """
insert into auth.provider_rule (tenant_id, id, provider, claim_value, role) values ($1, $2, $3, $4, $5)"""


async def furnish(
    desk: Desk, partners: Mapping[str, Partner], *, secrets: Mapping[str, str], demo_idp: str | None = None
) -> list[str]:
    """Write the providers that are not there yet; give the variables in `secrets` that a provider waits for.

    A provider without its secret or its address is kept as a draft, and nobody may come by it. `demo_idp` is the
    address that stands for $DEMO_IDP.
    """
    waiting = []
    oidc = {slug: partner.oidc for slug, partner in partners.items() if partner.oidc}
    if any(each.auth_method == "private_key_jwt" for each in oidc.values()) and not await queries.signing_keys(desk):
        await make_signing_key(desk)
    for slug, partner in partners.items():
        if partner.oidc is None:
            continue
        secret = secrets.get(partner.oidc.secret_env or "")
        if partner.oidc.secret_env and not secret:
            waiting.append(partner.oidc.secret_env)
        with as_auth(desk):
            async with DB.work():
                await _write(desk, slug, partner, partner.oidc, secret, demo_idp)
    return waiting


async def _write(desk: Desk, slug: str, partner: Partner, oidc: Oidc, secret: str | None, demo_idp: str | None) -> None:
    issuer = issuer_of(oidc, demo_idp)
    asleep = (oidc.secret_env and not secret) or issuer.startswith(DEMO_IDP)
    state = "draft" if asleep else oidc.state
    made = await desk.fetch(
        _PROVIDER,
        desk.tenant_id,
        new_id(),
        slug,
        partner.name_de,
        partner.name_en,
        issuer,
        oidc.client_id,
        oidc.auth_method,
        SEAL.close(secret) if secret else None,
        list(oidc.scope),
        list(oidc.algorithms),
        oidc.par,
        oidc.max_age_seconds or None,
        oidc.claims_from,
        oidc.groups_claim or None,
        json.dumps({name: [written(value)] for name, value in oidc.required_claims.items()}),
        list(partner.ceiling),
        oidc.second_factor,
        oidc.auto_approve,
        state,
        desk.now,
    )
    if made:
        for rule in oidc.rules:
            await desk.fetch(_RULE, desk.tenant_id, new_id(), made[0]["id"], rule.value, rule.role)
        await leave_event(desk, "provider.opened", reason=state, provider=slug)


def issuer_of(oidc: Oidc, demo_idp: str | None) -> str:
    """The issuer with $DEMO_IDP filled in; without an address to fill in it stays, and nobody can be asked there."""
    return oidc.issuer.replace(DEMO_IDP, demo_idp) if demo_idp else oidc.issuer


async def drift(desk: Desk, partners: Mapping[str, Partner]) -> list[Difference]:
    """Where the rows of providers are not what the folder declares; secrets are never compared.

    The demo's own provider has another address at each installation, and people of its own that no folder knows.
    """
    declared = {slug: _facts(partner, partner.oidc) for slug, partner in partners.items() if partner.oidc}
    stored = {each.slug: _stored(each) for each in await queries.providers(desk)}
    practice = {slug for slug, facts in stored.items() if str(facts["issuer"]).startswith(DEMO_IDP)}
    known = {slug: facts for slug, facts in stored.items() if slug in declared or slug not in practice}
    return list(differences("partners", declared, known))


def _facts(partner: Partner, oidc: Oidc) -> dict[str, Any]:
    return {
        "name_de": partner.name_de,
        "issuer": oidc.issuer,
        "client_id": oidc.client_id,
        "auth_method": oidc.auth_method,
        "scope": list(oidc.scope),
        "algorithms": list(oidc.algorithms),
        "par": oidc.par,
        "max_age_seconds": oidc.max_age_seconds,
        "claims_from": oidc.claims_from,
        "groups_claim": oidc.groups_claim,
        "required_claims": {name: [written(value)] for name, value in sorted(oidc.required_claims.items())},
        "ceiling": sorted(partner.ceiling),
        "second_factor": oidc.second_factor,
        "auto_approve": oidc.auto_approve,
        "rules": sorted([rule.value, rule.role] for rule in oidc.rules),
    }


def _stored(provider: Provider) -> dict[str, Any]:
    return {
        "name_de": provider.name_de,
        "issuer": _PRACTICE.sub(DEMO_IDP, provider.issuer),
        "client_id": provider.client_id,
        "auth_method": provider.auth_method,
        "scope": list(provider.scope),
        "algorithms": list(provider.algorithms),
        "par": provider.par,
        "max_age_seconds": int((provider.max_age or timedelta()).total_seconds()),
        "claims_from": provider.claims_from,
        "groups_claim": provider.groups_claim or "",
        "required_claims": {name: sorted(allowed) for name, allowed in sorted(provider.required_claims.items())},
        "ceiling": sorted(provider.ceiling),
        "second_factor": provider.strong,
        "auto_approve": provider.auto_approve,
        "rules": sorted([value, role] for value, role in provider.rules),
    }
