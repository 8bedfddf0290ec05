"""A feed, what stands in it, and why there is none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.spaces.words import BookingState, Visibility

Scope = Literal["mine", "space", "site"]
MOST = 20


@dataclass(frozen=True, slots=True)
class Feed:
    id: UUID
    scope: Scope
    person: UUID | None
    space: UUID | None
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking as a calendar has it; `place` is the space's name in the feed's language."""

    booking: UUID
    number: str
    span: Span
    title: str
    visibility: Visibility
    state: BookingState
    place: str
    floor: str
    version: int
    made_at: datetime
    changed_at: datetime


class TooManyFeeds(Refusal):
    """At most `most` links at a time: take one back that nobody reads any more."""

    code = "TOO_MANY_FEEDS"
    de = "Mehr als {most} Kalender-Links auf einmal gehen nicht. Bitte erst einen zurückziehen."
    en = "There can be at most {most} calendar links at a time. Please take one back first."


class FeedNeedsPerson(Refusal):
    """A link lives as long as whoever has made it may come in; a program that is switched off would leave its own."""

    code = "FEED_NEEDS_PERSON"
    de = "Einen Kalender-Link legt eine Person an. Bitte mit der Anmeldung einer Person anfordern."
    en = "A calendar link is made by a person. Please ask with the sign-in of one."
