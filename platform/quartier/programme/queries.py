"""What the programme can tell: words, never rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from quartier.database.columns import span
from quartier.kit.refusal import NotFound, Refused
from quartier.programme.words import HOUSE, HouseRules, Registration, SeatPool, Session, Waiting, Workshop
from quartier.tenancy.desk import Desk
from quartier.tenancy.setting import setting

_LOCK = "select 1 from app.workshop where tenant_id = $1 and id = $2 for no key update"
_WORKSHOP = """
select w.id, w.number, w.title_de, w.state, w.visibility, w.version, w.opens_at, w.closes_at, w.min_seats,
       w.cancel_until, w.offer, w.offer_stops, w.fill, w.after_expiry,
       (select min(s.starts_at) from app.session s
        where s.tenant_id = $1 and s.workshop_id = w.id and s.state <> 'cancelled') as starts_at
from app.workshop w where w.tenant_id = $1 and w.id = $2"""
_TERM = "select 1 from app.term where tenant_id = $1 and id = $2"
_POOLS = "select id, key, seats, taken from app.seat_pool where tenant_id = $1 and workshop_id = $2 order by key"
_SESSION = """
select id, workshop_id, no, during, space_id, booking_id, place, online_url from app.session
where tenant_id = $1 and state <> 'cancelled' and """
_REGISTRATION = """
select id, workshop_id, pool, person_id, party, priority, joined_at, offered_until, state, version
from app.registration where tenant_id = $1 and """
_NOT_ENDED = """workshop_id = $2 and person_id = $3
  and state not in ('offer_declined', 'offer_expired', 'cancelled', 'cancelled_late', 'cancelled_by_site')"""
_OF_PERSON = "workshop_id = $2 and person_id = $3 limit 1"
_OVERDUE = "workshop_id = $2 and state = 'offered' and offered_until < $3 order by offered_until, id"
_LINE = """
select id, pool, party, priority, joined_at from app.registration
where tenant_id = $1 and workshop_id = $2 and state = 'waitlisted' order by priority desc, joined_at, id"""


async def workshop(desk: Desk, id: UUID, *, lock: bool = False) -> Workshop:  # noqa: A002  (a noun's id)
    """One workshop; `lock` makes its seats and its line ours until the end. Refuses NOT_FOUND."""
    if lock:
        # A statement of its own: what is read after it was there when the lock was given.
        await desk.fetch(_LOCK, desk.tenant_id, id)
    row = _only(await desk.fetch(_WORKSHOP, desk.tenant_id, id))
    minutes = {name: timedelta(minutes=row[name]) for name in ("cancel_until", "offer", "offer_stops")}
    return Workshop(**{**row, **minutes})


async def house_rules(desk: Desk) -> HouseRules:
    """What a workshop follows where its plan says nothing: the setting `programme`, written at opening."""
    told = await setting(desk, "programme")
    if told is None:
        return HOUSE
    return HouseRules(
        cancel_until=timedelta(hours=told["cancel_until_hours"]),
        offer=timedelta(hours=told["offer_hours"]),
        offer_stops=timedelta(hours=told["offer_stops_before_hours"]),
        fill=told["fill"],
        after_expiry=told["after_expiry"],
    )


async def term_exists(desk: Desk, term: UUID) -> bool:
    return bool(await desk.fetch(_TERM, desk.tenant_id, term))


async def seat_pools(desk: Desk, workshop: UUID) -> tuple[SeatPool, ...]:
    return tuple(SeatPool(**row) for row in await desk.fetch(_POOLS, desk.tenant_id, workshop))


async def sessions(desk: Desk, workshop: UUID) -> tuple[Session, ...]:
    """The sessions that take place, in their order."""
    rows = await desk.fetch(_SESSION + "workshop_id = $2 order by no", desk.tenant_id, workshop)
    return tuple(_session(row) for row in rows)


async def session(desk: Desk, id: UUID) -> Session:  # noqa: A002
    """One session that takes place. Refuses NOT_FOUND."""
    return _session(_only(await desk.fetch(_SESSION + "id = $2", desk.tenant_id, id)))


async def registration(desk: Desk, id: UUID) -> Registration:  # noqa: A002
    """One registration. Refuses NOT_FOUND."""
    return Registration(**_only(await desk.fetch(_REGISTRATION + "id = $2", desk.tenant_id, id)))


async def registration_of(desk: Desk, workshop: UUID, person: UUID) -> Registration | None:
    """The person's registration that has not ended."""
    rows = await desk.fetch(_REGISTRATION + _NOT_ENDED, desk.tenant_id, workshop, person)
    return Registration(**rows[0]) if rows else None


async def has_registered(desk: Desk, workshop: UUID, person: UUID) -> bool:
    """Whether the person has a registration, one that has ended included."""
    return bool(await desk.fetch(_REGISTRATION + _OF_PERSON, desk.tenant_id, workshop, person))


async def offers_over(desk: Desk, workshop: UUID) -> tuple[Registration, ...]:
    """Offers that nobody accepted in time, the oldest first."""
    rows = await desk.fetch(_REGISTRATION + _OVERDUE, desk.tenant_id, workshop, desk.now)
    return tuple(Registration(**row) for row in rows)


async def line(desk: Desk, workshop: UUID) -> tuple[Waiting, ...]:
    """Everybody who waits, whose turn it is first."""
    return tuple(Waiting(**row) for row in await desk.fetch(_LINE, desk.tenant_id, workshop))


def _only(rows: list[Any]) -> Any:
    if not rows:
        raise Refused([NotFound()])
    return rows[0]


def _session(row: Any) -> Session:
    return Session(**{**row, "during": span(row["during"])})
