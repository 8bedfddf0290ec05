"""Registering, leaving, promoting. Every change of a seat happens under the lock of its workshop."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotAllowed, NotFound, Refused, StaleVersion, StepNotPossible, refuse
from quartier.kit.spoken import at_least
from quartier.members import queries as members
from quartier.programme import queries
from quartier.programme.rules import is_late, objections_to_registering
from quartier.programme.seats import rules, telling
from quartier.programme.tables import PassedOver as PassedOverTable
from quartier.programme.tables import Registration as RegistrationTable
from quartier.programme.words import (
    OPEN_POOL,
    AlreadyRegistered,
    OfferOver,
    PassedOver,
    Promotion,
    Registration,
    SeatPool,
    SeatsBelowTaken,
    Waiting,
    WorkshopFull,
)
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

EXPIRE = "programme.expire_offers"
_TAKE = """
update app.seat_pool set taken = taken + $4
where tenant_id = $1 and workshop_id = $2 and key = $3 and taken + $4 <= seats returning taken"""
_GIVE_BACK = """
update app.seat_pool set taken = taken - $4 where tenant_id = $1 and workshop_id = $2 and key = $3 returning taken"""
_RESIZE = """
update app.seat_pool set seats = $4
where tenant_id = $1 and workshop_id = $2 and key = $3 and taken <= $4 returning id"""
_STEP = """
update app.registration
set state = $5, offered_until = $6, reason = coalesce($7, reason), joined_at = coalesce($8, joined_at),
    priority = coalesce($9, priority), version = version + 1, changed_at = $10
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning version"""
_TOLD = """
select distinct on (registration_id) registration_id, reason, (numbers->>'free')::int as free from app.passed_over
where tenant_id = $1 and registration_id = any($2) order by registration_id, created_at desc, id desc"""


@action("programme:register")
async def register(
    desk: Desk,
    workshop_id: UUID,
    *,
    person: UUID | None = None,
    organisation: UUID | None = None,
    pool: str = OPEN_POOL,
    party: int = 1,
    priority: int = 0,
    waitlist: bool = False,
) -> Registration:
    """Register the person at the desk, or somebody else who is known here (staff only).

    What is by invitation takes those whom staff has registered before. Confirms when there are seats and nobody's
    turn is earlier; else joins the line where `waitlist` asks
    for it and answers the place. Refuses NOT_OPEN, ALREADY_REGISTERED, PARTY_TOO_LARGE, WORKSHOP_FULL
    (with the place in the line), NOT_ALLOWED for others and for priority.
    """
    whom = person or desk.person
    async with desk.transaction() as ledger:
        workshop = await queries.workshop(desk, workshop_id, lock=True)
        if workshop.state == "draft" and not desk.may("programme:plan"):
            raise Refused([NotFound(path=("workshop",))])  # nobody else is told that it is being planned
        if workshop.visibility == "invited" and not (_is_staff(desk) or await _was_invited(desk, workshop.id)):
            raise Refused([NotFound(path=("workshop",))])  # who merely knows its id
        if whom is None or not (_is_staff(desk) or (whom == desk.person and priority == 0)):
            raise Refused([NotAllowed(permission="programme:attend")])
        await _known(desk, whom, organisation)
        seat_pool = pool_of(await queries.seat_pools(desk, workshop.id), pool)
        earlier = await queries.registration_of(desk, workshop.id, whom)
        refuse(
            [
                *objections_to_registering(workshop, seat_pool, party, priority, now=desk.now),
                *([AlreadyRegistered(state=earlier.state)] if earlier else []),
            ]
        )
        line = await queries.line(desk, workshop.id)
        newcomer = Waiting(new_id(), seat_pool.key, party, priority, desk.now)
        place = None
        if rules.is_seated_at_once(newcomer, line, seat_pool, fill=workshop.fill):
            await take(desk, workshop.id, seat_pool.key, party)
        else:
            place = rules.place_of(newcomer, line)
            refuse([] if waitlist else [WorkshopFull(waiting_place=place)])
        made = await _enter(desk, workshop.id, newcomer, whom, organisation, place)
        ledger.note("registration.made", made.id, workshop=workshop.id, state=made.state, party=party)
    return made


@action("programme:register")
async def cancel_registration(
    desk: Desk, registration_id: UUID, *, version: int | None = None, reason: str | None = None
) -> Registration:
    """Give a seat, an offered seat or a place in the line back; the line moves up.

    After the workshop's deadline a confirmed seat is cancelled late; what staff takes from somebody is never late, and
    is told with the reason. Refuses NOT_FOUND, STALE_VERSION,
    STEP_NOT_POSSIBLE.
    """
    async with desk.transaction() as ledger:
        found = await demand_own(desk, registration_id, version)
        workshop = await queries.workshop(desk, found.workshop_id)
        late = is_late(workshop, now=desk.now)
        by_site = found.person_id != desk.person
        ends = {
            "waitlisted": "cancelled",
            "offered": "offer_declined",
            "confirmed": "cancelled_late" if late else "cancelled",
        }
        if found.state not in ends:
            raise Refused([StepNotPossible(state=found.state, possible=", ".join(ends))])
        state = "cancelled_by_site" if by_site else ends[found.state]
        await _step(desk, found, state, reason=reason)
        untold = await telling.left(desk, found, by_site=by_site)
        if found.state != "waitlisted":
            await _give_back(desk, found)
        await promote_waitlist(desk, found.workshop_id)
        ledger.note(
            "registration.cancelled", found.id, before=found.state, state=state, party=found.party,
            untold=untold,
        )  # fmt: skip
        return await queries.registration(desk, found.id)


@action("programme:register")
async def accept_offer(desk: Desk, registration_id: UUID, *, version: int | None = None) -> Registration:
    """Take the seat that was offered; the last moment is included. Refuses OFFER_OVER, STEP_NOT_POSSIBLE."""
    async with desk.transaction() as ledger:
        found = await demand_own(desk, registration_id, version)
        if found.state != "offered":
            raise Refused([StepNotPossible(state=found.state, possible="offered")])
        if found.offered_until is not None and desk.now > found.offered_until:
            raise Refused([OfferOver(offered_until=found.offered_until)])
        await _step(desk, found, "confirmed")
        await telling.seated(desk, found.person_id, found.id)
        ledger.note("registration.accepted", found.id, party=found.party)
        return await queries.registration(desk, found.id)


@action("programme:plan")
async def change_seats(desk: Desk, workshop_id: UUID, seats: int, *, pool: str = OPEN_POOL) -> SeatPool:
    """Make a pool larger or smaller; the line moves up. Refuses SEATS_BELOW_TAKEN, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        workshop = await queries.workshop(desk, workshop_id, lock=True)
        found = pool_of(await queries.seat_pools(desk, workshop.id), pool)
        if seats < 1:
            raise Refused([FieldInvalid(path=("seats",), allowed=at_least(1))])
        if not await desk.fetch(_RESIZE, desk.tenant_id, workshop.id, found.key, seats):
            raise Refused([SeatsBelowTaken(path=("seats",), taken=found.taken)])
        await promote_waitlist(desk, workshop.id)
        told = {"pool": found.key, "before": found.seats, "seats": seats, "fields": ["seats"]}
        ledger.note("workshop.seats_changed", workshop.id, **told)
        return pool_of(await queries.seat_pools(desk, workshop.id), pool)


@action("programme:plan")
async def expire_offers(desk: Desk, *, workshop: str) -> None:
    """Job: turn offers nobody took to the end of the line or out of it, and offer their seats on.

    At the end of the line there is no priority any more: otherwise the same person would be asked again.
    """
    async with desk.transaction() as ledger:
        found = await queries.workshop(desk, UUID(workshop), lock=True)
        over = await queries.offers_over(desk, found.id)
        for registration in over:
            await _give_back(desk, registration)
            if found.after_expiry == "to_end":
                await _step(desk, registration, "waitlisted", joined_at=desk.now, priority=0)
            else:
                await _step(desk, registration, "offer_expired")
        if over:
            await promote_waitlist(desk, found.id)
            ledger.note("workshop.offers_expired", found.id, offers=len(over))


async def promote_waitlist(desk: Desk, workshop_id: UUID) -> Promotion:
    """Move up whoever's turn it is: the only way from the line to a seat.

    Called after everything that may free a seat. Offers the seat, or confirms it at once where the
    workshop leaves no time to answer; leaves a job that ends the offer; writes down who was passed over.
    """
    async with desk.transaction() as ledger:
        workshop = await queries.workshop(desk, workshop_id, lock=True)
        if workshop.state != "published":
            return Promotion((), ())
        pools = await queries.seat_pools(desk, workshop.id)
        promotion = rules.promotions(
            await queries.line(desk, workshop.id),
            {pool.key: pool.free for pool in pools},
            fill=workshop.fill,
            in_time=rules.is_in_time(workshop, now=desk.now),
        )
        until = rules.offered_until(workshop, now=desk.now)
        for waiting in promotion.moved:
            await take(desk, workshop.id, waiting.pool, waiting.party)
            found = await queries.registration(desk, waiting.id)
            await _step(desk, found, "offered" if until else "confirmed", offered_until=until)
            if until:
                await telling.offered(desk, found)
            else:
                await telling.seated(desk, found.person_id, found.id)
            ledger.note("registration.promoted", waiting.id, party=waiting.party, offered=until is not None)
        if promotion.moved and until:
            # One second later, because the last moment of an offer still counts.
            await desk.later(EXPIRE, after=until - desk.now + timedelta(seconds=1), workshop=workshop.id)
        await _tell_passed_over(desk, promotion.passed)
    return promotion


# -- steps ---------------------------------------------------------------------------------------------
async def demand_own(desk: Desk, registration_id: UUID, seen: int | None) -> Registration:
    """A registration of the person at the desk (staff: anybody's), with its workshop locked."""
    found = await queries.registration(desk, registration_id)
    await queries.workshop(desk, found.workshop_id, lock=True)
    found = await queries.registration(desk, registration_id)
    if found.person_id != desk.person and not _is_staff(desk):
        raise Refused([NotFound()])
    if seen is not None and seen != found.version:
        raise Refused([StaleVersion(version=found.version, seen=seen)])
    return found


async def _enter(
    desk: Desk, workshop_id: UUID, newcomer: Waiting, person: UUID, organisation: UUID | None, place: int | None
) -> Registration:
    state = "waitlisted" if place else "confirmed"
    row = RegistrationTable(
        tenant_id=desk.tenant_id,
        id=newcomer.id,
        workshop_id=workshop_id,
        pool=newcomer.pool,
        person_id=person,
        organisation_id=organisation,
        party=newcomer.party,
        priority=newcomer.priority,
        joined_at=newcomer.joined_at,
        state=state,
        version=1,
        created_at=desk.now,
        changed_at=desk.now,
    )
    await RegistrationTable.insert(row)
    if state == "confirmed":
        await telling.seated(desk, person, newcomer.id)
    return Registration(
        newcomer.id, workshop_id, newcomer.pool, person, newcomer.party, newcomer.priority, newcomer.joined_at,
        None, state, 1, place,
    )  # fmt: skip


async def take(desk: Desk, workshop_id: UUID, pool: str, party: int) -> None:
    if not await desk.fetch(_TAKE, desk.tenant_id, workshop_id, pool, party):
        raise Refused([WorkshopFull()])


async def _give_back(desk: Desk, registration: Registration) -> None:
    await desk.fetch(_GIVE_BACK, desk.tenant_id, registration.workshop_id, registration.pool, registration.party)


async def _step(
    desk: Desk,
    registration: Registration,
    state: str,
    *,
    offered_until: datetime | None = None,
    reason: str | None = None,
    joined_at: datetime | None = None,
    priority: int | None = None,
) -> None:
    stepped = await desk.fetch(
        _STEP, desk.tenant_id, registration.id, registration.state, registration.version, state, offered_until, reason,
        joined_at, priority, desk.now,
    )  # fmt: skip
    if not stepped:
        raise Refused([StaleVersion(seen=registration.version)])


async def _tell_passed_over(desk: Desk, passed: tuple[PassedOver, ...]) -> None:
    """Write down each reason once, until it changes: every cancellation would say the same again."""
    if not passed:
        return
    rows = await desk.fetch(_TOLD, desk.tenant_id, [one.registration_id for one in passed])
    told = {row["registration_id"]: (row["reason"], row["free"]) for row in rows}
    new = [one for one in passed if told.get(one.registration_id) != (one.reason, one.free)]
    if new:
        await PassedOverTable.insert(
            *(
                PassedOverTable(
                    tenant_id=desk.tenant_id,
                    id=new_id(),
                    registration_id=one.registration_id,
                    reason=one.reason,
                    numbers=json.dumps({"party": one.party, "free": one.free}),
                    created_at=desk.now,
                )
                for one in new
            )
        )


# -- who and where -------------------------------------------------------------------------------------
def _is_staff(desk: Desk) -> bool:
    """Somebody of the house; a machine reads lists, but never acts for a person."""
    if desk.client is not None:
        return False
    return desk.may("programme:plan") or desk.may("programme:attend")


async def _was_invited(desk: Desk, workshop: UUID) -> bool:
    """Staff registers whom it invites; from then on they see the workshop."""
    return desk.person is not None and await queries.has_registered(desk, workshop, desk.person)


async def _known(desk: Desk, person: UUID, organisation: UUID | None) -> None:
    """Both belong to this site; members name organisations of their own only. Refuses NOT_FOUND."""
    if not await members.person_exists(desk, person):
        raise Refused([NotFound(path=("person",))])
    if organisation is None:
        return
    if organisation not in desk.own and not _is_staff(desk):
        raise Refused([NotFound(path=("organisation",))])
    await members.organisation(desk, organisation)


def pool_of(pools: tuple[SeatPool, ...], key: str) -> SeatPool:
    for pool in pools:
        if pool.key == key:
            return pool
    raise Refused([FieldInvalid(path=("pool",), allowed=", ".join(pool.key for pool in pools))])
