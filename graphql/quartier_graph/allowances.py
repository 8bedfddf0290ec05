"""What a membership includes, and how much of it is used."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import ID

from quartier.members.queries import today
from quartier.spaces.quotas.queries import included
from quartier.spaces.quotas.words import Included
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import asking, roots
from quartier_graph.memberships import AllowanceKind

Whose = Annotated[ID | None, strawberry.argument(description="Of this organisation; without one, one's own.")]
On = Annotated[date | None, strawberry.argument(description="On this day; today by default.")]


@strawberry.type(description="One thing that a membership includes on a day.")
class IncludedNow:
    membership: ID = strawberry.field(description="The membership.")
    kind: AllowanceKind = strawberry.field(description="What: minutes of a month, or bookings that are not over.")
    space_kinds: list[str] = strawberry.field(description="For which kinds of spaces; empty for all.")
    peak: str = strawberry.field(description="For which hours: `peak`, `off_peak` or `any`.")
    since: date | None = strawberry.field(description="From this day on; null where it is always.")
    until: date | None = strawberry.field(description="The last day, included; the next one it renews.")
    granted: int = strawberry.field(description="How much there is.")
    used: int = strawberry.field(description="How much of it is used.")
    left: int = strawberry.field(description="How much is left.")

    @classmethod
    def of(cls, each: Included) -> "IncludedNow":
        return cls(
            membership=ID(ids.write("mbr", each.membership)),
            kind=AllowanceKind(each.kind),
            space_kinds=list(each.space_kinds),
            peak=each.peak,
            since=each.since,
            until=date.fromordinal(each.until.toordinal() - 1) if each.until else None,
            granted=each.granted,
            used=each.used,
            left=max(0, each.granted - each.used),
        )


async def allowances(desk: Desk, *, organisation: Whose = None, on: On = None) -> list[IncludedNow]:
    holder = ids.read(organisation, "org") if organisation else desk.person
    if holder is None or not (holder == desk.person or holder in desk.own or desk.may("members:read")):
        return []
    return [IncludedNow.of(each) for each in await included(desk, holder, on or today(desk))]


roots(
    allowances=asking(
        allowances,
        list[IncludedNow],
        "What a membership in force includes, and how much of it is used; members see their own.",
        may=["members:read", "members:own"],
    )
)
