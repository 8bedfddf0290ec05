"""The figures of the months that are over, as each month's own job would have published them."""

import functools
from collections.abc import Iterator
from datetime import date, datetime, time

from quartier.insight.actions import tally
from quartier_demo.story import Event, World

NIGHT = time(4, 10)


def events(world: World) -> Iterator[Event]:
    for at in _nights(world):
        yield Event(at, functools.partial(tally, world.house(at)), "worker")


def _nights(world: World) -> Iterator[datetime]:
    """The first night of each month since the opening, and the last one."""
    first = world.begins.astimezone(world.realm.zone).date()
    month, today = date(first.year, first.month, 1), world.today.astimezone(world.realm.zone).date()
    while (month := date(month.year + month.month // 12, month.month % 12 + 1, 1)) < today:
        yield world.on(month, NIGHT)
    yield world.on(today, NIGHT)
