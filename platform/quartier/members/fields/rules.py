"""How a field may look, and how an answer is spelled: pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import Number, Words, letters
from quartier.kit.text import is_line, sort_key
from quartier.members.fields.words import ANSWER, CHOICES, LABEL, Field, Kind

YES = {"ja": "yes", "yes": "yes", "nein": "no", "no": "no"}
OPTIONS = Words(f"2 bis {CHOICES} verschiedene, je eine Zeile", f"2 to {CHOICES} different ones, a line each")
NONE = Words("keine: das gibt es nur bei einer Auswahl", "none: only a choice has them")
ALLOWED: dict[Kind, Words] = {
    "text": letters(1, ANSWER),
    "number": Words("eine Zahl wie 12 oder 1234,5", "a number such as 12 or 1234.5"),
    "date": Words("ein Tag wie 31.12.2026", "a day such as 2026-12-31"),
    "yes_no": Words("ja oder nein", "yes or no"),
}


def key_of(label: str) -> str:
    """The lasting name of a field.

    >>> key_of("Größe der Küche (m²)")
    'grosse-der-kuche-m2'
    """
    return re.sub(r"[^a-z0-9]+", "-", sort_key(label)).strip("-")[:60].rstrip("-")


def objections_to_labels(label_de: str, label_en: str | None) -> Iterator[Refusal]:
    if not is_line(label_de, LABEL) or not key_of(label_de):
        yield FieldInvalid(path=("labelDe",), allowed=letters(1, LABEL))
    if label_en and not is_line(label_en, LABEL):
        yield FieldInvalid(path=("labelEn",), allowed=letters(0, LABEL))


def objections_to_choices(kind: Kind, choices: Sequence[str]) -> Iterator[Refusal]:
    """A choice has something to choose from, nothing else has."""
    if kind != "choice":
        if choices:
            yield FieldInvalid(path=("choices",), allowed=NONE)
        return
    different = {sort_key(each) for each in choices}
    if not 2 <= len(different) == len(choices) <= CHOICES or not all(is_line(each, LABEL) for each in choices):
        yield FieldInvalid(path=("choices",), allowed=OPTIONS)


def spelled(kind: Kind, choices: Collection[str], answer: str) -> str | None:
    """An answer in the spelling it is kept in; None when it is no answer to this.

    >>> spelled("number", (), "1.234,50"), spelled("date", (), "31.12.2026"), spelled("yes_no", (), "Ja")
    ('1234.5', '2026-12-31', 'yes')
    """
    text = answer.strip()
    if kind == "text":
        return text if is_line(text, ANSWER) else None
    if kind == "choice":
        return next((each for each in choices if each == text), None)
    if kind == "yes_no":
        return YES.get(text.lower())
    return _number(text) if kind == "number" else _day(text)


def objection_to_answer(field: Field, answer: str) -> FieldInvalid:
    allowed: Number = ", ".join(field.choices) if field.kind == "choice" else ALLOWED[field.kind]
    return FieldInvalid(path=(f"own-{field.key}",), allowed=allowed)


def _number(text: str) -> str | None:
    """German thousands and commas, or plain; no more than four places, no zeros that say nothing."""
    plain = text.replace("\u00a0", "").replace(" ", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    found = re.fullmatch(r"(-?)0*(\d{1,12})(?:\.(\d{1,4}))?", plain, re.ASCII)
    if found is None:
        return None
    sign, whole, rest = found[1], found[2], (found[3] or "").rstrip("0")
    number = whole + (f".{rest}" if rest else "")
    return number if number == "0" else sign + number


def _day(text: str) -> str | None:
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
    try:
        day = date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(text)
    except ValueError:
        return None
    return day.isoformat()
