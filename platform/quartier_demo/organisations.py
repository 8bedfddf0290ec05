"""Organisations of a site, who stands for them, and how they became members."""

import functools
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from quartier.kit.ids import new_id
from quartier.members import actions
from quartier.members.words import Profile
from quartier.tenancy.numbering import next_number
from quartier_demo.shape import Membership
from quartier_demo.story import Event, World

MORNING = time(9, 30)

# An application for membership has no verb yet: a membership opens at once.
_IN_REVIEW = """
insert into app.membership (tenant_id, id, number, organisation_id, family, starts_on, state, version, created_at,
                            changed_at)
select tenant_id, $2, $3, $4, family, $5, 'in_review', 1, $6, $6 from app.plan where tenant_id = $1 and id = $7"""
_SEAT = """
update app.organisation set district = $3, version = version + 1, changed_at = $4 where tenant_id = $1 and id = $2"""
_HOLDS = """
select id, version from app.membership where tenant_id = $1 and organisation_id = $2 and state = 'active'"""


def events(world: World) -> Iterator[Event]:
    for key, body in world.tale.organisations.items():
        yield Event(world.on(body.seen, MORNING), functools.partial(_register, world, key))
        if body.district_later:
            # Not known when it asked for money; the formal check found out.
            yield Event(world.on(body.seen + timedelta(days=7), MORNING), functools.partial(_seat, world, key))
        if membership := body.membership:
            joined = _joined(world, body.seen, membership)
            yield Event(joined, functools.partial(_join, world, key, membership, joined))
            if membership.closed:
                yield from _leaving(world, key, membership.closed)


def _joined(world: World, seen: date, membership: Membership) -> datetime:
    """A week after it was written down; never after its first day."""
    return world.on(min(seen + timedelta(days=7), membership.since), time(11))


def _leaving(world: World, key: str, closed: date) -> Iterator[Event]:
    yield Event(world.on(closed, MORNING), functools.partial(_leave, world, key, closed))
    for months in range(1, 6):  # what the calendar does each night, here once a month
        night = world.on(closed + timedelta(days=31 * months), time(3, 20))
        yield Event(night, functools.partial(actions.end_memberships, world.house(night)))


async def _register(world: World, key: str) -> None:
    body = world.organisation(key)
    desk = world.staff("manager", world.on(body.seen, MORNING))
    profile = Profile(
        name=body.name,
        kind=body.kind,
        nonprofit=body.nonprofit,
        economic=body.economic,
        legal_form=body.legal_form,
        founded_on=body.founded_on,
        nace=body.nace,
        street=body.street,
        postcode=body.postcode,
        town=body.town,
        district=body.district,
        about_de=body.about_de,
        about_en=body.about_en,
        identifiers=body.identifiers,
    )
    world.organisations[key] = (await actions.register_organisation(desk, profile)).id
    for belonging in body.people:
        await actions.add_affiliation(desk, world.people[belonging.name], world.organisations[key], belonging.role)


async def _seat(world: World, key: str) -> None:
    body = world.organisation(key)
    desk = world.staff("manager", world.on(body.seen + timedelta(days=7), MORNING))
    async with desk.transaction() as ledger:
        await desk.fetch(_SEAT, desk.tenant_id, world.organisations[key], body.district_later, desk.now)
        ledger.note("organisation.edited", world.organisations[key])


async def _join(world: World, key: str, membership: Membership, at: datetime) -> None:
    desk = world.staff("manager", at)
    plan = world.plans[membership.plan]
    if not membership.in_review:
        await actions.open_membership(desk, plan, organisation=world.organisations[key], starts_on=membership.since)
        return
    async with desk.transaction() as ledger:
        made, number = new_id(), await next_number(desk, "M")
        holder = world.organisations[key]
        await desk.fetch(_IN_REVIEW, desk.tenant_id, made, number, holder, membership.since, desk.now, plan)
        ledger.note("membership.applied", made, plan=plan, holder=holder)


async def _leave(world: World, key: str, closed: date) -> None:
    desk = world.staff("manager", world.on(closed, MORNING))
    [row] = await desk.fetch(_HOLDS, desk.tenant_id, world.organisations[key])
    await actions.close_membership(desk, row["id"], row["version"], reason="Betrieb aufgegeben")
