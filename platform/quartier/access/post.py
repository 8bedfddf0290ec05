"""Letters that carry a secret: they go out at once and are kept nowhere, so they never stand in the outbox."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

KEPT = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail in plain text; `repr` shows nothing of it."""

    realm: UUID
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    written_at: datetime


class Post(Protocol):
    """Takes a letter and returns before it is delivered: nobody may tell from the time whether there was one."""

    def take(self, letter: Letter) -> None: ...


@dataclass(slots=True)
class Letterbox:
    """The post of the demo: the last letters of this process, for /dev/postfach. Nothing leaves the machine."""

    letters: deque[Letter] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)

    def take(self, letter: Letter) -> None:
        self.letters.appendleft(letter)

    def of(self, realm: UUID) -> list[Letter]:
        """A realm's letters, the newest first."""
        return [letter for letter in self.letters if letter.realm == realm]
