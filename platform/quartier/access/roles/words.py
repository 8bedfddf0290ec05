"""The nouns of giving roles, and why one is not given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called


@dataclass(frozen=True, slots=True)
class HouseRoles:
    """What a site's setting says of roles: pairs that exclude each other, and roles that may less than elsewhere."""

    apart: frozenset[frozenset[str]] = frozenset()
    may: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What giving a role has to know of the side of `app`: the house's rules, and that the person is here."""

    house: HouseRoles
    state: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role somebody has or had. It sleeps while `waits`: it needs two people, and no second one has confirmed it.

    `source`: `house`, `demo`, or `person:`, `invitation:`, `idp:` with an id. `granted_by` is None for the house and
    for a provider's rule. `confirmed_at`: the last look at it, `confirmed_by`: the second person.
    """

    id: UUID
    person: UUID
    role: str
    source: str
    bound_to: UUID | None
    valid_from: datetime
    valid_until: datetime
    granted_by: UUID | None
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    created_at: datetime
    waits: bool


class RoleUnknown(Refusal):
    """No role of this name at this kind of realm; `offered` are those that are given by hand here."""

    code = "ROLE_UNKNOWN"
    de = "Eine Rolle „{role}“ gibt es hier nicht. Möglich sind: {offered}."
    en = "There is no role “{role}” here. Possible: {offered}."


class RoleNotYours(Refusal):
    """Somebody else gives this role: whoever holds the permission `giver`, or nobody by hand."""

    code = "ROLE_NOT_YOURS"
    de = "Die Rolle „{role}“ können Sie nicht geben oder nehmen. Das tut: {giver}."
    en = "You cannot give or take the role “{role}”. Who does: {giver}."


class RoleExcluded(Refusal):
    """`role` and `others`, which the person has already, never meet in one person."""

    code = "ROLE_EXCLUDED"
    constraint = "roles_apart"
    de = "Die Rolle „{role}“ verträgt sich nicht mit: {others}. Beenden Sie erst diese, oder wählen Sie jemand anderen."
    en = "The role “{role}” does not go together with: {others}. End that first, or choose somebody else."


class RoleTooLong(Refusal):
    """A role ends within `most_days`, so that somebody looks at it again."""

    code = "ROLE_TOO_LONG"
    de = "Eine Rolle gilt höchstens {most_days} Tage. Danach geben Sie sie neu."
    en = "A role lasts at most {most_days} days. After that, give it again."


class RoleConfirmed(Refusal):
    """There is nothing to confirm: the role needs no second person, or has one already."""

    code = "ROLE_CONFIRMED"
    de = "Die Rolle „{role}“ wartet auf keine Bestätigung."
    en = "The role “{role}” does not wait for a confirmation."


class OwnAccess(Refusal):
    """Nobody confirms her own role."""

    code = "OWN_ACCESS"
    de = "Das betrifft Ihren eigenen Zugang. Das macht eine andere Person aus dem Team."
    en = "This is about your own access. Somebody else in the team does it."


called(
    grant_role=("Rolle geben", "give the role"),
    front_desk=("Empfang", "front desk"),
    manager=("Co-Creation-Management", "co-creation manager"),
    advisor=("Beratung", "advisor"),
    grants_officer=("Fördersachbearbeitung", "grants officer"),
    award_authority=("Bewilligungsstelle", "award authority"),
    finance=("Zahlungen", "payments"),
    mentor=("Mentorat", "mentor"),
    observer=("Beobachtung", "observer"),
    data_protection=("Datenschutz", "data protection"),
    site_admin=("Standortverwaltung", "site administration"),
    member_admin=("Organisationsleitung", "head of an organisation"),
    city_analyst=("Stadtverwaltung", "city administration"),
    platform_operator=("Plattformbetrieb", "platform operator"),
)
