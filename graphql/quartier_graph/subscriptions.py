"""Subscriptions: each event is a short read of the tenant, under the rights as they are then."""

from collections.abc import AsyncGenerator, Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from graphql import GraphQLError

from quartier.kit.moments import wall
from quartier_graph import ids, reading
from quartier_graph.context import Context
from quartier_graph.feed import BOOKINGS, FellBehind

if TYPE_CHECKING:
    from quartier_graph.build import Graph

Info = strawberry.Info[Any, Any]
_ON_DAY = "select 1 from app.booking where tenant_id = $1 and id = $2 and during && tstzrange($3, $4)"


def subscription(graph: "Graph") -> type:
    """The schema's subscription type."""
    from quartier_graph.build import lazy

    async def bookings_of_day(info: Info, day: date) -> AsyncGenerator[Any, None]:
        context: Context = info.context
        entity = graph.declarations.entities["Booking"]
        reading.require(context, entity.may, "bookingsOfDay")
        begins, ends = _day(day, context)
        with BOOKINGS.listening(context.desk.tenant_id) as notices:
            try:
                async for booking in notices:
                    await context.refresh()
                    reading.require(context, entity.may, "bookingsOfDay")
                    if await _is_on(context, booking, begins, ends):
                        yield await reading.by_id(context, graph, entity, ids.write(str(entity.prefix), booking))
            except FellBehind:
                raise GraphQLError(
                    "Some changes were missed. Read the day again and subscribe again.",
                    extensions={"code": "CONFLICT"},
                ) from None

    bookings_of_day.__annotations__ = {
        "info": Info,
        "day": Annotated[date, strawberry.argument(description="A day of the site's calendar.")],
        "return": AsyncGenerator[lazy(graph, "Booking") | None, None],  # type: ignore[misc]
    }
    space: dict[str, Any] = {
        "__module__": graph.module,
        "__annotations__": {},
        "bookings_of_day": strawberry.subscription(
            resolver=bookings_of_day,
            description="Each booking of a day as soon as it is made, moved, cancelled or checked in.",
        ),
    }
    make: Callable[..., type] = strawberry.type
    return make(type("Subscription", (), space), description="What can be followed over a WebSocket.")


def _day(day: date, context: Context) -> tuple[datetime, datetime]:
    zone = context.desk.zone
    midnight = datetime.combine(day, time())
    return wall(midnight, zone), wall(midnight + timedelta(days=1), zone)


async def _is_on(context: Context, booking: UUID, begins: datetime, ends: datetime) -> bool:
    return bool(await context.desk.fetch(_ON_DAY, context.desk.tenant_id, booking, begins, ends))
