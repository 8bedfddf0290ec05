"""Kinds of notices, those one may do without and those one may not."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["booking_reminders", "session_reminders", "own_acts"]
Duty = Literal["decisions", "house_changes", "seat_offers", "sign_in"]
Channel = Literal["mail", "off"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind, how it is told, and whether one may choose."""

    kind: Kind | Duty
    channel: Channel
    fixed: bool
