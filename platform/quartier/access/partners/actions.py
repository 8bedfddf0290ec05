"""What administrators do with partners' providers. Nobody is signed out by it: sessions go on until they end."""

from typing import Literal
from uuid import UUID

from quartier.access.events import leave_event
from quartier.access.partners import queries
from quartier.access.partners.words import ProviderWithoutSecret, RequiredClaimMissing, shared_issuer
from quartier.access.queries import as_auth
from quartier.database.engine import DB
from quartier.database.sealing import SEAL
from quartier.kit.refusal import FieldInvalid, NotFound, StaleVersion, refuse
from quartier.kit.spoken import letters
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

SHORTEST_SECRET, LONGEST_SECRET = 16, 500  # letters

_STATE = """
update auth.identity_provider set state = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and slug = $2 and version = $3 returning id"""
_SECRET = """
update auth.identity_provider set secret_enc = $4, version = version + 1, changed_at = $5
where tenant_id = $1 and slug = $2 and version = $3 returning id"""
_PRACTICE = """
update auth.identity_provider set state = 'paused', version = version + 1, changed_at = $2
where tenant_id = $1 and state = 'active' and issuer ~ '^http://(localhost|127\\.0\\.0\\.1):' returning slug"""


@action("access:providers")
async def set_provider_state(desk: Desk, slug: str, version: int, state: Literal["active", "paused"]) -> UUID:
    """Let a partner's people in, or keep them out. Give the provider's id.

    Refuses NOT_FOUND, STALE_VERSION; for the first PROVIDER_WITHOUT_SECRET, and REQUIRED_CLAIM_MISSING where many
    institutions share the issuer and nothing says which of them is meant.
    """
    with as_auth(desk):
        async with DB.work():
            provider = await queries.provider(desk, slug)
            if provider is None:
                refuse([NotFound(path=("provider",))])
            assert provider is not None
            if state == "active":
                refuse(
                    [
                        *(
                            [ProviderWithoutSecret()]
                            if provider.auth_method != "private_key_jwt" and not provider.secret
                            else []
                        ),
                        *([RequiredClaimMissing(issuer=provider.issuer)] if shared_issuer(provider) else []),
                    ]
                )
            made = await desk.fetch(_STATE, desk.tenant_id, slug, version, state, desk.now)
            if not made:
                refuse([StaleVersion(seen=version, version=provider.version)])
            await leave_event(desk, "provider.state", reason=state, provider=slug, before=provider.state)
    found: UUID = made[0]["id"]
    return found


@action("access:providers")
async def put_provider_secret(desk: Desk, slug: str, version: int, secret: str) -> UUID:
    """Keep a new secret of a client_secret_basic provider, sealed; the old one is gone. Refuses as above."""
    with as_auth(desk):
        async with DB.work():
            provider = await queries.provider(desk, slug)
            if provider is None or provider.auth_method != "client_secret_basic":
                refuse([NotFound(path=("provider",))])
            assert provider is not None
            if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
                refuse([FieldInvalid(path=("secret",), allowed=letters(SHORTEST_SECRET, LONGEST_SECRET))])
            made = await desk.fetch(_SECRET, desk.tenant_id, slug, version, SEAL.close(secret), desk.now)
            if not made:
                refuse([StaleVersion(seen=version, version=provider.version)])
            await leave_event(desk, "provider.secret", provider=slug)
    found: UUID = made[0]["id"]
    return found


@action("access:providers")
async def pause_practice(desk: Desk) -> int:
    """Keep out who came by a provider of this very machine: a house that stops being a demo has none."""
    with as_auth(desk):
        async with DB.work():
            paused = await desk.fetch(_PRACTICE, desk.tenant_id, desk.now)
            for row in paused:
                await leave_event(desk, "provider.state", reason="paused", provider=row["slug"], why="end of the demo")
    return len(paused)
