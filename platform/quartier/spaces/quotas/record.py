"""What a booking takes from its plan is written with it, and given back in the act that ends it in time."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import refuse
from quartier.members.allowances import record
from quartier.members.allowances.queries import balances, hold
from quartier.members.allowances.words import QuotaSpent
from quartier.spaces.hours import DAY
from quartier.spaces.quotas.queries import open_bookings
from quartier.spaces.quotas.rules import MINUTE
from quartier.spaces.quotas.words import Cover
from quartier.spaces.words import Booking
from quartier.tenancy.desk import Desk

GIVEN_BACK = ("cancelled", "cancelled_by_site", "declined", "withdrawn", "expired", "excused")
_USE = """
insert into app.allowance_use (tenant_id, id, booking_id, balance_id, minutes, created_at)
select $1, unnest($2::uuid[]), $3, unnest($4::uuid[]), unnest($5::int[]), $6"""
_RELEASE = """
delete from app.allowance_use where tenant_id = $1 and booking_id = $2
returning balance_id, case when given_back_at is null then minutes else 0 end as minutes"""
_GIVE_BACK = """
update app.allowance_use u set given_back_at = $3 from app.booking b
where u.tenant_id = $1 and u.booking_id = any($2) and u.given_back_at is null and b.tenant_id = $1
  and b.id = u.booking_id and b.state = any($4)
returning u.balance_id, u.minutes"""
_GIVEN = """
select balance_id, minutes from app.allowance_use
where tenant_id = $1 and booking_id = $2 and given_back_at is not null"""
_AGAIN = "update app.allowance_use set given_back_at = null where tenant_id = $1 and booking_id = $2"


async def take(desk: Desk, booking: UUID, membership: UUID | None, cover: Cover | None, on: date) -> None:
    """Write what a new booking takes; its membership is locked."""
    if membership is None or cover is None:
        return
    await _use(desk, booking, membership, cover)
    await record.count_open(desk, membership, await open_bookings(desk, membership), on)


async def retake(desk: Desk, booking: UUID, membership: UUID | None, cover: Cover | None) -> None:
    """Let a booking that moved take what it takes now, and nothing of what it took before."""
    rows = await desk.fetch(_RELEASE, desk.tenant_id, booking)
    await record.change(desk, _summed(rows, -1))
    if membership is not None and cover is not None:
        await _use(desk, booking, membership, cover)


async def lock(desk: Desk, bookings: Iterable[Booking]) -> None:
    """Hold the memberships that bookings go by, before any of these is changed.

    The order is always spaces, memberships, bookings; then numbers, letters, the log. Who has the second and wants
    the first would wait in a ring.
    """
    await hold(desk, {each.membership for each in bookings if each.membership is not None})


async def settle(desk: Desk, bookings: Collection[Booking]) -> None:
    """Give back what bookings took that ended in time, and count anew what is open; they are locked and changed.

    Late, or without coming, one keeps what one took.
    """
    memberships = sorted({each.membership for each in bookings if each.membership is not None})
    if not memberships:
        return
    ids = [each.id for each in bookings]
    given = await desk.fetch(_GIVE_BACK, desk.tenant_id, ids, desk.now, list(GIVEN_BACK))
    await record.change(desk, _summed(given, -1))
    for membership in memberships:
        await record.recount_open(desk, membership, await open_bookings(desk, membership))


async def take_again(desk: Desk, booking: UUID, membership: UUID | None) -> None:
    """Undo `settle` for a booking that stands again. Refuses QUOTA_SPENT where somebody else has it by now."""
    if membership is None:
        return
    given = _summed(await desk.fetch(_GIVEN, desk.tenant_id, booking), 1)
    refuse(
        QuotaSpent(
            needs=given[each.id] * MINUTE,
            left=each.left * MINUTE,
            until=each.until - DAY if each.until else None,
            renews_on=each.until,
            missing=(given[each.id] - each.left) * MINUTE,
        )
        for each in await balances(desk, given)
        if each.id and each.left < given[each.id]
    )
    await desk.fetch(_AGAIN, desk.tenant_id, booking)
    await record.change(desk, given)
    await record.recount_open(desk, membership, await open_bookings(desk, membership))


async def _use(desk: Desk, booking: UUID, membership: UUID, cover: Cover) -> None:
    if cover.takings:
        balances = await record.take(desk, membership, cover.takings)
        ids, minutes = [new_id() for _ in balances], [each.minutes for each in cover.takings]
        await desk.fetch(_USE, desk.tenant_id, ids, booking, balances, minutes, desk.now)


def _summed(rows: list[Any], sign: int) -> dict[UUID, int]:
    summed: dict[UUID, int] = {}
    for row in rows:
        summed[row["balance_id"]] = summed.get(row["balance_id"], 0) + sign * row["minutes"]
    return summed
