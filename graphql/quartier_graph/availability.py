"""Which spaces are free, and when."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from quartier.kit.spans import Span
from quartier.spaces.availability import Free, free_times, is_free
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import asking, roots

Starts = Annotated[datetime, strawberry.argument(description="From when on, included.")]
Ends = Annotated[datetime, strawberry.argument(description="Until when, excluded; at most 31 days later.")]
Persons = Annotated[int | None, strawberry.argument(description="For at least so many persons.")]
StepFree = Annotated[bool | None, strawberry.argument(description="Reached without steps or not.")]
Equipment = Annotated[list[str] | None, strawberry.argument(description="With all of this in it.")]
Spaces = Annotated[list[ID] | None, strawberry.argument(description="Of these spaces alone.")]
Whole = Annotated[bool, strawberry.argument(description="Only spaces that are free all of this time.")]


@strawberry.type(description="A stretch of time.")
class FreeSpan:
    starts_at: datetime = strawberry.field(description="Start, included.")
    ends_at: datetime = strawberry.field(description="End, excluded.")


@strawberry.type(description="A space and when it is free: within hours and closures, neighbours and buffers kept.")
class FreeSpace:
    space: ID = strawberry.field(description="The space.")
    key: str = strawberry.field(description="Its lasting name.")
    spans: list[FreeSpan] = strawberry.field(description="When one place of it is free, in order.")

    @classmethod
    def of(cls, free: Free) -> "FreeSpace":
        return cls(
            space=ID(ids.write("spc", free.space)),
            key=free.key,
            spans=[FreeSpan(starts_at=each.start, ends_at=each.end) for each in free.spans],
        )


async def free_spaces(
    desk: Desk,
    *,
    starts_at: Starts,
    ends_at: Ends,
    persons: Persons = None,
    step_free: StepFree = None,
    equipment: Equipment = None,
    spaces: Spaces = None,
    whole: Whole = False,
) -> list[FreeSpace]:
    wish = Span(starts_at, ends_at)
    found = await free_times(
        desk,
        wish,
        spaces=[ids.read(each, "spc") for each in spaces] if spaces is not None else None,
        persons=persons,
        step_free=step_free,
        equipment=equipment or (),
    )
    return [FreeSpace.of(each) for each in found if not whole or is_free(each, wish)]


roots(
    free_spaces=asking(
        free_spaces,
        list[FreeSpace],
        "When spaces are free, in the order of the site; a booking may still ask for grid, lead and length.",
        may=["spaces:read"],
    )
)
