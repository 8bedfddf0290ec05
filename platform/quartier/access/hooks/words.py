"""What is told to programs of others, and what may be wrong with telling it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

Fault = Literal["unreachable", "not_allowed", "answered", "sealed"]
MOST = 20  # webhooks of a site that are told

# What a line of the site's log is called outside, and of which type its subject is in the graph.
EVENTS: Mapping[str, tuple[str, str]] = {
    "space.booked": ("booking.made", "bkg"),
    "space.held": ("booking.made", "bkg"),
    "space.hold_confirmed": ("booking.confirmed", "bkg"),
    "space.approved": ("booking.confirmed", "bkg"),
    "space.declined": ("booking.declined", "bkg"),
    "space.moved": ("booking.moved", "bkg"),
    "space.cancelled": ("booking.cancelled", "bkg"),
    "space.freed": ("booking.cancelled", "bkg"),
    "space.restored": ("booking.restored", "bkg"),
    "space.checked_in": ("booking.arrived", "bkg"),
    "space.no_show": ("booking.missed", "bkg"),
    "space.series_booked": ("series.made", "ser"),
    "space.series_moved": ("series.moved", "ser"),
    "space.series_cancelled": ("series.cancelled", "ser"),
    "registration.made": ("registration.made", "reg"),
    "registration.promoted": ("registration.promoted", "reg"),
    "registration.accepted": ("registration.accepted", "reg"),
    "registration.cancelled": ("registration.cancelled", "reg"),
    "registration.restored": ("registration.restored", "reg"),
    "workshop.published": ("workshop.published", "wsp"),
    "workshop.cancelled": ("workshop.cancelled", "wsp"),
    "membership.applied": ("membership.applied", "mbr"),
    "membership.approved": ("membership.approved", "mbr"),
    "membership.declined": ("membership.declined", "mbr"),
    "membership.closed": ("membership.closed", "mbr"),
    "application.submitted": ("application.submitted", "apl"),
    "application.decided": ("application.decided", "apl"),
}
NAMES = tuple(dict.fromkeys(name for name, _ in EVENTS.values()))
PROBE = "webhook.probe"
called(off=("abgeschaltet", "off"), waiting=("wartet", "waiting"), dead=("aufgegeben", "given up"))


class TooManyWebhooks(Refusal):
    """A site tells at most `most` programs at a time."""

    code = "TOO_MANY_WEBHOOKS"
    de = "Es sind schon {most} Webhooks aktiv. Bitte zuerst einen abschalten."
    en = "{most} webhooks are active already. Please switch one off first."


@dataclass(frozen=True, slots=True)
class Webhook:
    id: UUID
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to be told to one program. What is sealed is opened only to tell it."""

    id: UUID
    webhook: UUID
    body: str
    attempts: int
    url: bytes
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went: the answer's code, or why there was none."""

    code: int | None
    fault: Fault | None
    at: datetime

    @property
    def good(self) -> bool:
        return self.fault is None
