"""A queue really running: kinds of the test's own, a loop that is started and stopped, jobs looked at as they end."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from world import Site

from quartier.access.permissions import EVERY
from quartier.database.engine import Address
from quartier.jobs.kinds import House, Kind, Work
from quartier.jobs.queue import Loop, working
from quartier.kit.moments import Clock

_count = itertools.count(1)
LAST = """
select status::text, traceback ->> 'exception_message' as error from jobs.pgqueuer_log where job_id = $1 order by id"""


@dataclass
class Queue:
    """One kind of job under a name of the test's own, so that no other test's loop takes it."""

    address: Address
    administrator: Any
    kind: str = field(default_factory=lambda: f"test.{next(_count)}")

    def house(self, work: Work, power: Any = "worker") -> House:
        return House({self.kind: Kind(work, power)}, EVERY, Clock(timedelta(days=1)))

    @contextlib.asynccontextmanager
    async def working(self, work: Work, power: Any = "worker", **how: Any) -> AsyncIterator[Loop]:
        quick = {"poll": timedelta(seconds=0.3), "pause": 0.1, **how}
        async with working(self.address, self.house(work, power), calendar=(), **quick) as loop:
            yield loop

    async def put(self, site: Site, *, once: str | None = None, **args: Any) -> int:
        """Leave a job as the site's desk does; give its number."""
        desk = site.desk()
        with site.speaking():
            async with desk.transaction():
                await desk.later(self.kind, once=once, **args)
        return await self.newest()

    async def newest(self) -> int:
        found: int = await self.administrator.fetchval(
            "select max(id) from jobs.pgqueuer where entrypoint = $1", self.kind
        )
        return found

    async def forge(self, payload: bytes | None, number: int | None = None) -> int:
        """Write a row as somebody could who got hold of the queue's own login."""
        await self.administrator.execute(
            "insert into jobs.pgqueuer (id, priority, entrypoint, payload, status) "
            "values (coalesce($3, nextval('jobs.pgqueuer_id_seq')), 0, $1, $2, 'queued')",
            self.kind,
            payload,
            number,
        )
        return number if number is not None else await self.newest()

    async def history(self, job: int) -> list[str]:
        return [row["status"] for row in await self.administrator.fetch(LAST, job)]

    async def error(self, job: int) -> str:
        return str((await self.administrator.fetch(LAST, job))[-1]["error"])

    async def ended(self, job: int) -> str:
        """Wait until the job succeeded or is held; say which."""
        async with asyncio.timeout(20):
            while True:
                history = await self.history(job)
                if history and history[-1] in {"successful", "failed", "exception", "canceled"}:
                    return history[-1]
                await asyncio.sleep(0.05)

    async def ended_after(self, job: int, word: str) -> str:
        """The same, counted from the last time that the job was `word`."""
        await self.until(lambda: self._goes_on(job, word))
        return (await self.history(job))[-1]

    async def _goes_on(self, job: int, word: str) -> bool:
        history = await self.history(job)
        return word in history and history[-1] in {"successful", "failed"} and history[-2:] != [word, "failed"]

    async def until(self, ask: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(20):
            while True:
                if await ask():
                    return
                await asyncio.sleep(0.05)
