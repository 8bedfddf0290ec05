"""A look at what people hand in by a scanner of the installation's own (QUARTIER_SCANNER); without one nobody looks."""

import asyncio
import asyncio.subprocess as process
from dataclasses import dataclass

from quartier.kit.refusal import Refused
from quartier.tenancy.files.words import FileInfected, ScannerAway

WITHIN = 30.0  # seconds
CLEAN, FOUND = 0, 1


@dataclass(frozen=True, slots=True)
class Scanner:
    """A command that reads a file from its input and ends with 0 (clean) or 1 (found), as `clamdscan -` does."""

    command: tuple[str, ...]

    async def look(self, body: bytes) -> None:
        """Refuses FILE_INFECTED; SCANNER_AWAY for any other end, also none in time: unlooked at, nothing is taken."""
        try:
            running = await asyncio.create_subprocess_exec(
                *self.command, stdin=process.PIPE, stdout=process.DEVNULL, stderr=process.DEVNULL
            )
        except OSError as error:
            raise Refused([ScannerAway()]) from error
        try:
            async with asyncio.timeout(WITHIN):
                await running.communicate(body)
        except TimeoutError:
            running.kill()
            await running.wait()
        if running.returncode == FOUND:
            raise Refused([FileInfected(path=("file",))])
        if running.returncode != CLEAN:
            raise Refused([ScannerAway()])
