"""Ids are made by the application: a sequence would tell how much the neighbours do."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from uuid import UUID

_DRAWN: ContextVar[Callable[[], UUID] | None] = ContextVar("quartier_ids", default=None)


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits.

    >>> new_id().version
    7
    """
    if drawn := _DRAWN.get():
        return drawn()
    stamp = time.time_ns() // 1_000_000
    return shaped(stamp, os.urandom(10))


@contextlib.contextmanager
def drawn_from(stream: Callable[[], UUID]) -> Iterator[None]:
    """Take this task's ids from a stream: the demo's, so that two first starts make equal rows."""
    reset = _DRAWN.set(stream)
    try:
        yield
    finally:
        _DRAWN.reset(reset)


def shaped(milliseconds: int, randomness: bytes) -> UUID:
    """Lay a UUIDv7 out from its two parts; demo and tests give both, so their ids never change."""
    noise = int.from_bytes(randomness[:10])
    value = (milliseconds & (1 << 48) - 1) << 80 | noise
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return UUID(int=value)
