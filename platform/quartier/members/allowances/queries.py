"""The accounts of memberships, read as they are or held until the end of the transaction."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import msgspec

from quartier.members import rules
from quartier.members.allowances.words import Account, Balance
from quartier.members.queries import IN_FORCE
from quartier.tenancy.desk import Desk

_LOCK = "select id from app.membership where tenant_id = $1 and id = any($2) order by id for no key update"
# $3: balances whose period was over by this day are left out.
_ACCOUNTS = """
select json_build_object('membership', m.id, 'since', m.starts_on, 'until', m.ends_on + 1,
  'terms', (
    select coalesce(json_agg(json_build_object('plan', t.plan_id, 'paused', t.kind = 'paused', 'fee', t.price > 0,
             'since', lower(t.during), 'until', upper(t.during)) order by lower(t.during)), '[]')
    from app.membership_term t where t.tenant_id = $1 and t.membership_id = m.id),
  'allowances', (
    select coalesce(json_agg(json_build_object('id', a.id, 'plan', a.plan_id, 'kind', a.kind, 'peak', a.peak,
             'space_kinds', a.space_kinds, 'amount', a.amount) order by a.id), '[]')
    from app.plan_allowance a where a.tenant_id = $1 and a.plan_id in (
      select t.plan_id from app.membership_term t where t.tenant_id = $1 and t.membership_id = m.id)),
  'balances', (
    select coalesce(json_agg(json_build_object('id', b.id, 'allowance', b.allowance_id, 'since', lower(b.period),
             'until', upper(b.period), 'granted', b.granted, 'used', b.used)), '[]')
    from app.allowance_balance b
    where b.tenant_id = $1 and b.membership_id = m.id and coalesce(upper(b.period), 'infinity') > $3::date)) as account
from app.membership m where m.tenant_id = $1"""
_OF_MEMBERSHIPS = " and m.id = any($2) and m.starts_on is not null order by m.id"
_IN_FORCE = f" and m.id = (select id from app.membership where tenant_id = $1{IN_FORCE})"

_BALANCES = """
select allowance_id as allowance, lower(period) as since, upper(period) as until, granted, used, id
from app.allowance_balance where tenant_id = $1 and id = any($2)"""


async def balances(desk: Desk, ids: Collection[UUID]) -> tuple[Balance, ...]:
    """These balances as they stand."""
    return tuple(Balance(**row) for row in await desk.fetch(_BALANCES, desk.tenant_id, list(ids)))


async def hold(desk: Desk, memberships: Collection[UUID]) -> None:
    """Let nobody else take from these accounts, or end them, until the end of the transaction."""
    if memberships:
        await desk.fetch(_LOCK, desk.tenant_id, sorted(set(memberships)))


async def accounts(
    desk: Desk, memberships: Collection[UUID], since: date, *, lock: bool = False
) -> dict[UUID, Account]:
    """The accounts of these memberships with the balances of the day `since` and later; see `hold` for `lock`."""
    ids = sorted(set(memberships))
    if lock:
        await hold(desk, ids)
    rows = await desk.fetch(_ACCOUNTS + _OF_MEMBERSHIPS, desk.tenant_id, ids, since) if ids else []
    found = (msgspec.json.decode(row["account"], type=Account) for row in rows)
    return {each.membership: each for each in found}


async def account_in_force(desk: Desk, holders: Collection[UUID], on: date) -> Account | None:
    """The account of the first membership of these holders, in their order, that gives rights on the day."""
    args = (list(holders), on, sorted(rules.IN_FORCE))
    rows = await desk.fetch(_ACCOUNTS + _IN_FORCE, desk.tenant_id, *args)
    return msgspec.json.decode(rows[0]["account"], type=Account) if rows else None
