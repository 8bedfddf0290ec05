"""Who looked at whose protected data: gathered while people read, written together every few seconds.

A look is written after the answer has gone, so reading costs nothing more. What is lost is lost with the process: the
looks of the last EVERY seconds, when it is killed; a stop writes them first.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

EVERY = 5.0  # seconds between two writings
LARGEST = 500  # people that one line names; more of them are several lines
MOST = 20_000  # lines that wait while the database is away; what comes on top is lost, and said
ANYBODY = UUID(int=0)
"""Stands for whoever was shown by an answer without an id."""

# A line that was written before it was known to be is not written twice.
_PUT = """
insert into app.look_entry (tenant_id, id, person, client, operation, fields, subjects, times, request_id, created_at)
select $1, l.* from jsonb_to_recordset($2::jsonb) as l(id uuid, person uuid, client uuid, operation text, fields text[],
  subjects uuid[], times int, request_id text, created_at timestamptz)
on conflict (tenant_id, id) do nothing"""

log = structlog.get_logger("quartier.access")


class Line(msgspec.Struct):
    """One line: who saw which fields of whom, by which operation, how often in these seconds."""

    id: UUID
    person: UUID | None
    client: UUID | None
    operation: str | None
    fields: tuple[str, ...]
    subjects: list[UUID]
    times: int
    request_id: str
    created_at: datetime


class Looks:
    """The looks of one process that wait to be written."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Any, ...], tuple[Line, set[UUID]]] = {}
        self._lost = 0

    def take(self, desk: Desk, operation: str | None, fields: tuple[str, ...], subjects: Iterable[UUID]) -> None:
        """Note that the desk was shown `fields` of `subjects`; of nobody by name is of ANYBODY. Own data is no look."""
        shown = set(subjects) or {ANYBODY}
        shown.discard(desk.person)
        if not shown or (desk.person is None and desk.client is None):
            return
        key = (desk.tenant_id, desk.person, desk.client, operation, fields)
        known = self._waiting.get(key)
        if known is not None:
            known[0].times += 1
            known[1].update(shown)
        elif len(self._waiting) < MOST:
            line = Line(new_id(), desk.person, desk.client, operation, fields, [], 1, desk.request_id, desk.now)
            self._waiting[key] = line, shown
        else:
            self._lost += 1

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write what waits every few seconds until the end, and then once more."""
        writing = asyncio.create_task(self._keep(), name="quartier looks")
        try:
            yield
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
            await self.write()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.write()

    async def write(self) -> None:
        """Write all that waits, a statement for each realm. What cannot be written now waits on."""
        if self._lost:
            log.error("looks_lost", lines=self._lost)
            self._lost = 0
        waiting, self._waiting = self._waiting, {}
        realms: dict[UUID, dict[tuple[Any, ...], tuple[Line, set[UUID]]]] = {}
        for key, each in waiting.items():
            realms.setdefault(key[0], {})[key] = each
        for realm, lines in realms.items():
            try:
                await _put(realm, [part for line, shown in lines.values() for part in _parts(line, shown)])
            except Exception as error:  # whatever it is, the next ones are to be written
                log.error("looks_wait", lines=len(lines), error=type(error).__name__)
                for key, (line, shown) in lines.items():
                    later = self._waiting.setdefault(key, (line, shown))
                    if later[0] is not line:  # seen again meanwhile: one line tells both
                        later[0].times += line.times
                        later[1].update(shown)


async def looked(desk: Desk, operation: str, field: str, subject: UUID) -> None:
    """Write one look down at once: for what is to be on record before it is shown."""
    await _put(
        desk.tenant_id,
        [Line(new_id(), desk.person, desk.client, operation, (field,), [subject], 1, desk.request_id, desk.now)],
    )


def _parts(line: Line, shown: set[UUID]) -> list[Line]:
    people = sorted(shown)
    parts = [people[n : n + LARGEST] for n in range(0, len(people), LARGEST)]
    first = msgspec.structs.replace(line, subjects=parts[0])
    return [first, *(msgspec.structs.replace(line, id=new_id(), subjects=part) for part in parts[1:])]


async def _put(realm: UUID, lines: list[Line]) -> None:
    with DB.speaking(realm, "app"):
        async with DB.work():
            await DB.fetch(_PUT, realm, msgspec.json.encode(lines).decode())
