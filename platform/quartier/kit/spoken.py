"""How a limit, an instant or a stored word is said to people, in German and in English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Union
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.kit.money import Cents, euros

Number = Union[int, str, bool, date, datetime, timedelta, UUID, "Words"]

_CALLED: dict[str, tuple[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in both languages; `values` stand in its braces and are said the reader's way."""

    de: str
    en: str
    values: Mapping[str, "Number"] = field(default_factory=dict)


def called(**words: tuple[str, str]) -> None:
    """Say what stored words (states, kinds, purposes) are called, German and English.

    A word has one name in the whole house: two rooms that call it differently raise TypeError.
    """
    for word, names in words.items():
        if _CALLED.setdefault(word, names) != names:
            raise TypeError(f"{word} is called {_CALLED[word]} already, not {names}")


def shown(name: str, value: Number, zone: ZoneInfo, language: str) -> str:
    """Say one value: instants in the site's wall time, lengths and money with their unit, stored words by name.

    >>> shown("price_cents", 150000, ZoneInfo("Europe/Berlin"), "de")
    '1.500,00 €'
    >>> shown("length", timedelta(minutes=90), ZoneInfo("Europe/Berlin"), "de")
    '90 min'
    """
    german = language != "en"
    match value:
        case Words():
            inner = {key: shown(key, each, zone, language) for key, each in value.values.items()}
            return (value.de if german else value.en).format_map(inner)
        case datetime():
            local = value.astimezone(zone)
            return f"{local:%d.%m.%Y, %H:%M} Uhr" if german else f"{local:%d %B %Y, %H:%M}"
        case date():
            return f"{value:%d.%m.%Y}" if german else f"{value:%d %B %Y}"
        case timedelta():
            return spoken_length(int(value.total_seconds()) // 60)
        case int() if name.endswith("_cents"):
            return euros(value)
        case str():
            parts = [_CALLED.get(part, (part, part)) for part in value.split(", ")]
            return ", ".join(de if german else en for de, en in parts)
        case _:
            return str(value)


def spoken_length(minutes: int) -> str:
    """A length of time, in hours where they are whole."""
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


# -- what an input may be ------------------------------------------------------------------------------
WEB_ADDRESS = Words(
    "eine Adresse, die mit https:// oder http:// beginnt", "an address that begins with https:// or http://"
)


def letters(least: int, most: int) -> Words:
    """A text of this length.

    >>> letters(1, 200).de
    '1 bis 200 Zeichen'
    """
    return Words(f"{least} bis {most} Zeichen", f"{least} to {most} characters")


def counts(least: int, most: int, unit: tuple[str, str] = ("", "")) -> Words:
    """A whole number within bounds, with its unit in both languages."""
    return Words(f"{least} bis {most} {unit[0]}".strip(), f"{least} to {most} {unit[1]}".strip())


def at_least(least: Number) -> Words:
    return Words("mindestens {least}", "at least {least}", {"least": least})


def at_least_cents(least: Cents) -> Words:
    return Words("mindestens {least_cents}", "at least {least_cents}", {"least_cents": least})


def between(first: date | None, last: date) -> Words:
    """A day from the first to the last, both included."""
    if first is None:
        return Words("bis {last}", "until {last}", {"last": last})
    return Words("{first} bis {last}", "{first} to {last}", {"first": first, "last": last})


def after(bound: Number) -> Words:
    """Later than this instant or day; the bound itself is not."""
    return Words("nach {bound}", "after {bound}", {"bound": bound})


def not_before(bound: Number) -> Words:
    return Words("nicht vor {bound}", "not before {bound}", {"bound": bound})


NOT_EMPTY = Words("mindestens ein Zeichen", "at least one character")
