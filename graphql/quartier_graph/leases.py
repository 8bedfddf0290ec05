"""Places let for long."""

import enum
from datetime import date
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.spaces import tables
from quartier.spaces.leases import actions
from quartier.spaces.leases.words import Terms
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    by_id,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import Cents, described

if TYPE_CHECKING:
    from quartier_graph.members import Organisation
    from quartier_graph.spaces import Booking, Space


@described
class LeaseState(enum.Enum):
    """Where a lease stands."""

    AGREED = "agreed"
    RUNNING = "running"
    NOTICE = "notice"
    ENDED = "ended"


@published(
    tables.Lease,
    prefix="lse",
    may=("spaces:desk", "spaces:book"),
    orders={"starts": key("{t}.starts_on", "date")},
    rows={"spaces:desk": None, "spaces:book": "{t}.organisation_id = any({own})"},
)
class Lease(Node):
    """An office, a desk or a locker let for long; members see their organisation's."""

    unit_no: int = column("Which of the like places; 1 for an office.")
    starts_on: date = column("First day.")
    ends_on: date | None = column("Last day; null while it is open.")
    rent_month: Cents = column("Rent of a month.")
    list_rent_month: Cents = column("What a month cost by the list when it was agreed.")
    notice_days: int = column("How many days ahead it is ended.")
    reason: str | None = column("Why it ends, where somebody said so.")
    state: LeaseState = column("Where it stands.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    space: "Space" = one("What is let.", by="space_id")
    organisation: "Organisation | None" = one("To whom.", by="organisation_id")
    booking: "Booking" = one("The booking that holds the place.", by="booking_id")


class LeaseFilter(Filter):
    """Which leases."""

    space: ID | None = where("Of this space.", "{t}.space_id = {v}", id="spc")
    organisation: ID | None = where("Of this organisation.", "{t}.organisation_id = {v}", id="org")
    states: list[LeaseState] | None = where("In one of these states.", "{t}.state = any({v})")
    ends_from: date | None = where(
        "That are open, or whose last day is this one or later.", "coalesce({t}.ends_on, 'infinity') >= {v}"
    )
    ends_before: date | None = where("Whose last day lies before this one.", "{t}.ends_on < {v}")
    on: date | None = where(
        "That run on this day.", "{t}.starts_on <= {v} and coalesce({t}.ends_on, 'infinity') >= {v}"
    )


roots(
    lease=by_id(Lease, "One lease."),
    leases=page(Lease, "Leases.", filter=LeaseFilter, orders=("starts", "-starts")),
)


@wish
class OpenLeaseInput:
    """What is let, to whom, and on which terms."""

    space: ID = asked("The office, the desks or the lockers.")
    organisation: ID = asked("To whom.")
    starts_on: date = asked("First day.")
    ends_on: date | None = asked("Last day; without one it is open.", default=None)
    unit_no: int | None = asked("Which of the like places; by default the lowest that is free.", default=None)
    rent_month: Cents | None = asked("Rent of a month; by default the list rent.", default=None)
    notice_days: int = asked("How many days ahead it is ended.", default=90)
    title: str = asked("A name for it.", default="")


@verb("spaces:configure", changes={"lease": Lease})
async def open_lease(desk: Desk, wish: OpenLeaseInput) -> Done:
    """Let a place for long; it is held like a booking, whatever the hours."""
    made = await actions.open_lease(
        desk,
        ids.read(wish.space, "spc"),
        ids.read(wish.organisation, "org"),
        Terms(wish.starts_on, wish.ends_on, wish.rent_month, wish.notice_days, wish.title),
        unit_no=wish.unit_no,
    )
    return {"lease": made.id}


@wish
class EndLeaseInput:
    """A lease as it was seen, its last day, and why."""

    lease: ID = asked("The lease.")
    version: int = asked("The version that was seen.")
    ends_on: date = asked("Its last day.")
    reason: str = asked("Why, in words for the tenant.")
    by_agreement: bool = asked("Both sides agree, so the notice does not count.", default=False)


@verb("spaces:configure", changes={"lease": Lease})
async def end_lease(desk: Desk, wish: EndLeaseInput) -> Done:
    """Give notice; the place is free from the day after."""
    seen = await actions.end_lease(
        desk,
        ids.read(wish.lease, "lse"),
        wish.version,
        wish.ends_on,
        wish.reason,
        by_agreement=wish.by_agreement,
    )
    return {"lease": seen.id}
