"""Partners' own sign-in: what is registered where, what keeps their people out, and who opens it."""

import enum

import strawberry

from quartier.access.arrival import HERE
from quartier.access.partners import actions
from quartier.access.partners.checking import findings
from quartier.access.partners.metadata import Issuers
from quartier.access.partners.queries import providers
from quartier.kit.spoken import shown
from quartier.tenancy.desk import Desk
from quartier_graph.declare import BOTH, Done, asked, asking, roots, verb, wish
from quartier_graph.scalars import described


@described
class ProviderStep(enum.Enum):
    """Whether a partner's people may sign in."""

    ACTIVE = "active"
    PAUSED = "paused"


@strawberry.type(description="A claim that has to hold one of these values.")
class RequiredClaim:
    name: str = strawberry.field(description="The claim.")
    values: list[str] = strawberry.field(description="What it may say.")


@strawberry.type(description="Whoever is in this group there has this role here.")
class ProviderRule:
    value: str = strawberry.field(description="The group.")
    role: str = strawberry.field(description="The role.")


@strawberry.type(description="A partner's own sign-in. Paths follow the address of this house.")
class IdentityProvider:
    slug: str = strawberry.field(description="Its short name in addresses.")
    name_de: str = strawberry.field(description="Name in German.")
    name_en: str | None = strawberry.field(description="Name in English, where there is one.")
    issuer: str = strawberry.field(description="Its issuer.")
    client_id: str = strawberry.field(description="What it calls us.")
    auth_method: str = strawberry.field(description="How we show who we are.")
    has_secret: bool = strawberry.field(description="Whether a secret is kept and can be read.")
    state: str = strawberry.field(description="draft, active or paused.")
    strong: bool = strawberry.field(description="Whether it has promised a second factor.")
    auto_approve: bool = strawberry.field(description="Whether people with a role by rule need not be admitted.")
    required_claims: list[RequiredClaim] = strawberry.field(description="What tells its own people from others.")
    rules: list[ProviderRule] = strawberry.field(description="What its groups give.")
    ceiling: list[str] = strawberry.field(description="Whatever a rule says, no role beyond these.")
    callback_path: str = strawberry.field(description="Path to register there for sign-in.")
    logout_path: str = strawberry.field(description="Path to register there for back-channel logout.")
    keys_path: str = strawberry.field(description="Path of our public keys.")
    version: int = strawberry.field(description="Counts its changes.")


async def identity_providers(desk: Desk) -> list[IdentityProvider]:
    return [
        IdentityProvider(
            slug=each.slug, name_de=each.name_de, name_en=each.name_en, issuer=each.issuer, client_id=each.client_id,
            auth_method=each.auth_method, has_secret=each.secret is not None, state=each.state, strong=each.strong,
            auto_approve=each.auto_approve, ceiling=sorted(each.ceiling), version=each.version,
            required_claims=[
                RequiredClaim(name=name, values=sorted(values)) for name, values in sorted(each.required_claims.items())
            ],
            rules=[ProviderRule(value=value, role=role) for value, role in each.rules],
            callback_path=f"/auth/oidc/{each.slug}/callback",
            logout_path=f"/auth/oidc/{each.slug}/backchannel-logout", keys_path="/auth/keys",
        )
        for each in await providers(desk)
    ]  # fmt: skip


@strawberry.type(description="What keeps a partner's people from signing in.")
class ProviderFinding:
    provider: str = strawberry.field(description="The provider's short name.")
    text_de: str = strawberry.field(description="What is wrong, in German.")
    text_en: str = strawberry.field(description="What is wrong, in English.")


async def provider_findings(desk: Desk) -> list[ProviderFinding]:
    here = HERE.get()
    issuers = here.issuers if here else None
    found = await findings(desk, issuers or Issuers(), closed=True)
    return [
        ProviderFinding(
            provider=slug,
            text_de=shown("finding", words, desk.zone, "de"),
            text_en=shown("finding", words, desk.zone, "en"),
        )
        for slug, words in found
    ]


@wish
class SetProviderStateInput:
    """A provider, and whether its people may come."""

    provider: str = asked("Its short name.")
    version: int = asked("The version that was seen.")
    state: ProviderStep = asked("Whether its people may sign in.")


@verb("access:providers", realms=BOTH, power="auth")
async def set_provider_state(desk: Desk, wish: SetProviderStateInput) -> Done:
    """Let a partner's people in, or keep them out. Who is signed in stays."""
    await actions.set_provider_state(desk, wish.provider, wish.version, wish.state.value)
    return {}


@wish
class PutProviderSecretInput:
    """A provider and its new secret."""

    provider: str = asked("Its short name.")
    version: int = asked("The version that was seen.")
    secret: str = asked("The secret that the institution has issued; 16 to 500 letters. It is kept sealed.")


@verb("access:providers", realms=BOTH, power="auth")
async def put_provider_secret(desk: Desk, wish: PutProviderSecretInput) -> Done:
    """Keep a new secret of a provider; the old one is gone."""
    await actions.put_provider_secret(desk, wish.provider, wish.version, wish.secret)
    return {}


for _realm in BOTH:
    roots(
        _realm,
        identity_providers=asking(
            identity_providers, list[IdentityProvider], "Partners' own sign-in.", may=("access:read",), apart=True
        ),
        provider_findings=asking(
            provider_findings,
            list[ProviderFinding],
            "What keeps partners' people from signing in; each provider is asked anew, which takes seconds.",
            may=("access:read",),
            apart=True,
        ),
    )
