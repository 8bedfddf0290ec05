"""A photo of a space, and why there is none."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal

PURPOSE: Literal["space_photo"] = "space_photo"
MOST = 8  # of one space: a page shows them all
LONGEST = 200  # characters of a description


@dataclass(frozen=True, slots=True)
class Described:
    """What is to be seen, for whoever does not see it, in both languages."""

    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Photo:
    id: UUID
    space: UUID
    file: UUID
    position: int
    version: int


class TooManyPhotos(Refusal):
    """A space has at most `most` photos."""

    code = "TOO_MANY_PHOTOS"
    de = "Dieser Raum hat schon {most} Bilder. Bitte erst eines entfernen."
    en = "This space has {most} photos already. Please remove one first."
