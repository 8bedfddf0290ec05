"""How photos are described and put in order: pure."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, NotFound, Refusal
from quartier.kit.spoken import Words, letters
from quartier.kit.text import is_line
from quartier.spaces.photos.words import LONGEST, Described

EVERY_ONCE = Words("alle Bilder des Raums, jedes einmal", "all photos of the space, each once")


def objections_to_words(said: Described) -> Iterator[Refusal]:
    """Both languages, each a line: a picture without words is not there for everybody."""
    for field, text in (("altDe", said.de), ("altEn", said.en)):
        if not is_line(text, LONGEST):
            yield FieldInvalid(path=(field,), allowed=letters(1, LONGEST))


def objections_to_order(wished: Sequence[UUID], there: Sequence[UUID]) -> Iterator[Refusal]:
    if not set(wished) <= set(there):
        yield NotFound(path=("photos",))
    elif sorted(wished) != sorted(there):
        yield FieldInvalid(path=("photos",), allowed=EVERY_ONCE)
