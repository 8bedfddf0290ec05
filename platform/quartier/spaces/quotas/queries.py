"""What a wish is held against: the account it goes by, scarce hours, what is open already."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from quartier.kit.spans import Span
from quartier.members.allowances.queries import accounts
from quartier.members.allowances.rules import balance_on
from quartier.members.allowances.words import Account
from quartier.members.queries import membership_in_force
from quartier.spaces import queries
from quartier.spaces.quotas.words import Budget, Included, OpenBooking, Own
from quartier.spaces.words import Booking, Opening, Situation, Space
from quartier.tenancy.desk import Desk

# `spaces`: whose hours count; `moving`: bookings that are not counted.
_BESIDE = """json_build_object(
  'peaks', (
    select coalesce(json_agg(json_build_object('space', space_id, 'weekday', weekday, 'start_minute', lower(minutes),
             'end_minute', upper(minutes), 'since', lower(valid), 'until', upper(valid))), '[]')
    from app.opening where tenant_id = $1 and kind = 'peak' and (space_id is null or space_id = any({spaces}))),
  'open', (
    select coalesce(json_agg(json_build_object('id', id, 'number', number, 'series', series_id,
             'starts_at', starts_at)), '[]')
    from app.booking where tenant_id = $1 and membership_id = {membership} and ends_at > {now} and id <> all({moving})
      and state in ('held', 'requested', 'confirmed', 'checked_in')),
  'own', (
    select coalesce(json_agg(json_build_object('booking', booking_id, 'balance', balance_id, 'minutes', minutes)), '[]')
    from app.allowance_use where tenant_id = $1 and booking_id = any({moving}) and given_back_at is null))"""
_OF_ONE = "select " + _BESIDE.format(membership="$2", spaces="$3", moving="$4", now="$5") + " as beside"
_IN_LOOK = _BESIDE.format(membership="$5::uuid", spaces="x.around", moving="$6::uuid[]", now="$7")
_MINUTES = """
select coalesce(sum(minutes), 0)::int as minutes from app.allowance_use
where tenant_id = $1 and booking_id = $2 and given_back_at is null"""

_OPEN = """
select count(distinct coalesce(series_id, id))::int as open from app.booking
where tenant_id = $1 and membership_id = $2 and ends_at > $3
  and state in ('held', 'requested', 'confirmed', 'checked_in')"""


class _Beside(msgspec.Struct):
    peaks: tuple[Opening, ...]
    open: tuple[OpenBooking, ...]
    own: tuple["_Use", ...]


class _Use(msgspec.Struct):
    booking: UUID
    balance: UUID
    minutes: int


async def budgets(
    desk: Desk,
    memberships: Collection[UUID | None],
    space: Space,
    since: date,
    *,
    moving: Collection[Booking] = (),
    lock: bool = False,
) -> dict[UUID, Budget]:
    """By membership, all that wishes from the day `since` on are held against.

    `lock` holds the memberships, also those that `moving` bookings go by, until the end of the transaction; the spaces
    are locked already.
    """
    wanted = {each for each in memberships if each is not None}
    left = {each.membership for each in moving if each.membership is not None}
    first = since.replace(day=1)
    found = await accounts(desk, wanted | left if lock else wanted, first, lock=lock)
    made = {}
    for membership in wanted & found.keys():
        args = (membership, list(space.around), [each.id for each in moving], desk.now)
        [row] = await desk.fetch(_OF_ONE, desk.tenant_id, *args)
        made[membership] = _budget(found[membership], row["beside"])
    return made


async def first_look(
    desk: Desk, space: UUID, wish: Span, account: Account | None, moving: Collection[Booking]
) -> tuple[Space, Situation, Budget | None]:
    """One space, what is around the wish, and what it is held against in `account`; without a lock.

    One statement: most who come too late hear it from here, and each round trip is as dear as all that is asked in it.
    Refuses NOT_FOUND.
    """
    membership = account.membership if account else None
    args = (membership, [each.id for each in moving], desk.now)
    found, situation, beside = await queries.first_look(desk, space, wish, _IN_LOOK, *args)
    return found, situation, _budget(account, beside) if account else None


def _budget(account: Account, told: str) -> Budget:
    beside = msgspec.json.decode(told, type=_Beside)
    months = {each.id: each for each in account.balances}
    own = tuple(
        Own(each.booking, months[each.balance].allowance, months[each.balance].since, each.minutes)
        for each in beside.own
        if each.balance in months
    )
    return Budget(account, beside.peaks, beside.open, own)


async def included(desk: Desk, holder: UUID, on: date) -> tuple[Included, ...]:
    """What the holder's membership in force includes on the day, and how much of it is used."""
    membership = await membership_in_force(desk, [holder], on)
    found = await accounts(desk, [membership.id], on) if membership else {}
    told = []
    for account in found.values():
        for allowance in account.included_on(on, "room_minutes"):
            month = balance_on(account, allowance, on)
            about = (account.membership, allowance.kind, allowance.space_kinds, allowance.peak)
            told.append(Included(*about, month.since, month.until, month.granted, month.used))
        for allowance in account.included_on(on, "open_bookings"):
            used = await open_bookings(desk, account.membership)
            told.append(Included(account.membership, allowance.kind, (), "any", None, None, allowance.amount, used))
    return tuple(told)


async def open_bookings(desk: Desk, membership: UUID) -> int:
    """How many bookings of the membership are not over; a series is one."""
    [row] = await desk.fetch(_OPEN, desk.tenant_id, membership, desk.now)
    return int(row["open"])


async def minutes_included(desk: Desk, booking: UUID) -> int:
    """How much of a booking its plan includes, of all places together."""
    [row] = await desk.fetch(_MINUTES, desk.tenant_id, booking)
    return int(row["minutes"])
