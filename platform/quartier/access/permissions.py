"""Permissions, `module:action`, and the roles that are sets of them. One table: nothing else names who may.

Named once on the action or field. Money stands in no role that plans; the exclusions are held where
roles are granted.
"""

from collections.abc import Mapping

MEMBER = frozenset(
    {
        "members:own", "spaces:read", "spaces:book", "programme:read", "programme:register", "advice:book",
        "network:read", "network:list", "grants:apply",
    }
)  # fmt: skip

ROLES: Mapping[str, frozenset[str]] = {
    "member": MEMBER,
    "member_admin": MEMBER | {"members:invite"},
    "front_desk": frozenset(
        {
            "members:read", "spaces:read", "spaces:book", "spaces:desk", "spaces:approve", "programme:read",
            "programme:register", "programme:attend", "network:read", "advice:book",
        }
    ),
    "manager": frozenset(
        {
            "members:own", "members:invite", "members:read", "members:edit", "members:approve", "members:import",
            "members:merge", "spaces:read", "spaces:book", "spaces:desk", "spaces:approve", "spaces:configure",
            "programme:read", "programme:register", "programme:plan", "programme:attend", "programme:select",
            "programme:certify", "network:read", "network:list", "network:introduce", "advice:offer", "advice:case",
            "grants:read", "notices:configure", "insight:read", "insight:target", "insight:export", "access:read",
            "access:admit",
        }
    ),
    "advisor": frozenset(
        {
            "members:read", "spaces:read", "spaces:book", "advice:offer", "advice:case", "advice:notes",
            "network:read", "network:introduce",
        }
    ),
    "grants_officer": frozenset(
        {
            "members:read", "grants:read", "grants:configure", "grants:check", "grants:assign", "grants:minutes",
            "grants:report_check", "grants:aid", "grants:pay_check", "insight:read",
        }
    ),
    "award_authority": frozenset({"grants:read", "grants:decide", "grants:permit", "grants:aid", "insight:read"}),
    "finance": frozenset(
        {"grants:budget", "grants:ledger", "grants:pay_approve", "grants:pay_release", "insight:read"}
    ),
    "jury": frozenset({"grants:review", "grants:vote"}),
    "mentor": frozenset({"advice:assigned", "programme:read", "network:read"}),
    "observer": frozenset({"insight:read", "programme:read"}),
    "data_protection": frozenset({"access:audit", "members:erase"}),
    "site_admin": frozenset(
        {
            "site:configure", "site:open", "access:read", "access:admit", "access:grant", "access:providers",
            "access:clients", "access:audit", "notices:configure", "insight:close", "insight:export",
        }
    ),
    "city_analyst": frozenset({"insight:compare", "insight:export"}),
    "platform_operator": frozenset(
        {
            "platform:sites", "platform:support", "platform:run", "access:read", "access:admit", "access:grant",
            "access:providers", "access:clients", "access:audit",
        }
    ),
}  # fmt: skip

STRONG = frozenset(
    {
        "manager", "grants_officer", "award_authority", "finance", "data_protection", "site_admin", "city_analyst",
        "platform_operator",
    }
)  # fmt: skip
"""Roles that sleep in a session by mailed code: they want a passkey, or a provider that asks for a second factor."""

STEP_UP = frozenset(
    {
        "members:merge", "members:erase", "grants:decide", "grants:budget", "grants:pay_approve", "grants:pay_release",
        "site:open", "access:grant", "access:providers", "access:clients", "platform:sites",
    }
)  # fmt: skip
"""What a person in a browser may do only within five minutes of having shown who she is (SIGN_IN_AGAIN)."""

CITY_ROLES = frozenset({"city_analyst", "platform_operator"})

# What a machine may be given: never a decision about money, never a person's own affairs.
SITE_SCOPES = frozenset(
    {
        "members:read", "spaces:read", "spaces:book", "spaces:desk", "programme:read", "programme:register",
        "programme:attend", "network:read", "grants:read", "insight:read", "insight:export",
    }
)  # fmt: skip
CITY_SCOPES = frozenset({"insight:compare"})

PERSONAL_SCOPES = frozenset({"members:read", "spaces:desk", "programme:attend", "grants:read"})
"""Scopes that show people: whoever runs such a program processes their data for the site (GDPR, Art. 28)."""


def scopes_of(kind: str) -> frozenset[str]:
    """The scopes a client of this kind of realm may hold."""
    return CITY_SCOPES if kind == "city" else SITE_SCOPES


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """The union of the roles' permissions; an unknown role gives nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


PUBLIC = frozenset({"public:read"})
"""What everybody may, signed in or not: what hangs on the door of the house."""

EVERY: frozenset[str] = permissions_of(frozenset(ROLES)) | PUBLIC
