"""Fixed chance: the same ids and the same people drawn on every first start."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from random import Random
from uuid import UUID

from quartier.kit.ids import shaped

FIRST = int(datetime(2025, 9, 1, tzinfo=UTC).timestamp() * 1000)


def chance(*seed: str) -> Random:
    """A source that gives the same numbers for the same words."""
    return Random("/".join(seed))  # invented people need no secrecy


def ids(*seed: str) -> Callable[[], UUID]:
    """A stream of UUIDv7, a millisecond apart.

    >>> [str(next_id())[:13] for next_id in [ids("west")] for _ in range(2)]
    ['019902c7-8800', '019902c7-8801']
    """
    random, moments = chance("ids", *seed), count(FIRST)
    return lambda: shaped(next(moments), random.randbytes(10))
