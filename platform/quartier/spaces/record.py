"""What a booking leaves in the database: its row, and one row of occupancy for each unit it holds."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from quartier.database.columns import ranged
from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused, StaleVersion, StepNotPossible
from quartier.spaces import queries, rules, telling
from quartier.spaces.agreement import Agreed
from quartier.spaces.free import units_free
from quartier.spaces.hours import day_of
from quartier.spaces.prices import price
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import Booking, BookingState, Charge, Holder, Visibility, Wish
from quartier.tenancy.desk import Desk
from quartier.tenancy.numbering import Letter, next_number

CHANNEL = "quartier_booking"  # ids of bookings that changed, for those who follow the day

_BOOK = """
insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind, title,
  visibility, booked_by, for_person, organisation_id, membership_id, persons, price, list_price, decided_by, late,
  state, version, created_at, changed_at, series_id, series_date, payer, subsidy)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, false, $21, 1,
  $22, $22, $23, $24, $25, $26)"""
_HOLD = """
insert into app.occupancy (tenant_id, id, booking_id, space_id, unit_no, during, created_at)
select $1, unit.id, $2, unit.space_id, unit.unit_no, $3, $4
from unnest($5::uuid[], $6::uuid[], $7::int[]) as unit (id, space_id, unit_no)"""
_FREE = "delete from app.occupancy where tenant_id = $1 and booking_id = $2"
_MOVE = """
update app.booking
set space_id = $5, during = $6, local_start = $7, before = $8, after = $9, price = $10, list_price = $11,
    subsidy = $12, membership_id = $13, state = $14, payer = $15, version = version + 1, changed_at = $16
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_CANCEL = """
update app.booking
set state = $5, late = $6, reason = $7, decided_by = $8, ended_at = $9, version = version + 1, changed_at = $9
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""


_RESTORE = """
update app.booking
set state = $5, late = false, reason = null, decided_by = null, ended_at = null, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_STEP = """
update app.booking
set state = $5, reason = coalesce($6, reason), decided_by = coalesce($7, decided_by), held_until = $8,
    checked_in_at = coalesce($9, checked_in_at), ended_at = coalesce($10, ended_at), version = version + 1,
    changed_at = $11
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_SHORTEN = """
update app.occupancy set during = tstzrange(lower(during), $3)
where tenant_id = $1 and booking_id = $2 and starts_at < $3 and ends_at > $3"""
_NOT_BEGUN = "delete from app.occupancy where tenant_id = $1 and booking_id = $2 and starts_at >= $3"


async def write_booking(
    desk: Desk,
    agreed: Agreed,
    wish: Wish,
    holder: Holder,
    state: BookingState,
    title: str,
    visibility: Visibility,
    *,
    series: tuple[UUID, date] | None = None,
    letter: Letter = "B",
) -> UUID:
    """Write the booking's row; its number is counted last, when nothing is refused any more.

    `series`: of which series it is which date. `letter`: in which row of numbers it stands.
    """
    space = agreed.space
    made = new_id()
    charge = charges(desk, agreed, wish)
    await desk.fetch(
        _BOOK,
        desk.tenant_id,
        made,
        await next_number(desk, letter),
        space.id,
        wish.units,
        ranged(wish.span),
        queries.wall_time(desk, wish.span.start),
        _minutes(space.before),
        _minutes(space.after),
        holder.kind,
        title.strip(),
        visibility,
        desk.person,
        holder.person,
        holder.organisation,
        agreed.membership,
        wish.persons,
        charge.price,
        charge.list_price,
        desk.person if space.approval and state == "confirmed" else None,
        state,
        desk.now,
        *(series or (None, None)),
        agreed.terms.payer,
        charge.subsidy,
    )
    await quotas.take(desk, made, agreed.membership, agreed.cover, day_of(wish.span.start, desk.zone))
    await desk.tell(CHANNEL, made)
    if series is None:
        await telling.booked(desk, made, holder, state)
    return made


async def hold(desk: Desk, booking: UUID, agreed: Agreed, wish: Wish) -> None:
    """Write one row of occupancy for each atomic part and unit, first those that keep their distance."""
    held = agreed.situation.held
    units = units_free(agreed.space, wish, held) or units_free(agreed.space, wish, held, tight=True)
    await desk.fetch(
        _HOLD,
        desk.tenant_id,
        booking,
        ranged(wish.span),
        desk.now,
        [new_id() for _ in units],
        [space_id for space_id, _ in units],
        [number for _, number in units],
    )


async def free(desk: Desk, booking: UUID) -> None:
    await desk.fetch(_FREE, desk.tenant_id, booking)


async def move(
    desk: Desk, seen: Booking, agreed: Agreed, wish: Wish, state: BookingState, *, alone: bool = True
) -> None:
    """Change when and where, if nobody was faster; what it costs and takes from its plan is reckoned anew.

    Occupancy is the caller's, and so is telling of what does not move `alone`.
    """
    space, charge = agreed.space, charges(desk, agreed, wish)
    await _guarded(
        desk,
        seen,
        _MOVE,
        space.id,
        ranged(wish.span),
        queries.wall_time(desk, wish.span.start),
        _minutes(space.before),
        _minutes(space.after),
        charge.price,
        charge.list_price,
        charge.subsidy,
        agreed.membership,
        state,
        agreed.terms.payer,
        desk.now,
    )
    await quotas.retake(desk, seen.id, agreed.membership, agreed.cover)
    if alone:
        await telling.moved(desk, seen)


async def cancel(desk: Desk, seen: Booking, state: BookingState, reason: str | None, *, alone: bool = True) -> None:
    """End the booking, if nobody was faster, and give back what it holds; its plan is the caller's (`quotas`).

    So is telling of what does not end `alone`.
    """
    late = state == "cancelled_late"
    await _guarded(desk, seen, _CANCEL, state, late, reason, desk.person, desk.now)
    await free(desk, seen.id)
    if alone:
        await telling.ended(desk, seen, state)


async def restore(desk: Desk, seen: Booking, state: BookingState) -> None:
    """Forget that a booking was cancelled, if nobody was faster; what it holds is the caller's."""
    await _guarded(desk, seen, _RESTORE, state, desk.now)


async def step(
    desk: Desk,
    seen: Booking,
    state: BookingState,
    *,
    reason: str | None = None,
    decided: bool = False,
    held_until: datetime | None = None,
    arrived: datetime | None = None,
    ended: datetime | None = None,
) -> None:
    """Take a booking to another state, if nobody was faster; what it holds is the caller's."""
    by = desk.person if decided else None
    await _guarded(desk, seen, _STEP, state, reason, by, held_until, arrived, ended, desk.now)
    if state == "confirmed":
        await telling.confirmed(desk, seen)


async def shorten(desk: Desk, booking: UUID, end: datetime) -> None:
    """Give back the rest of what a booking holds from an instant on."""
    await desk.fetch(_SHORTEN, desk.tenant_id, booking, end)
    await desk.fetch(_NOT_BEGUN, desk.tenant_id, booking, end)


async def _guarded(desk: Desk, seen: Booking, statement: str, *values: object) -> None:
    """Change the row only as it was seen; somebody who was faster is named by the version there is now."""
    if not await desk.fetch(statement, desk.tenant_id, seen.id, seen.state, seen.version, *values):
        demand_step(await queries.booking(desk, seen.id), seen.version)
        raise AssertionError("unreachable")
    await desk.tell(CHANNEL, seen.id)


def holder_of(seen: Booking) -> Holder:
    return Holder(seen.kind, seen.for_person, seen.organisation)


def demand_step(seen: Booking, version: int, possible: Collection[str] = rules.CHANGEABLE) -> None:
    """The version comes first: who has an old page learns that, not what would be possible on a new one."""
    if seen.version != version:
        raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
    if seen.state not in possible:
        raise Refused([StepNotPossible(state=seen.state, possible=", ".join(sorted(possible)))])


def charges(desk: Desk, agreed: Agreed, wish: Wish) -> Charge:
    """What it costs, by the tariffs of the day it begins."""
    return price(agreed.space, wish, agreed.terms, day_of(wish.span.start, desk.zone), agreed.cover)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
