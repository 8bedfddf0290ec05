"""A copy of something far away: fetched by one while all others wait for that one, kept for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from quartier.access.partners.words import LoginFailed

TTL, STALE = 3600.0, 86400.0  # seconds until it is fetched anew; and for which it serves while nobody answers there
BETWEEN = 30.0  # seconds between two fetches that an unknown key forces
BREATH = 5.0  # seconds in which a failure is not tried again: whoever comes next is told at once

T = TypeVar("T")


@dataclass(slots=True)
class Kept(Generic[T]):
    """One document. `ticks` is a clock that only goes forward, in seconds."""

    load: Callable[[], Awaitable[T]]
    ticks: Callable[[], float] = time.monotonic
    copy: T | None = None
    fetched_at: float = float("-inf")
    failed: LoginFailed | None = None
    failed_at: float = float("-inf")
    _loading: "asyncio.Task[None] | None" = None

    async def get(self, *, anew: bool = False) -> T:
        """The copy, or a new one; `anew` wants one younger than half a minute. Raises LoginFailed."""
        age = self.ticks() - self.fetched_at
        if self.copy is not None and age < (BETWEEN if anew else TTL):
            return self.copy
        serves = self.copy if age < STALE else None
        if self.failed is not None and self.ticks() - self.failed_at < BREATH:
            return self._instead(serves, self.failed)
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._fetch())
        try:
            await asyncio.shield(self._loading)  # whoever leaves takes it from nobody
        except LoginFailed as failed:
            return self._instead(serves, failed)
        assert self.copy is not None
        return self.copy

    def _instead(self, serves: T | None, failed: LoginFailed) -> T:
        if failed.away and serves is not None:
            return serves
        raise LoginFailed(failed.reason, away=failed.away)  # its own for each who waited: they carry stacks

    async def _fetch(self) -> None:
        try:
            self.copy = await self.load()
        except LoginFailed as failed:
            self.failed, self.failed_at = failed, self.ticks()
            raise
        self.failed, self.fetched_at = None, self.ticks()
