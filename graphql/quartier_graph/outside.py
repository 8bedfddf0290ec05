"""Calendars of others that hold a space."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.spaces import tables
from quartier.spaces.outside import actions
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, Node, asked, column, key, one, page, published, roots, verb, wish
from quartier_graph.scalars import described

if TYPE_CHECKING:
    from quartier_graph.spaces import Space


@described
class OutsideFault(enum.Enum):
    """Why a calendar could not be read; what it held stays held."""

    UNREACHABLE = "unreachable"
    NOT_OUTSIDE = "not_outside"
    NOT_THERE = "not_there"
    NO_CALENDAR = "no_calendar"
    TOO_MANY = "too_many"
    TOO_OFTEN = "too_often"


_IN_WORDS = """case {t}.error
  when 'unreachable' then 'Die Adresse antwortet nicht.'
  when 'not_outside' then 'Die Adresse liegt in einem internen Netz, oder die Antwort ist zu groß.'
  when 'not_there' then 'Unter der Adresse liegt kein Kalender mehr.'
  when 'no_calendar' then 'Die Datei ist kein lesbarer Kalender.'
  when 'too_many' then 'Der Kalender hat zu viele Termine.'
  when 'too_often' then 'Der Kalender hat Termine, die öfter als täglich wiederkehren.' end"""


@published(
    tables.OutsideCalendar,
    prefix="ocl",
    may="spaces:desk",
    orders={"made": key("{t}.created_at", "timestamptz")},
)
class OutsideCalendar(Node):
    """A calendar of somebody else; when it is busy, its space is held. Its address is read by nobody."""

    name: str = column("Whose it is, in words.")
    host: str = column("Where it comes from.")
    read_at: datetime | None = column("When it was last read.")
    tried_at: datetime | None = column("When it was last tried.")
    error: OutsideFault | None = column("Why the last try failed.")
    error_de: str | None = column("Why the last try failed, in German words.", sql=_IN_WORDS)
    missed: int = column("How many of its times met what is booked here; that part of them is not held.")
    active: bool = column("Whether it is still read.", sql="({t}.state = 'active')")
    version: int = column("Counts its changes.")
    space: "Space" = one("What it holds.", by="space_id")


roots(outside_calendars=page(OutsideCalendar, "Calendars of others.", orders=("made", "-made")))


@wish
class AddOutsideCalendarInput:
    """Whose calendar holds which space."""

    space: ID = asked("The space; one without several like places.")
    name: str = asked("Whose it is, in words.")
    url: str = asked("Its address, https or webcal; kept sealed.")


@verb("spaces:configure", changes={"calendar": OutsideCalendar})
async def add_outside_calendar(desk: Desk, wish: AddOutsideCalendarInput) -> Done:
    """Let an outside calendar hold a space. It is read soon, then four times an hour."""
    made = await actions.add_outside_calendar(desk, ids.read(wish.space, "spc"), wish.name, wish.url)
    return {"calendar": made}


@wish
class RemoveOutsideCalendarInput:
    """A calendar as it was seen."""

    calendar: ID = asked("The calendar.")
    version: int = asked("The version that was seen.")


@verb("spaces:configure", changes={"calendar": OutsideCalendar})
async def remove_outside_calendar(desk: Desk, wish: RemoveOutsideCalendarInput) -> Done:
    """Read it no more, and give back what it held."""
    calendar = ids.read(wish.calendar, "ocl")
    await actions.remove_outside_calendar(desk, calendar, wish.version)
    return {"calendar": calendar}
