"""The nouns of support by operators, and why a visit is not let in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of an operator to look into the site. `approved_by` is `person:<uuid>`, in an emergency an operator."""

    id: UUID
    operator: str
    reason: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    valid_until: datetime | None
    emergency: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What an operator looked at: the text of the query, written down before it ran."""

    at: datetime
    operator: str
    visit: UUID
    query: str


class VisitOver(Refusal):
    """A request is answered once, and ends once."""

    code = "VISIT_OVER"
    de = "Diese Anfrage ist schon beantwortet oder beendet. Für einen neuen Blick fragt der Betrieb neu an."
    en = "This request has been answered or has ended. For another look the operators ask anew."
