"""Nouns of the notices."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Key = Literal[
    "waitlist_offer", "registration_confirmed", "registration_cancelled", "booking_requested", "booking_confirmed",
    "booking_moved", "booking_cancelled", "booking_declined", "booking_reminder", "series_booked",
    "series_requested", "series_moved", "series_cancelled", "session_reminder", "membership_approved",
    "membership_declined", "membership_question", "membership_paper", "membership_paused", "membership_resumed",
    "membership_suspended", "membership_lifted", "membership_changed", "webhook_off",
]  # fmt: skip
NoticeState = Literal["waiting", "sent", "failed", "stopped"]
Method = Literal["REQUEST", "CANCEL", "PUBLISH"]  # of a calendar entry that comes with a letter, RFC 5546


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of the outbox. `refs` lead to what it tells about; `attempts` counts how often it was tried to send it.

    `dates`: the bookings of a series that one letter tells of; `findings`: the days that did not fit, with the reasons
    as they were said then. `own`: whoever is told has done it.
    """

    id: UUID
    key: Key
    person_id: UUID
    language: str
    refs: dict[str, str]
    send_after: datetime
    unique_key: str
    sequence: int
    with_calendar: bool
    attempts: int
    state: NoticeState
    dates: tuple[UUID, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice says now: the facts of its text, and the calendar entry that goes with it. `there`: the site."""

    facts: dict[str, str]
    calendar: tuple[Method, bytes] | None = None
    there: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail in plain text; `repr` shows nothing of it."""

    id: UUID
    realm: UUID
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    written_at: datetime
    calendar: tuple[Method, bytes] | None = field(default=None, repr=False)
    way_out: str | None = field(default=None, repr=False)  # where one post ends letters of this kind


class Undeliverable(Exception):
    """A letter that will never arrive; the text is for the log, without an address."""


class NotNow(Exception):
    """A letter that could not be handed over just now; the text is for the log, without an address."""
