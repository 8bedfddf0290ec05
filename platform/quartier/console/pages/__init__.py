"""The pages, one file for each part of the house."""

from litestar.handlers import HTTPRouteHandler

from quartier.console.pages import (
    booking,
    bookings,
    calendar,
    city,
    front,
    grants,
    indicators,
    mine,
    people,
    programme,
    today,
)

ROOMS = (front, today, booking, bookings, calendar, people, programme, grants, mine, indicators, city)
HANDLERS: list[HTTPRouteHandler] = [handler for room in ROOMS for handler in room.PAGES]
