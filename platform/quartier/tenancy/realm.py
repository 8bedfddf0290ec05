"""A realm: one site, or the city that compares. Hosts lead to realms, never anything else in a request."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

Kind = Literal["site", "city"]
State = Literal["open", "suspended", "closing"]


@dataclass(frozen=True, slots=True)
class Realm:
    """A row of the directory. `id` is the `tenant_id` of everything in it."""

    id: UUID
    city_id: UUID
    kind: Kind
    slug: str
    name: str
    host: str
    state: State
    zone: ZoneInfo
