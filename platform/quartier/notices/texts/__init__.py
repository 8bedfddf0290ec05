"""The texts of the notices: a subject line, an empty line, the body. One file per key and language.

Facts stand in braces. `FACTS` names the facts of each text; a test holds both languages to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from quartier.notices.words import Key

HERE = Path(__file__).parent
PLACE = re.compile(r"\{([a-z_]+)\}")
GAP = re.compile(r"\n{3,}")
Language = Literal["de", "en"]

FACTS: Mapping[Key, frozenset[str]] = {
    "waitlist_offer": frozenset({"name", "workshop", "starts_at", "seats", "offered_until", "link", "site"}),
    "registration_confirmed": frozenset(
        {"name", "workshop", "starts_at", "place", "seats", "cancel_until", "link", "site"}
    ),
    "registration_cancelled": frozenset({"name", "workshop", "starts_at", "reason", "link", "site"}),
    "booking_requested": frozenset({"name", "number", "space", "starts_at", "ends_at", "link", "site"}),
    "booking_confirmed": frozenset({"name", "number", "space", "starts_at", "ends_at", "cancel_until", "link", "site"}),
    "booking_moved": frozenset({"name", "number", "space", "starts_at", "ends_at", "cancel_until", "link", "site"}),
    "booking_cancelled": frozenset({"name", "number", "space", "starts_at", "reason", "link", "site"}),
    "booking_declined": frozenset({"name", "number", "space", "starts_at", "reason", "link", "site"}),
    "series_booked": frozenset({"name", "space", "count", "dates", "missed", "link", "site"}),
    "series_requested": frozenset({"name", "space", "count", "dates", "missed", "link", "site"}),
    "series_moved": frozenset({"name", "space", "count", "dates", "missed", "link", "site"}),
    "series_cancelled": frozenset({"name", "space", "count", "dates", "reason", "link", "site"}),
    "membership_approved": frozenset({"name", "number", "plan", "whose", "starts_on", "link", "site"}),
    "membership_declined": frozenset({"name", "number", "plan", "whose", "reason", "link", "site"}),
    "membership_question": frozenset({"name", "number", "plan", "whose", "question", "link", "site"}),
    "membership_paper": frozenset({"name", "number", "plan", "whose", "link", "site"}),
    "membership_paused": frozenset({"name", "number", "plan", "whose", "until", "link", "site"}),
    "membership_resumed": frozenset({"name", "number", "plan", "whose", "link", "site"}),
    "membership_suspended": frozenset({"name", "number", "whose", "reason", "site"}),
    "membership_lifted": frozenset({"name", "number", "whose", "link", "site"}),
    "membership_changed": frozenset({"name", "number", "plan", "whose", "starts_on", "link", "site"}),
    "webhook_off": frozenset({"name", "hook", "host", "reason", "link", "site"}),
    "booking_reminder": frozenset({"name", "number", "space", "starts_at", "ends_at", "link", "site"}),
    "session_reminder": frozenset({"name", "workshop", "starts_at", "place", "link", "site"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


@cache
def text(key: Key, language: Language) -> Text:
    """The text with its facts still in braces."""
    whole = (HERE / language / f"{key}.txt").read_text(encoding="utf-8")
    subject, _, body = whole.partition("\n\n")
    return Text(subject.strip(), body.strip() + "\n")


def places(text: Text) -> frozenset[str]:
    """The placeholders of a text."""
    return frozenset(PLACE.findall(f"{text.subject}\n{text.body}"))


def filled(raw: Text, facts: Mapping[str, str]) -> Text:
    """The text as a person reads it. Raises KeyError for a fact that is missing.

    Each placeholder is replaced once and nothing else is read: no template runs, and braces in a fact stay braces.

    A line break in a fact would begin a new header in the subject, so it becomes a space there. A fact that is empty
    leaves no gap: what stood around it moves together.
    """
    one_line = {name: " ".join(value.split()) for name, value in facts.items()}
    subject = PLACE.sub(lambda place: one_line[place[1]], raw.subject)
    return Text(subject, GAP.sub("\n\n", PLACE.sub(lambda place: facts[place[1]], raw.body)))
