"""The pages, one file for each part of the house."""

from litestar.handlers import HTTPRouteHandler

from quartier.console.pages import (
    administration,
    apply,
    booking,
    bookings,
    calendars,
    city,
    closing,
    colleagues,
    front,
    grants,
    importing,
    indicators,
    joining,
    leases,
    log,
    merging,
    mine,
    people,
    prices,
    programme,
    rooms,
    standing,
    tasks,
    today,
)

ROOMS = (
    front,
    today,
    booking,
    bookings,
    rooms,
    closing,
    leases,
    prices,
    calendars,
    joining,  # before the members: its address looks like one of theirs
    importing,
    merging,
    people,
    standing,
    colleagues,
    programme,
    grants,
    apply,
    mine,
    tasks,
    indicators,
    city,
    administration,
    log,
)
HANDLERS: list[HTTPRouteHandler] = [handler for room in ROOMS for handler in room.PAGES]
