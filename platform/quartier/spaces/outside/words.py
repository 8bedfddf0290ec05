"""An outside calendar, and what may be wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Fault = Literal["unreachable", "not_outside", "not_there", "no_calendar", "too_many", "too_often"]


@dataclass(frozen=True, slots=True)
class Outside:
    """`sealed` is its address, opened only to ask."""

    id: UUID
    space: UUID
    name: str
    sealed: bytes
    etag: str | None
    read_at: datetime | None
    version: int


class Unreadable(Exception):
    """A calendar that cannot be taken in; what it held before stays held."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault
