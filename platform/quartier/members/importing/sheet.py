"""From the text of a file to lines under headings that we know. Pure; whatever separates the columns is found out."""

import csv
import io
from collections.abc import Iterator, Mapping

from quartier.kit.refusal import Refusal, Refused
from quartier.kit.text import sort_key
from quartier.members.importing.words import (
    MOST_LINES,
    CellsLeftOver,
    Fault,
    Field,
    FileEmpty,
    FileUnreadable,
    HeadingMissing,
    HeadingTwice,
    HeadingUnknown,
    Line,
    Sheet,
    TooManyLines,
)

# The heading of our own file first, then what other lists call it.
HEADINGS: Mapping[Field, tuple[str, ...]] = {
    "name": ("Name", "Organisation", "Firma"),
    "kind": ("Art", "Kind", "Typ"),
    "legal_form": ("Rechtsform", "Legal form"),
    "nonprofit": ("Gemeinnützig", "Nonprofit"),
    "economic": ("Wirtschaftlich tätig", "Economic"),
    "founded_on": ("Gegründet am", "Gegründet", "Founded on"),
    "nace": ("NACE", "Branche"),
    "street": ("Straße", "Strasse", "Anschrift", "Street"),
    "postcode": ("PLZ", "Postleitzahl", "Postcode"),
    "town": ("Ort", "Stadt", "Town"),
    "district": ("Stadtteil", "District"),
    "website": ("Website", "Webseite", "Internet"),
    "about_de": ("Beschreibung", "About"),
    "w_id": ("Wirtschafts-ID", "W-IdNr.", "W-IdNr"),
    "vat": ("USt-IdNr.", "USt-ID", "USt-IdNr", "VAT"),
    "register": ("Register", "Registernummer", "Handelsregister", "Vereinsregister"),
    "tax_no": ("Steuernummer", "Tax number"),
    "person": ("Ansprechperson", "Person", "Kontakt", "Contact"),
    "email": ("E-Mail", "Email", "Mail", "E-Mail-Adresse"),
    "role": ("Rolle", "Role"),
    "plan": ("Tarif", "Plan"),
    "starts_on": ("Mitglied seit", "Beginn", "Member since"),
}
OURS = {field: (i, words[0]) for i, (field, words) in enumerate(HEADINGS.items())}  # the columns of our own file
NEEDED: tuple[Field, ...] = ("name", "kind")
_KNOWN = {sort_key(word): field for field, words in HEADINGS.items() for word in words}
_SEPARATORS = ";\t,|"


def read(text: str) -> Sheet:
    """Read a file. Refuses FILE_UNREADABLE, FILE_EMPTY, TOO_MANY_LINES, HEADING_UNKNOWN, _MISSING, _TWICE."""
    first = text.lstrip("\ufeff\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((begins, [cell.strip() for cell in row]))
            begins = reader.line_num + 1
    except csv.Error:
        raise Refused([FileUnreadable(path=("lines",), line=begins)]) from None
    if len(rows) < 2:
        raise Refused([FileEmpty(path=("lines",))])
    if len(rows) - 1 > MOST_LINES:
        raise Refused([TooManyLines(path=("lines",), lines=len(rows) - 1, most=MOST_LINES)])
    head = rows[0][1]
    if objections := list(objections_to_headings(head)):
        raise Refused(objections)
    columns = [_KNOWN.get(sort_key(word)) for word in head]
    headings = {field: (i, head[i]) for i, field in enumerate(columns) if field is not None}
    lines, faults = [], []
    for number, row in rows[1:]:
        cells = {field: row[i] for field, (i, _) in headings.items() if i < len(row) and row[i]}
        lines.append(Line(number, cells))
        beside = [i for i, cell in enumerate(row) if cell and (i >= len(head) or not head[i])]
        faults += [Fault(number, i, "", row[i][:200], CellsLeftOver()) for i in beside[:1]]
    return Sheet(headings, lines, faults)


def objections_to_headings(head: list[str]) -> Iterator[Refusal]:
    """Each known, each once, the needed ones there. A column without a heading may stand at the end."""
    possible = ", ".join(words[0] for words in HEADINGS.values())
    seen = set()
    for word in head:
        field = _KNOWN.get(sort_key(word))
        if field is None and word:
            yield HeadingUnknown(path=("lines",), heading=word[:100], allowed=possible)
        elif field in seen:
            yield HeadingTwice(path=("lines",), heading=word)
        if field is not None:
            seen.add(field)
    for needed in NEEDED:
        if needed not in seen:
            yield HeadingMissing(path=("lines",), heading=HEADINGS[needed][0])
