"""Passkeys as their person knows them, and why one is not set up, not taken away or not believed."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey without its key. `backed_up` ones live in an account and come along to a new device."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What an answer is compared with."""

    id: UUID
    person: UUID
    public_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the person at the desk stands, while nobody else can change it: her session's proof, her ways in.

    `strong` is a session by passkey or by a partner marked strong, `fresh` one proven in the last five minutes.
    """

    strong: bool
    fresh: bool
    passkeys: int
    addresses: int
    identities: int
    strong_identities: int

    @property
    def has_strong(self) -> bool:
        """Whether she has anything that is stronger than a mailbox."""
        return self.passkeys + self.strong_identities > 0

    @property
    def ways(self) -> int:
        """How many ways in she has."""
        return self.passkeys + self.addresses + self.identities


class PasskeyRefused(Exception):
    """An answer that is not believed. `reason` is for the log: whoever sent it learns only that it did not work."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StrongSignInMissing(Refusal):
    """Who has a strong way in changes her ways in only after showing it: a mailbox alone must not be enough."""

    code = "STRONG_SIGN_IN_MISSING"
    de = (
        "Sie haben schon einen stärkeren Weg herein. Bitte melden Sie sich erst mit Ihrem Passkey oder Ihrer "
        "Einrichtung an, dann können Sie Ihre Wege herein ändern."
    )
    en = (
        "You have a stronger way in already. Please sign in with your passkey or your institution first, then you can "
        "change your ways in."
    )


class PasskeysFull(Refusal):
    """Nobody needs more passkeys than `most`, and a forgotten one is a way in."""

    code = "PASSKEYS_FULL"
    de = "Mehr als {most} Passkeys gehen nicht. Bitte entfernen Sie erst einen, den Sie nicht mehr brauchen."
    en = "No more than {most} passkeys are possible. Please remove one that you no longer need."


class PasskeyKnown(Refusal):
    """The same passkey a second time."""

    code = "PASSKEY_KNOWN"
    de = "Dieser Passkey ist hier schon eingerichtet."
    en = "This passkey has been set up here already."
    constraint = "passkey_once"


class LastWayIn(Refusal):
    """Without this one nobody could sign in as this person again."""

    code = "LAST_WAY_IN"
    de = "Das ist Ihr letzter Weg herein. Richten Sie erst einen anderen ein, dann können Sie diesen entfernen."
    en = "This is your last way in. Set up another one first, then you can remove this one."


class OtherPerson(Refusal):
    """A session is confirmed by its own person alone."""

    code = "OTHER_PERSON"
    de = "Dieser Passkey gehört zu einer anderen Person. Bitte nehmen Sie Ihren eigenen."
    en = "This passkey belongs to another person. Please use your own."
