"""Opening realms: a city, its sites, their rows in the directory, and the anchor that everything else refers to.

The directory is the administrator's; a realm's own rows are written as its worker, behind its walls. A site is
suspended until all of its rows stand, and they come in one transaction: a cut leaves a name and nothing else, and
opening again goes on from there.
"""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from quartier.kit.ids import new_id
from quartier.tenancy.blueprint import CityBlueprint, SiteBlueprint, as_data
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences
from quartier.tenancy.realm import Realm
from quartier.tenancy.setting import put_setting, setting

CITY_PREFIX = "CITY"  # a city numbers nothing; the anchor wants a prefix
# Tables of a blueprint that become a setting each, and what of [site] has no column.
TABLES = ("brand", "mail", "modules", "legal", "privacy", "retention", "roles", "opening")
IDENTITY = ("operator_de", "granting_authority_de", "address", "contact", "area")

_CITY = "insert into city.city (id, slug, name) values ($1, $2, $3)"
_CITY_KEY = "select sec.put_city_key($1, $2)"
_AID_LOCK = "insert into city.aid_lock (city_id) values ($1)"
_CITY_OF = "select id from city.city where slug = $1"
_REALM = """
insert into city.tenant (id, city_id, kind, slug, name, zone, host, state)
values ($1, $2, $3, $4, $5, $6, $7, 'suspended')"""
_REALMS = "select id, city_id, kind, slug, name, host, state, zone from city.tenant"
_STATE = "update city.tenant set state = $2 where id = $1"
_ANCHOR = """
insert into app.site (tenant_id, slug, name_de, name_en, short_de, zone, number_prefix, languages, opened_on,
                      contact_mail, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""
_ANCHORED = "select 1 from app.site where tenant_id = $1"
_FACTS = """
select name_de, name_en, short_de, zone, number_prefix, languages, opened_on, contact_mail from app.site
where tenant_id = $1"""


class OpeningRefused(RuntimeError):
    """Why a site is not opened, or not found; the text is for whoever runs the installation."""


class SiteExists(OpeningRefused):
    def __init__(self, slug: str) -> None:
        super().__init__(
            f"{slug} is open already. Its rows are what counts now, not the blueprint: "
            f"`./quartier site drift {slug}` shows where the two differ."
        )


class HostTaken(OpeningRefused):
    def __init__(self, host: str, slug: str) -> None:
        super().__init__(f"The host {host} leads to {slug} already. Choose another one under [site.hosts].")


class NotFurnished(OpeningRefused):
    def __init__(self, slug: str) -> None:
        super().__init__(f"The opening of {slug} was cut off: run `./quartier site open` with its folder again.")


class SiteUnknown(OpeningRefused):
    def __init__(self, slug: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no site {slug} here. There are: {', '.join(known) or 'none'}.")


# -- the directory: the administrator's connection ----------------------------------------------------
async def realms(administrator: Any) -> tuple[Realm, ...]:
    """The directory as it stands: cities before their sites."""
    rows = await administrator.fetch(f"{_REALMS} order by city_id, kind, slug")
    return tuple(Realm(**{**row, "zone": ZoneInfo(row["zone"])}) for row in rows)


async def site_of(administrator: Any, slug: str) -> Realm:
    """A site by its lasting name. Raises SiteUnknown."""
    sites = [realm for realm in await realms(administrator) if realm.kind == "site"]
    for realm in sites:
        if realm.slug == slug:
            return realm
    raise SiteUnknown(slug, tuple(realm.slug for realm in sites))


async def enter_city(administrator: Any, blueprint: CityBlueprint, *, host: str) -> Realm:
    """Write the city with its realm, or find it. Its key for marks is made here and never leaves the database.

    Raises HostTaken.
    """
    async with administrator.transaction():
        known = {realm.slug: realm for realm in await realms(administrator)}
        if found := known.get(blueprint.slug):
            return found
        city = await administrator.fetchval(_CITY_OF, blueprint.slug) or new_id()
        await administrator.execute(_CITY, city, blueprint.slug, blueprint.name_de)
        await administrator.execute(_CITY_KEY, city, secrets.token_bytes(32))
        await administrator.execute(_AID_LOCK, city)
        realm = Realm(new_id(), city, "city", blueprint.slug, blueprint.name_de, host, "suspended", blueprint.zone_info)
        return await _enter(administrator, realm)


async def enter_site(administrator: Any, city: Realm, blueprint: SiteBlueprint, *, host: str) -> Realm:
    """Write a site into the directory, suspended; one that an interrupted opening left is found again.

    Raises SiteExists when its rows stand already, HostTaken.
    """
    async with administrator.transaction():
        known = {realm.slug: realm for realm in await realms(administrator)}
        if found := known.get(blueprint.slug):
            if found.kind == "city" or await administrator.fetchval(_ANCHORED, found.id):
                raise SiteExists(blueprint.slug)
            return found
        name, zone = blueprint.site.name_de, blueprint.site.zone_info
        realm = Realm(new_id(), city.city_id, "site", blueprint.slug, name, host, "suspended", zone)
        return await _enter(administrator, realm)


async def demand_furnished(administrator: Any, realm: Realm) -> None:
    """A site without rows has no doors to open. Raises NotFurnished."""
    if not await administrator.fetchval(_ANCHORED, realm.id):
        raise NotFurnished(realm.slug)


async def set_state(administrator: Any, realm: Realm, state: Literal["open", "suspended"]) -> None:
    """Open or close a realm's doors; every process hears it at once."""
    await administrator.execute(_STATE, realm.id, state)


async def _enter(administrator: Any, realm: Realm) -> Realm:
    for other in await realms(administrator):
        if other.host == realm.host:
            raise HostTaken(realm.host, other.slug)
    facts = (realm.id, realm.city_id, realm.kind, realm.slug, realm.name, realm.zone.key, realm.host)
    await administrator.execute(_REALM, *facts)
    return realm


# -- the realm's own rows: its worker -----------------------------------------------------------------
async def anchor_city(desk: Desk, blueprint: CityBlueprint) -> None:
    """Write what the city's pages show of it, unless it stands; in the open transaction."""
    if await desk.fetch(_ANCHORED, desk.tenant_id):
        return
    await desk.fetch(
        _ANCHOR,
        desk.tenant_id,
        blueprint.slug,
        blueprint.name_de,
        blueprint.name_en,
        blueprint.name_de,
        blueprint.zone,
        CITY_PREFIX,
        list(blueprint.languages),
        None,
        None,
        desk.now,
    )
    since = desk.now.astimezone(desk.zone).date()
    await put_setting(desk, "brand", as_data(blueprint.brand), valid_from=since)


async def furnish(desk: Desk, blueprint: SiteBlueprint, texts: Mapping[str, str]) -> None:
    """Write the anchor and the settings that belong to the whole house; in the open transaction.

    `texts` are the legal pages in Markdown by key.
    """
    await desk.fetch(
        _ANCHOR,
        desk.tenant_id,
        blueprint.slug,
        *_anchor(blueprint).values(),
        desk.now,
    )
    today = desk.now.astimezone(desk.zone).date()
    # A site that is prepared before its opening day needs its settings today.
    since = min(blueprint.site.opened_on, today)
    for key, value in _settings(blueprint).items():
        await put_setting(desk, key, value, valid_from=since)
    await put_setting(desk, "legal_texts", dict(texts), valid_from=since)


async def drift(desk: Desk, blueprint: SiteBlueprint, texts: Mapping[str, str]) -> list[Difference]:
    """Where the anchor and the house's settings differ from the blueprint; texts are told by their hash."""
    [row] = await desk.fetch(_FACTS, desk.tenant_id)
    found = list(differences("site", {"anchor": _anchor(blueprint)}, {"anchor": dict(row)}))
    declared = {key: _keyed(value) for key, value in _settings(blueprint).items()}
    stored = {key: _keyed(await setting(desk, key)) for key in declared}
    found += differences("settings", declared, stored)
    kept = await setting(desk, "legal_texts") or {}
    found += differences("legal", {"texts": _hashed(texts)}, {"texts": _hashed(kept)})
    return found


def _anchor(blueprint: SiteBlueprint) -> dict[str, object]:
    site = blueprint.site
    return {
        "name_de": site.name_de,
        "name_en": site.name_en,
        "short_de": site.short_de,
        "zone": site.zone,
        "number_prefix": site.number_prefix,
        "languages": list(site.languages),
        "opened_on": site.opened_on,
        "contact_mail": site.contact.mail,
    }


def _settings(blueprint: SiteBlueprint) -> dict[str, Any]:
    """What no room below keeps in rows of its own."""
    whole = json.loads(json.dumps(as_data(blueprint)))  # as it comes back from jsonb: lists, no tuples
    return {
        "identity": {key: whole["site"][key] for key in IDENTITY},
        **{key: whole[key] for key in TABLES},
        "unconfirmed": {"keys": whole["unconfirmed"]},
    }


def _keyed(value: Any) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _hashed(texts: Mapping[str, str]) -> dict[str, object]:
    return {key: sha256(text.encode()).hexdigest()[:16] for key, text in texts.items()}
