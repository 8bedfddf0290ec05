"""A body that ends: not larger than allowed, not slower than a person with a bad line."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from quartier.access.problem import Problem

WITHIN = 15.0  # seconds for the whole body
FILES_WITHIN = 90.0  # ten megabytes on a bad line


@dataclass(frozen=True, slots=True)
class Large:
    """An address where files are handed in: so many bytes, from whoever has one of the permissions."""

    most: int
    permissions: tuple[str, ...]


class Body:
    """ASGI's `receive` with a size and a deadline. Raises 413 before a byte too many is kept, and 408."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        *,
        largest: int,
        told: bytes | None,
        within: float | None = None,
    ) -> None:
        if told is not None and (not told.isdigit() or int(told[:20]) > largest):
            raise Problem(413 if told.isdigit() else 400)
        self._told = int(told) if told is not None else None
        self._receive, self._left = receive, largest
        self._begun = asyncio.get_running_loop().time()
        self._until = self._begun + (WITHIN if within is None else within)
        self._whole = False

    def narrow(self, largest: int) -> None:
        """Allow less, in the usual time. Raises 413 for what is told to be larger; nothing of it was read yet."""
        if self._told is not None and self._told > largest:
            raise Problem(413)
        self._left = min(self._left, largest)
        self._until = min(self._until, self._begun + WITHIN)

    async def __call__(self) -> MutableMapping[str, Any]:
        if self._whole:  # what comes now is the end of the line, and may take its time
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Problem(408) from None
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise Problem(413)
        return message
