"""Who the site is: name, hosts, address, area, colours, mail, and which rooms of the house it uses."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, field

from quartier.tenancy.blueprint.measures import (
    Colour,
    Count,
    EnvName,
    File,
    Host,
    Key,
    Language,
    Mail,
    Positive,
    Postcode,
    Prefix,
    Text,
)
from quartier.tenancy.blueprint.shape.base import Table


class Hosts(Table, frozen=True, kw_only=True):
    """The names under which a realm answers: lower case, without port."""

    primary: Host
    demo: Host
    aliases: tuple[Host, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        return (self.primary, self.demo, *self.aliases)


class Address(Table, frozen=True, kw_only=True):
    street: Text
    postcode: Postcode
    town: Text
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Contact(Table, frozen=True, kw_only=True):
    mail: Mail
    phone: str = ""


class Area(Table, frozen=True, kw_only=True):
    """Where seats are eligible, and what the comparison divides by."""

    districts: tuple[Text, ...]
    postcodes: tuple[Postcode, ...]
    residents: Positive
    floor_m2: Positive


class Identity(Table, frozen=True, kw_only=True):
    """`[site]`. `city` is the slug of the realm that compares; `languages` begins with the leading one."""

    name_de: Text
    name_en: Text | None = None
    short_de: Text
    city: Key
    opened_on: date
    zone: Text
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]
    currency: Literal["EUR"]
    number_prefix: Prefix
    operator_de: Text
    granting_authority_de: Text
    hosts: Hosts
    address: Address
    contact: Contact
    area: Area

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Brand(Table, frozen=True, kw_only=True):
    """The accent is the only colour a site chooses freely; text on it keeps a contrast of 4.5."""

    accent: Colour
    on_accent: Colour
    accent_dark: Colour
    on_accent_dark: Colour
    ground: Colour
    mark: File
    strapline_de: Text
    strapline_en: Text | None = None


class Post(Table, frozen=True, kw_only=True):
    """`[mail]`. `smtp_env` names the environment variable, never the secret itself."""

    from_name_de: Text
    sender: Mail = field(name="from")
    reply_to: Mail
    smtp_env: EnvName
    wait_seconds: Count
    max_attempts: Positive


class Modules(Table, frozen=True, kw_only=True):
    members: bool
    spaces: bool
    programme: bool
    advice: bool
    network: bool
    grants: bool
    insight: bool

    @property
    def on(self) -> frozenset[str]:
        return frozenset(name for name in self.__struct_fields__ if getattr(self, name))
