"""Leaving: a membership ends only when nothing the house lets to its holder goes on."""

from datetime import date
from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.members import actions as members
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
            lease = await leases.running_after(desk, closed.organisation, closed.ends_on)
            if lease is not None:
                refuse([LeaseRunning(until=lease.ends_on, lease=lease.id)])
        return closed
