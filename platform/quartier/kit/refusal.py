"""Refusals: a closed list of codes. Each says in plain words what stood in the way, with its numbers.

A rule yields refusals, `refuse()` raises them together, so a person learns all reasons at once. The
database knows some of them by the name of a constraint (`constraint`); Python finds the kind words.
"""

from collections.abc import Iterable
from typing import ClassVar
from zoneinfo import ZoneInfo

from quartier.kit.spoken import Number, called, shown

REFUSALS: dict[str, type["Refusal"]] = {}


class Refusal(Exception):
    """One reason why something is not done.

    `numbers` holds limits and values under the names the texts use; names that end in `_cents` are
    EUR cents. `path` names the input field that a person can change; `alternatives` are ways out.
    """

    code: ClassVar[str]
    de: ClassVar[str]
    en: ClassVar[str]
    constraint: ClassVar[str | None] = None

    def __init__(
        self,
        *,
        path: tuple[str, ...] = (),
        alternatives: tuple[dict[str, Number], ...] = (),
        **numbers: Number | None,
    ) -> None:
        super().__init__(self.code)
        self.path = path
        self.alternatives = alternatives
        self.numbers = {name: value for name, value in numbers.items() if value is not None}

    def __init_subclass__(cls) -> None:
        other = REFUSALS.setdefault(cls.code, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two refusals share the code {cls.code}: {other} and {cls}")
        REFUSALS[cls.code] = cls

    def message(self, language: str, zone: ZoneInfo) -> str:
        """Say it in the reader's language, instants in the site's wall time."""
        text = self.en if language == "en" else self.de
        words = {name: shown(name, value, zone, language) for name, value in self.numbers.items()}
        return text.format_map(_Blank(words))


class _Blank(dict[str, str]):
    """A number nobody knew (the constraint spoke before the rule) is left out, never an error."""

    def __missing__(self, key: str) -> str:
        return "–"


class Refused(Exception):
    """Everything that stood in the way of one action, at least one reason."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


def refuse(objections: Iterable[Refusal]) -> None:
    """Raise `Refused` with all objections, or do nothing when there is none."""
    if found := tuple(objections):
        raise Refused(found)


class NotFound(Refusal):
    """Missing and another site's alike: the answer never tells which."""

    code = "NOT_FOUND"
    de = "Das gibt es hier nicht oder nicht mehr. Bitte die Kennung prüfen."
    en = "This does not exist here, or no longer. Please check the id."


class NotAllowed(Refusal):
    """The speaker lacks `permission`, or needs one of several."""

    code = "NOT_ALLOWED"
    de = "Dafür fehlt das Recht „{permission}“. Die Standortverwaltung kann es geben."
    en = "This needs the permission “{permission}”. The site administration can grant it."


class SignInAgain(Refusal):
    """What needs `permission` wants a sign-in of the last five minutes, by passkey or at the own institution."""

    code = "SIGN_IN_AGAIN"
    de = "Dafür bitte noch einmal zeigen, dass Sie es sind: mit Passkey oder bei Ihrer Einrichtung ({permission})."
    en = "For this, please show once more that it is you: by passkey or at your institution ({permission})."


class FieldInvalid(Refusal):
    """An input outside its bounds; `allowed` says what is possible, `kind` which of several numbers is meant."""

    code = "FIELD_INVALID"
    de = "Diese Angabe passt nicht. Möglich ist: {allowed}."
    en = "This value does not fit. Allowed: {allowed}."


class StaleVersion(Refusal):
    """Somebody was faster: `version` is what there is, `seen` what was looked at."""

    code = "STALE_VERSION"
    de = "Inzwischen hat jemand das geändert (Fassung {version}, Ihre ist {seen}). Bitte laden Sie neu."
    en = "Somebody changed this in the meantime (version {version}, yours is {seen}). Please reload."


class StepNotPossible(Refusal):
    """The thing is in a state from which this step does not lead: `state`. It leads from those in `possible`."""

    code = "STEP_NOT_POSSIBLE"
    de = "Dieser Schritt geht nur, solange der Stand so ist: {possible}. Jetzt ist er: {state}."
    en = "This step needs one of these states: {possible}. The state now is: {state}."


class KeyReused(Refusal):
    """The idempotency key stands for another input already."""

    code = "KEY_REUSED"
    de = "Dieser Schlüssel (idempotencyKey) gehört schon zu einer anderen Eingabe. Bitte wählen Sie einen neuen."
    en = "This idempotencyKey already belongs to another input. Please choose a new one."


class SamePerson(Refusal):
    """Four eyes: `step` was done by the same person."""

    code = "SAME_PERSON"
    de = "Vier-Augen-Prinzip: Den Schritt „{step}“ haben Sie selbst gemacht. Hier entscheidet eine andere Person."
    en = "Four eyes: you took the step “{step}” yourself. Somebody else decides here."


# Steps and states that more than one room knows.
called(
    check=("Prüfen", "check"),
    request=("Abrufen", "request"),
    active=("aktiv", "active"),
    cancelled=("abgesagt", "cancelled"),
    cancelled_late=("zu spät abgesagt", "cancelled late"),
    cancelled_by_site=("vom Haus abgesagt", "cancelled by the house"),
    confirmed=("bestätigt", "confirmed"),
    draft=("Entwurf", "draft"),
    expired=("abgelaufen", "expired"),
    in_review=("in Prüfung", "in review"),
    more_info=("Nachfrage offen", "more information asked for"),
    no_show=("nicht erschienen", "did not come"),
    requested=("angefragt", "requested"),
    withdrawn=("zurückgezogen", "withdrawn"),
    rejected=("abgelehnt", "rejected"),
    reserved=("vorgemerkt", "reserved"),
)
