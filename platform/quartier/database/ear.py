"""The ear: one LISTEN connection per process. Notices carry ids only, because anybody may listen."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import asyncpg

from quartier.database.engine import SESSION, Address
from quartier.database.faults import is_away
from quartier.database.speaker import POWERS

Heard = Callable[[str | None], None]
BEAT = 5.0  # seconds between two signs of life; a half-open line shows within twice that


class Ear:
    """Hears what the database notifies, and comes back by itself when the line is cut.

    `hearing` is False while nobody listens: whoever keeps something in memory because of a notice stops
    trusting it then. After each return every listener is called with None: anything may have been missed.
    """

    def __init__(self, address: Address, power: str = "auth", *, pause: float = 0.5) -> None:
        self.address, self.power, self.pause = address, power, pause
        self.hearing = False
        self._listeners: dict[str, list[Heard]] = {}
        self._connection: Any = None
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def hear(self, channel: str, heard: Heard) -> None:
        """Call `heard` for every notice on the channel, in this loop; it returns at once."""
        new = channel not in self._listeners
        self._listeners.setdefault(channel, []).append(heard)
        if new and self.hearing:
            try:
                await self._connection.add_listener(channel, self._told)
            except Exception as error:
                if not is_away(error):
                    raise
                self._lose()  # the next connection listens to it

    def forget(self, channel: str, heard: Heard) -> None:
        """Stop calling; the channel itself stays open until the line is cut."""
        with contextlib.suppress(KeyError, ValueError):
            self._listeners[channel].remove(heard)

    async def start(self) -> None:
        """Begin; returns when it hears, or after the first failure (then it goes on trying)."""
        tried = asyncio.Event()
        self._task = asyncio.create_task(self._live(tried), name="quartier ear")
        await tried.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    # -- life ----------------------------------------------------------------------------------
    async def _live(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._listen(tried)
            except Exception as error:
                if not (is_away(error) or isinstance(error, TimeoutError | asyncpg.PostgresError)):
                    raise
            finally:
                self.hearing = False
                tried.set()
            await asyncio.sleep(self.pause)

    async def _listen(self, tried: asyncio.Event) -> None:
        self._lost.clear()
        connection = await asyncpg.connect(
            **self.address.login(POWERS[self.power].role),
            timeout=5,
            statement_cache_size=0,
            server_settings={**SESSION, "application_name": "quartier ear"},
        )
        try:
            connection.add_termination_listener(lambda _: self._lose())
            for channel in list(self._listeners):
                await connection.add_listener(channel, self._told)
            self._connection, self.hearing = connection, True
            self._all_may_have_changed()
            tried.set()
            while not self._lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._lost.wait(), BEAT)
                    return
                await connection.execute("select 1", timeout=BEAT)
        finally:
            self.hearing, self._connection = False, None
            connection.terminate()

    def _lose(self) -> None:
        self.hearing = False
        self._lost.set()

    def _told(self, connection: Any, pid: int, channel: str, payload: object) -> None:
        for heard in tuple(self._listeners.get(channel, ())):
            heard(str(payload))

    def _all_may_have_changed(self) -> None:
        for listeners in tuple(self._listeners.values()):
            for heard in tuple(listeners):
                heard(None)
