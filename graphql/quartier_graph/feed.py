"""What the database notified, for those of the same realm who wait for it. Notices hold ids only."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

WAITING = 200  # notices a slow listener may fall behind before it has to begin anew


class FellBehind(Exception):
    """The listener missed notices: too slow, or the line to the database was cut. It reads anew and listens again."""


class Feed:
    """Hands notices `tenant:id` of one channel to the listeners of that tenant."""

    def __init__(self) -> None:
        self._queues: dict[UUID, set[asyncio.Queue[UUID | None]]] = {}

    def told(self, payload: str | None) -> None:
        """Take a notice; None says that some may have been missed."""
        if payload is None:
            for queues in self._queues.values():
                for queue in queues:
                    _put(queue, None)
            return
        with contextlib.suppress(ValueError):
            tenant, _, key = payload.partition(":")
            for queue in self._queues.get(UUID(tenant), ()):
                _put(queue, UUID(key))

    @contextlib.contextmanager
    def listening(self, tenant: UUID) -> Iterator[AsyncIterator[UUID]]:
        queue: asyncio.Queue[UUID | None] = asyncio.Queue(WAITING)
        self._queues.setdefault(tenant, set()).add(queue)
        try:
            yield _each(queue)
        finally:
            self._queues[tenant].discard(queue)
            if not self._queues[tenant]:
                del self._queues[tenant]


def _put(queue: asyncio.Queue[UUID | None], key: UUID | None) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        key = None
    queue.put_nowait(key)


async def _each(queue: asyncio.Queue[UUID | None]) -> AsyncIterator[UUID]:
    while True:
        key = await queue.get()
        if key is None:
            raise FellBehind
        yield key


BOOKINGS_CHANNEL = "quartier_booking"  # what spaces tells
BOOKINGS = Feed()
