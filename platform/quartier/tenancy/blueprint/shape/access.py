"""Roles and the partners whose own login may give them."""

from typing import Annotated, Literal

from msgspec import Meta

from quartier.tenancy.blueprint.measures import Count, EnvName, Mail, Text
from quartier.tenancy.blueprint.shape.base import Table

# The roles of the platform; what each may do stands in the platform's one table of permissions.
Role = Literal[
    "member", "member_admin", "front_desk", "manager", "advisor", "grants_officer", "award_authority",
    "finance", "jury", "mentor", "observer", "data_protection", "site_admin",
]  # fmt: skip
Permission = Annotated[str, Meta(pattern=r"^[a-z]+:[a-z_]+\Z", examples=["spaces:book"])]
ClaimValue = str | int | bool

DEMO_IDP = "$DEMO_IDP"


class RoleRules(Table, frozen=True, kw_only=True):
    """`sso`: a partner's login may give the role. `implied`: it follows from a membership, nobody grants it.

    `may` narrows what the platform's table gives the role at this site; without it, all of it.
    """

    name_de: Text
    name_en: Text | None = None
    second_factor: bool
    sso: bool
    implied: bool = False
    may: tuple[Permission, ...] | None = None
    excludes: tuple[Role, ...] = ()


class GroupRule(Table, frozen=True, kw_only=True):
    value: Text
    role: Role


class DemoPerson(Table, frozen=True, kw_only=True):
    """Somebody invented whom the practice provider knows; never inherited by another site."""

    sub: Text
    name: Text
    email: Mail
    groups: tuple[Text, ...] = ()


class Oidc(Table, frozen=True, kw_only=True):
    """`issuer` is https; under demo it may begin with $DEMO_IDP. `secret_env` names a variable.

    Without a rule that fits, a person waits for staff. `max_age_seconds` 0 asks for no fresh sign-in.
    `second_factor`: the institution has promised to ask for one, so roles that want it are awake.
    """

    issuer: Annotated[
        str,
        Meta(
            pattern=r"^(?:https://[a-z0-9.-]+(?::\d+)?|\$DEMO_IDP)(?:/[A-Za-z0-9._~/-]*)?\Z",
            examples=["https://login.partner.example/"],
        ),
    ]
    client_id: Text
    auth_method: Literal["private_key_jwt", "client_secret_basic"]
    secret_env: EnvName | None = None
    scope: tuple[Text, ...]
    algorithms: Annotated[tuple[Literal["ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA"], ...], Meta(min_length=1)]
    par: Literal["never", "if_required", "always"]
    claims_from: Literal["id_token", "userinfo", "either"]
    groups_claim: str
    required_claims: dict[str, ClaimValue]
    auto_approve: bool
    second_factor: bool = False
    max_age_seconds: Count
    state: Literal["draft", "active", "paused"]
    rules: tuple[GroupRule, ...] = ()
    demo_people: tuple[DemoPerson, ...] = ()

    @property
    def is_demo(self) -> bool:
        return self.issuer.startswith(DEMO_IDP)


class Partner(Table, frozen=True, kw_only=True):
    """`ceiling`: whatever a rule says, no role beyond these."""

    name_de: Text
    name_en: Text | None = None
    kind: Literal["company", "cooperative", "association", "foundation", "research", "public_body"]
    nonprofit: bool = False
    network_roles: tuple[Literal["funder", "jury", "mentor", "observer"], ...] = ()
    ceiling: tuple[Role, ...]
    oidc: Oidc | None = None
