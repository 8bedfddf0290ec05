"""Leaving, for good or for a while: only when nothing the house lets to the holder goes on."""

from datetime import date
from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.members import actions as members
from quartier.members import resting
from quartier.members.queries import today
from quartier.members.words import Membership
from quartier.spaces.leases import queries as leases
from quartier.spaces.leases.words import LeaseRunning
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk


@action("members:approve", "members:own")
async def close_membership(
    desk: Desk, membership_id: UUID, version: int, *, ends_on: date | None = None, reason: str | None = None
) -> Membership:
    """End a membership, unless a lease of its holder goes on after its last day.

    Refuses what members.close_membership refuses, and LEASE_RUNNING.
    """
    async with desk.transaction():
        closed = await members.close_membership(desk, membership_id, version, ends_on=ends_on, reason=reason)
        if closed.organisation is not None and closed.ends_on is not None:
            await _demand_no_lease(desk, closed.organisation, closed.ends_on)
        return closed


@action("members:approve", "members:own")
async def pause_membership(desk: Desk, membership_id: UUID, version: int, until: date) -> Membership:
    """Let a membership rest, unless its holder has a lease.

    Refuses what resting.pause_membership refuses, and LEASE_RUNNING.
    """
    async with desk.transaction():
        paused = await resting.pause_membership(desk, membership_id, version, until)
        if paused.organisation is not None:
            await _demand_no_lease(desk, paused.organisation, today(desk))
        return paused


async def _demand_no_lease(desk: Desk, organisation: UUID, after: date) -> None:
    lease = await leases.running_after(desk, organisation, after)
    if lease is not None:
        refuse([LeaseRunning(until=lease.ends_on, lease=lease.id)])
