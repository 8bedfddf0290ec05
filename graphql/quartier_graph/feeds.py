"""Links to calendars that other programs read."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.spaces import tables
from quartier.spaces.feeds import actions
from quartier.tenancy.desk import Desk
from quartier.tenancy.once import ShownOnce
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
from quartier_graph.scalars import described

if TYPE_CHECKING:
    from quartier_graph.members import Person
    from quartier_graph.spaces import Space


@described
class FeedScope(enum.Enum):
    """What stands in a calendar: one's own bookings, those of a space, or of the whole site."""

    MINE = "mine"
    SPACE = "space"
    SITE = "site"


@published(
    tables.CalendarFeed,
    prefix="cfd",
    may=("spaces:desk", "spaces:read", "spaces:book"),
    orders={"made": key("{t}.created_at", "timestamptz")},
    rows={
        "spaces:desk": None,
        "spaces:read": "{t}.created_by = {person}",
        "spaces:book": "{t}.created_by = {person}",
    },
)
class CalendarFeed(Node):
    """A link to a calendar; the link itself is shown once, when it is made. Members see their own."""

    scope: FeedScope = column("What stands in it.")
    made_at: datetime = column("When it was made.", sql="{t}.created_at")
    revoked_at: datetime | None = column("When it was taken back.")
    space: "Space | None" = one("Of which space.", by="space_id")
    made_by: "Person | None" = one("Who has made it.", by="created_by")


class CalendarFeedFilter(Filter):
    """Which links."""

    made_by: ID | None = where("Made by this person.", "{t}.created_by = {v}", id="prs")


roots(
    calendar_feeds=page(CalendarFeed, "Links to calendars.", filter=CalendarFeedFilter, orders=("made", "-made")),
)


@wish
class MakeCalendarFeedInput:
    """What is to stand in the calendar."""

    scope: FeedScope = asked("One's own bookings, a space's, or the site's.")
    space: ID | None = asked("Which space, for the calendar of one.", default=None)


@verb(
    "spaces:read",
    "spaces:book",
    changes={"feed": CalendarFeed},
    values={
        "link": (
            str | None,
            "Path of the calendar at this site. Shown once: the same key again, and a trial, answer null.",
        )
    },
)
async def make_calendar_feed(desk: Desk, wish: MakeCalendarFeedInput) -> Done:
    """Make a secret link that calendar programs read; what is not public is named in one's own calendar alone."""
    made, token = await actions.make_feed(desk, wish.scope.value, ids.read(wish.space, "spc") if wish.space else None)
    return {"feed": made, "link": ShownOnce(f"/kalender/{token}.ics")}


@wish
class RevokeCalendarFeedInput:
    """A link."""

    feed: ID = asked("The link.")


@verb("spaces:read", "spaces:book", changes={"feed": CalendarFeed})
async def revoke_calendar_feed(desk: Desk, wish: RevokeCalendarFeedInput) -> Done:
    """Take a link back; whoever has it reads nothing any more."""
    feed = ids.read(wish.feed, "cfd")
    await actions.revoke_feed(desk, feed)
    return {"feed": feed}
