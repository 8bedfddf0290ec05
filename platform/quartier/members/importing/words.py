"""What a list of members holds, what is there already, and why a file or a line is not taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called
from quartier.members.words import AffiliationRole, IdentifierKind, Organisation, Plan, Profile

Field = Literal[
    "name", "kind", "legal_form", "nonprofit", "economic", "founded_on", "nace", "street", "postcode", "town",
    "district", "website", "about_de", "w_id", "vat", "register", "tax_no", "person", "email", "role", "plan",
    "starts_on",
]  # fmt: skip
Key = UUID | int
"""A thing that is there already, or the line of the file that makes it."""

MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file under its headings; `number` is where it begins in the file."""

    number: int
    cells: Mapping[Field, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell; `position` counts the columns from 0, `written` is what stands there."""

    line: int
    position: int
    heading: str
    written: str
    reason: Refusal


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: which field stands in which column, and its lines."""

    headings: Mapping[Field, tuple[int, str]]
    lines: Sequence[Line]
    faults: Sequence[Fault]

    def fault(self, line: Line, field: Field, reason: Refusal) -> Fault:
        position, heading = self.headings.get(field, (0, field))
        return Fault(line.number, position, heading, line.cells.get(field, "")[:200], reason)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line asks for. Without `profile` it is about a person alone."""

    line: Line
    profile: Profile | None
    numbers: Mapping[IdentifierKind, str]
    person: str | None
    email: str | None
    role: AffiliationRole
    plan: Plan | None
    starts_on: date | None


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation as a line is compared with it: `key` is its name as it sorts."""

    organisation: Organisation
    key: str
    numbers: Mapping[IdentifierKind, str]


@dataclass(slots=True)
class There:
    """What is there already, and what lines before have made."""

    bodies: dict[Key, Body] = field(default_factory=dict)
    named: dict[str, list[Key]] = field(default_factory=dict)
    numbered: dict[tuple[IdentifierKind, str], Key] = field(default_factory=dict)
    addresses: dict[str, tuple[Key, str]] = field(default_factory=dict)
    colleagues: dict[tuple[Key, str], Key] = field(default_factory=dict)
    joined: set[tuple[Key, Key]] = field(default_factory=set)
    memberships: set[tuple[Key, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Placed:
    """What comes of a line: whom it is about, and what of it has to be made."""

    wanted: Wanted
    organisation: Key | None
    person: Key | None
    makes_organisation: bool
    makes_person: bool
    joins: bool
    makes_membership: bool

    @property
    def is_known(self) -> bool:
        return not (self.makes_organisation or self.makes_person or self.joins or self.makes_membership)


@dataclass(frozen=True, slots=True)
class Run:
    id: UUID
    made_by: UUID | None
    total: int
    faulty: int
    done: int
    state: Literal["checked", "running", "done", "dropped"]
    version: int


# -- the file ---------------------------------------------------------------------------------------------------------
class FileUnreadable(Refusal):
    """It is no text in columns; `line` is where the reading ended."""

    code = "FILE_UNREADABLE"
    de = "Die Datei ist ab Zeile {line} nicht als CSV zu lesen. Bitte als „CSV UTF-8“ speichern und noch einmal wählen."
    en = "From line {line} on, the file cannot be read as CSV. Please save it as “CSV UTF-8” and choose it again."


class FileEmpty(Refusal):
    """There is a line of headings at most."""

    code = "FILE_EMPTY"
    de = "Die Datei hat keine Zeilen. In der ersten stehen die Überschriften, ab der zweiten die Mitglieder."
    en = "The file has no lines. The headings stand in the first one, members from the second one on."


class TooManyLines(Refusal):
    code = "TOO_MANY_LINES"
    de = "Die Datei hat {lines} Zeilen, möglich sind {most} auf einmal. Bitte teilen Sie sie."
    en = "The file has {lines} lines; {most} at a time are possible. Please split it."


class HeadingUnknown(Refusal):
    """`heading` is none we know: a column that is left out silently would be missed too late."""

    code = "HEADING_UNKNOWN"
    de = "Die Spalte „{heading}“ kennen wir nicht. Bitte umbenennen oder löschen. Möglich sind: {allowed}."
    en = "We do not know the column “{heading}”. Please rename or delete it. Possible: {allowed}."


class HeadingMissing(Refusal):
    code = "HEADING_MISSING"
    de = "Die Spalte „{heading}“ fehlt. Bitte ergänzen; Groß- und Kleinschreibung ist gleich."
    en = "The column “{heading}” is missing. Please add it; capitals do not matter."


class HeadingTwice(Refusal):
    code = "HEADING_TWICE"
    de = "Die Spalte „{heading}“ steht zweimal da. Bitte eine davon löschen."
    en = "The column “{heading}” stands there twice. Please delete one of them."


# -- a line -----------------------------------------------------------------------------------------------------------
class CellsLeftOver(Refusal):
    code = "CELLS_LEFT_OVER"
    de = "Hier stehen mehr Zellen als Überschriften. Steht ein Trennzeichen im Text, gehört er in Anführungszeichen."
    en = "There are more cells than headings here. A text with a separator in it belongs between quotation marks."


class NumberTwice(Refusal):
    """`line` has the same register number under the name `other`."""

    code = "NUMBER_TWICE"
    de = "Diese Nummer steht schon in Zeile {line}, dort heißt es „{other}“. Bitte Name oder Nummer angleichen."
    en = "This number stands in line {line} already, with the name “{other}”. Please make name or number agree."


class AddressOfAnother(Refusal):
    """One address is one person: `other` has it already, here or in a line before."""

    code = "ADDRESS_OF_ANOTHER"
    de = "Diese Adresse gehört schon zu {other}. Bitte Name oder Adresse prüfen."
    en = "This address belongs to {other} already. Please check the name or the address."


class SeveralCalledSo(Refusal):
    """`count` organisations have this name, and no number tells them apart."""

    code = "SEVERAL_CALLED_SO"
    de = "So heißen hier schon {count} Organisationen. Bitte eine Nummer ergänzen, oder die doppelten zusammenführen."
    en = "{count} organisations have this name already. Please add a number, or merge the doubles."


class PlanUnknown(Refusal):
    code = "PLAN_UNKNOWN"
    de = "Diesen Tarif gibt es hier nicht. Möglich sind: {allowed}."
    en = "There is no such plan here. Possible: {allowed}."


class LineBefore(Refusal):
    """What `line` should have made is not there."""

    code = "LINE_BEFORE"
    de = "Diese Zeile braucht, was Zeile {line} anlegen sollte, und die wurde nicht übernommen."
    en = "This line needs what line {line} should have made, and that was not taken in."


# -- the whole --------------------------------------------------------------------------------------------------------
class RowInvalid(Refusal):
    """`faulty` lines have faults; they can be left out on purpose."""

    code = "ROW_INVALID"
    de = "{faulty} Zeilen haben Fehler. Bitte beheben und neu prüfen lassen, oder ausdrücklich ohne sie übernehmen."
    en = "{faulty} lines have faults. Please mend them and check again, or take the others without them on purpose."


class NothingNew(Refusal):
    code = "NOTHING_NEW"
    de = "In der Datei steht nichts, was neu wäre und ohne Fehler ist."
    en = "Nothing in the file is new and without faults."


called(
    checked=("geprüft", "checked"),
    running=("läuft", "running"),
    dropped=("verworfen", "thrown away"),
)
