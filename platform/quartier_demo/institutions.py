"""The institutions of the practice provider: who is there, which sites know it, and what it tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.blueprint.shape.access import DEMO_IDP, DemoPerson, Oidc, Partner
from quartier.tenancy.realm import Realm

PRACTICE = "uebung"
"""Slug of the provider by which everybody of the demo may come who has no institution of her own."""


@dataclass(frozen=True, slots=True)
class Client:
    """A site as an institution knows it. `keys` are its public JWKs, for private_key_jwt."""

    id: str
    host: str
    slug: str
    auth_method: str
    secret: str | None = field(repr=False)
    algorithm: str
    claims_from: str
    groups_claim: str
    par: str
    scope: tuple[str, ...]
    sure: Mapping[str, Any]
    origin: str
    keys: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/auth/oidc/{self.slug}/callback"


@dataclass(frozen=True, slots=True)
class Person:
    sub: str
    name: str
    email: str
    groups: tuple[str, ...] = ()
    what: str = ""


@dataclass(slots=True)
class Institution:
    """One issuer: `key` is its part of the address."""

    key: str
    name: str
    people: dict[str, Person] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)


def practice(realm: Realm) -> Partner:
    """The demo's own way in: everybody of the realm by one click, with a second factor promised."""
    return Partner(
        name_de="Vorführung: alle Personen",
        name_en="Demo: everybody",
        kind="association",
        ceiling=(),
        oidc=Oidc(
            issuer=f"{DEMO_IDP}/{PRACTICE}-{realm.slug}",
            client_id=f"quartier-{realm.slug}",
            auth_method="private_key_jwt",
            scope=("openid", "profile"),
            algorithms=("ES256",),
            par="never",
            claims_from="id_token",
            groups_claim="",
            required_claims={},
            auto_approve=False,
            second_factor=True,
            max_age_seconds=0,
            state="active",
        ),
    )


def declared(
    sites: Mapping[str, SiteBlueprint], origins: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, Institution]:
    """The institutions that the folders of the sites declare, by key; `origins` by the site's slug."""
    found: dict[str, Institution] = {}
    for site in sites.values():
        for slug, partner in site.partners.items():
            if partner.oidc is None or not partner.oidc.is_demo or site.slug not in origins:
                continue
            key = partner.oidc.issuer.removeprefix(f"{DEMO_IDP}/")
            one = found.setdefault(key, Institution(key, partner.name_de))
            client = client_of(partner.oidc, slug, origins[site.slug], secrets)
            one.clients[client.id] = client
            for person in partner.oidc.demo_people:
                one.people[person.sub] = _person(person)
    return found


def client_of(oidc: Oidc, slug: str, origin: str, secrets: Mapping[str, str]) -> Client:
    return Client(
        id=oidc.client_id,
        host=str(urlsplit(origin).hostname),
        slug=slug,
        auth_method=oidc.auth_method,
        secret=secrets.get(oidc.secret_env or ""),
        algorithm=oidc.algorithms[0],
        claims_from=oidc.claims_from,
        groups_claim=oidc.groups_claim,
        par=oidc.par,
        scope=oidc.scope,
        sure=dict(oidc.required_claims),
        origin=origin,
    )


def secret_names(sites: Mapping[str, SiteBlueprint]) -> set[str]:
    """The variables in which the sites look for a partner's secret."""
    all_of = (partner.oidc for site in sites.values() for partner in site.partners.values())
    return {oidc.secret_env for oidc in all_of if oidc is not None and oidc.secret_env}


def _person(person: DemoPerson) -> Person:
    return Person(person.sub, person.name, str(person.email), person.groups)
