"""The stretches of a membership, and its step from one state to another."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from quartier.access.notices import rights_changed
from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.members import queries
from quartier.members.actions import demand
from quartier.members.allowances.queries import accounts
from quartier.members.allowances.record import regrant
from quartier.members.words import Membership, MembershipState, Plan
from quartier.tenancy.desk import Desk

_STEP = """
update app.membership set state = $5, reason = coalesce($6, reason), version = version + 1, changed_at = $7
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_DROP = "delete from app.membership_term where tenant_id = $1 and membership_id = $2 and lower(during) >= $3"
_CUT = """
update app.membership_term set during = daterange(lower(during), $3)
where tenant_id = $1 and membership_id = $2 and during @> $3::date and lower(during) < $3"""
_WRITE = """
insert into app.membership_term (tenant_id, id, membership_id, plan_id, kind, during, price, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_COMING = """
select plan_id, kind, greatest(lower(during), $3) as since, upper(during) as until, price from app.membership_term
where tenant_id = $1 and membership_id = $2 and (upper(during) is null or upper(during) > $3) order by lower(during)"""
_RESTED = """
select coalesce(sum(least(upper(during), $4) - greatest(lower(during), $3)), 0)::int as days from app.membership_term
where tenant_id = $1 and membership_id = $2 and kind = 'paused' and during && daterange($3, $4)"""


async def step(desk: Desk, seen: Membership, state: MembershipState, *, reason: str | None = None) -> Membership:
    """Take a membership to another state, if nobody was faster; the row is locked from here on."""
    if not await desk.fetch(_STEP, desk.tenant_id, seen.id, seen.state, seen.version, state, reason, desk.now):
        demand(await queries.membership(desk, seen.id), seen.version)
        raise AssertionError("unreachable")
    await rights_changed(desk)
    return replace(seen, state=state, version=seen.version + 1)


async def rested(desk: Desk, membership: UUID, first: date, after: date) -> int:
    """How many days it rested from the first on, up to and without `after`."""
    [row] = await desk.fetch(_RESTED, desk.tenant_id, membership, first, after)
    return int(row["days"])


async def rest(desk: Desk, membership: UUID, plan: Plan, first: date, after: date) -> None:
    """Let it rest from the first day up to and without `after`; then it goes on as it would have."""
    coming = await desk.fetch(_COMING, desk.tenant_id, membership, first)
    await _end_before(desk, membership, first)
    await _write(desk, membership, plan.id, "paused", first, after, 0)
    for each in coming:
        if each["until"] is None or each["until"] > after:
            since = max(each["since"], after)
            await _write(desk, membership, each["plan_id"], each["kind"], since, each["until"], each["price"])
    await _regrant(desk, membership, first)


async def go_on(desk: Desk, membership: UUID, first: date) -> None:
    """End the rest: what comes after it begins on the first day already."""
    coming = await desk.fetch(_COMING, desk.tenant_id, membership, first)
    paid = [each for each in coming if each["kind"] == "paid"]
    await _end_before(desk, membership, first)
    for place, each in enumerate(paid):
        since = first if place == 0 else each["since"]
        await _write(desk, membership, each["plan_id"], "paid", since, each["until"], each["price"])
    await _regrant(desk, membership, first)


async def change(desk: Desk, membership: UUID, plan: Plan, first: date, until: date | None) -> None:
    """Go on under another plan from the first day, up to and without `until`; what was to come after it is dropped."""
    await _end_before(desk, membership, first)
    await _write(desk, membership, plan.id, "paid", first, until, plan.price)
    await _regrant(desk, membership, first)


async def _end_before(desk: Desk, membership: UUID, first: date) -> None:
    await desk.fetch(_DROP, desk.tenant_id, membership, first)
    await desk.fetch(_CUT, desk.tenant_id, membership, first)


async def _write(
    desk: Desk, membership: UUID, plan: UUID, kind: str, since: date, until: date | None, price: int
) -> None:
    what = (plan, kind, days(since, until), price)
    await desk.fetch(_WRITE, desk.tenant_id, new_id(), membership, *what, desk.now)


async def _regrant(desk: Desk, membership: UUID, first: date) -> None:
    """Balances that are open already are granted anew: a month counts by its days."""
    for account in (await accounts(desk, [membership], first.replace(day=1))).values():
        await regrant(desk, account)
