"""Things by their keys: whoever asks in the same breath is answered by one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Running:
    """Statements that are to end before their transaction does.

    When a field fails, graphql-core cancels its siblings. A statement that is cancelled half-way would abort
    the transaction, and an answer that others wait for as well would be lost to them; so a cancelled field
    only stops waiting.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def begin(self, work: Awaitable[V]) -> "asyncio.Future[V]":
        """Start the work; await the future given, behind `asyncio.shield` where it is shared."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end(self, work: Awaitable[V]) -> V:
        return await asyncio.shield(self.begin(work))

    async def settled(self) -> None:
        """Wait for what nobody waits for any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)


class Loader(Generic[K, V]):
    """Loads values by key; `read` answers the keys in their order."""

    def __init__(self, running: Running, read: Callable[[list[K]], Awaitable[Sequence[V]]]) -> None:
        self._running, self._read = running, read
        self._known: dict[K, asyncio.Future[V]] = {}
        self._asked: list[K] = []

    async def load(self, key: K) -> V:
        future = self._known.get(key)
        if future is None:
            loop = asyncio.get_running_loop()
            future = self._known[key] = loop.create_future()
            self._asked.append(key)
            if len(self._asked) == 1:
                loop.call_soon(self._begin)  # once all that are ready have asked
        return await asyncio.shield(future)

    def _begin(self) -> None:
        self._running.begin(self._answer())

    async def _answer(self) -> None:
        keys, self._asked = self._asked, []
        try:
            for key, value in zip(keys, await self._read(keys), strict=True):
                self._known[key].set_result(value)
        except Exception as error:
            for key in keys:
                if not self._known[key].done():
                    self._known[key].set_exception(error)
