"""What members can tell: words, never rows."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused
from quartier.members import rules
from quartier.members.words import Affiliation, Facts, IdentifierKind, Membership, Organisation, Plan, Standing
from quartier.tenancy.desk import Desk

_ORGANISATION = """
select id, name, kind, nonprofit, economic, state, version from app.organisation where tenant_id = $1 and id = $2"""
_FACTS = """
select kind, nonprofit, economic, founded_on, nace, postcode, district from app.organisation
where tenant_id = $1 and id = $2"""
_PERSON = "select 1 from app.person where tenant_id = $1 and id = $2 and state in ('pending', 'active')"
_IDENTIFIER = (
    "select organisation_id from app.organisation_identifier where tenant_id = $1 and kind = $2 and value = $3"
)
_IDENTIFIED = "select 1 from app.organisation_identifier where tenant_id = $1 and organisation_id = $2 limit 1"
_AFFILIATIONS = """
select id, person_id, organisation_id, role, lower(during) as since, upper(during) as until from app.affiliation
where tenant_id = $1 and person_id = $2 and during @> $3::date and ($4::uuid is null or organisation_id = $4)
order by lower(during), id"""
_STOOD_FOR = (
    "select 1 from app.affiliation where tenant_id = $1 and person_id = $2 and organisation_id = any($3) limit 1"
)
_PLAN = """
select p.id, p.key, p.name_de, p.family, p.holder, p.kinds, p.nonprofit, p.price, p.notice_days, p.pause_months,
       p.papers, p.public, lower(p.valid) as since, upper(p.valid) as until
from app.plan p where p.tenant_id = $1"""
_PLAN_OF = """ and p.id = (
  select t.plan_id from app.membership_term t where t.tenant_id = $1 and t.membership_id = $2
  order by lower(t.during) desc limit 1)"""
_MEMBERSHIP = """
select id, number, person_id, organisation_id, family, starts_on, ends_on, state, version
from app.membership where tenant_id = $1"""
_IN_THE_WAY = """ and holder_id = $2 and family = $3 and state in ('active', 'paused', 'suspended', 'ending')
  and (ends_on is null or ends_on >= $4) order by starts_on limit 1"""
IN_FORCE = """ and holder_id = any($2) and during @> $3::date and state = any($4)
  and not exists (select 1 from app.membership_term t where t.tenant_id = $1 and t.membership_id = membership.id
    and t.kind = 'paused' and t.during @> $3::date)
order by array_position($2, holder_id), starts_on limit 1"""


async def organisation(desk: Desk, id: UUID, *, lock: bool = False) -> Organisation:  # noqa: A002  (a noun's id)
    """One organisation; `lock` makes what is decided about it wait in line. Refuses NOT_FOUND."""
    rows = await desk.fetch(_ORGANISATION + (" for no key update" if lock else ""), desk.tenant_id, id)
    return Organisation(**_only(rows))


async def facts(desk: Desk, organisation: UUID) -> Facts:
    """What rules of other rooms ask of an organisation. Refuses NOT_FOUND."""
    return Facts(**_only(await desk.fetch(_FACTS, desk.tenant_id, organisation)))


async def person_exists(desk: Desk, person: UUID) -> bool:
    return bool(await desk.fetch(_PERSON, desk.tenant_id, person))


async def bearer(desk: Desk, kind: IdentifierKind, value: str) -> UUID | None:
    """The organisation that has this register number, in its one spelling."""
    rows = await desk.fetch(_IDENTIFIER, desk.tenant_id, kind, value)
    return rows[0]["organisation_id"] if rows else None


async def is_identified(desk: Desk, organisation: UUID) -> bool:
    """Whether an organisation has any register number."""
    return bool(await desk.fetch(_IDENTIFIED, desk.tenant_id, organisation))


async def affiliations(desk: Desk, person: UUID, *, organisation: UUID | None = None) -> tuple[Affiliation, ...]:
    """Whom the person stands for today, the oldest first; those in the role `former` too."""
    rows = await desk.fetch(_AFFILIATIONS, desk.tenant_id, person, today(desk), organisation)
    return tuple(
        Affiliation(r["id"], r["person_id"], r["organisation_id"], r["role"], r["since"], r["until"]) for r in rows
    )


async def has_stood_for(desk: Desk, person: UUID, organisations: Collection[UUID]) -> bool:
    """Whether the person stands, or ever stood, for one of them: a conflict of interest."""
    return bool(await desk.fetch(_STOOD_FOR, desk.tenant_id, person, list(organisations)))


async def standing(desk: Desk, person: UUID) -> Standing:
    """Her own organisations and the roles that follow by right; a desk is opened with them."""
    own_membership = await membership_in_force(desk, [person], today(desk))
    return rules.standing(await affiliations(desk, person), member=own_membership is not None)


async def plan(desk: Desk, id: UUID) -> Plan:  # noqa: A002
    """One plan, offered or not. Refuses NOT_FOUND."""
    return _plan(_only(await desk.fetch(_PLAN + " and p.id = $2", desk.tenant_id, id)))


async def plan_of(desk: Desk, membership: UUID) -> Plan:
    """The plan of the membership's newest term."""
    return _plan(_only(await desk.fetch(_PLAN + _PLAN_OF, desk.tenant_id, membership)))


async def membership(desk: Desk, id: UUID) -> Membership:  # noqa: A002
    """One membership. Refuses NOT_FOUND."""
    return _membership(_only(await desk.fetch(_MEMBERSHIP + " and id = $2", desk.tenant_id, id)))


async def membership_in_the_way(desk: Desk, holder: UUID, family: str, starts_on: date) -> Membership | None:
    """The holder's membership of the same family that is not over by that day."""
    rows = await desk.fetch(_MEMBERSHIP + _IN_THE_WAY, desk.tenant_id, holder, family, starts_on)
    return _membership(rows[0]) if rows else None


async def membership_in_force(desk: Desk, holders: Collection[UUID], on: date) -> Membership | None:
    """The first membership of these holders, in their order, that gives rights on the day."""
    rows = await desk.fetch(_MEMBERSHIP + IN_FORCE, desk.tenant_id, list(holders), on, sorted(rules.IN_FORCE))
    return _membership(rows[0]) if rows else None


def today(desk: Desk) -> date:
    """The day it is at the site."""
    return desk.now.astimezone(desk.zone).date()


def _only(rows: list[Any]) -> Any:
    if not rows:
        raise Refused([NotFound()])
    return rows[0]


def _plan(row: Any) -> Plan:
    return Plan(**{**row, "kinds": tuple(row["kinds"]), "papers": tuple(row["papers"])})


def _membership(row: Any) -> Membership:
    return Membership(
        row["id"],
        row["number"],
        row["person_id"],
        row["organisation_id"],
        row["family"],
        row["starts_on"],
        row["ends_on"],
        row["state"],
        row["version"],
    )
