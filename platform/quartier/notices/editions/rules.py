"""What an own text may hold: known placeholders, those it cannot do without, and no line that begins a header."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import between, letters
from quartier.kit.text import is_line
from quartier.notices.editions.words import PlaceholderMissing, PlaceholderUnknown
from quartier.notices.texts import FACTS, Text, places
from quartier.notices.words import Key

SUBJECT, BODY = 150, 5_000
AHEAD = timedelta(days=400)
# What a letter is for, where it has it: when and where, why, until when, and the way to the page. The rest is manners.
ESSENTIAL = frozenset(
    {
        "link", "reason", "question", "offered_until", "starts_at", "starts_on", "until", "dates", "missed", "space",
        "workshop", "plan", "hook",
    }
)  # fmt: skip
_BRACED = re.compile(r"\{[^{}]{0,40}\}?|\}")


def needed(key: Key) -> frozenset[str]:
    """The placeholders that the text of this key has to hold, in its subject or its body."""
    return FACTS[key] & ESSENTIAL


def spoken(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def tidy(subject: str, body: str) -> Text:
    """As it is kept: no space around, line breaks of one kind."""
    return Text(subject.strip(), "\n".join(body.replace("\r\n", "\n").strip().split("\n")) + "\n")


def objections_to_text(key: Key, text: Text) -> Iterator[Refusal]:
    """Every reason why this cannot be the text of this key."""
    if not is_line(text.subject, SUBJECT):
        yield FieldInvalid(path=("subject",), allowed=letters(1, SUBJECT))
    body = text.body.rstrip("\n")
    if not 1 <= len(body) <= BODY or not all(line.isprintable() for line in body.split("\n")):
        yield FieldInvalid(path=("body",), allowed=letters(1, BODY))
    for path, part in (("subject", text.subject), ("body", text.body)):
        for braced in dict.fromkeys(_BRACED.findall(part)):
            if braced[1:-1] not in FACTS[key] or not braced.endswith("}") or len(braced) < 3:
                yield PlaceholderUnknown(path=(path,), name=braced, allowed=spoken(FACTS[key]))
    for name in sorted(needed(key) - places(text)):
        yield PlaceholderMissing(path=("body",), name=f"{{{name}}}", needed=spoken(needed(key)))


def objections_to_start(valid_from: datetime, *, now: datetime) -> Iterator[Refusal]:
    """Nobody says afterwards what was told before."""
    if not now <= valid_from <= now + AHEAD:
        yield FieldInvalid(path=("valid_from",), allowed=between(now.date(), (now + AHEAD).date()))
