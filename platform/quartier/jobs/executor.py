"""How one job ends: done, tried again later, or held for a person. Error texts carry places, never values."""

import asyncio
import traceback
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job
from pgqueuer.ports.driver import Driver

from quartier.database.constraints import translate
from quartier.jobs.kinds import House
from quartier.jobs.perform import Order, Unfit, perform
from quartier.kit.refusal import Refused

ATTEMPTS = 6  # after the first: 30 s, 90 s, 4.5 min, 13.5 min, 40.5 min, 1 h
PICKS = 5
# A worker that dies says nothing, so such picks are counted here: those since somebody last put the job back.
_PICKS = """
select count(*) as n from jobs.pgqueuer_log
where job_id = $1 and status = 'picked' and id > coalesce((
  select max(id) from jobs.pgqueuer_log where job_id = $1 and status = 'queued'), 0)"""


class JobHeld(Exception):
    """Nothing will happen by itself any more; the text says where it failed."""


@dataclass(frozen=True, slots=True)
class Failure:
    text: str
    final: bool = False
    at_once: bool = False


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many repetitions.

    >>> [delay_after(n).total_seconds() for n in range(6)]
    [30.0, 90.0, 270.0, 810.0, 2430.0, 3600.0]
    """
    return timedelta(seconds=min(30 * int(3**attempts), 3600))


class InItsRealm(AbstractEntrypointExecutor):
    """Runs a job through `perform()` and decides what its failure means."""

    def __init__(self, parameters: EntrypointExecutorParameters, house: House, driver: Driver) -> None:
        super().__init__(parameters)
        self.house, self.driver = house, driver

    async def execute(self, job: Job, context: Context) -> None:
        failure = await self._failure_of(job)
        if failure is None:
            return
        structlog.get_logger().warning(
            "job_failed", job=job.id, kind=job.entrypoint, attempt=job.attempts, error=failure.text
        )
        # Raised outside of any `except`: the queue stores the whole chain, and drivers' texts name people.
        if failure.final or job.attempts >= ATTEMPTS:
            raise JobHeld(failure.text)
        raise RetryRequested(timedelta() if failure.at_once else delay_after(job.attempts), failure.text)

    async def _failure_of(self, job: Job) -> Failure | None:
        try:
            [row] = await self.driver.fetch(_PICKS, job.id)
            if int(str(row["n"])) >= PICKS:
                return Failure("WorkerDied: picked five times, and no worker came back", final=True)
            await perform(self.house, Order(int(job.id), job.entrypoint, job.payload))
        except Unfit as error:
            return Failure(type(error).__name__, final=True)
        except asyncio.CancelledError:
            # Told to stop: the queue would forget a cancelled job, so it is put back instead.
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            return Failure("WorkerStopped", at_once=True)
        except Exception as error:
            return Failure(place_of(error))
        return None


def place_of(error: BaseException) -> str:
    """Say what failed where, without the error's own text: it may name people and addresses."""
    codes = ""
    if isinstance(error, Refused):
        codes = f" {error}"
    elif known := translate(error):
        codes = f" {known.code}"
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__}{codes} at {places}"
