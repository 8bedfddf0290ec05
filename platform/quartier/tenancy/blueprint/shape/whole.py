"""A site and a city, whole, as their files declare them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from quartier.tenancy.blueprint.measures import Colour, Key, Language, TargetValue, Text, Year
from quartier.tenancy.blueprint.shape.access import Partner, Role, RoleRules
from quartier.tenancy.blueprint.shape.aid import Erdf, StateAid
from quartier.tenancy.blueprint.shape.base import Table
from quartier.tenancy.blueprint.shape.forms import Form
from quartier.tenancy.blueprint.shape.grants import Fund, Guideline
from quartier.tenancy.blueprint.shape.hours import Closure, Holidays, Hours
from quartier.tenancy.blueprint.shape.identity import Brand, Hosts, Identity, Modules, Post
from quartier.tenancy.blueprint.shape.legal import (
    Indicator,
    Legal,
    Opening,
    Privacy,
    Retention,
    RetentionClass,
)
from quartier.tenancy.blueprint.shape.members import Plan, Tariffs
from quartier.tenancy.blueprint.shape.programme import Advice, Network, Programme
from quartier.tenancy.blueprint.shape.spaces import (
    BookingRules,
    Qualification,
    ResolvedSpace,
    Space,
    resolved,
)

Targets = dict[Indicator, dict[Year, TargetValue]]


class SiteBlueprint(Table, frozen=True, kw_only=True):
    """A site. The keys of its tables are the lasting names, their order is the order on screen."""

    schema: Literal[1]
    slug: Key
    extends: Key | None = None
    unconfirmed: tuple[Text, ...] = ()
    site: Identity
    brand: Brand
    mail: Post
    modules: Modules
    hours: Hours
    holidays: Holidays
    closures: dict[Key, Closure] = {}
    booking: BookingRules
    qualifications: dict[Key, Qualification] = {}
    spaces: dict[Key, Space]
    plans: dict[Key, Plan]
    tariffs: Tariffs
    programme: Programme
    advice: Advice
    network: Network
    funds: dict[Key, Fund] = {}
    guidelines: dict[Key, Guideline] = {}
    state_aid: StateAid
    erdf: Erdf
    forms: dict[Key, Form] = {}
    roles: dict[Role, RoleRules]
    partners: dict[Key, Partner] = {}
    legal: Legal
    privacy: Privacy
    retention: dict[RetentionClass, Retention]
    targets: Targets = {}
    opening: Opening

    def spaces_resolved(self) -> Iterator[ResolvedSpace]:
        """The spaces in the order of the screen, each with the house's booking rules filled in."""
        for position, (key, space) in enumerate(self.spaces.items(), start=1):
            yield resolved(key, position, space, self.booking)

    def space_parts(self) -> Iterator[tuple[str, str]]:
        """Each whole with each of its parts, by key."""
        for whole, space in self.spaces.items():
            for part in space.parts:
                yield whole, part

    def target_rows(self) -> Iterator[tuple[Indicator, int, int]]:
        """Indicator, year, value in the indicator's own unit."""
        for indicator, years in self.targets.items():
            for year, value in years.items():
                yield indicator, year, value

    def site_facts(self) -> dict[str, int]:
        """What figures are divided by; valid from the day the site opened."""
        return {"residents": self.site.area.residents, "floor_m2": self.site.area.floor_m2}

    def exclusions(self) -> frozenset[frozenset[Role]]:
        """Pairs of roles that one person never holds together, whichever of the two names the other."""
        return frozenset(frozenset((role, other)) for role, rules in self.roles.items() for other in rules.excludes)


class CityBrand(Table, frozen=True, kw_only=True):
    accent: Colour
    on_accent: Colour
    accent_dark: Colour
    on_accent_dark: Colour


class CityBlueprint(Table, frozen=True, kw_only=True):
    """The realm that compares its sites and sees figures only."""

    schema: Literal[1]
    slug: Key
    name_de: Text
    name_en: Text | None = None
    zone: Text
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]
    hosts: Hosts
    brand: CityBrand

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def as_data(part: object) -> Any:
    """Give a part of a blueprint as plain data for a jsonb column, under the keys of the file.

    >>> from quartier.tenancy.blueprint.measures import WallHours
    >>> as_data(WallHours("08:00-21:00"))
    '08:00-21:00'
    """
    return msgspec.to_builtins(part, enc_hook=str, str_keys=True)
