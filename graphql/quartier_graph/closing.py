"""Closing, taking out of use, and days with hours of their own."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry import ID

from quartier.kit.spans import Span
from quartier.spaces import closing, days, tables
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
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
from quartier_graph.spaces import Booking, Closure, ClosureKind

if TYPE_CHECKING:
    from quartier_graph.spaces import Space

GONE: dict[str, tuple[Any, str]] = {
    "cancelled": (list[ID] | None, "The bookings that were taken away for it."),
}


@published(
    tables.OpeningDay,
    prefix="opd",
    may="spaces:read",
    orders={"day": key("{t}.day::text || lpad(lower({t}.minutes)::text, 5, '0')", "text")},
)
class OpeningDay(Node):
    """Hours of one date, in place of the weekly ones, in the site's wall time."""

    day: date = column("Which day.")
    start_minute: int = column("Minute of the day it begins.", sql="lower({t}.minutes)")
    end_minute: int = column("Minute of the day it ends, excluded; 1440 is midnight.", sql="upper({t}.minutes)")
    reason_de: str = column("Why, in words.")
    space: "Space | None" = one("Whose hours; null for the whole house.", by="space_id")


class OpeningDayFilter(Filter):
    """Which days."""

    from_day: date | None = where("From this day on.", "{t}.day >= {v}")
    until_day: date | None = where("Up to this day, included.", "{t}.day <= {v}")
    space: ID | None = where("Of this space alone.", "{t}.space_id = {v}", id="spc")


roots(opening_days=page(OpeningDay, "Days with hours of their own.", filter=OpeningDayFilter, orders=("day", "-day")))


@wish
class AddClosureInput:
    """When what is closed, and why."""

    space: ID | None = asked("Which space, with its parts and wholes; without one the whole house.", default=None)
    starts_at: datetime = asked("Start, included.")
    ends_at: datetime = asked("End, excluded.")
    kind: ClosureKind = asked("Why.")
    reason: str = asked("Why, in words for everybody.")
    cancel_bookings: bool = asked("Take away what is booked then, with this reason.", default=False)


@verb("spaces:configure", changes={"closure": Closure}, values=GONE)
async def add_closure(desk: Desk, wish: AddClosureInput) -> Done:
    """Close a space or the house. What is booked then is refused by number, or taken away in the same act."""
    made, gone = await closing.add_closure(
        desk,
        ids.read(wish.space, "spc") if wish.space else None,
        Span(wish.starts_at, wish.ends_at),
        wish.kind.value,
        wish.reason,
        cancel=wish.cancel_bookings,
    )
    return {"closure": made, **_gone(gone)}


@wish
class LiftClosureInput:
    """A closure."""

    closure: ID = asked("The closure.")


@verb("spaces:configure")
async def lift_closure(desk: Desk, wish: LiftClosureInput) -> Done:
    """Open again: a closure to come is taken back, one that has begun ends now."""
    await closing.lift_closure(desk, ids.read(wish.closure, "cls"))
    return {}


@wish
class BlockSpaceInput:
    """What is out of use, and why."""

    space: ID = asked("The space.")
    starts_at: datetime = asked("Start, included.")
    ends_at: datetime = asked("End, excluded.")
    reason: str = asked("Why, in words for everybody.")
    units: int | None = asked("How many like places; by default all.", default=None)
    cancel_bookings: bool = asked("Take away what is booked then, with this reason.", default=False)


@verb("spaces:desk", changes={"booking": Booking}, values=GONE)
async def block_space(desk: Desk, wish: BlockSpaceInput) -> Done:
    """Take a space, or some of its like places, out of use. What is booked then is refused by number, or taken away."""
    made, gone = await closing.block_space(
        desk,
        ids.read(wish.space, "spc"),
        Span(wish.starts_at, wish.ends_at),
        wish.reason,
        units=wish.units,
        cancel=wish.cancel_bookings,
    )
    return {"booking": made.id, **_gone(gone)}


@wish
class LiftBlockingInput:
    """A blocking as it was seen."""

    booking: ID = asked("The blocking.")
    version: int = asked("The version that was seen.")


@verb("spaces:desk", changes={"booking": Booking})
async def lift_blocking(desk: Desk, wish: LiftBlockingInput) -> Done:
    """Bring a space back into use: a blocking to come is cancelled, one that has begun ends now."""
    return {"booking": (await closing.lift_blocking(desk, ids.read(wish.booking, "bkg"), wish.version)).id}


@strawberry.input(description="Hours of a day, in the site's wall time.")
class Hours:
    start_minute: int = strawberry.field(description="Minute of the day it begins.")
    end_minute: int = strawberry.field(description="Minute of the day it ends, excluded; 1440 is midnight.")


@wish
class SetOpeningDayInput:
    """A day and its hours."""

    space: ID | None = asked("Of which space; without one the house.", default=None)
    day: date = asked("Which day.")
    hours: list[Hours] = asked("Its hours in order; none: the weekly ones hold again.")
    reason: str = asked("Why, in words for everybody.")
    cancel_bookings: bool = asked("Take away what would lie outside of hours, with this reason.", default=False)


@verb("spaces:configure", values=GONE)
async def set_opening_day(desk: Desk, wish: SetOpeningDayInput) -> Done:
    """Give a day hours of its own, such as an extra open day or a shorter one."""
    gone = await days.set_opening_day(
        desk,
        ids.read(wish.space, "spc") if wish.space else None,
        wish.day,
        [(each.start_minute, each.end_minute) for each in wish.hours],
        wish.reason,
        cancel=wish.cancel_bookings,
    )
    return _gone(gone)


def _gone(bookings: list[Any]) -> Done:
    return {"cancelled": [ids.write("bkg", each) for each in bookings]}
