"""What one is told, and what one has chosen of it."""

import enum

import strawberry

from quartier.notices.choices import actions
from quartier.notices.choices.queries import choices
from quartier.tenancy.desk import Desk
from quartier_graph.declare import Done, asked, asking, roots, verb, wish
from quartier_graph.scalars import described


@described
class NoticeKind(enum.Enum):
    """Kinds of notices. The first three one may do without; the others are told in any case."""

    BOOKING_REMINDERS = "booking_reminders"
    SESSION_REMINDERS = "session_reminders"
    OWN_ACTS = "own_acts"
    DECISIONS = "decisions"
    HOUSE_CHANGES = "house_changes"
    SEAT_OFFERS = "seat_offers"
    SIGN_IN = "sign_in"


@described
class NoticeChannel(enum.Enum):
    """How a kind is told: by mail, or not at all."""

    MAIL = "mail"
    OFF = "off"


@strawberry.type(description="A kind of notice, and how one is told it.")
class NoticeChoice:
    kind: NoticeKind = strawberry.field(description="Which kind.")
    channel: NoticeChannel = strawberry.field(description="How it is told.")
    fixed: bool = strawberry.field(description="True where it is told in any case: a right or a place hangs on it.")


async def my_notice_choices(desk: Desk) -> list[NoticeChoice]:
    if desk.person is None:
        return []
    return [
        NoticeChoice(kind=NoticeKind(each.kind), channel=NoticeChannel(each.channel), fixed=each.fixed)
        for each in await choices(desk, desk.person)
    ]


roots(
    my_notice_choices=asking(
        my_notice_choices, list[NoticeChoice], "What one is told, and how; nothing for a program.", may=actions.MAY
    ),
)


@wish
class ChooseNoticeInput:
    """A kind of notice, and how it is to be told."""

    kind: NoticeKind = asked("Which kind.")
    channel: NoticeChannel = asked("How.")


@verb(*actions.MAY)
async def choose_notice(desk: Desk, wish: ChooseNoticeInput) -> Done:
    """Say for oneself whether a kind of notice comes. What the house owes cannot be switched off: FIELD_INVALID."""
    await actions.choose(desk, wish.kind.value, wish.channel.value)
    return {}
