"""A field of the site's own, and why one is not made."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

Kind = Literal["text", "number", "date", "yes_no", "choice"]
MOST = 40  # fields of a site that are asked for: a page shows them all
LABEL, ANSWER, CHOICES = 60, 500, 30


@dataclass(frozen=True, slots=True)
class Field:
    """`shared`: whoever leads the organisation reads and writes it too. `choices` are one's of kind `choice` alone."""

    id: UUID
    key: str
    label_de: str
    label_en: str | None
    kind: Kind
    choices: tuple[str, ...]
    shared: bool
    position: int
    state: Literal["active", "retired"]
    version: int


class FieldThere(Refusal):
    """A field of the same name is there, perhaps retired: it can be taken back into use."""

    code = "FIELD_THERE"
    constraint = "own_field_once"
    de = (
        "Ein Feld dieses Namens gibt es schon, vielleicht stillgelegt. Bitte anders nennen oder das alte wieder nutzen."
    )
    en = "There is a field of this name already, perhaps retired. Please name it otherwise, or use the old one again."


class TooManyFields(Refusal):
    """A site asks for at most `most` fields of its own at a time."""

    code = "TOO_MANY_FIELDS"
    de = "Es gibt schon {most} eigene Felder. Bitte erst eines stilllegen."
    en = "There are {most} fields of your own already. Please retire one first."


class ChoiceInUse(Refusal):
    """`choice` stands with `count` organisations, and would be none of the field's any more."""

    code = "CHOICE_IN_USE"
    de = "„{choice}“ steht noch bei {count} Organisationen. Bitte dort erst etwas anderes wählen."
    en = "“{choice}” still stands with {count} organisations. Please choose something else there first."


called(
    text=("Text", "text"),
    number=("Zahl", "number"),
    date=("Datum", "date"),
    yes_no=("Ja oder Nein", "yes or no"),
    choice=("Auswahl", "choice"),
)
