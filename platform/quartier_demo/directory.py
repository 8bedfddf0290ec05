"""Who agrees to stand in the directory: each for herself, leads for their organisations; some take it back."""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

from quartier.members.consents.actions import give_consent, withdraw_consent
from quartier.members.consents.words import TEXTS
from quartier.tenancy.desk import Desk
from quartier_demo.shape import Entry
from quartier_demo.story import Event, World

NOON = time(12)
ASKED = timedelta(days=8)  # before today: all agree to the text of today
THOUGHT = timedelta(days=3)  # until somebody takes it back


def events(world: World) -> Iterator[Event]:
    """The house asks everybody on one day; they answer one after the other, whoever came later on the day after."""
    asked = max(world.begins, world.on((world.today - ASKED).date(), NOON))
    entries = [(key, body.directory, body.seen) for key, body in world.tale.organisations.items() if body.directory]
    for n, (key, entry, seen) in enumerate(entries):
        at = max(asked + timedelta(minutes=40 * n), world.on(seen + timedelta(days=1), NOON))
        yield from _answer(world, entry, at, functools.partial(world.lead, key), key)
    for n, (name, entry) in enumerate(world.tale.people.directory.items()):
        at = asked + timedelta(minutes=40 * n + 20)
        yield from _answer(world, entry, at, functools.partial(world.herself, name), None)


def _answer(
    world: World, entry: Entry, at: datetime, desk: Callable[[datetime], Desk], organisation: str | None
) -> Iterator[Event]:
    given: list[UUID] = []

    async def agree() -> None:
        body = world.organisations[organisation] if organisation else None
        text = TEXTS["directory"].version
        made = await give_consent(
            desk(at), "directory", text, organisation=body, audience=entry.audience, line=entry.line
        )
        given.append(made)

    async def take_back() -> None:
        await withdraw_consent(desk(at + THOUGHT), given[0])

    yield Event(at, agree)
    if entry.withdrawn:
        yield Event(at + THOUGHT, take_back)
