"""A membership rests for a while and goes on by itself; whoever leads the holder says so, or the team."""

from datetime import date, timedelta
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused, refuse
from quartier.members import queries, rules, telling, terms
from quartier.members.actions import demand, leads
from quartier.members.queries import today
from quartier.members.words import Membership
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

DAY, YEAR = timedelta(days=1), timedelta(days=365)
ACTIVE, PAUSED = frozenset({"active"}), frozenset({"paused"})
_OVER = """
select id from app.membership m where tenant_id = $1 and state = 'paused' and not exists (
  select 1 from app.membership_term t where t.tenant_id = $1 and t.membership_id = m.id and t.kind = 'paused'
    and upper(t.during) > $2) order by id"""


@action("members:approve", "members:own")
async def pause_membership(desk: Desk, membership_id: UUID, version: int, until: date) -> Membership:
    """Let it rest from today to the last day `until`: no rights, no allowance, no fee. The day after it goes on.

    What is booked stays booked. Refuses NOT_FOUND (also: not yours to speak for), STALE_VERSION, STEP_NOT_POSSIBLE,
    PAUSE_TOO_LONG, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        seen = await _seen(desk, membership_id, version, ACTIVE)
        plan, first = await queries.plan_of(desk, seen.id), today(desk)
        rested = await terms.rested(desk, seen.id, first - YEAR, first)
        refuse(rules.objections_to_pause(plan, until=until, today=first, rested=rested))
        now = await terms.step(desk, seen, "paused")
        await terms.rest(desk, seen.id, plan, first, until + DAY)
        await telling.told(desk, now, "membership_paused")
        ledger.note("membership.paused", seen.id, before=seen.state, until=until)
        return now


@action("members:approve", "members:own")
async def resume_membership(desk: Desk, membership_id: UUID, version: int) -> Membership:
    """Go on today, before the pause is over. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE."""
    async with desk.transaction() as ledger:
        seen = await _seen(desk, membership_id, version, PAUSED)
        now = await terms.step(desk, seen, "active")
        await terms.go_on(desk, seen.id, today(desk))
        await telling.told(desk, now, "membership_resumed")
        ledger.note("membership.resumed", seen.id, before=seen.state)
        return now


@action("members:approve")
async def resume_what_is_over(desk: Desk) -> None:
    """Let memberships go on whose pause is over; the calendar's, once a day."""
    async with desk.transaction() as ledger:
        over = [row["id"] for row in await desk.fetch(_OVER, desk.tenant_id, today(desk))]
        for id_ in over:
            now = await terms.step(desk, await queries.membership(desk, id_), "active")
            await telling.told(desk, now, "membership_resumed")
        if over:
            ledger.note("membership.resumed", None, memberships=over)


async def _seen(desk: Desk, membership: UUID, version: int, possible: frozenset[str]) -> Membership:
    """The membership as the page showed it, for the team and for who speaks for its holder."""
    seen = await queries.membership(desk, membership)
    if not desk.may("members:approve") and not await leads(desk, seen):
        raise Refused([NotFound()])
    demand(seen, version, possible)
    return seen
