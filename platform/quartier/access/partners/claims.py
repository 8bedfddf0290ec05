"""What the claims of a provider mean here: pure, so that every odd value can be tried."""

from collections.abc import Mapping
from typing import Any

from quartier.access.partners.words import Provider, Told
from quartier.access.permissions import CITY_ROLES

LONGEST_NAME = 200
NEVER = CITY_ROLES | {"finance", "site_admin", "member", "member_admin"}  # whatever a row says


def is_of_institution(provider: Provider, told: Told) -> bool:
    """An issuer that many institutions share lets only the named ones in.

    The signed ID token wins over userinfo where both may speak; two different answers are none.
    """
    for name, allowed in provider.required_claims.items():
        if name in told.claims and name in told.info and told.claims[name] != told.info[name]:
            return False
        if provider.claims_from == "userinfo":
            value = told.info.get(name)
        else:
            value = told.claims.get(name, told.info.get(name))
        held = value if isinstance(value, list) else [value]
        if not any(written(each) in allowed for each in held):
            return False
    return True


def written(value: object) -> str | None:
    """A claim's value as rows keep it; None for what is no word, number or truth.

    >>> written("ifl.example"), written(7), written(True), written(["x"])
    ('ifl.example', '7', 'true', None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else None


def roles_of(provider: Provider, told: Told) -> frozenset[str] | None:
    """The roles that the person's groups give here, never beyond the ceiling; None: the provider left them out.

    More groups than fit come as a reference (`_claim_names`, Entra ID): that means unknown, never "no groups".
    """
    wanted = provider.groups_claim
    if not wanted:
        return frozenset()
    for source in (told.info, told.claims):
        elsewhere = source.get("_claim_names")
        if isinstance(elsewhere, Mapping) and wanted in elsewhere:
            return None
    groups = said(provider, told, wanted)
    groups = [groups] if isinstance(groups, str) else groups
    if not isinstance(groups, list):
        return frozenset()
    held = {each for each in groups if isinstance(each, str)}
    return frozenset(role for value, role in provider.rules if value in held) & provider.ceiling - NEVER


def said(provider: Provider, told: Told, name: str) -> Any:
    """A claim from where the provider's row says it comes: userinfo goes first where both may speak."""
    sources = {
        "id_token": (told.claims,),
        "userinfo": (told.info,),
        "either": (told.info, told.claims),
    }[provider.claims_from]
    return next((source[name] for source in sources if name in source), None)


def name_of(provider: Provider, told: Told) -> str:
    """The person's name on one line; where the provider tells none, her number there."""
    name = said(provider, told, "name")
    one_line = " ".join(name.split()) if isinstance(name, str) else ""
    shown = "".join(letter for letter in one_line if letter.isprintable())[:LONGEST_NAME].strip()
    return shown or told.subject[:LONGEST_NAME]


def address_of(provider: Provider, told: Told) -> str | None:
    """Her address in small letters, if the provider swears that it is hers: only the boolean true is an oath."""
    source = told.info if "email" in told.info and provider.claims_from != "id_token" else told.claims
    address = source.get("email")
    if source.get("email_verified") is not True or not isinstance(address, str):
        return None
    address = address.strip().lower()
    good = 3 <= len(address) <= 254 and "@" in address[1:-1] and address.isprintable()
    return address if good else None
