"""Nouns of the notices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Key = Literal["waitlist_offer", "registration_confirmed", "booking_confirmed", "booking_cancelled", "session_reminder"]
NoticeState = Literal["waiting", "sent", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the outbox. `refs` lead to what it tells about; `sequence` counts calendar updates."""

    id: UUID
    key: str
    person_id: UUID
    language: str
    refs: dict[str, str]
    send_after: datetime
    unique_key: str
    sequence: int
    with_calendar: bool
    state: NoticeState
