"""Organisations of a site, who stands for them, and how they became members."""

import functools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from quartier.members import actions
from quartier.members.applications import actions as applications
from quartier.members.applications.queries import open_application
from quartier.members.editing import edit_organisation
from quartier.members.papers.words import PURPOSE, Handed
from quartier.members.queries import organisation
from quartier.members.queries import plan as plan_of
from quartier.members.words import Profile
from quartier_demo.drawn import handed_in, paper
from quartier_demo.shape import Membership, Organisation
from quartier_demo.story import Event, World

MORNING = time(9, 30)

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
            if membership.in_review:
                yield from _applying(world, key, membership, joined)
                continue
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
    world.organisations[key] = (await actions.register_organisation(desk, _profile(body))).id
    for belonging in body.people:
        await actions.add_affiliation(desk, world.people[belonging.name], world.organisations[key], belonging.role)


def _profile(body: Organisation) -> Profile:
    return Profile(
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


async def _seat(world: World, key: str) -> None:
    body = world.organisation(key)
    desk = world.staff("manager", world.on(body.seen + timedelta(days=7), MORNING))
    seen = await organisation(desk, world.organisations[key])
    await edit_organisation(desk, seen.id, seen.version, replace(_profile(body), district=body.district_later))


async def _join(world: World, key: str, membership: Membership, at: datetime) -> None:
    desk = world.staff("manager", at)
    plan = world.plans[membership.plan]
    await actions.open_membership(desk, plan, organisation=world.organisations[key], starts_on=membership.since)


def _applying(world: World, key: str, membership: Membership, at: datetime) -> Iterator[Event]:
    """It asks, is asked something the next morning, and answers: now it waits for a decision."""
    asked, answered = at + timedelta(hours=23), at + timedelta(hours=28)
    yield Event(at, functools.partial(_apply, world, key, membership, at))
    yield Event(asked, functools.partial(_ask, world, key, asked))
    yield Event(answered, functools.partial(_answer, world, key, answered))


async def _apply(world: World, key: str, membership: Membership, at: datetime) -> None:
    desk, name = world.lead(key, at), world.organisation(key).name
    plan = await plan_of(desk, world.plans[membership.plan])
    papers = [
        Handed(kind, await handed_in(desk, PURPOSE, f"{kind}.pdf", paper([name, kind.replace("_", " ").title()])))
        for kind in plan.papers
    ]
    body = world.organisations[key]
    await applications.apply_for_membership(desk, plan.id, organisation=body, starts_on=membership.since, papers=papers)


async def _ask(world: World, key: str, at: datetime) -> None:
    desk = world.staff("manager", at)
    id_, version = await _applied(world, key, at)
    await applications.ask_for_more(desk, id_, version, "Wann und wie oft möchten Sie sich bei uns treffen?")


async def _answer(world: World, key: str, at: datetime) -> None:
    id_, version = await _applied(world, key, at)
    await applications.answer_application(world.lead(key, at), id_, version, "Am ersten Montag im Monat, abends.")


async def _applied(world: World, key: str, at: datetime) -> tuple[UUID, int]:
    desk, membership = world.house(at), world.organisation(key).membership
    assert membership is not None
    family = (await plan_of(desk, world.plans[membership.plan])).family
    found = await open_application(desk, world.organisations[key], family)
    assert found is not None
    return found.id, found.version


async def _leave(world: World, key: str, closed: date) -> None:
    desk = world.staff("manager", world.on(closed, MORNING))
    [row] = await desk.fetch(_HOLDS, desk.tenant_id, world.organisations[key])
    await actions.close_membership(desk, row["id"], row["version"], reason="Betrieb aufgegeben")
