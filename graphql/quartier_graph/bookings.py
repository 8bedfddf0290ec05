"""What happens to a booking after it was made: decided, held, arrived, left, missed."""

from datetime import datetime

from strawberry import ID

from quartier.kit.spans import Span
from quartier.spaces import arriving, deciding, holding
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.spaces import COSTS, Booking, costs


@wish
class HoldSpaceInput:
    """A space to be kept for a while."""

    space: ID = asked("The space.")
    starts_at: datetime = asked("Start, included.")
    ends_at: datetime = asked("End, excluded.")
    title: str = asked("What for.", default="")
    units: int = asked("How many like places.", default=1)
    persons: int | None = asked("For how many persons.", default=None)
    organisation: ID | None = asked("For which organisation: one's own, at the front desk any.", default=None)
    person: ID | None = asked("For whom; by default who asks. The front desk holds for others.", default=None)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


@verb("spaces:book", changes={"booking": Booking}, values=COSTS)
async def hold_space(desk: Desk, wish: HoldSpaceInput) -> Done:
    """Keep a space for somebody who is still thinking; it ends by itself."""
    made = await holding.hold_space(
        desk,
        ids.read(wish.space, "spc"),
        Span(wish.starts_at, wish.ends_at),
        title=wish.title,
        units=wish.units,
        persons=wish.persons,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        for_person=ids.read(wish.person, "prs") if wish.person else None,
        beyond=wish.beyond,
    )
    return {"booking": made.id, **await costs(desk, made)}


@wish
class ConfirmHoldInput:
    """A hold as it was seen."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb("spaces:book", changes={"booking": Booking})
async def confirm_hold(desk: Desk, wish: ConfirmHoldInput) -> Done:
    """Make a booking of a hold."""
    return {"booking": (await holding.confirm_hold(desk, ids.read(wish.booking, "bkg"), wish.version)).id}


@wish
class ApproveBookingInput:
    """A request as it was seen."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb(
    "spaces:approve",
    changes={"booking": Booking},
    values={"declined": (int | None, "How many other requests found no room any more and were declined.")},
)
async def approve_booking(desk: Desk, wish: ApproveBookingInput) -> Done:
    """Grant a request; whoever asked for the same place and time is answered in the same act."""
    granted, declined = await deciding.approve_booking(desk, ids.read(wish.booking, "bkg"), wish.version)
    return {"booking": granted.id, "declined": len(declined)}


@wish
class DeclineBookingInput:
    """A request as it was seen, and why not."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why, in words for whoever booked.")


@verb("spaces:approve", changes={"booking": Booking})
async def decline_booking(desk: Desk, wish: DeclineBookingInput) -> Done:
    """Say no to a request."""
    told = await deciding.decline_booking(desk, ids.read(wish.booking, "bkg"), wish.version, wish.reason)
    return {"booking": told.id}


@wish
class CheckInInput:
    """A booking whose people are there."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb("spaces:desk", changes={"booking": Booking})
async def check_in(desk: Desk, wish: CheckInInput) -> Done:
    """Say that people are there."""
    return {"booking": (await arriving.check_in(desk, ids.read(wish.booking, "bkg"), wish.version)).id}


@wish
class EndBookingInput:
    """A booking whose people have left."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb("spaces:desk", changes={"booking": Booking})
async def end_booking(desk: Desk, wish: EndBookingInput) -> Done:
    """Say that they have left; what is left of the time is free at once."""
    return {"booking": (await arriving.end_booking(desk, ids.read(wish.booking, "bkg"), wish.version)).id}


@wish
class MarkNoShowInput:
    """A booking nobody came to."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb("spaces:desk", changes={"booking": Booking})
async def mark_no_show(desk: Desk, wish: MarkNoShowInput) -> Done:
    """Say that nobody came; the rest of the time is free."""
    return {"booking": (await arriving.mark_no_show(desk, ids.read(wish.booking, "bkg"), wish.version)).id}


@wish
class ExcuseNoShowInput:
    """A booking nobody came to, and the reason."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why, in words for whoever booked.")


@verb("spaces:desk", changes={"booking": Booking})
async def excuse_no_show(desk: Desk, wish: ExcuseNoShowInput) -> Done:
    """There was a good reason; it does not count."""
    told = await arriving.excuse_no_show(desk, ids.read(wish.booking, "bkg"), wish.version, wish.reason)
    return {"booking": told.id}
