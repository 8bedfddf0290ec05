"""What can be done with a membership that runs: it rests, is suspended, changes its plan, ends."""

from datetime import date

from strawberry import ID

from quartier.acts import leaving
from quartier.members import deciding, resting
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.memberships import Membership

STARTS = {"starts_on": (date | None, "The day from which the new plan holds.")}


@wish
class PauseMembershipInput:
    """A membership that is to rest for a while."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")
    until: date = asked("The last day it rests; it goes on by itself the day after.")


@verb("members:approve", "members:own", changes={"membership": Membership})
async def pause_membership(desk: Desk, wish: PauseMembershipInput) -> Done:
    """Let a membership rest from today: no rights, no allowance, no fee. One's own, or that of what one leads."""
    key = ids.read(wish.membership, "mbr")
    return {"membership": (await leaving.pause_membership(desk, key, wish.version, wish.until)).id}


@wish
class ResumeMembershipInput:
    """A membership that rests."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")


@verb("members:approve", "members:own", changes={"membership": Membership})
async def resume_membership(desk: Desk, wish: ResumeMembershipInput) -> Done:
    """Go on with a membership today, before its pause is over."""
    return {"membership": (await resting.resume_membership(desk, ids.read(wish.membership, "mbr"), wish.version)).id}


@wish
class SuspendMembershipInput:
    """A membership whose rights are to be taken away."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why; whoever holds it reads that.")


@verb("members:approve", changes={"membership": Membership})
async def suspend_membership(desk: Desk, wish: SuspendMembershipInput) -> Done:
    """Take the rights of a membership away until that is lifted; its holder is told why."""
    key = ids.read(wish.membership, "mbr")
    return {"membership": (await deciding.suspend_membership(desk, key, wish.version, wish.reason)).id}


@wish
class LiftSuspensionInput:
    """A membership that is suspended."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")


@verb("members:approve", changes={"membership": Membership})
async def lift_suspension(desk: Desk, wish: LiftSuspensionInput) -> Done:
    """Give the rights of a membership back; its holder is told."""
    return {"membership": (await deciding.lift_suspension(desk, ids.read(wish.membership, "mbr"), wish.version)).id}


@wish
class ChangePlanInput:
    """A membership and the plan it is to go on under."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")
    plan: ID = asked("The new plan, of the same family.")


@verb("members:approve", changes={"membership": Membership}, values=STARTS)
async def change_plan(desk: Desk, wish: ChangePlanInput) -> Done:
    """Go on under another plan from the first day of the next month; its holder is told."""
    key = ids.read(wish.membership, "mbr")
    changed, first = await deciding.change_plan(desk, key, wish.version, ids.read(wish.plan, "pln"))
    return {"membership": changed.id, "starts_on": first.isoformat()}


@wish
class CloseMembershipInput:
    """A membership to end."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")
    ends_on: date | None = asked("Last day; by default the first that the notice allows.", default=None)
    reason: str | None = asked("Why.", default=None)


@verb("members:approve", "members:own", changes={"membership": Membership})
async def close_membership(desk: Desk, wish: CloseMembershipInput) -> Done:
    """End a membership after its notice; members may end their own, or that of the organisation they lead."""
    closed = await leaving.close_membership(
        desk,
        ids.read(wish.membership, "mbr"),
        wish.version,
        ends_on=wish.ends_on,
        reason=wish.reason,
    )
    return {"membership": closed.id}
