"""What is taken from an account and given back; the membership is locked, the constraint has the last word."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.members.allowances.rules import granted_in
from quartier.members.allowances.words import Account, Taking
from quartier.tenancy.desk import Desk

_TAKE = """
insert into app.allowance_balance (tenant_id, id, membership_id, allowance_id, period, granted, used, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict on constraint allowance_once do update set used = allowance_balance.used + excluded.used returning id"""
_CHANGE = """
update app.allowance_balance b set used = b.used + x.minutes from unnest($2::uuid[], $3::int[]) as x (id, minutes)
where b.tenant_id = $1 and b.id = x.id"""
_OPEN = """
insert into app.allowance_balance (tenant_id, id, membership_id, allowance_id, period, granted, used, created_at)
select $1, $2, m.id, a.id, daterange(m.starts_on, null), a.amount, $4, $6
from app.membership m
join app.membership_term t on t.tenant_id = $1 and t.membership_id = m.id and t.during @> $5::date
join app.plan_allowance a on a.tenant_id = $1 and a.plan_id = t.plan_id and a.kind = 'open_bookings'
where m.tenant_id = $1 and m.id = $3
on conflict on constraint allowance_once do update set used = excluded.used, granted = excluded.granted"""
_RECOUNT = """
update app.allowance_balance b set used = $3, granted = greatest(a.amount, $3) from app.plan_allowance a
where b.tenant_id = $1 and b.membership_id = $2 and a.tenant_id = $1 and a.id = b.allowance_id
  and a.kind = 'open_bookings'"""

_REGRANT = "update app.allowance_balance set granted = $3 where tenant_id = $1 and id = $2"


async def take(desk: Desk, membership: UUID, takings: Collection[Taking]) -> list[UUID]:
    """Take minutes from accounts, opening those that are not there; give the balance of each."""
    taken = []
    for each in takings:
        what = (each.allowance, days(each.since, each.until), each.granted, each.minutes)
        [row] = await desk.fetch(_TAKE, desk.tenant_id, new_id(), membership, *what, desk.now)
        taken.append(row["id"])
    return taken


async def change(desk: Desk, minutes: Mapping[UUID, int]) -> None:
    """Add to what is used of these balances, or with less than nothing give it back."""
    if minutes:
        await desk.fetch(_CHANGE, desk.tenant_id, list(minutes), list(minutes.values()))


async def regrant(desk: Desk, account: Account) -> None:
    """Grant what the terms of the account give now; never less than what is used already."""
    monthly = {each.id: each for each in account.allowances if each.kind == "room_minutes"}
    for each in account.balances:
        if each.until is not None and each.allowance in monthly:
            granted = granted_in(account, monthly[each.allowance], each.since, each.until)
            await desk.fetch(_REGRANT, desk.tenant_id, each.id, max(granted, each.used))


async def count_open(desk: Desk, membership: UUID, open_: int, on: date) -> None:
    """Write down how many bookings are open with a new one, by the plan of the day it is for."""
    await desk.fetch(_OPEN, desk.tenant_id, new_id(), membership, open_, on, desk.now)


async def recount_open(desk: Desk, membership: UUID, open_: int) -> None:
    """Write down how many are left; more than the plan allows, where an earlier plan allowed more."""
    await desk.fetch(_RECOUNT, desk.tenant_id, membership, open_)
