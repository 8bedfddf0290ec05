"""Roles, and partners whose login gives no more than their ceiling."""

from collections.abc import Iterator, Mapping

from quartier.tenancy.blueprint.findings import Finding, Path, twice, unknown
from quartier.tenancy.blueprint.shape.access import DEMO_IDP, Oidc, Partner, RoleRules


def objections_to_roles(roles: Mapping[str, RoleRules]) -> Iterator[Finding]:
    for key, role in roles.items():
        for place, other in enumerate(role.excludes):
            path = ("roles", key, "excludes", place)
            if other == key or other not in roles:
                others = [name for name in roles if name != key]
                yield unknown(path, other, others, de="keine andere Rolle", en="no other role")


def objections_to_partners(
    partners: Mapping[str, Partner], roles: Mapping[str, RoleRules], demo: bool
) -> Iterator[Finding]:
    given = [key for key, role in roles.items() if role.sso]
    for key, partner in partners.items():
        path = ("partners", key)
        for place, role in enumerate(partner.ceiling):
            if role not in given:
                yield unknown(
                    (*path, "ceiling", place),
                    role,
                    given,
                    de="keine Rolle, die ein Partner geben darf",
                    en="no role that a partner may give",
                )
        if partner.oidc:
            yield from _objections_to_rules(partner, partner.oidc, (*path, "oidc"))
            yield from _objections_to_login(partner.oidc, (*path, "oidc"), demo=demo)


def _objections_to_rules(partner: Partner, oidc: Oidc, path: Path) -> Iterator[Finding]:
    seen = set()
    for place, rule in enumerate(oidc.rules):
        if rule.role not in partner.ceiling:
            yield unknown(
                (*path, "rules", place, "role"),
                rule.role,
                partner.ceiling,
                de="über der Obergrenze dieses Partners",
                en="above the ceiling of this partner",
            )
        if (rule.value, rule.role) in seen:
            yield twice((*path, "rules", place), rule.value)
        seen.add((rule.value, rule.role))
    if oidc.rules and not oidc.groups_claim:
        yield Finding(
            (*path, "groups_claim"),
            "Regeln brauchen den Namen der Angabe, in der die Gruppen stehen.",
            "Rules need the name of the claim that holds the groups.",
            '"groups"',
        )
    subs = [person.sub for person in oidc.demo_people]
    for place, sub in enumerate(subs):
        if sub in subs[:place]:
            yield twice((*path, "demo_people", place, "sub"), sub)


def _objections_to_login(oidc: Oidc, path: Path, *, demo: bool) -> Iterator[Finding]:
    if oidc.is_demo and not demo:
        yield Finding(
            (*path, "issuer"),
            f"{DEMO_IDP} gibt es nur in der Demo.",
            f"{DEMO_IDP} exists in the demo only.",
            '"https://…"',
        )
    if oidc.auth_method == "client_secret_basic" and oidc.secret_env is None:
        yield Finding(
            (*path, "secret_env"),
            "Hier fehlt „secret_env“: die Variable mit dem Geheimnis, das nie vererbt wird.",
            "“secret_env” is missing here: the variable with the secret, which is never inherited.",
            '"QUARTIER_IDP_PARTNER"',
        )
    if oidc.auth_method == "private_key_jwt" and oidc.secret_env is not None:
        yield Finding(
            (*path, "secret_env"),
            "Mit eigenem Schlüssel (private_key_jwt) gibt es kein Geheimnis.",
            "With a key of one's own (private_key_jwt) there is no secret.",
            "client_secret_basic",
        )
    if "openid" not in oidc.scope:
        yield Finding(
            (*path, "scope"),
            "Ohne „openid“ ist es keine Anmeldung.",
            "Without “openid” it is no sign-in.",
            '["openid", …]',
        )
