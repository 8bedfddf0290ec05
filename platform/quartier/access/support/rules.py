"""How long support may look, and which request still waits."""

from collections.abc import Iterator
from datetime import datetime

from quartier.access.support.words import Visit, VisitOver
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import counts

HOURS = range(1, 5)  # of a visit; the table's CHECK says the same


def objections_to_approval(visit: Visit, hours: int) -> Iterator[Refusal]:
    """Say why a visit is not let in; all reasons."""
    if visit.approved_at is not None or visit.ended_at is not None:
        yield VisitOver()
    if hours not in HOURS:
        yield FieldInvalid(path=("hours",), allowed=counts(HOURS.start, HOURS.stop - 1, ("Stunden", "hours")))


def is_over(visit: Visit, now: datetime) -> bool:
    """Whether nothing can be ended any more: it was ended, or its time has run out."""
    return visit.ended_at is not None or (visit.valid_until is not None and visit.valid_until <= now)
