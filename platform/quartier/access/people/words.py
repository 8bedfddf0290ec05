"""The nouns of admission, and why it is refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called


@dataclass(frozen=True, slots=True)
class Known:
    """A person as whoever admits people sees her. `same_address`: others who have the same confirmed address."""

    id: UUID
    name: str
    email: str | None
    state: str
    version: int
    since: datetime
    roles: tuple[str, ...]
    same_address: int


class OwnAdmission(Refusal):
    """Nobody admits, blocks or unblocks herself."""

    code = "OWN_ADMISSION"
    de = "Über den eigenen Zugang entscheidet jemand anderes."
    en = "Somebody else decides about your own access."


called(pending=("wartet", "waits"), blocked=("gesperrt", "blocked"), erased=("gelöscht", "erased"))
