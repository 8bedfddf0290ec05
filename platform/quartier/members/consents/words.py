"""The texts that are agreed to, and why a consent is refused."""

from dataclasses import dataclass
from typing import Literal

from quartier.kit.refusal import Refusal

Purpose = Literal["directory"]
Audience = Literal["members", "public"]


@dataclass(frozen=True, slots=True)
class Text:
    """What is agreed to. Another sense is another `version`: what was agreed to before holds no more."""

    version: str
    de: str
    en: str


TEXTS: dict[Purpose, Text] = {
    "directory": Text(
        "2026-11",
        "Ich bin einverstanden, dass das Haus im Verzeichnis zeigt: den Namen, den Satz, den ich hier schreibe, und bei"
        " einer Organisation auch Art, Stadtteil, Website und Beschreibung. Keine Adresse, keine Telefonnummer. Wer es"
        " sieht, wähle ich: Mitglieder und Team des Hauses, oder alle im Netz. Ich kann das jederzeit widerrufen, dann"
        " ist der Eintrag sofort weg.",
        "I agree that the house shows in its directory: the name, the sentence I write here, and of an organisation"
        " also its kind, district, website and description. No address, no phone number. I choose who sees it: members"
        " and team of the house, or everybody on the web. I can withdraw this at any time; the entry is gone at once.",
    ),
}


class ConsentTextChanged(Refusal):
    """The text was rewritten since it was read: `current` is its version now."""

    code = "CONSENT_TEXT_CHANGED"
    de = "Der Text wurde inzwischen geändert (Fassung {current}). Bitte lesen Sie ihn noch einmal."
    en = "The text has changed in the meantime (version {current}). Please read it once more."


class ConsentGiven(Refusal):
    """Somebody else has given the same consent at this moment."""

    code = "CONSENT_GIVEN"
    constraint = "consent_once"
    de = "Diese Einwilligung wurde eben schon gegeben. Bitte laden Sie neu."
    en = "This consent was given just now. Please reload."
