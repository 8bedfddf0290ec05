"""Nouns and refusals of the programme."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import called

FormatKind = Literal["think_workshop", "workshop", "training", "talk", "open_house"]
Skill = Literal["technical", "management", "entrepreneurship", "green", "other"]
Fill = Literal["strict", "fill_gaps"]
AfterExpiry = Literal["to_end", "out"]
Visibility = Literal["public", "members", "invited"]
PassedReason = Literal["party_too_large", "pool_full", "not_eligible", "too_late"]
AttendanceState = Literal["present", "late", "absent", "excused"]

OPEN_POOL = "open"  # the seats that are kept for nobody


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """A session as it is wished; one of room, place and address has to be named."""

    during: Span
    space_id: UUID | None = None
    place: str | None = None
    online_url: str | None = None


@dataclass(frozen=True, slots=True)
class PoolPlan:
    key: str
    name_de: str
    seats: int
    name_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopPlan:
    """A workshop as it is planned; what is None follows the rules of the house."""

    format: FormatKind
    topic: str
    title_de: str
    opens_at: datetime
    closes_at: datetime
    sessions: tuple[SessionPlan, ...] = ()
    pools: tuple[PoolPlan, ...] = ()
    title_en: str | None = None
    text_de: str = ""
    text_en: str | None = None
    language: Literal["de", "en"] = "de"
    led_by: UUID | None = None
    partner_id: UUID | None = None
    term_id: UUID | None = None
    skill: Skill | None = None
    min_seats: int = 0
    fee: Cents = 0
    visibility: Visibility = "public"
    stakeholder: bool = False
    certificate: int | None = None
    cancel_until: timedelta | None = None
    offer: timedelta | None = None
    offer_stops: timedelta | None = None
    fill: Fill | None = None
    after_expiry: AfterExpiry | None = None


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What a workshop inherits unless it says otherwise. An offer of no minutes confirms at once."""

    cancel_until: timedelta
    offer: timedelta
    offer_stops: timedelta
    fill: Fill
    after_expiry: AfterExpiry


# A site whose blueprint is not applied yet.
HOUSE = HouseRules(timedelta(hours=24), timedelta(hours=24), timedelta(hours=6), "strict", "to_end")


@dataclass(frozen=True, slots=True)
class Workshop:
    id: UUID
    number: str
    title_de: str
    state: str
    visibility: str
    version: int
    opens_at: datetime
    closes_at: datetime
    min_seats: int
    cancel_until: timedelta
    offer: timedelta
    offer_stops: timedelta
    fill: Fill
    after_expiry: AfterExpiry
    starts_at: datetime | None  # of its first session; None while none is planned


@dataclass(frozen=True, slots=True)
class Session:
    id: UUID
    workshop_id: UUID
    no: int
    during: Span
    space_id: UUID | None
    booking_id: UUID | None
    place: str | None
    online_url: str | None

    @property
    def lacks_room(self) -> bool:
        return self.space_id is not None and self.booking_id is None


@dataclass(frozen=True, slots=True)
class SeatPool:
    id: UUID
    key: str
    seats: int
    taken: int

    @property
    def free(self) -> int:
        return self.seats - self.taken


@dataclass(frozen=True, slots=True)
class Registration:
    id: UUID
    workshop_id: UUID
    pool: str
    person_id: UUID
    party: int
    priority: int
    joined_at: datetime
    offered_until: datetime | None
    state: str
    version: int
    place: int | None = None  # in the line, 1 is next; told when somebody joins it


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the line. Whose turn is the smallest comes first."""

    id: UUID
    pool: str
    party: int
    priority: int
    joined_at: datetime

    @property
    def turn(self) -> tuple[int, datetime, UUID]:
        return (-self.priority, self.joined_at, self.id)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Why somebody in the line did not move up, with the seats that were free then."""

    registration_id: UUID
    reason: PassedReason
    party: int
    free: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """Who moves up, in order, and who was passed over."""

    moved: tuple[Waiting, ...]
    passed: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    id: UUID
    session_id: UUID
    registration_id: UUID
    state: AttendanceState
    minutes: int


class NoSession(Refusal):
    code = "NO_SESSION"
    de = "Die Veranstaltung hat noch keinen Termin. Bitte legen Sie erst einen an."
    en = "The workshop has no session yet. Please plan one first."


class RoomMissing(Refusal):
    """`session` is the number of the session that has neither a booked room nor a place nor an address."""

    code = "ROOM_MISSING"
    constraint = "session_somewhere"
    de = "Termin {session} braucht einen Raum, einen Ort oder eine Internetadresse."
    en = "Session {session} needs a room, a place or a web address."


class SeatsBelowMinimum(Refusal):
    code = "SEATS_BELOW_MINIMUM"
    de = "Es gibt nur {seats} Plätze, die Veranstaltung findet aber erst ab {min_seats} Personen statt."
    en = "There are only {seats} seats, but the workshop takes place from {min_seats} people on."


class RegistrationNotOpen(Refusal):
    code = "NOT_OPEN"
    de = "Anmelden können Sie sich von {opens_at} bis {closes_at}."
    en = "Registration is open from {opens_at} to {closes_at}."


class AlreadyRegistered(Refusal):
    """`state` is where the earlier registration stands."""

    code = "ALREADY_REGISTERED"
    constraint = "registration_once"
    de = "Diese Person ist hier schon angemeldet oder steht auf der Warteliste."
    en = "This person is already registered here or on the waitlist."


class PartyTooLarge(Refusal):
    code = "PARTY_TOO_LARGE"
    de = "Sie möchten {party} Plätze, hier gibt es insgesamt {seats}."
    en = "You asked for {party} seats, there are {seats} here in all."


class WorkshopFull(Refusal):
    """`waiting_place` is the place in the line that joining the waitlist would give, 1 is next."""

    code = "WORKSHOP_FULL"
    constraint = "seat_pool_not_oversold"
    de = "Alle Plätze sind vergeben. Auf der Warteliste wären Sie auf Platz {waiting_place}."
    en = "All seats are taken. On the waitlist you would be number {waiting_place}."


class OfferOver(Refusal):
    code = "OFFER_OVER"
    de = "Das Angebot galt bis {offered_until}. Ihre Anmeldung zeigt, ob Sie auf der Warteliste bleiben."
    en = "The seat was offered until {offered_until}. Your registration shows whether you stay on the waitlist."


class LeavingOver(Refusal):
    """A registration that was cancelled stands again within a minute; then it is for others to take."""

    code = "LEAVING_OVER"
    de = "Die Abmeldung von {ended_at} lässt sich nicht mehr zurücknehmen. Bitte melden Sie sich neu an."
    en = "The cancellation of {ended_at} cannot be taken back any more. Please register anew."


class SeatsBelowTaken(Refusal):
    code = "SEATS_BELOW_TAKEN"
    de = "{taken} Plätze sind schon vergeben oder angeboten; weniger dürfen es nicht sein."
    en = "{taken} seats are taken or offered already, so there cannot be fewer."


class NotStarted(Refusal):
    code = "NOT_STARTED"
    de = "Der Termin beginnt erst am {starts_at}."
    en = "The session starts at {starts_at}."


# What stored words are called where people read them.
called(
    published=("veröffentlicht", "published"),
    running=("läuft", "running"),
    done=("beendet", "done"),
    waitlisted=("auf der Warteliste", "on the waitlist"),
    offered=("Platz angeboten", "seat offered"),
    attended=("teilgenommen", "attended"),
    partly_attended=("teilweise teilgenommen", "partly attended"),
    certified=("mit Nachweis", "certified"),
    certificate_revoked=("Nachweis widerrufen", "certificate revoked"),
    offer_declined=("Angebot abgelehnt", "offer declined"),
    offer_expired=("Angebot abgelaufen", "offer expired"),
)
