"""Who speaks: the nouns of access, and its refusals."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Client:
    """A machine that may ask for tokens, without its secret."""

    id: UUID
    client_id: str
    name: str
    owner: UUID | None
    scopes: frozenset[str]
    agreement: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    last_used: datetime | None
    two_secrets: bool


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What is shown once. The secret is never in a log: `repr` leaves it out."""

    client_id: str
    expires_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session as its person sees it; `here` is the browser that asks. Its last minute may be missing."""

    id: UUID
    method: str
    created_at: datetime
    last_seen: datetime
    ends_at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class CodeMail:
    """The mail that carries a one-time code; `repr` shows neither whom it is for nor the code."""

    to: str = field(repr=False)
    name: str = field(repr=False)
    language: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Belonging:
    """What follows for a person from what she belongs to now: `own` organisations, roles by right, what she `leads`."""

    own: frozenset[UUID] = frozenset()
    roles: frozenset[str] = frozenset()
    leads: frozenset[UUID] = frozenset()


class ScopeNotOffered(Refusal):
    """A scope that no machine gets here; `offered` are the ones there are."""

    code = "SCOPE_NOT_OFFERED"
    de = "Das Recht „{scope}“ bekommt hier kein Programm. Möglich sind: {offered}."
    en = "No program gets the scope “{scope}” here. Possible: {offered}."


class ClientTooLong(Refusal):
    """A client ends within a year, so that somebody looks at it again."""

    code = "CLIENT_TOO_LONG"
    de = "Ein Zugang gilt höchstens {most_days} Tage. Danach legen Sie einen neuen an."
    en = "A client lasts at most {most_days} days. After that, create a new one."


class AgreementMissing(Refusal):
    """Who runs a program that shows people has signed a processing agreement first."""

    code = "AGREEMENT_MISSING"
    constraint = "client_agreement"
    scopes: str = ""
    de = (
        "Dieses Programm sähe Menschen ({scopes}). Bitte den Vertrag zur Auftragsverarbeitung mit Datum oder "
        "Aktenzeichen nennen."
    )
    en = "This program would see people ({scopes}). Please name the processing agreement with its date or file number."


class ClientOff(Refusal):
    """Off is for good: a client is never switched on again."""

    code = "CLIENT_OFF"
    de = "Dieser Zugang ist abgeschaltet. Bitte legen Sie einen neuen an."
    en = "This client is switched off. Please create a new one."


class OneSecret(Refusal):
    """There is no older secret to end."""

    code = "ONE_SECRET"
    de = "Es gilt nur ein Geheimnis. Geben Sie erst ein neues aus, dann können Sie das alte beenden."
    en = "Only one secret is valid. Issue a new one first, then end the old one."
