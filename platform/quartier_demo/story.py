"""A story: what happened at a site, told in the order of its moments, each by somebody who may do it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from random import Random
from uuid import UUID

from quartier.access.permissions import EVERY, permissions_of
from quartier.database.engine import DB
from quartier.kit.moments import wall
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.blueprint.shape.programme import Programme
from quartier.tenancy.desk import Desk
from quartier.tenancy.realm import Realm
from quartier_demo.draw import chance
from quartier_demo.shape import Organisation, Person, Tale

MEMBER = permissions_of(frozenset({"member"}))
LEAD = permissions_of(frozenset({"member_admin"}))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens. `power` is what it speaks with: `worker` for what only jobs do."""

    at: datetime
    act: Callable[[], Awaitable[object]]
    power: str = "app"


@dataclass
class World:
    """A site while its story is told: who is who, and what has been made, by the names of the files.

    `today` is the moment at which the demo's clock begins.
    """

    realm: Realm
    tale: Tale
    begins: datetime
    today: datetime
    blueprint: SiteBlueprint | None = None
    people: dict[str, UUID] = field(default_factory=dict)
    organisations: dict[str, UUID] = field(default_factory=dict)
    spaces: dict[str, UUID] = field(default_factory=dict)
    plans: dict[str, UUID] = field(default_factory=dict)
    terms: dict[str, UUID] = field(default_factory=dict)
    calls: dict[str, UUID] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        assert self.blueprint is not None
        return self.blueprint.programme

    # -- who speaks ------------------------------------------------------------------------------------
    def house(self, at: datetime) -> Desk:
        return self._desk(at, None, EVERY, frozenset())

    def staff(self, role: str, at: datetime, *, nth: int = 0) -> Desk:
        """The desk of whoever has the role; `nth` where several have."""
        person = self.with_role(role)[nth]
        return self._desk(at, person.name, permissions_of(frozenset(person.roles)), frozenset())

    def lead(self, organisation: str, at: datetime) -> Desk:
        """The desk of an organisation's first person."""
        name = self.tale.organisations[organisation].people[0].name
        own = frozenset({self.organisations[organisation]})
        return replace(self._desk(at, name, LEAD, own), leads=own)

    def herself(self, name: str, at: datetime) -> Desk:
        """The desk of somebody without a task here, with her organisations."""
        own = frozenset(self.organisations[key] for key in self.belongs(name) if key in self.organisations)
        return self._desk(at, name, MEMBER, own)

    def _desk(self, at: datetime, name: str | None, permissions: frozenset[str], own: frozenset[UUID]) -> Desk:
        person = self.people[name] if name else None
        return Desk(realm=self.realm, now=at, person=person, permissions=permissions, own=own, request_id="demo")

    # -- who is who ------------------------------------------------------------------------------------
    def with_role(self, role: str) -> list[Person]:
        return [person for person in self.tale.people.people if role in person.roles]

    def belongs(self, name: str) -> list[str]:
        """The organisations of a person, by key."""
        return [
            key for key, body in self.tale.organisations.items() if any(name == person.name for person in body.people)
        ]

    def holders(self) -> Iterator[tuple[str, str]]:
        """Who has a pass of her own: name and plan."""
        for plan, names in self.tale.people.passes.items():
            for name in names:
                yield name, plan

    def organisation(self, key: str) -> Organisation:
        return self.tale.organisations[key]

    # -- moments ---------------------------------------------------------------------------------------
    def at(self, local: datetime) -> datetime:
        """The instant of a wall time at the site."""
        return wall(local, self.realm.zone)

    def on(self, day: date, hour: time) -> datetime:
        return self.at(datetime.combine(day, hour))

    def chance(self, *seed: str) -> Random:
        return chance(self.realm.slug, *seed)


async def tell(world: World, events: Iterable[Event], progress: Callable[[float], None]) -> int:
    """Let everything happen in its order, up to today; give how much that was."""
    due = sorted((event for event in events if event.at <= world.today), key=lambda event: event.at)
    for done, event in enumerate(due, start=1):
        with DB.speaking(world.realm.id, event.power):
            await event.act()
        progress(done / len(due))
    return len(due)
