"""Pictures of some rooms, one of each kind: drawn, and put up by the manager in the first week."""

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from quartier.spaces.photos.actions import add_photo
from quartier.spaces.photos.words import PURPOSE, Described
from quartier_demo.drawn import LOOKS, Look, handed_in, room
from quartier_demo.story import Event, World


def events(world: World) -> Iterator[Event]:
    assert world.blueprint is not None
    kinds: set[str] = set()
    for key, space in world.blueprint.spaces.items():
        if space.kind not in LOOKS or space.kind in kinds:
            continue
        kinds.add(space.kind)
        at = world.begins + timedelta(days=2, minutes=5 * len(kinds))
        names = (space.name_de, space.name_en or space.name_de)
        yield Event(at, functools.partial(_put_up, world, world.spaces[key], LOOKS[space.kind], names, at))


async def _put_up(world: World, space: UUID, look: Look, names: tuple[str, str], at: datetime) -> None:
    desk = world.staff("manager", at)
    file = await handed_in(desk, PURPOSE, "raum.png", room(look))
    de, en = names
    said = Described(f"Zeichnung: {de}, {look.de}.", f"Drawing: {en}, {look.en}.")
    await add_photo(desk, space, file, said)
