"""An edition of a text, and why one is refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.notices.texts import Language, Text
from quartier.notices.words import Key


@dataclass(frozen=True, slots=True)
class Edition:
    """One of a site's own texts; without `text` it takes those before it back, and the built-in one is said."""

    id: UUID
    key: Key
    language: Language
    edition: int
    text: Text | None
    valid_from: datetime
    made_at: datetime


class PlaceholderUnknown(Refusal):
    """A brace that is no placeholder of this text; `name` is what stands there."""

    code = "PLACEHOLDER_UNKNOWN"
    de = "„{name}“ ist hier kein Platzhalter. Möglich sind: {allowed}."
    en = "“{name}” is no placeholder here. Allowed are: {allowed}."


class PlaceholderMissing(Refusal):
    """Without it the letter would not say what it is for."""

    code = "PLACEHOLDER_MISSING"
    de = "Es fehlt {name}. Ohne das sagt die Nachricht nicht, worum es geht. Nötig sind: {needed}."
    en = "{name} is missing. Without it the message does not say what it is about. Needed are: {needed}."


class TextChanged(Refusal):
    """Somebody has made another edition since the page was shown."""

    code = "TEXT_CHANGED"
    constraint = "notice_text_once"
    de = "Diesen Text hat inzwischen jemand anderes geändert. Bitte die Seite neu laden und vergleichen."
    en = "Somebody else has changed this text meanwhile. Please load the page again and compare."
