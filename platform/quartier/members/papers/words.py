"""A paper of an application, and why it, or the application, does not go on."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

PaperState = Literal["given", "accepted", "refused"]
PURPOSE: Literal["membership_paper"] = "membership_paper"
NOTE = 500  # characters


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that somebody hands in as a paper of this kind; it came already."""

    kind: str
    file: UUID


@dataclass(frozen=True, slots=True)
class Paper:
    id: UUID
    membership: UUID
    kind: str
    file: UUID
    state: PaperState
    version: int


class PaperMissing(Refusal):
    """The plan asks for `papers` that were not handed in; `count` of them."""

    code = "PAPER_MISSING"
    de = "Für diesen Tarif fehlen noch Unterlagen ({count}): {papers}. Bitte hochladen."
    en = "Papers are missing for this plan ({count}): {papers}. Please upload them."


class PaperNotAccepted(Refusal):
    """`papers` that the plan asks for are not accepted yet: not given, not looked at, or refused."""

    code = "PAPER_NOT_ACCEPTED"
    de = "Noch nicht angenommen sind diese Unterlagen ({count}): {papers}. Bitte erst prüfen, oder nachfordern."
    en = "These papers are not accepted yet ({count}): {papers}. Please look at them first, or ask for them."


class PaperNotAskedFor(Refusal):
    """The plan asks for `allowed` alone, each once; `kind` is none of them, or is there already."""

    code = "PAPER_NOT_ASKED_FOR"
    de = "Die Unterlage „{kind}“ verlangt der Tarif nicht, oder sie ist schon dabei. Verlangt werden: {allowed}."
    en = "The plan does not ask for the paper “{kind}”, or it is there already. It asks for: {allowed}."


called(
    given=("eingereicht", "handed in"),
    accepted=("angenommen", "accepted"),
    refused=("abgelehnt", "refused"),
    selbstdarstellung=("Selbstdarstellung", "description of the initiative"),
    registerauszug=("Registerauszug", "extract from the register"),
    gewerbeanmeldung_oder_registerauszug=(
        "Gewerbeanmeldung oder Registerauszug",
        "trade registration or extract from the register",
    ),
    haftpflicht=("Nachweis der Haftpflicht", "proof of liability insurance"),
)
