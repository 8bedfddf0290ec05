"""Whether partners can sign in: what is wrong with a provider's row, or with what it publishes, each by itself."""

import asyncio
from collections.abc import Iterator

from quartier.access.partners import queries
from quartier.access.partners.metadata import ASYMMETRIC, Document, Issuers, listed, objections
from quartier.access.partners.words import LoginFailed, Provider
from quartier.access.permissions import ROLES
from quartier.kit.spoken import Words
from quartier.tenancy.desk import Desk


async def findings(desk: Desk, issuers: Issuers, *, closed: bool = False) -> list[tuple[str, Words]]:
    """What keeps the people of active providers from coming in, by the provider's slug; empty when nothing does.

    With `closed` also of drafts and paused ones, for who wants to open them.
    """
    known = [each for each in await queries.providers(desk) if closed or each.state == "active"]
    keys = bool(await queries.signing_keys(desk))
    told = await asyncio.gather(*(_of(each, issuers, has_key=keys) for each in known))
    return [(provider.slug, words) for provider, found in zip(known, told, strict=True) for words in found]


async def _of(provider: Provider, issuers: Issuers, *, has_key: bool) -> list[Words]:
    found = list(objections_to_row(provider, has_key=has_key))
    try:
        issuer = issuers.of(provider.issuer)
        document = await issuer.published()  # a copy would serve while the provider is away
        said = list(objections_to_document(provider, document, loopback=issuers.loopback))
        found += said
        if not said:
            await issuer.keys_at(document)
    except LoginFailed as failed:
        found.append(_AWAY if failed.away else _WRONG)
    return found


_AWAY = Words(
    "Der Anbieter antwortet nicht. Bitte die Adresse prüfen und die Einrichtung fragen.",
    "The provider does not answer. Please check the address, and ask the institution.",
)
_WRONG = Words(
    "Was der Anbieter über sich veröffentlicht, passt nicht zu dieser Adresse oder fehlt zum Teil.",
    "What the provider publishes about itself does not fit this address, or parts of it are missing.",
)


def objections_to_row(provider: Provider, *, has_key: bool) -> Iterator[Words]:
    """What the row itself lacks."""
    if provider.auth_method == "client_secret_basic" and not provider.secret:
        yield Words(
            "Das Geheimnis fehlt oder ist nicht mehr lesbar.", "The secret is missing, or cannot be read any more."
        )
    if provider.auth_method == "private_key_jwt" and not has_key:
        yield Words("Es gibt noch keinen eigenen Schlüssel.", "There is no key of our own yet.")
    for _, role in provider.rules:
        if role not in ROLES:
            yield Words(
                "Eine Regel nennt die unbekannte Rolle „{role}“.",
                "A rule names the unknown role “{role}”.",
                {"role": role},
            )
        elif role not in provider.ceiling:
            yield Words(
                "Eine Regel gibt „{role}“, das über der Obergrenze liegt.",
                "A rule gives “{role}”, which is above the ceiling.",
                {"role": role},
            )


def objections_to_document(provider: Provider, document: Document, *, loopback: bool) -> Iterator[Words]:
    """What of the published document does not go together with the row."""
    for name in objections(document, provider.issuer, loopback=loopback):
        yield Words(
            "Was der Anbieter als „{name}“ veröffentlicht, passt nicht.",
            "What the provider publishes as “{name}” does not fit.",
            {"name": name},
        )
    said = listed(document, "id_token_signing_alg_values_supported", ("RS256",))
    if not any(each in said and each in ASYMMETRIC for each in provider.algorithms):
        yield Words("Kein gemeinsames Signaturverfahren.", "No signature algorithm in common.")
    if provider.par == "always" and "pushed_authorization_request_endpoint" not in document:
        yield Words(
            "Der Anbieter nimmt keine vorab gesendeten Anfragen (PAR).", "The provider takes no pushed requests (PAR)."
        )
    if provider.claims_from == "userinfo" and "userinfo_endpoint" not in document:
        yield Words("Der Anbieter hat kein Userinfo.", "The provider has no userinfo.")
