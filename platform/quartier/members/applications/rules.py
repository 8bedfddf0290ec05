"""What an application needs, and from where which step leads on: pure."""

from collections.abc import Iterator
from datetime import date

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import between, letters
from quartier.members.applications.words import Application
from quartier.members.rules import FARTHEST

OPEN = frozenset({"applied", "in_review", "more_info"})
STATEMENT, QUESTION, REASON = 4000, 1000, 500  # characters


def objections_to_text(field: str, text: str | None, most: int, *, wanted: bool) -> Iterator[Refusal]:
    """Several lines are fine; nothing is not, where something is wanted."""
    said = (text or "").strip()
    if (wanted and not said) or len(said) > most or "\0" in said:
        yield FieldInvalid(path=(field,), allowed=letters(1 if wanted else 0, most))


def objections_to_start(starts_on: date | None, *, today: date) -> Iterator[Refusal]:
    """Nobody becomes a member of the past by asking; how far ahead is held for every membership."""
    if starts_on is not None and starts_on < today:
        yield FieldInvalid(path=("startsOn",), allowed=between(today, today + FARTHEST))


def first_day(application: Application, wish: date | None, *, today: date) -> date:
    """The day it begins: as decided, else as wished, and never before today."""
    return max(wish or application.starts_on or today, today)
