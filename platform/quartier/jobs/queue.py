"""The loop: pgqueuer hands out what `jobs.put()` left, as quartier_queue; each job runs in its own realm.

`./quartier work` is `work()`; the demo runs the same loop inside the web process with `working()`.
"""

# ruff: noqa: A005  (the house names this drawer; nobody imports it by its bare name)

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.persistence import qb
from pgqueuer.core.executors import EntrypointExecutorParameters
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.models import Job, Schedule
from pgqueuer.queries import Queries

from quartier.database.engine import SESSION, Address
from quartier.database.faults import is_away
from quartier.jobs.calendar import CALENDAR, Line, put_due
from quartier.jobs.executor import InItsRealm
from quartier.jobs.kinds import House
from quartier.jobs.settings import QUEUE

ROLE = "quartier_queue"
BATCH = 4
KEPT = timedelta(days=30)
_PRUNE = "delete from jobs.pgqueuer_log where created < now() - $1::interval"


def queries(driver: Any) -> Queries:
    """Give pgqueuer's statements with our names: it would take them from the environment else."""
    return Queries(
        driver, qb.QueryBuilderEnvironment(QUEUE), qb.QueryQueueBuilder(QUEUE), qb.QuerySchedulerBuilder(QUEUE)
    )


class Loop:
    """Takes jobs until it is stopped; a lost database is waited for. `DB` has to be started.

    `silence` is after how long a worker that gives no sign of life counts as dead; `poll` is how often the
    loop looks by itself, since a job that is put back sends no notice.
    """

    def __init__(
        self,
        address: Address,
        house: House,
        *,
        calendar: Sequence[Line] = CALENDAR,
        silence: timedelta = timedelta(seconds=30),
        poll: timedelta = timedelta(seconds=5),
        pause: float = 1.0,
    ) -> None:
        self.address, self.house, self.calendar = address, house, calendar
        self.silence, self.poll, self.pause = silence, poll, pause
        self._stopping = asyncio.Event()
        self._life: PgQueuer | None = None
        unknown = {line.kind for line in calendar} - set(house.kinds)
        if unknown:
            raise LookupError(f"the calendar names kinds that nobody does: {sorted(unknown)}")

    async def run(self) -> None:
        """Work until `stop()`; what runs then is finished first."""
        while not self._stopping.is_set():
            try:
                await self._live()
            except Exception as error:
                if not (is_away(error) or isinstance(error, FailingListenerError | TimeoutError)):
                    raise
                structlog.get_logger().warning("queue_lost", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self.pause)

    def stop(self) -> None:
        self._stopping.set()
        if self._life is not None:
            self._life.shutdown.set()

    async def _live(self) -> None:
        """One life: as long as the database answers."""
        pool = await asyncpg.create_pool(
            **self.address.login(ROLE),
            min_size=2,
            max_size=4,
            timeout=10,
            server_settings={**SESSION, "application_name": "quartier queue"},
        )
        try:
            life = self._furnished(AsyncpgPoolDriver(pool))
            self._life = life
            if self._stopping.is_set():
                return
            await life.run(
                dequeue_timeout=self.poll,
                batch_size=BATCH,
                max_concurrent_tasks=2 * BATCH,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=self.silence,
                log_aggregation_interval=timedelta(),  # it wants an advisory lock, which no role of ours has
            )
        finally:
            self._life = None
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    def _furnished(self, driver: AsyncpgPoolDriver) -> PgQueuer:
        life = PgQueuer(driver, channel=QUEUE.channel, queries=queries(driver))

        def executor(parameters: EntrypointExecutorParameters) -> InItsRealm:
            return InItsRealm(parameters, self.house, driver)

        async def nothing(job: Job) -> None:
            """The executor does the work; pgqueuer wants a function to register."""

        for kind in self.house.kinds:
            life.entrypoint(kind, accepts_context=False, on_failure="hold", executor_factory=executor)(nothing)

        async def look(schedule: Schedule) -> None:
            await put_due(self.calendar, self.house.clock.now())
            await driver.execute(_PRUNE, KEPT)

        life.schedule("calendar", "*/5 * * * *", accepts_context=False)(look)
        return life


@contextlib.asynccontextmanager
async def working(
    address: Address, house: House, *, calendar: Sequence[Line] = CALENDAR, patience: float = 10.0, **how: Any
) -> AsyncIterator[Loop]:
    """Run the loop beside something else, as the demo's web process does.

    At the end what runs is given `patience` seconds; then it is put back into the queue.
    """
    loop = Loop(address, house, calendar=calendar, **how)
    task = asyncio.create_task(loop.run(), name="quartier queue")
    try:
        yield loop
    finally:
        loop.stop()
        done, _ = await asyncio.wait({task}, timeout=patience)
        if not done:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def work(address: Address, house: House) -> None:
    """Be `./quartier work`: run until SIGTERM or Ctrl-C. `DB` has to be started with the powers worker and auth."""
    told = asyncio.Event()
    running = asyncio.get_running_loop()
    for word in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(word, told.set)
    try:
        async with working(address, house) as loop:
            await put_due(loop.calendar, house.clock.now())  # not five minutes after the start
            await told.wait()
    finally:
        for word in (signal.SIGTERM, signal.SIGINT):
            running.remove_signal_handler(word)
