"""What hangs at the doors of spaces, for everybody."""

import enum
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import ID

from quartier.spaces import door
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import asking, roots
from quartier_graph.scalars import described

Spaces = Annotated[list[ID] | None, strawberry.argument(description="Of these spaces alone.")]
OnDay = Annotated[date | None, strawberry.argument(description="On this day; today by default.")]


@described
class DoorState(enum.Enum):
    """Whether one may go in: TAKEN is held by somebody, SHUT is closed, or kept clear around what is held."""

    FREE = "free"
    TAKEN = "taken"
    SHUT = "shut"


@strawberry.type(description="A stretch of the day that is held.")
class DoorSpan:
    starts_at: datetime = strawberry.field(description="Start, included.")
    ends_at: datetime = strawberry.field(description="End, excluded.")
    places: int = strawberry.field(
        description="How many like places; 0 where a part of the space is held, or all of it."
    )
    space: ID = strawberry.field(description="What is booked: this space, one of its parts, or what it is a part of.")
    caption: str | None = strawberry.field(description="What for, where that is public.")


@strawberry.type(description="What hangs at the door of a space.")
class Door:
    space: ID = strawberry.field(description="The space.")
    name_de: str = strawberry.field(description="Its name in German.")
    name_en: str | None = strawberry.field(description="Its name in English, where there is one.")
    floor: str = strawberry.field(description="Where in the house.")
    places: int = strawberry.field(description="How many like places there are; 1 for a room.")
    state: DoorState | None = strawberry.field(description="Whether one may go in now; null on another day.")
    until: datetime | None = strawberry.field(
        description="Free until then, or free again from then; null when that is not today."
    )
    held: list[DoorSpan] = strawberry.field(description="What is held on the day, in order.")

    @classmethod
    def of(cls, found: door.Door) -> "Door":
        sign = found.sign
        return cls(
            space=ID(ids.write("spc", sign.space)),
            name_de=sign.name_de,
            name_en=sign.name_en,
            floor=sign.floor,
            places=sign.places,
            state=DoorState(found.state) if found.state else None,
            until=found.until,
            held=[
                DoorSpan(
                    starts_at=each.start,
                    ends_at=each.end,
                    places=each.places,
                    space=ID(ids.write("spc", each.space)),
                    caption=each.caption,
                )
                for each in sign.held
            ],
        )


async def doors(desk: Desk, *, spaces: Spaces = None, day: OnDay = None) -> list[Door]:
    wanted = [ids.seek(each, "spc") for each in spaces] if spaces is not None else None
    return [Door.of(each) for each in await door.doors(desk, spaces=wanted, day=day)]


roots(
    doors=asking(
        doors,
        list[Door],
        "What hangs at the doors of spaces that are booked by the hour, in the order of the site.",
        may=["public:read", "spaces:read"],
    )
)
