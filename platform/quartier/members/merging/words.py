"""What a merge speaks of, and why it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.members.words import AffiliationRole, IdentifierKind, Organisation

Sign = Literal["number", "name", "website", "people"]


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a room that belong to an organisation: the table, its column, and what people call them."""

    table: str
    column: str
    what: str


@dataclass(frozen=True, slots=True)
class Known:
    """What two organisations are compared by; `leads` are the ids of those who lead it."""

    id: UUID
    name: str
    key: str  # the name as it is sorted
    seat: str
    website: str
    numbers: frozenset[str]
    leads: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Likely:
    """Two organisations that may be one, the older first, and by which signs."""

    first: Known
    second: Known
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A line of a list that would make an organisation, and one there is that reads the same."""

    line: int
    name: str
    organisation: UUID
    organisation_name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An affiliation of either organisation: from `since` until the day before `until`."""

    id: UUID
    organisation: UUID
    person: UUID
    role: AffiliationRole
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Running:
    """A membership of either organisation that is in force, or asked for."""

    id: UUID
    organisation: UUID
    number: str
    family: str
    since: date | None
    until: date | None
    asked_for: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Whatever decides about a merge: who stays, who goes into it, what both hold."""

    kept: Organisation
    other: Organisation
    numbers: Mapping[UUID, Mapping[IdentifierKind, str]]
    memberships: tuple[Running, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Affiliations of one person that meet in time become one: it stays, the others go."""

    stays: UUID
    goes: tuple[UUID, ...]
    role: AffiliationRole
    since: date
    until: date | None


class OrganisationMerged(Refusal):
    """The organisation lives on in another one: what is new belongs there."""

    code = "ORGANISATION_MERGED"
    constraint = "organisation_lives"
    de = "Diese Organisation ist inzwischen in einer anderen aufgegangen. Bitte laden Sie neu und nehmen Sie diese."
    en = "This organisation has become part of another one in the meantime. Please reload and take that one."


class MembershipsMeet(Refusal):
    """Both have a membership of one family at the same time: `kept` and `other` are their numbers."""

    code = "MEMBERSHIPS_MEET"
    de = "Beide sind zur gleichen Zeit Mitglied: {kept} bleibt. Soll {other} heute enden? Dann bitte ankreuzen."
    en = "Both are members at the same time: {kept} stays. Is {other} to end today? Then please tick it."


class ApplicationsMeet(Refusal):
    """Both have asked for a membership of one family: `kept` and `other` are the numbers. One is decided first."""

    code = "APPLICATIONS_MEET"
    de = "Beide haben eine Mitgliedschaft dieser Art beantragt ({kept}, {other}). Bitte erst einen Antrag entscheiden."
    en = "Both have applied for a membership of this kind ({kept} and {other}). Please decide one of them first."


class NumbersDiffer(Refusal):
    """Each has another number of the same kind, `kept` and `other`: often the sign of two enterprises."""

    code = "NUMBERS_DIFFER"
    de = "Zwei Nummern ({kind}): {kept} und {other}. Ist es doch dieselbe? Dann bitte ankreuzen, dass {other} wegfällt."
    en = "Two numbers ({kind}): {kept} and {other}. Is it one organisation? Then please tick that {other} is dropped."
