"""What is done about members: one verb, one transaction, one audit line."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from quartier.access.notices import rights_changed
from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refusal, Refused, StaleVersion, StepNotPossible, refuse
from quartier.kit.text import sort_key
from quartier.members import queries, rules, tables
from quartier.members.identifiers import ALLOWED, ORDER, normalised
from quartier.members.queries import today
from quartier.members.words import (
    Affiliation,
    AffiliationExists,
    AffiliationRole,
    IdentifierKind,
    IdentifierTaken,
    Membership,
    MembershipExists,
    Organisation,
    Plan,
    Profile,
)
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import next_number

_REGISTER = """
insert into app.organisation (tenant_id, id, name, sort_key, kind, legal_form, nonprofit, economic, founded_on, nace,
  street, postcode, town, district, website, about_de, about_en, partner_roles, tags, state, version, created_at,
  changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, '{}', '{}', 'active', 1, $18,
  $18)"""
_OPEN = """
insert into app.membership (tenant_id, id, number, person_id, organisation_id, family, starts_on, reason, decided_by,
                            state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', 1, $10, $10)"""
_CLOSE = """
update app.membership
set state = $5, ends_on = $6, reason = coalesce($7, reason), version = version + 1, changed_at = $8
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_FORGET_NUMBER = """
delete from app.organisation_identifier where tenant_id = $1 and organisation_id = $2 and kind = $3"""
_NUMBER = """
insert into app.organisation_identifier (tenant_id, id, organisation_id, kind, value, created_at)
values ($1, $2, $3, $4, $5, $6)"""
_DROP = "delete from app.membership_term where tenant_id = $1 and membership_id = $2 and lower(during) >= $3"
_CUT = """
update app.membership_term set during = daterange(lower(during), $3)
where tenant_id = $1 and membership_id = $2 and (upper(during) is null or upper(during) > $3)"""
_END = """
update app.membership set state = 'ended', version = version + 1, changed_at = $3
where tenant_id = $1 and state = 'ending' and ends_on < $2 returning id"""


@action("members:edit")
async def register_organisation(desk: Desk, profile: Profile) -> Organisation:
    """Write down an organisation. Refuses FIELD_INVALID, IDENTIFIER_TAKEN."""
    async with desk.transaction() as ledger:
        refuse(rules.objections_to_profile(profile, today=today(desk)))
        numbers = {
            kind: normalised(kind, profile.identifiers[kind]) or "" for kind in ORDER if kind in profile.identifiers
        }
        refuse([taken async for taken in _taken(desk, numbers)])
        name = profile.name.strip()
        made = new_id()
        about = (profile.about_de, profile.about_en)
        await desk.fetch(
            _REGISTER, desk.tenant_id, made, name, sort_key(name), profile.kind, profile.legal_form, profile.nonprofit,
            profile.economic, profile.founded_on, profile.nace, profile.street, profile.postcode, profile.town,
            profile.district, profile.website, *about, desk.now,
        )  # fmt: skip
        for kind, value in numbers.items():
            identifier = tables.OrganisationIdentifier(
                tenant_id=desk.tenant_id,
                id=new_id(),
                organisation_id=made,
                kind=kind,
                value=value,
                created_at=desk.now,
            )
            await tables.OrganisationIdentifier.insert(identifier)
        ledger.note("organisation.registered", made, kind=profile.kind, identifiers=list(numbers))
        return await queries.organisation(desk, made)


@action("members:edit")
async def record_identifier(desk: Desk, organisation: UUID, kind: IdentifierKind, written: str) -> None:
    """Write a register number down, in place of one of its kind. Refuses NOT_FOUND, FIELD_INVALID, IDENTIFIER_TAKEN."""
    async with desk.transaction() as ledger:
        seen = await queries.organisation(desk, organisation, lock=True)
        value = normalised(kind, written)
        if value is None:
            raise Refused([FieldInvalid(path=("value",), kind=kind, allowed=ALLOWED[kind])])
        bearer = await queries.bearer(desk, kind, value)
        if bearer not in {None, seen.id}:
            raise Refused([IdentifierTaken(path=("value",), kind=kind, organisation=bearer)])
        await desk.fetch(_FORGET_NUMBER, desk.tenant_id, seen.id, kind)
        await desk.fetch(_NUMBER, desk.tenant_id, new_id(), seen.id, kind, value, desk.now)
        ledger.note("organisation.identified", seen.id, kind=kind, fields=["identifiers"])


async def _taken(desk: Desk, numbers: Mapping[IdentifierKind, str]) -> AsyncIterator[Refusal]:
    for kind, value in numbers.items():
        if bearer := await queries.bearer(desk, kind, value):
            yield IdentifierTaken(path=("identifiers",), kind=kind, organisation=bearer)


@action("members:edit")
async def add_affiliation(
    desk: Desk, person: UUID, organisation: UUID, role: AffiliationRole, *, since: date | None = None
) -> Affiliation:
    """Let a person stand for an organisation, from today or `since`.

    Refuses NOT_FOUND, FIELD_INVALID, AFFILIATION_EXISTS.
    """
    async with desk.transaction() as ledger:
        if role not in get_args(AffiliationRole):
            raise Refused([FieldInvalid(path=("role",), allowed=", ".join(get_args(AffiliationRole)))])
        await queries.organisation(desk, organisation, lock=True)
        await _demand_person(desk, person)
        first = since or today(desk)
        joined = await queries.affiliations(desk, person, organisation=organisation)
        refuse(AffiliationExists(since=other.since, role=other.role) for other in joined)
        row = tables.Affiliation(
            tenant_id=desk.tenant_id,
            id=new_id(),
            person_id=person,
            organisation_id=organisation,
            role=role,
            during=days(first, None),
            created_at=desk.now,
        )
        await tables.Affiliation.insert(row)
        await rights_changed(desk)
        ledger.note("affiliation.added", row.id, person=person, organisation=organisation, role=role)
        return Affiliation(row.id, person, organisation, role, first, None)


@action("members:approve")
async def open_membership(
    desk: Desk,
    plan_id: UUID,
    *,
    organisation: UUID | None = None,
    person: UUID | None = None,
    starts_on: date | None = None,
    reason: str | None = None,
) -> Membership:
    """Make the organisation or the person a member at once, from today or `starts_on`, at the plan's price.

    Refuses NOT_FOUND, FIELD_INVALID (not exactly one holder), PLAN_NOT_OFFERED, PLAN_DOES_NOT_FIT, OWN_CASE,
    MEMBERSHIP_EXISTS.
    """
    async with desk.transaction() as ledger:
        plan = await queries.plan(desk, plan_id)
        if (organisation is None) == (person is None):
            raise Refused([FieldInvalid(path=("organisation",), allowed="organisation | person")])
        body = await queries.organisation(desk, organisation, lock=True) if organisation else None
        if person:
            await _demand_person(desk, person)
        first = starts_on or today(desk)
        own_case = organisation in desk.own if organisation else person == desk.person
        objections = [
            *rules.objections_to_membership(plan, body, starts_on=first, today=today(desk), own_case=own_case),
            *rules.objections_to_reason(reason),
        ]
        holder = organisation or person
        assert holder
        if there := await queries.membership_in_the_way(desk, holder, plan.family, first):
            objections.append(MembershipExists(number=there.number, since=there.starts_on, membership=there.id))
        refuse(objections)
        made = new_id()
        number = await next_number(desk, "M")
        await desk.fetch(
            _OPEN, desk.tenant_id, made, number, person, organisation, plan.family, first, reason, desk.person, desk.now
        )
        await begin_term(desk, made, plan, first)
        await rights_changed(desk)
        ledger.note("membership.opened", made, plan=plan.id, holder=holder, starts_on=first, price_cents=plan.price)
        return await queries.membership(desk, made)


async def begin_term(desk: Desk, membership: UUID, plan: Plan, first: date) -> None:
    """Write a stretch of a membership; it has no end until something ends it: another plan, the membership's end."""
    term = tables.MembershipTerm(
        tenant_id=desk.tenant_id,
        id=new_id(),
        membership_id=membership,
        plan_id=plan.id,
        kind="paid",
        during=days(first, None),
        price=plan.price,
        created_at=desk.now,
    )
    await tables.MembershipTerm.insert(term)


@action("members:approve", "members:own")
async def close_membership(
    desk: Desk, membership_id: UUID, version: int, *, ends_on: date | None = None, reason: str | None = None
) -> Membership:
    """End a membership on its last day `ends_on`, by default the first day that the plan's notice allows.

    It is `ending` until that day is over, and `ended` at once when it is today. A member may end her own, or, as
    owner or admin, that of her organisation; one that is suspended the team ends, today. Refuses NOT_FOUND,
    STALE_VERSION, STEP_NOT_POSSIBLE, NOTICE_PERIOD.
    """
    async with desk.transaction() as ledger:
        seen = await queries.membership(desk, membership_id)
        if not desk.may("members:approve") and not await leads(desk, seen):
            raise Refused([NotFound()])
        suspended = seen.state == "suspended"
        if suspended and not desk.may("members:approve"):
            demand(seen, version, rules.CLOSABLE - {"suspended"})  # giving notice would open the house again
        demand(seen, version)
        plan, objections = await queries.plan_of(desk, seen.id), list(rules.objections_to_reason(reason))
        last = ends_on or rules.first_day_to_end(seen, plan, today=today(desk))
        if suspended:
            last = today(desk)
        else:
            objections += rules.objections_to_close(seen, plan, ends_on=last, today=today(desk))
        refuse(objections)
        state = "ended" if last <= today(desk) else "ending"
        if not await desk.fetch(_CLOSE, desk.tenant_id, seen.id, seen.state, version, state, last, reason, desk.now):
            demand(await queries.membership(desk, seen.id), version)  # somebody was faster: says what it is now
            raise AssertionError("unreachable")
        after = last + timedelta(days=1)
        await desk.fetch(_DROP, desk.tenant_id, seen.id, after)
        await desk.fetch(_CUT, desk.tenant_id, seen.id, after)
        await rights_changed(desk)
        ledger.note("membership.closed", seen.id, before=seen.state, state=state, ends_on=last)
        return await queries.membership(desk, seen.id)


@action("members:approve")
async def end_memberships(desk: Desk) -> None:
    """End what was ending and whose last day is over; the calendar's, once a day."""
    async with desk.transaction() as ledger:
        ended = await desk.fetch(_END, desk.tenant_id, today(desk), desk.now)
        if ended:
            await rights_changed(desk)
            ledger.note("membership.ended", None, memberships=[row["id"] for row in ended])


async def _demand_person(desk: Desk, person: UUID) -> None:
    if not await queries.person_exists(desk, person):
        raise Refused([NotFound(path=("person",))])


async def leads(desk: Desk, membership: Membership) -> bool:
    """Whether the person at the desk may speak for the holder."""
    if desk.person is None:
        return False
    if membership.organisation is None:
        return membership.person == desk.person
    joined = await queries.affiliations(desk, desk.person, organisation=membership.organisation)
    return any(each.role in {"owner", "admin"} for each in joined)


def demand(seen: Membership, version: int, possible: Collection[str] = rules.CLOSABLE) -> None:
    """The version comes first: who has an old page learns that, not what would be possible on a new one."""
    if seen.version != version:
        raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
    if seen.state not in possible:
        raise Refused([StepNotPossible(state=seen.state, possible=", ".join(sorted(possible)))])
