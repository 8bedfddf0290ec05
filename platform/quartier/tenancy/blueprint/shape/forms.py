"""Questions people answer; a form is frozen at its first use."""

from typing import Literal

from quartier.tenancy.blueprint.measures import Positive, Text, Whole, Word
from quartier.tenancy.blueprint.shape.base import Table


class Question(Table, frozen=True, kw_only=True):
    """`max_chars` belongs to line and text, `min` and `max` to integer and scale."""

    key: Word
    label_de: Text
    label_en: Text | None = None
    kind: Literal["line", "text", "integer", "scale", "date", "confirm", "organisation"]
    max_chars: Positive | None = None
    min: Whole | None = None
    max: Whole | None = None
    required: bool
    sensitive: bool = False


class Form(Table, frozen=True, kw_only=True):
    fields: tuple[Question, ...]
    papers: tuple[Word, ...] = ()
