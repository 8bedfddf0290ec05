"""Support by the platform's operators: who asks to look, who was let in, what they looked at."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID

from quartier.access.events import machine_now
from quartier.access.people.queries import names
from quartier.access.support import actions, queries
from quartier.access.support.rules import is_over
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, asking, roots, verb, wish

MAY = ("access:grant", "access:audit")


@strawberry.type(
    description="A request of an operator to look into this site, for some hours, without changing anything."
)
class SupportRequest:
    id: ID = strawberry.field(description="The request.")
    operator: str = strawberry.field(description="Who asks.")
    reason: str = strawberry.field(description="Why.")
    requested_at: datetime = strawberry.field(description="Since when.")
    approved_by_name: str | None = strawberry.field(description="Who let them in.")
    approved_at: datetime | None = strawberry.field(description="When.")
    valid_until: datetime | None = strawberry.field(description="Until when they may look.")
    emergency: bool = strawberry.field(description="Whether a second operator let them in, for the site had nobody.")
    ended_at: datetime | None = strawberry.field(description="When it was ended or refused by hand.")
    is_open: bool = strawberry.field(description="Whether they may look now.")


@strawberry.type(description="A look of an operator into this site.")
class SupportEntry:
    at: datetime = strawberry.field(description="When.")
    operator: str = strawberry.field(description="Who.")
    request: ID = strawberry.field(description="By which request.")
    query: str = strawberry.field(description="What they asked the database, word for word.")


async def support_requests(desk: Desk) -> list[SupportRequest]:
    found = await queries.visits(desk)
    known = await names(desk, {person for each in found if (person := _person(each.approved_by))})
    return [
        SupportRequest(
            id=ID(ids.write("sup", each.id)), operator=each.operator, reason=each.reason,
            requested_at=each.requested_at, approved_at=each.approved_at, valid_until=each.valid_until,
            approved_by_name=known.get(person) if (person := _person(each.approved_by)) else each.approved_by,
            emergency=each.emergency, ended_at=each.ended_at,
            is_open=each.approved_at is not None and not is_over(each, machine_now()),
        )
        for each in found
    ]  # fmt: skip


async def support_entries(desk: Desk) -> list[SupportEntry]:
    return [
        SupportEntry(at=each.at, operator=each.operator, request=ID(ids.write("sup", each.visit)), query=each.query)
        for each in await queries.entries(desk)
    ]


def _person(approved_by: str | None) -> UUID | None:
    kind, _, id_ = (approved_by or "").partition(":")
    return UUID(id_) if kind == "person" else None


@wish
class ApproveSupportInput:
    """An operator to let in."""

    request: ID = asked("The request.")
    hours: int = asked("For how many hours, 1 to 4.", default=1)


@verb("access:grant")
async def approve_support(desk: Desk, wish: ApproveSupportInput) -> Done:
    """Let an operator look into this site for some hours: read only, and written down."""
    await actions.approve_visit(desk, ids.read(wish.request, "sup"), wish.hours)
    return {}


@wish
class EndSupportInput:
    """A visit to end, or a request to refuse."""

    request: ID = asked("The request.")


@verb(*MAY)
async def end_support(desk: Desk, wish: EndSupportInput) -> Done:
    """Send an operator away at once, or refuse a request that waits."""
    await actions.end_visit(desk, ids.read(wish.request, "sup"))
    return {}


roots(
    support_requests=asking(
        support_requests, list[SupportRequest], "Who asked to look into this site.", may=MAY, apart=True
    ),
    support_entries=asking(support_entries, list[SupportEntry], "What operators looked at.", may=MAY, apart=True),
)
