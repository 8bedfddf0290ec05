"""Who gives which role, which roles never meet in one person, and how long one lasts: pure, every objection at once."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.access.permissions import CITY_ROLES, EVERY, ROLES
from quartier.access.roles.words import (
    Grant,
    HouseRoles,
    OwnAccess,
    RoleConfirmed,
    RoleExcluded,
    RoleNotYours,
    RoleTooLong,
    RoleUnknown,
)
from quartier.kit.refusal import FieldInvalid, Refusal, SamePerson
from quartier.kit.spoken import Words, after

LONGEST = timedelta(days=365)
BY_RIGHT = frozenset({"member", "member_admin"})  # follow from what one belongs to; nobody grants them
NONE: frozenset[str] = frozenset()
TWO_PEOPLE = frozenset({"finance", "platform_operator"})  # sleep until somebody else has confirmed them

GIVERS: Mapping[str, str] = {
    "front_desk": "access:admit",
    "advisor": "access:admit",
    "mentor": "access:admit",
    "observer": "access:admit",
    "manager": "access:grant",
    "grants_officer": "access:grant",
    "finance": "access:grant",
    "data_protection": "access:grant",
    "site_admin": "access:grant",
    "jury": "grants:assign",
    "city_analyst": "access:grant",
    "platform_operator": "access:grant",
}
"""The permission that gives a role by hand. What is missing follows by right, or comes from a provider's rule."""

_EXCLUDES: Mapping[str, Collection[str]] = {
    # Who plans does not pay.
    "finance": ("manager", "front_desk", "advisor", "grants_officer", "site_admin", "jury"),
    # Who prepares or decides does not judge.
    "jury": ("grants_officer", "award_authority"),
    **{role: ROLES.keys() - CITY_ROLES - BY_RIGHT for role in CITY_ROLES},
}
APART: frozenset[frozenset[str]] = frozenset(
    frozenset({role, other}) for role, others in _EXCLUDES.items() for other in others
)
"""Pairs that no site can allow; the constraint `roles_apart` holds them as well."""

NOT_BY_HAND = Words("niemand von Hand: Mitgliedschaft oder Einrichtung", "nobody by hand: membership or institution")


def house_roles(setting: Any) -> HouseRoles:
    """Read a site's setting `roles`; a site that never said anything adds nothing."""
    told: Mapping[str, Mapping[str, Any]] = setting or {}
    apart = {frozenset({role, other}) for role, said in told.items() for other in said.get("excludes") or ()}
    may = {role: frozenset(said["may"]) for role, said in told.items() if said.get("may") is not None}
    return HouseRoles(frozenset(apart), may)


def permissions_here(roles: Collection[str], house: HouseRoles) -> frozenset[str]:
    """The union of what the roles may at this site, which takes away from the platform's table and never adds to it."""
    return frozenset().union(*(ROLES.get(role, NONE) & house.may.get(role, EVERY) for role in roles))


def roles_here(kind: str) -> frozenset[str]:
    """The roles that a kind of realm knows and that are granted at all."""
    return CITY_ROLES if kind == "city" else frozenset(ROLES) - CITY_ROLES - BY_RIGHT


def given_here(kind: str) -> list[str]:
    """Those that are given by hand, in the table's order."""
    return [role for role in GIVERS if role in roles_here(kind)]


def excluded(role: str, held: Collection[str], house: HouseRoles) -> list[str]:
    """Which of the roles that somebody holds does not go together with this one."""
    apart = APART | house.apart
    return sorted(other for other in held if other != role and frozenset({role, other}) in apart)


def waits(role: str, granted_by: UUID | None, confirmed_by: UUID | None) -> bool:
    """Whether a grant sleeps for want of a second person; what the house or a rule gave counts as confirmed."""
    return role in TWO_PEOPLE and granted_by is not None and confirmed_by is None


def objections_to_giver(role: str, *, permissions: Collection[str], kind: str) -> Iterator[Refusal]:
    """The role is one of this realm, and given by whoever is at the desk."""
    if role not in ROLES or (role not in BY_RIGHT and role not in roles_here(kind)):
        yield RoleUnknown(path=("role",), role=role, offered=", ".join(given_here(kind)))
        return
    giver = GIVERS.get(role)
    if giver is None:
        yield RoleNotYours(path=("role",), role=role, giver=NOT_BY_HAND)
    elif giver not in permissions:
        yield RoleNotYours(path=("role",), role=role, giver=giver)


def objections_to_length(role: str, *, until: datetime, bound_to: UUID | None, now: datetime) -> Iterator[Refusal]:
    """A role ends, within a year; a juror's is for one call, and nobody else's is bound."""
    if until <= now:
        yield FieldInvalid(path=("until",), allowed=after(now))
    if until - now > LONGEST:
        yield RoleTooLong(path=("until",), most_days=LONGEST.days)
    if (role == "jury") != (bound_to is not None):
        needed = Words("ein Aufruf, für die Jury allein", "a call, for the jury alone")
        yield FieldInvalid(path=("bound_to",), allowed=needed)


def objections_to_meeting(role: str, held: Collection[str], house: HouseRoles) -> Iterator[Refusal]:
    """Roles that exclude each other never meet in one person, by the platform's rules or the site's own."""
    if others := excluded(role, held, house):
        yield RoleExcluded(path=("role",), role=role, others=", ".join(others))


def objections_to_confirming(grant: Grant, person: UUID) -> Iterator[Refusal]:
    """Four eyes: neither who gave it nor whose it is."""
    if not grant.waits:
        yield RoleConfirmed(role=grant.role)
    if person == grant.granted_by:
        yield SamePerson(step="grant_role")
    if person == grant.person:
        yield OwnAccess()


def new_year(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the site's year: what nobody has looked at since then ends with January."""
    return datetime(now.astimezone(zone).year, 1, 1, tzinfo=zone).astimezone(UTC)
