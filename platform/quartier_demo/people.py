"""People of a realm: the team, partners, neighbours, and who may do what."""

import functools
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from quartier.access.roles.actions import grant_role
from quartier.kit.ids import new_id
from quartier.kit.text import sort_key
from quartier.members.actions import open_membership
from quartier_demo.shape import Person
from quartier_demo.story import Event, World

ROLES_GIVEN = timedelta(days=17)  # before today
ROLES_LAST = timedelta(days=365)
NINE = time(9)

# No verb makes a person yet: they will come by login and invitation.
_PERSON = """
insert into app.person (tenant_id, id, name, sort_key, email, language, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)"""


def events(world: World) -> Iterator[Event]:
    """Everybody comes, before anybody acts; those of an organisation on the day it comes."""
    for person in world.tale.people.people:
        yield Event(world.begins, functools.partial(_arrive, world, person, world.begins))
    for name in world.tale.people.neighbours:
        yield Event(world.begins, functools.partial(_arrive, world, Person(name=name), world.begins))
    for body in world.tale.organisations.values():
        seen = world.on(body.seen, NINE)
        for belonging in body.people:
            yield Event(seen, functools.partial(_arrive, world, Person(name=belonging.name), seen))
    for name, plan in world.holders():
        since = world.begins + timedelta(days=7)
        yield Event(since, functools.partial(_give_pass, world, name, plan, since))


def roles(world: World) -> Iterator[Event]:
    """Who may do what, as confirmed lately; after the calls, since a juror's grant is bound to one."""
    given = max(world.begins, world.today - ROLES_GIVEN)
    for person in world.tale.people.people:
        for role in person.roles:
            yield Event(given, functools.partial(_grant, world, person, role, given))


async def _arrive(world: World, person: Person, at: datetime) -> None:
    if person.name in world.people:
        return  # of two organisations
    desk, made = world.house(at), new_id()
    address = person.email or _invented(person.name)
    facts = (person.name, sort_key(person.name), address, person.language, person.state)
    async with desk.transaction() as ledger:
        await desk.fetch(_PERSON, desk.tenant_id, made, *facts, at)
        ledger.note("person.entered", made)
    world.people[person.name] = made


def _invented(name: str) -> str:
    """A mailbox that cannot be anywhere (RFC 2606).

    >>> _invented("Selma Yıldız-Böhm")
    'selma.y.ld.z.bohm@mail.example'
    """
    return ".".join(re.findall(r"[a-z0-9]+", sort_key(name))) + "@mail.example"


async def _give_pass(world: World, name: str, plan: str, at: datetime) -> None:
    await open_membership(world.staff("manager", at), world.plans[plan], person=world.people[name])


async def _grant(world: World, person: Person, role: str, at: datetime) -> None:
    bound_to = world.calls.get(person.jury_for) if role == "jury" and person.jury_for else None
    until = at + ROLES_LAST
    await grant_role(world.house(at), world.people[person.name], role, until=until, bound_to=bound_to, source="demo")
