"""The nouns of spaces, and why something is refused."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import called, shown

SpaceKind = Literal["hall", "think_room", "consulting", "kitchen", "studio", "office", "desk", "locker"]
OpeningKind = Literal["open", "staffed", "peak"]
ClosureKind = Literal["holiday", "company_break", "repair", "other"]
BookingKind = Literal["member", "guest", "internal", "blocking", "session", "advice", "lease", "outside"]
Visibility = Literal["private", "members", "public"]
Payer = Literal["company", "nonprofit", "public"]
BookingState = Literal[
    "held", "expired", "requested", "confirmed", "declined", "withdrawn", "checked_in", "completed",
    "cancelled", "cancelled_late", "cancelled_by_site", "no_show", "excused",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Atom:
    """What can be held: a space without parts, or one part of a divided one, with its like units."""

    space: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Space:
    """A space with its booking rules. `atoms` are its parts; a space without parts is its own only atom.

    `around` are the spaces whose closures and hours count here: itself, its parts, the wholes it is a part of.
    `hold` is how long it is kept for somebody who is still thinking, not at all when zero. With `checkin` required
    people say that they are there, from `checkin_opens` before the start to `grace` after it. `needs` is the key of
    the briefing it asks for.
    """

    id: UUID
    key: str
    name_de: str
    kind: SpaceKind
    persons: int
    units: int
    grid: timedelta
    min: timedelta
    max: timedelta
    lead: timedelta
    horizon: timedelta
    before: timedelta
    after: timedelta
    approval: bool
    request_blocks: bool
    cancel_until: timedelta
    who: Literal["staff", "members", "public"]
    lease_only: bool
    list_price_hour: Cents
    state: Literal["open", "retired"]
    atoms: tuple[Atom, ...]
    around: frozenset[UUID]
    hold: timedelta = timedelta()
    checkin: Literal["none", "required"] = "none"
    checkin_opens: timedelta = timedelta()
    grace: timedelta = timedelta()
    needs: str | None = None

    @property
    def divided(self) -> bool:
        return self.atoms[0].space != self.id


@dataclass(frozen=True, slots=True)
class Opening:
    """Weekly hours: `weekday` 1 is Monday, minutes of the day in wall time, the end excluded (1440 = midnight).

    `space` None is the whole house. `until` is the first day it does not hold any more. With `day` they are the
    hours of that one date, in place of the weekly ones.
    """

    space: UUID | None
    weekday: int
    start_minute: int
    end_minute: int
    since: date
    until: date | None
    day: date | None = None

    def holds_on(self, day: date) -> bool:
        if self.day is not None:
            return self.day == day
        return self.weekday == day.isoweekday() and self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Closure:
    """`space` None is the whole house."""

    space: UUID | None
    span: Span
    kind: ClosureKind
    reason_de: str


@dataclass(frozen=True, slots=True)
class Held:
    """One unit held by one booking, with that booking's own buffers."""

    booking: UUID
    space: UUID
    unit_no: int
    span: Span
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class Tariff:
    """Cents an hour for one who pays. `until` is the first day it does not hold any more."""

    payer: Payer
    price_hour: Cents
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Terms:
    """As whom the holder of a wish pays, nobody where nothing is charged, and the prices of the kind of space."""

    payer: Payer | None = None
    tariffs: tuple[Tariff, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What a booking costs its payer, what the list says, and what of the difference the house gives."""

    price: Cents
    list_price: Cents
    subsidy: Cents


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the rules look at around one wish: hours, closures, and what is held."""

    hours: tuple[Opening, ...]
    closures: tuple[Closure, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to hold: `units` like places, for `persons` if they were counted."""

    span: Span
    units: int = 1
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a booking is for."""

    kind: BookingKind
    person: UUID | None
    organisation: UUID | None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as it stands. `subsidy` is not known of those made before plans had accounts."""

    id: UUID
    number: str
    space: UUID
    span: Span
    units: int
    persons: int | None
    kind: BookingKind
    state: BookingState
    booked_by: UUID | None
    for_person: UUID | None
    organisation: UUID | None
    price: Cents
    late: bool
    version: int
    series: UUID | None = None
    series_date: date | None = None
    held_until: datetime | None = None
    list_price: Cents = 0
    payer: Payer | None = None
    membership: UUID | None = None
    subsidy: Cents | None = None


class SpaceTaken(Refusal):
    """Somebody holds the space from `taken_from` to `taken_until`; `next_free` is the next start that works."""

    code = "SPACE_TAKEN"
    constraint = "occupancy_no_overlap"
    de = "In dieser Zeit ist der Raum schon vergeben. Nächster freier Beginn: {next_free}."
    en = "The space is already taken at this time. Next free start: {next_free}."


class UnitsTaken(Refusal):
    """Of `units` like places `left` are free for the whole span; `asked` were wanted."""

    code = "UNITS_TAKEN"
    de = "Dann sind noch {left} von {units} Plätzen frei, gewünscht sind {asked}. Wieder genug frei ab: {next_free}."
    en = "At this time {left} of {units} places are free, {asked} are wanted. Enough again from: {next_free}."


class BufferNeeded(Refusal):
    """Before and after a booking time is kept for setting up: free is `free_from` to `free_until`.

    Of like places each has its own neighbours, so there only the alternatives are told.
    """

    code = "BUFFER_NEEDED"
    de = "Zwischen zwei Buchungen braucht der Raum Zeit zum Umbauen. Möglich ist {free_from} bis {free_until}."
    en = "The space needs time for setting up between two bookings. Possible: {free_from} to {free_until}."


class Closed(Refusal):
    """The space or the house is closed, for the reason `kind`."""

    code = "CLOSED"
    de = "Geschlossen vom {closed_from} bis {closed_until}: {reason}."
    en = "Closed from {closed_from} to {closed_until}: {reason}."

    def message(self, language: str, zone: ZoneInfo) -> str:
        """As any refusal; whole days without hours, and with the last of them, not the midnight after it."""
        ends = [self.numbers.get(name) for name in ("closed_from", "closed_until")]
        first, after = [each.astimezone(zone) if isinstance(each, datetime) else None for each in ends]
        if first is None or after is None or (first.time(), after.time()) != (time(), time()):
            return super().message(language, zone)
        last = after.date() - timedelta(days=1)
        days = [shown("day", day, zone, language) for day in dict.fromkeys((first.date(), last))]
        reason = shown("reason", self.numbers.get("reason", "–"), zone, language)
        if language == "en":
            return f"Closed {'on' if len(days) == 1 else 'from'} {' to '.join(days)}: {reason}."
        return f"Geschlossen {'am' if len(days) == 1 else 'vom'} {' bis '.join(days)}: {reason}."


class OutOfHours(Refusal):
    """The hours of the day the wish begins on are `opens_at` to `closes_at`; missing when it is closed all day."""

    code = "OUT_OF_HOURS"
    de = "Außerhalb der Öffnungszeiten. An diesem Tag ist offen: {opens_at} bis {closes_at}."
    en = "Outside the opening hours. Open on this day: {opens_at} to {closes_at}."


class OffGrid(Refusal):
    """The path says which end it is; the grid counts from midnight."""

    code = "OFF_GRID"
    de = "Gebucht wird hier im Raster von {grid}. Nächste Zeiten: {earlier} oder {later}."
    en = "Bookings here keep to a grid of {grid}. Nearest times: {earlier} or {later}."


class SpanTooShort(Refusal):
    code = "SPAN_TOO_SHORT"
    de = "Gebucht wird hier für mindestens {shortest}."
    en = "Bookings here last at least {shortest}."


class SpanTooLong(Refusal):
    code = "SPAN_TOO_LONG"
    de = "Gebucht wird hier für höchstens {longest}."
    en = "Bookings here last at most {longest}."


class SpanInPast(Refusal):
    code = "SPAN_IN_PAST"
    de = "Der Beginn liegt in der Vergangenheit. Frühester Beginn: {earliest}."
    en = "The start is in the past. Earliest start: {earliest}."


class TooSoon(Refusal):
    code = "TOO_SOON"
    de = "Dieser Raum wird mindestens {lead} im Voraus gebucht. Frühester Beginn: {earliest}."
    en = "This space needs to be booked {lead} ahead. Earliest start: {earliest}."


class TooFar(Refusal):
    code = "TOO_FAR"
    de = "So weit im Voraus kann man diesen Raum nicht buchen. Spätester Beginn zurzeit: {latest}."
    en = "This space cannot be booked that far ahead. Latest start at present: {latest}."


class TooManyPersons(Refusal):
    code = "TOO_MANY_PERSONS"
    de = "Hier ist Platz für {most} Personen, gebucht wird für {asked}."
    en = "There is room for {most} people, the booking is for {asked}."


class MembershipNotActive(Refusal):
    """Nobody the booking is for has a membership in force on the day `on`."""

    code = "MEMBERSHIP_NOT_ACTIVE"
    de = "Am {on} besteht keine aktive Mitgliedschaft. Der Empfang hilft weiter."
    en = "There is no active membership on {on}. The front desk can help."


class QualificationMissing(Refusal):
    """The space asks for a briefing that whoever it is for does not have on the day `on`."""

    code = "QUALIFICATION_MISSING"
    de = "Dieser Raum verlangt „{qualification}“, gültig am {on}. Termine nennt und trägt ein: der Empfang."
    en = "This space asks for “{qualification}”, valid on {on}. The front desk knows the dates and records it."


class SpaceNotOffered(Refusal):
    """`reason`: the space is retired, or given by lease only."""

    code = "SPACE_NOT_OFFERED"
    de = "Dieser Raum wird nicht stundenweise vergeben: {reason}."
    en = "This space is not let by the hour: {reason}."


class BookingsInTheWay(Refusal):
    """So many `bookings` lie from `first_at` to `last_at`: those `named`, by their numbers, at most twenty."""

    code = "BOOKINGS_IN_THE_WAY"
    de = "Dann ist schon gebucht ({bookings}): {named}. Erst absagen, oder hier mit Grund absagen lassen."
    en = "There are bookings at that time ({bookings}): {named}. Cancel them first, or have them cancelled here."


class ClosureOver(Refusal):
    code = "CLOSURE_OVER"
    de = "Diese Schließzeit war um {ended_at} zu Ende."
    en = "This closure was over at {ended_at}."


class TariffChanged(Refusal):
    code = "TARIFF_CHANGED"
    constraint = "tariff_no_overlap"
    de = "Diesen Preis hat gerade jemand anders geändert. Bitte neu laden und noch einmal setzen."
    en = "Somebody else has just changed this price. Please reload and set it again."


class AlreadyStarted(Refusal):
    code = "ALREADY_STARTED"
    de = "Die Buchung hat am {started_at} begonnen und lässt sich nicht mehr ändern."
    en = "The booking began at {started_at} and cannot be changed any more."


class MoveTooLate(Refusal):
    """Since `until` a cancellation is late: whose booking it is may lengthen it, and the front desk moves it."""

    code = "MOVE_TOO_LATE"
    de = (
        "Seit {until} gilt eine Absage als zu spät: Verlängern geht noch, verschieben und kürzen nur am Empfang. "
        "Bitte dort fragen."
    )
    en = (
        "Since {until} a cancellation is late: you can still lengthen it; moving and shortening is for the front desk. "
        "Please ask there."
    )


class UndoOver(Refusal):
    """A cancellation can be taken back within a minute; then it is told, and the space is others'."""

    code = "UNDO_OVER"
    de = "Die Absage von {ended_at} ist schon verschickt und lässt sich nicht mehr zurücknehmen. Bitte buchen Sie neu."
    en = "The cancellation of {ended_at} has been sent already and cannot be taken back any more. Please book anew."


class NoHolds(Refusal):
    code = "NO_HOLDS"
    de = "Dieser Raum wird nicht vorgemerkt. Bitte gleich buchen."
    en = "This space is not held for anybody. Please book it right away."


class HoldOver(Refusal):
    code = "HOLD_OVER"
    de = "Die Vormerkung ist seit {held_until} abgelaufen. Bitte neu buchen."
    en = "The hold ended at {held_until}. Please book again."


class TooEarly(Refusal):
    code = "TOO_EARLY"
    de = "Einchecken geht ab {opens_at}."
    en = "Check-in opens at {opens_at}."


class NotBegun(Refusal):
    code = "NOT_BEGUN"
    de = "Das geht erst nach {starts_at}: bis dahin kann noch jemand kommen."
    en = "This is possible only after {starts_at}: until then somebody may still come."


class BookingOver(Refusal):
    code = "BOOKING_OVER"
    de = "Die Buchung war um {ended_at} zu Ende."
    en = "The booking was over at {ended_at}."


class BelongsElsewhere(Refusal):
    """A session, advice or lease holds the space: `kind` says where it is changed, with its room."""

    code = "BELONGS_ELSEWHERE"
    de = "Diese Buchung gehört zu: {kind}. Bitte ändern Sie sie dort."
    en = "This booking belongs to: {kind}. Please change it there."


# What stored words are called where people read them.
called(
    held=("vorgemerkt", "held"),
    declined=("abgelehnt", "declined"),
    checked_in=("eingecheckt", "checked in"),
    completed=("beendet", "completed"),
    excused=("entschuldigt", "excused"),
    retired=("außer Betrieb", "retired"),
    lease_only=("nur zur Miete", "by lease only"),
    session=("Termin einer Veranstaltung", "session of a workshop"),
    advice=("Beratungstermin", "advice appointment"),
    lease=("Mietvertrag", "lease"),
    outside=("Nutzung von außen", "use from outside"),
    company=("Unternehmen", "company"),
    nonprofit=("gemeinnützig", "nonprofit"),
    public=("Öffentlichkeit", "public"),
    member=("Mitglied", "member"),
    guest=("Gast", "guest"),
    internal=("für das Haus", "for the house"),
)
