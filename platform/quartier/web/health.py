"""Alive, and ready: for load balancers and whoever watches. Names what is wrong, never where it is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from quartier.database.engine import DB
from quartier.database.faults import IsolationError, Unavailable
from quartier.database.pulse import pulse

SKEW = 60.0  # seconds: the life of a signed context

FailedJobs = Callable[[], Awaitable[int]]


@dataclass(slots=True)
class Health:
    """What the process knows of itself. `walls` is what the catalog lint found at the start."""

    walls: Sequence[str] = ()
    hearing: Callable[[], bool] = lambda: True
    failed_jobs: FailedJobs | None = None

    async def ready(self) -> tuple[bool, bytes]:
        """Ask every power's pool, compare the clocks; give whether requests may come, and the report."""
        powers = list(DB.powers)
        pulses = await asyncio.gather(*(_pulse(power) for power in powers))
        checks: dict[str, str | int] = {
            f"database.{power}": said for power, (said, _) in zip(powers, pulses, strict=True)
        }
        ready = all(said == "ok" for said, _ in pulses)
        skew = max((abs(ahead) for _, ahead in pulses if ahead is not None), default=None)
        if skew is not None:
            checks["clock"] = "ok" if skew < SKEW else f"{skew:.0f} s apart"
            ready &= skew < SKEW
        checks["walls"] = f"{len(self.walls)} broken" if self.walls else "ok"
        ready &= not self.walls
        # Without notices everything still works, a breath later: no reason to send nobody here.
        checks["notices"] = "ok" if self.hearing() else "deaf"
        if self.failed_jobs is not None and ready:
            try:
                checks["failed_jobs"] = await self.failed_jobs()
            except Unavailable:
                checks["failed_jobs"] = "unknown"
        return ready, msgspec.json.encode({"ready": ready, "checks": checks})


async def _pulse(power: str) -> tuple[str, float | None]:
    try:
        return "ok", await pulse(DB, power)
    except (Unavailable, IsolationError):
        return "away", None
