"""What the graph shows of spaces: rooms, hours, closures and bookings; and what can be done there."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from strawberry import ID

from quartier.kit.spans import Span
from quartier.spaces import actions, prices, tables, undoing, words
from quartier.spaces.quotas.queries import minutes_included
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    Page,
    asked,
    by_id,
    column,
    key,
    many,
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
    from quartier_graph.members import Organisation, Person
    from quartier_graph.memberships import Membership
    from quartier_graph.photos import SpacePhoto
    from quartier_graph.series import Series


@described
class SpaceKind(enum.Enum):
    """What a space is for."""

    HALL = "hall"
    THINK_ROOM = "think_room"
    CONSULTING = "consulting"
    KITCHEN = "kitchen"
    STUDIO = "studio"
    OFFICE = "office"
    DESK = "desk"
    LOCKER = "locker"


@described
class SpaceState(enum.Enum):
    """Whether a space is in use."""

    OPEN = "open"
    RETIRED = "retired"


@described
class SpaceFor(enum.Enum):
    """Who may book a space."""

    STAFF = "staff"
    MEMBERS = "members"
    PUBLIC = "public"


@described
class OpeningKind(enum.Enum):
    """What hours mean: open, somebody is there, or scarce."""

    OPEN = "open"
    STAFFED = "staffed"
    PEAK = "peak"


@described
class ClosureKind(enum.Enum):
    """Why it is closed."""

    HOLIDAY = "holiday"
    COMPANY_BREAK = "company_break"
    REPAIR = "repair"
    OTHER = "other"


@described
class BookingKind(enum.Enum):
    """Whose booking it is."""

    MEMBER = "member"
    GUEST = "guest"
    INTERNAL = "internal"
    BLOCKING = "blocking"
    SESSION = "session"
    ADVICE = "advice"
    LEASE = "lease"
    OUTSIDE = "outside"


@described
class BookingFor(enum.Enum):
    """Whom a booking made here is for."""

    MEMBER = "member"
    GUEST = "guest"
    INTERNAL = "internal"


@described
class BookingState(enum.Enum):
    """Where a booking stands. HELD, CONFIRMED and CHECKED_IN block their space."""

    HELD = "held"
    EXPIRED = "expired"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled_late"
    CANCELLED_BY_SITE = "cancelled_by_site"
    NO_SHOW = "no_show"
    EXCUSED = "excused"


@described
class Payer(enum.Enum):
    """As whom somebody pays: companies, charitable bodies and initiatives, everybody else."""

    COMPANY = "company"
    NONPROFIT = "nonprofit"
    PUBLIC = "public"


@described
class Visibility(enum.Enum):
    """Who reads what a booking is for."""

    PRIVATE = "private"
    MEMBERS = "members"
    PUBLIC = "public"


_OWN = "({t}.booked_by = {person} or {t}.for_person = {person} or {t}.organisation_id = any({own}))"
_INCLUDED = (
    "(select coalesce(sum(u.minutes), 0)::int from app.allowance_use u"
    " where u.tenant_id = {t}.tenant_id and u.booking_id = {t}.id and u.given_back_at is null)"
)
# By whom something is booked is for those who may read it of that row; others see that it is held.
_WHOSE = {"members:read": None, "spaces:read": _OWN}


class BookingFilter(Filter):
    """Which bookings."""

    space: ID | None = where("In this space.", "{t}.space_id = {v}", id="spc")
    organisation: ID | None = where("For this organisation.", "{t}.organisation_id = {v}", id="org", rows=_WHOSE)
    person: ID | None = where("For this person.", "{t}.for_person = {v}", id="prs", rows=_WHOSE)
    ends_after: datetime | None = where("Ends after this instant.", "{t}.ends_at > {v}")
    starts_before: datetime | None = where("Starts before this instant.", "{t}.starts_at < {v}")
    coming: bool | None = where("Not over yet at the site's clock; false: over.", "({t}.ends_at > {now}) = {v}")
    states: list[BookingState] | None = where("In one of these states.", "{t}.state = any({v})")
    kinds: list[BookingKind] | None = where("Of these kinds.", "{t}.kind = any({v})")


@published(
    tables.Space,
    prefix="spc",
    may=("spaces:read", "public:read"),
    orders={"position": key("{t}.position", "integer")},
)
class Space(Node):
    """A room, a desk or a locker, with its rules of booking."""

    key: str = column("Its lasting name.")
    name_de: str = column("Name in German.")
    name_en: str | None = column("Name in English, where there is one.")
    kind: SpaceKind = column("What it is for.")
    persons: int = column("For how many persons; of like places for each.")
    units: int = column("How many like places there are; 1 for a room.")
    floor: str = column("Where in the house.")
    step_free: bool = column("Whether it is reached without steps.")
    access: list[str] = column("What helps to reach and use it.")
    equipment: list[str] = column("What is in it.")
    rules_de: str | None = column("Rules of the house for it, in German.")
    grid_minutes: int = column("Bookings start and end on this grid from midnight, in minutes.", sql="{t}.grid")
    min_minutes: int = column("The shortest booking, in minutes.", sql="{t}.min")
    max_minutes: int = column("The longest booking, in minutes.", sql="{t}.max")
    lead_minutes: int = column("How long before its start a booking is made at the latest, in minutes.", sql="{t}.lead")
    horizon_days: int = column("How many days ahead it can be booked.")
    before_minutes: int = column("Kept free before a booking to set up, in minutes.", sql="{t}.before")
    after_minutes: int = column("Kept free after a booking to clear up, in minutes.", sql="{t}.after")
    cancel_until_minutes: int = column(
        "Minutes before the start up to which cancelling is in time.", sql="{t}.cancel_until"
    )
    approval: bool = column("Whether a booking is asked for and decided by the site.")
    request_blocks: bool = column("Whether what is asked for is held already.")
    for_whom: SpaceFor = column("Who may book it.", sql="{t}.who")
    lease_only: bool = column("Whether it is given by lease alone, not by the hour.")
    needs_qualification: str | None = column("Key of the briefing it asks for.")
    list_price_hour: Cents = column("List price of an hour.")
    list_rent_month: Cents | None = column("List rent of a month, where it is leased.")
    state: SpaceState = column("Whether it is in use.")
    version: int = column("Counts its changes.")
    parts: Page["SpacePart"] = many("What it is divided into; booking it holds them all.", by="whole_id")
    wholes: Page["SpacePart"] = many("What it is a part of.", by="part_id")
    photos: Page["SpacePhoto"] = many("Its photos, in their order.", by="space_id", orders=("position",))
    bookings: Page["Booking"] = many(
        "Who holds it and when.", by="space_id", orders=("starts", "-starts"), filter=BookingFilter
    )


@published(tables.SpacePart, prefix="spp", may="spaces:read")
class SpacePart(Node):
    """A space is a part of another one."""

    whole: "Space" = one("The whole.", by="whole_id")
    part: "Space" = one("The part.", by="part_id")


@published(
    tables.Opening,
    prefix="opn",
    may=("spaces:read", "public:read"),
    orders={"weekday": key("{t}.weekday * 1440 + lower({t}.minutes)", "integer")},
)
class Opening(Node):
    """Hours of a weekday, in the site's wall time."""

    kind: OpeningKind = column("What they mean.")
    weekday: int = column("1 is Monday.")
    start_minute: int = column("Minute of the day it begins.", sql="lower({t}.minutes)")
    end_minute: int = column("Minute of the day it ends, excluded; 1440 is midnight.", sql="upper({t}.minutes)")
    valid_from: date = column("First day it holds.", sql="lower({t}.valid)")
    valid_until: date | None = column(
        "Last day it holds, included; null while there is none.", sql="upper({t}.valid) - 1"
    )
    space: "Space | None" = one("Whose hours; null for the whole house.", by="space_id")


@published(
    tables.Closure,
    prefix="cls",
    may=("spaces:read", "public:read"),
    orders={"starts": key("lower({t}.during)", "timestamptz")},
)
class Closure(Node):
    """A time in which a space or the house is closed."""

    kind: ClosureKind = column("Why.")
    reason_de: str = column("Why, in words.")
    starts_at: datetime = column("Start, included.", sql="lower({t}.during)")
    ends_at: datetime = column("End, excluded.", sql="upper({t}.during)")
    space: "Space | None" = one("What is closed; null for the whole house.", by="space_id")


@published(
    tables.Booking,
    prefix="bkg",
    may="spaces:read",
    orders={"starts": key("{t}.starts_at", "timestamptz")},
)
class Booking(Node):
    """A span of time in which a space is held, or asked for."""

    number: str = column("Human number, such as LW-B-2026-0014.")
    starts_at: datetime = column("Start, included.")
    ends_at: datetime = column("End, excluded.")
    units: int = column("How many like places.")
    kind: BookingKind = column("Whose it is.")
    state: BookingState = column("Where it stands.")
    visibility: Visibility = column("Who reads what it is for.")
    title: str | None = column("What for, as the front desk reads it.", masked="spaces:desk")
    caption: str | None = column(
        "What for, as far as everybody may know; one's own always.",
        sql=f"case when {{t}}.visibility <> 'private' or {_OWN} then {{t}}.title end",
    )
    persons: int | None = column("How many persons were announced.", masked="spaces:desk")
    before_minutes: int = column("Kept free before it, in minutes.", sql="{t}.before")
    after_minutes: int = column("Kept free after it, in minutes.", sql="{t}.after")
    price: Cents | None = column("What is charged, as the front desk reads it.", masked="spaces:desk")
    own_price: Cents | None = column("What is charged for one's own.", sql=f"case when {_OWN} then {{t}}.price end")
    list_price: Cents | None = column("What it would cost by the list.", masked="spaces:desk")
    own_list_price: Cents | None = column(
        "What one's own would cost by the list.", sql=f"case when {_OWN} then {{t}}.list_price end"
    )
    subsidy: Cents | None = column(
        "What the house gives by charging less than the list says.",
        sql="case when {t}.payer is not null then coalesce({t}.subsidy, greatest({t}.list_price - {t}.price, 0)) end",
        masked="spaces:desk",
    )
    included_minutes: int | None = column(
        "How much of it the plan includes, in minutes of all its places; 0 when it was given back.",
        sql=_INCLUDED,
        masked="spaces:desk",
    )
    own_included_minutes: int | None = column(
        "How much of one's own the plan includes.", sql=f"case when {_OWN} then {_INCLUDED} end"
    )
    payer: Payer | None = column("As whom it is paid for; null where nothing is charged.", masked="spaces:desk")
    held_until: datetime | None = column("Until when it is kept for somebody who is still thinking.")
    checked_in_at: datetime | None = column("When somebody said that they are there.", masked="spaces:desk")
    late: bool = column("Whether it was cancelled after the deadline.")
    reason: str | None = column("Why it was ended, where somebody said so.", masked="spaces:desk")
    own: bool = column("Whether it is the reader's, or her organisation's.", sql=f"coalesce({_OWN}, false)")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    space: "Space" = one("What is held.", by="space_id")
    organisation: "Organisation | None" = one("For which organisation.", by="organisation_id")
    person: "Person | None" = one("For whom.", by="for_person")
    booked_by: "Person | None" = one("Who made it; null for a machine or the house.", by="booked_by")
    membership: "Membership | None" = one("By which membership.", by="membership_id")
    series: "Series | None" = one("Of which series.", by="series_id")
    series_date: date | None = column("Which date of its series it is, also when it was moved.")


class SpaceFilter(Filter):
    """Which spaces."""

    kinds: list[SpaceKind] | None = where("Of these kinds.", "{t}.kind = any({v})")
    persons: int | None = where("For at least so many persons.", "{t}.persons * {t}.units >= {v}")
    step_free: bool | None = where("Reached without steps or not.", "{t}.step_free = {v}")
    lease_only: bool | None = where("Given by lease alone or not.", "{t}.lease_only = {v}")
    states: list[SpaceState] | None = where("In one of these states.", "{t}.state = any({v})")


class OpeningFilter(Filter):
    """Which hours."""

    kind: OpeningKind | None = where("Of this kind.", "{t}.kind = {v}")
    on: date | None = where("That hold on this day.", "{t}.valid @> {v} and {t}.weekday = extract(isodow from {v})")
    space: ID | None = where("Of this space alone.", "{t}.space_id = {v}", id="spc")


class ClosureFilter(Filter):
    """Which closures."""

    ends_after: datetime | None = where("Ends after this instant.", "upper({t}.during) > {v}")
    starts_before: datetime | None = where("Starts before this instant.", "lower({t}.during) < {v}")
    kinds: list[ClosureKind] | None = where("Of these kinds.", "{t}.kind = any({v})")


roots(
    space=by_id(Space, "One space."),
    spaces=page(Space, "Spaces, in the order of the site.", filter=SpaceFilter, orders=("position",)),
    openings=page(Opening, "Opening hours.", filter=OpeningFilter, orders=("weekday",)),
    closures=page(Closure, "When it is closed.", filter=ClosureFilter, orders=("starts", "-starts")),
    booking=by_id(Booking, "One booking."),
    bookings=page(Booking, "Bookings.", filter=BookingFilter, orders=("starts", "-starts")),
)


@wish
class BookSpaceInput:
    """A space, a span, and for whom."""

    space: ID = asked("The space.")
    starts_at: datetime = asked("Start, included.")
    ends_at: datetime = asked("End, excluded.")
    title: str = asked("What for.", default="")
    units: int = asked("How many like places.", default=1)
    persons: int | None = asked("For how many persons.", default=None)
    organisation: ID | None = asked("For which organisation: one's own, at the front desk any.", default=None)
    person: ID | None = asked("For whom; by default who asks. The front desk books for others.", default=None)
    kind: BookingFor | None = asked(
        "MEMBER by default; the front desk also books for guests, and for the house when nobody is named.", default=None
    )
    visibility: Visibility = asked("Who reads what it is for.", default=Visibility.PRIVATE)
    override: bool = asked("Front desk: set hours, buffers, lead and horizon aside.", default=False)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


COSTS: dict[str, tuple[Any, str]] = {
    "price": (Cents | None, "What is charged, in a trial what would be."),
    "list_price": (Cents | None, "What it costs by the list."),
    "subsidy": (Cents | None, "What of the difference the house gives."),
    "included_minutes": (int | None, "How much of it the plan includes, in minutes of all its places."),
    "price_in_words": (str | None, "Price, list price and what the house gives, for people, in the reader's language."),
}
"""What a booking answers about its price, also in a trial, when there is no booking to read it of."""


@verb("spaces:book", changes={"booking": Booking}, values=COSTS)
async def book_space(desk: Desk, wish: BookSpaceInput) -> Done:
    """Hold a space, or ask for it where the site decides. A refusal names the next free times."""
    made = await actions.book_space(
        desk,
        ids.read(wish.space, "spc"),
        Span(wish.starts_at, wish.ends_at),
        title=wish.title,
        units=wish.units,
        persons=wish.persons,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        for_person=ids.read(wish.person, "prs") if wish.person else None,
        kind=wish.kind.value if wish.kind else None,
        visibility=wish.visibility.value,
        override=wish.override,
        beyond=wish.beyond,
    )
    return {"booking": made.id, **await costs(desk, made)}


async def costs(desk: Desk, made: words.Booking) -> Done:
    """What a booking costs; `COSTS` says it to the schema."""
    included, given = await minutes_included(desk, made.id), made.subsidy or 0
    return {
        "price": made.price,
        "list_price": made.list_price,
        "subsidy": given,
        "included_minutes": included,
        "price_in_words": prices.in_words(made.price, made.list_price, given, included, desk.language),
    }


@wish
class MoveBookingInput:
    """A booking and when, or where, it is to be."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")
    starts_at: datetime = asked("The new start, included.")
    ends_at: datetime = asked("The new end, excluded.")
    space: ID | None = asked("Another space.", default=None)
    override: bool = asked("Front desk: set hours, buffers, lead and horizon aside.", default=False)
    beyond: bool = asked("Pay for what the plan has no more of, by the tariff.", default=False)


@verb("spaces:book", changes={"booking": Booking}, values=COSTS)
async def move_booking(desk: Desk, wish: MoveBookingInput) -> Done:
    """Change when or where. Where the site decides, the old time stays held until it has decided."""
    moved = await actions.move_booking(
        desk,
        ids.read(wish.booking, "bkg"),
        wish.version,
        Span(wish.starts_at, wish.ends_at),
        space_id=ids.read(wish.space, "spc") if wish.space else None,
        override=wish.override,
        beyond=wish.beyond,
    )
    return {"booking": moved.id, **await costs(desk, moved)}


@wish
class CancelBookingInput:
    """A booking to give back, or to take away."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")
    reason: str | None = asked("Why; the front desk says so when it takes somebody's booking away.", default=None)


@verb("spaces:book", changes={"booking": Booking})
async def cancel_booking(desk: Desk, wish: CancelBookingInput) -> Done:
    """Cancel a booking: in time up to the deadline of its space, late after it."""
    gone = await actions.cancel_booking(desk, ids.read(wish.booking, "bkg"), wish.version, reason=wish.reason)
    return {"booking": gone.id}


@wish
class UndoCancelInput:
    """A cancellation to take back."""

    booking: ID = asked("The booking.")
    version: int = asked("The version that was seen.")


@verb("spaces:book", changes={"booking": Booking})
async def undo_cancel(desk: Desk, wish: UndoCancelInput) -> Done:
    """Take one's own cancellation back, within a minute and while the time is free."""
    back = await undoing.undo_cancel(desk, ids.read(wish.booking, "bkg"), wish.version)
    return {"booking": back.id}
