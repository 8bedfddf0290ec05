"""What the graph shows of the programme, and what can be done there."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from quartier.acts import session as sessions
from quartier.kit.spans import Span
from quartier.programme import tables
from quartier.programme.seats import actions as seats
from quartier.programme.seats import undoing
from quartier.programme.words import OPEN_POOL, PoolPlan, SessionPlan, WorkshopPlan
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    Page,
    asked,
    by_id,
    column,
    key,
    many,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import Cents, described

if TYPE_CHECKING:
    from quartier_graph.members import Organisation, Person
    from quartier_graph.spaces import Booking, Space


@described
class WorkshopFormat(enum.Enum):
    """What kind of gathering it is."""

    THINK_WORKSHOP = "think_workshop"
    WORKSHOP = "workshop"
    TRAINING = "training"
    TALK = "talk"
    OPEN_HOUSE = "open_house"


@described
class Skill(enum.Enum):
    """What is learned, in the words of the ERDF."""

    TECHNICAL = "technical"
    MANAGEMENT = "management"
    ENTREPRENEURSHIP = "entrepreneurship"
    GREEN = "green"
    OTHER = "other"


@described
class SpokenLanguage(enum.Enum):
    """The language that is spoken."""

    DE = "de"
    EN = "en"


@described
class WorkshopState(enum.Enum):
    """Where a workshop stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@described
class Fill(enum.Enum):
    """Whether a party that does not fit holds the line, or the next one that fits moves up."""

    STRICT = "strict"
    FILL_GAPS = "fill_gaps"


@described
class AfterExpiry(enum.Enum):
    """Where somebody goes who did not answer an offer: to the end of the line, or out of it."""

    TO_END = "to_end"
    OUT = "out"


@described
class WorkshopVisibility(enum.Enum):
    """Who sees a workshop."""

    PUBLIC = "public"
    MEMBERS = "members"
    INVITED = "invited"


@described
class SessionState(enum.Enum):
    """Where a session stands."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


@described
class RegistrationState(enum.Enum):
    """Where a registration stands."""

    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    PARTLY_ATTENDED = "partly_attended"
    NO_SHOW = "no_show"
    CERTIFIED = "certified"
    CERTIFICATE_REVOKED = "certificate_revoked"
    OFFER_DECLINED = "offer_declined"
    OFFER_EXPIRED = "offer_expired"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled_late"
    CANCELLED_BY_SITE = "cancelled_by_site"


# Drafts are the planners'; a workshop by invitation is seen by them and by whoever is registered.
_SHOWN = """{w}.state <> 'draft' and ({w}.visibility <> 'invited' or exists (
  select 1 from app.registration r
  where r.tenant_id = {w}.tenant_id and r.workshop_id = {w}.id and r.person_id = {{person}}))"""
_SHOWN_WORKSHOP = _SHOWN.format(w="{t}")
_OF_SHOWN = f"""exists (select 1 from app.workshop w
  where w.tenant_id = {{t}}.tenant_id and w.id = {{t}}.workshop_id and {_SHOWN.format(w="w")})"""
_PUBLIC = "{w}.state in ('published', 'running', 'done', 'cancelled') and {w}.visibility = 'public'"
_OF_PUBLIC = f"""exists (select 1 from app.workshop w
  where w.tenant_id = {{t}}.tenant_id and w.id = {{t}}.workshop_id and {_PUBLIC.format(w="w")})"""
_FIRST_START = """(select min(s.starts_at) from app.session s
  where s.tenant_id = {t}.tenant_id and s.workshop_id = {t}.id and s.state <> 'cancelled')"""
_POOLS = """(select coalesce(sum({what}), 0)::int from app.seat_pool p
  where p.tenant_id = {{t}}.tenant_id and p.workshop_id = {{t}}.id)"""
_WAITING = """(select count(*)::int from app.registration r
  where r.tenant_id = {t}.tenant_id and r.workshop_id = {t}.id and r.state = 'waitlisted')"""
_PLACE = """case when {t}.state = 'waitlisted' then (
  select count(*)::int + 1 from app.registration r
  where r.tenant_id = {t}.tenant_id and r.workshop_id = {t}.workshop_id and r.pool = {t}.pool and r.state = 'waitlisted'
    and (r.priority > {t}.priority
         or r.priority = {t}.priority and (r.joined_at, r.id) < ({t}.joined_at, {t}.id))) end"""
_JOIN = """case when exists (
  select 1 from app.registration r
  where r.tenant_id = {t}.tenant_id and r.workshop_id = {t}.workshop_id and r.person_id = {person}
    and r.state in ('confirmed', 'attended', 'partly_attended')) then {t}.online_url end"""


@published(tables.Term, prefix="trm", may="programme:read", orders={"begins": key("lower({t}.during)", "date")})
class Term(Node):
    """Half a year of the programme."""

    key: str = column("Its lasting name.")
    title_de: str = column("Title in German.")
    title_en: str | None = column("Title in English, where there is one.")
    first_day: date = column("First day.", sql="lower({t}.during)")
    last_day: date = column("Last day, included.", sql="upper({t}.during) - 1")
    workshops: Page["Workshop"] = many("What happens in it.", by="term_id", orders=("starts",))


class RegistrationFilter(Filter):
    """Which registrations."""

    workshop: ID | None = where("For this workshop.", "{t}.workshop_id = {v}", id="wsp")
    person: ID | None = where("Of this person.", "{t}.person_id = {v}", id="prs")
    organisation: ID | None = where("For this organisation.", "{t}.organisation_id = {v}", id="org")
    states: list[RegistrationState] | None = where("In one of these states.", "{t}.state = any({v})")
    pool: str | None = where("In the pool of this key.", "{t}.pool = {v}")


@published(
    tables.Workshop,
    prefix="wsp",
    may="programme:read",
    orders={
        "starts": key(f"coalesce({_FIRST_START}, {{t}}.closes_at)", "timestamptz"),
        "opens": key("{t}.opens_at", "timestamptz"),
        "number": key("{t}.number"),
    },
    rows={
        "programme:plan": None,
        "programme:attend": None,
        "programme:read": _SHOWN_WORKSHOP,
        "public:read": _PUBLIC.format(w="{t}"),
    },
)
class Workshop(Node):
    """A workshop, course or talk with its sessions, its seats and a line in front of them."""

    number: str = column("Human number, such as LW-K-2026-0007.")
    format: WorkshopFormat = column("What kind of gathering it is.")
    topic: str = column("Key of its topic.")
    skill: Skill | None = column("What is learned.")
    title_de: str = column("Title in German.")
    title_en: str | None = column("Title in English, where there is one.")
    text_de: str = column("What it is about, in German.")
    text_en: str | None = column("What it is about, in English.")
    language: SpokenLanguage = column("Language spoken.")
    state: WorkshopState = column("Where it stands.")
    visibility: WorkshopVisibility = column("Who sees it.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    opens_at: datetime = column("First moment of registration.")
    closes_at: datetime = column("Last moment of registration, included.")
    starts_at: datetime | None = column("Start of its first session; null while none is planned.", sql=_FIRST_START)
    is_open: bool = column(
        "Whether people may register now.",
        sql="({t}.state = 'published' and {now} between {t}.opens_at and {t}.closes_at)",
    )
    seats: int = column("Seats of all pools.", sql=_POOLS.format(what="p.seats"))
    free: int = column("Seats nobody holds and nobody is offered.", sql=_POOLS.format(what="p.seats - p.taken"))
    min_seats: int = column("Fewer registrations than these, and it may not take place.")
    waiting: int | None = column("How many registrations wait.", sql=_WAITING, masked="programme:attend")
    fee: Cents = column("What it costs a person.")
    cancel_until_minutes: int = column(
        "Minutes before the first start up to which leaving is in time.", sql="{t}.cancel_until"
    )
    offer_minutes: int = column("Minutes an offered seat is kept; 0 confirms at once.", sql="{t}.offer")
    fill: Fill = column("What happens to a party that does not fit.")
    term: "Term | None" = one("Its term.", by="term_id")
    led_by: "Person | None" = one("Who leads it.", by="led_by")
    partner: "Organisation | None" = one("With whom it is held.", by="partner_id")
    sessions: Page["Session"] = many("When and where.", by="workshop_id", orders=("starts", "-starts"))
    pools: Page["SeatPool"] = many("Its seats.", by="workshop_id", orders=("key",))
    registrations: Page["Registration"] = many(
        "Who comes or waits; members see their own.",
        by="workshop_id",
        orders=("joined", "-joined"),
        filter=RegistrationFilter,
    )


@published(
    tables.SeatPool,
    prefix="sep",
    may="programme:read",
    orders={"key": key("{t}.key")},
    rows={"programme:plan": None, "programme:attend": None, "programme:read": _OF_SHOWN},
)
class SeatPool(Node):
    """Seats of a workshop, all of them or those kept for a group."""

    key: str = column("Its name in wishes; the seats kept for nobody are `open`.")
    name_de: str = column("Name in German.")
    name_en: str | None = column("Name in English, where there is one.")
    seats: int = column("How many there are.")
    taken: int = column("How many are confirmed or offered.")
    workshop: "Workshop | None" = one("Of which workshop.", by="workshop_id")


@published(
    tables.Session,
    prefix="ses",
    may="programme:read",
    orders={"starts": key("{t}.starts_at", "timestamptz")},
    rows={"programme:plan": None, "programme:attend": None, "programme:read": _OF_SHOWN, "public:read": _OF_PUBLIC},
)
class Session(Node):
    """One date of a workshop."""

    no: int = column("Its number, 1 is the first.")
    starts_at: datetime = column("Start, included.")
    ends_at: datetime = column("End, excluded.")
    state: SessionState = column("Where it stands.")
    place: str | None = column("Where, when it is not a room of the house.")
    online_url: str | None = column("Address for those who join online.", masked="programme:attend")
    join_url: str | None = column("The same address, for whoever holds a seat.", sql=_JOIN)
    workshop: "Workshop | None" = one("Of which workshop.", by="workshop_id")
    space: "Space | None" = one("The room it wishes for or has.", by="space_id")
    booking: "Booking | None" = one("The booking of its room; null until it is published.", by="booking_id")


@published(
    tables.Registration,
    prefix="reg",
    may=("programme:attend", "programme:plan", "programme:register"),
    orders={"joined": key("{t}.joined_at", "timestamptz")},
    rows={"programme:attend": None, "programme:plan": None, "programme:register": "{t}.person_id = {person}"},
)
class Registration(Node):
    """Somebody's seat, or place in the line."""

    state: RegistrationState = column("Where it stands.")
    pool: str = column("Key of the seats it asks for.")
    party: int = column("How many seats together.")
    joined_at: datetime = column("When it joined the line.")
    offered_until: datetime | None = column("Last moment, included, to accept the seat that is offered.")
    place: int | None = column("Place in the line, 1 is next; null for whoever does not wait.", sql=_PLACE)
    priority: int | None = column("Goes before a smaller one.", masked="programme:attend")
    reason: str | None = column("Why it ended, where somebody said so.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    workshop: "Workshop | None" = one("For which workshop.", by="workshop_id")
    person: "Person | None" = one("Who.", by="person_id")
    organisation: "Organisation | None" = one("For which organisation.", by="organisation_id")


class WorkshopFilter(Filter):
    """Which workshops."""

    states: list[WorkshopState] | None = where("In one of these states.", "{t}.state = any({v})")
    formats: list[WorkshopFormat] | None = where("Of these kinds.", "{t}.format = any({v})")
    term: ID | None = where("In this term.", "{t}.term_id = {v}", id="trm")
    topic: str | None = where("With this topic.", "{t}.topic = {v}")
    starts_after: datetime | None = where("First session at or after this instant.", f"{_FIRST_START} >= {{v}}")
    starts_before: datetime | None = where("First session before this instant.", f"{_FIRST_START} < {{v}}")
    search: str | None = where("With this in the title.", "position(lower({v}) in lower({t}.title_de)) > 0")


class SessionFilter(Filter):
    """Which sessions."""

    workshop: ID | None = where("Of this workshop.", "{t}.workshop_id = {v}", id="wsp")
    space: ID | None = where("In this space.", "{t}.space_id = {v}", id="spc")
    ends_after: datetime | None = where("Ends after this instant.", "{t}.ends_at > {v}")
    starts_before: datetime | None = where("Starts before this instant.", "{t}.starts_at < {v}")


roots(
    term=by_id(Term, "One term."),
    terms=page(Term, "Terms of the programme.", orders=("begins", "-begins")),
    workshop=by_id(Workshop, "One workshop."),
    workshops=page(
        Workshop,
        "The programme; drafts are seen by those who plan.",
        filter=WorkshopFilter,
        orders=("starts", "-starts", "opens", "-opens", "number", "-number"),
    ),
    session=by_id(Session, "One session."),
    sessions=page(Session, "Sessions of all workshops.", filter=SessionFilter, orders=("starts", "-starts")),
    seat_pool=by_id(SeatPool, "One pool of seats."),
    registration=by_id(Registration, "One registration."),
    registrations=page(
        Registration,
        "Registrations; members see their own.",
        filter=RegistrationFilter,
        orders=("joined", "-joined"),
    ),
)


# -- what can be done ----------------------------------------------------------------------------------
@strawberry.input(description="A session of a workshop that is planned. One of room, place and address is named.")
class SessionWish:
    starts_at: datetime = strawberry.field(description="Start, included.")
    ends_at: datetime = strawberry.field(description="End, excluded.")
    space: ID | None = strawberry.field(
        description="The room; it is booked when the workshop is published.", default=None
    )
    place: str | None = strawberry.field(description="Where, when it is not a room of the house.", default=None)
    online_url: str | None = strawberry.field(description="Address for those who join online.", default=None)


@strawberry.input(description="Seats kept for a group.")
class PoolWish:
    key: str = strawberry.field(description="Its name in wishes.")
    name_de: str = strawberry.field(description="Name in German.")
    seats: int = strawberry.field(description="How many, at least one.")
    name_en: str | None = strawberry.field(description="Name in English.", default=None)


@wish
class PlanWorkshopInput:
    """A workshop to draft. What is left out follows the rules of the house."""

    format: WorkshopFormat = asked("What kind of gathering it is.")
    topic: str = asked("Key of its topic.")
    title_de: str = asked("Title in German.")
    opens_at: datetime = asked("First moment of registration.")
    closes_at: datetime = asked("Last moment of registration, included.")
    seats: int = asked("Seats kept for nobody.")
    kept: list[PoolWish] = asked("Seats kept for groups, beside the others.", default=[])
    sessions: list[SessionWish] = asked("Its sessions, in any order.", default=[])
    title_en: str | None = asked("Title in English.", default=None)
    text_de: str = asked("What it is about, in German.", default="")
    text_en: str | None = asked("What it is about, in English.", default=None)
    language: SpokenLanguage = asked("Language spoken.", default=SpokenLanguage.DE)
    led_by: ID | None = asked("Who leads it; by default who plans it.", default=None)
    partner: ID | None = asked("With whom it is held.", default=None)
    term: ID | None = asked("Its term.", default=None)
    skill: Skill | None = asked("What is learned.", default=None)
    min_seats: int = asked("Fewer registrations than these, and it may not take place.", default=0)
    fee: Cents = asked("What it costs a person.", default=Cents(0))
    visibility: WorkshopVisibility = asked("Who sees it.", default=WorkshopVisibility.PUBLIC)
    stakeholder: bool = asked("Whether attendance counts as involvement of stakeholders.", default=False)
    cancel_until_minutes: int | None = asked("Minutes before the start up to which leaving is in time.", default=None)
    offer_minutes: int | None = asked("Minutes an offered seat is kept; 0 confirms at once.", default=None)
    fill: Fill | None = asked("What happens to a party that does not fit.", default=None)
    after_expiry: AfterExpiry | None = asked("Where somebody goes who did not answer.", default=None)


@verb("programme:plan", changes={"workshop": Workshop})
async def plan_workshop(desk: Desk, wish: PlanWorkshopInput) -> Done:
    """Draft a workshop with its sessions and seats. Nobody sees it before it is published."""
    workshop = await sessions.plan_workshop(desk, _plan(wish))
    return {"workshop": workshop.id}


@wish
class PublishWorkshopInput:
    """A draft to publish."""

    workshop: ID = asked("The draft.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("programme:plan", changes={"workshop": Workshop})
async def publish_workshop(desk: Desk, wish: PublishWorkshopInput) -> Done:
    """Book the rooms of a draft's sessions, all or none, and open it to the public."""
    workshop = await sessions.publish_workshop(desk, ids.read(wish.workshop, "wsp"), version=wish.version)
    return {"workshop": workshop.id}


@wish
class RegisterInput:
    """Who wants to come to what."""

    workshop: ID = asked("The workshop.")
    person: ID | None = asked("Who comes; by default who asks. Others are registered by staff.", default=None)
    organisation: ID | None = asked("For which organisation, one's own.", default=None)
    pool: str = asked("Key of the seats.", default=OPEN_POOL)
    party: int = asked("How many seats together.", default=1)
    priority: int = asked("Goes before a smaller one in the line; staff only.", default=0)
    waitlist: bool = asked("Whether to wait where nothing is free.", default=False)


@verb(
    "programme:register",
    changes={"registration": Registration, "workshop": Workshop},
    values={"place": (int | None, "Place in the line, 1 is next; null with a seat.")},
)
async def register(desk: Desk, wish: RegisterInput) -> Done:
    """Take a seat, or a place in the line."""
    made = await seats.register(
        desk,
        ids.read(wish.workshop, "wsp"),
        person=ids.read(wish.person, "prs") if wish.person else None,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        pool=wish.pool,
        party=wish.party,
        priority=wish.priority,
        waitlist=wish.waitlist,
    )
    return {"registration": made.id, "workshop": made.workshop_id, "place": made.place}


@wish
class CancelRegistrationInput:
    """A seat, an offer or a place in the line to give back."""

    registration: ID = asked("The registration.")
    version: int | None = asked("The version that was seen.", default=None)
    reason: str | None = asked("Why.", default=None)


@verb("programme:register", changes={"registration": Registration, "workshop": Workshop})
async def cancel_registration(desk: Desk, wish: CancelRegistrationInput) -> Done:
    """Give a seat, an offered seat or a place in the line back; the line moves up."""
    found = await seats.cancel_registration(
        desk, ids.read(wish.registration, "reg"), version=wish.version, reason=wish.reason
    )
    return {"registration": found.id, "workshop": found.workshop_id}


@wish
class UndoCancelRegistrationInput:
    """A registration that was cancelled, to stand again."""

    registration: ID = asked("The registration.")
    version: int = asked("The version that was seen.")


@verb("programme:register", changes={"registration": Registration, "workshop": Workshop})
async def undo_cancel_registration(desk: Desk, wish: UndoCancelRegistrationInput) -> Done:
    """Take back that one has left, within a minute and while the seat is free; a place in the line is the old one."""
    found = await undoing.undo_cancel_registration(desk, ids.read(wish.registration, "reg"), wish.version)
    return {"registration": found.id, "workshop": found.workshop_id}


@wish
class AcceptOfferInput:
    """An offered seat to take."""

    registration: ID = asked("The registration that was offered a seat.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("programme:register", changes={"registration": Registration})
async def accept_offer(desk: Desk, wish: AcceptOfferInput) -> Done:
    """Take the seat that was offered, up to the last moment of the offer."""
    found = await seats.accept_offer(desk, ids.read(wish.registration, "reg"), version=wish.version)
    return {"registration": found.id}


def _plan(wish: PlanWorkshopInput) -> WorkshopPlan:
    return WorkshopPlan(
        format=wish.format.value,
        topic=wish.topic,
        title_de=wish.title_de,
        title_en=wish.title_en,
        text_de=wish.text_de,
        text_en=wish.text_en,
        language=wish.language.value,
        opens_at=wish.opens_at,
        closes_at=wish.closes_at,
        sessions=_sessions(wish.sessions),
        pools=(
            PoolPlan(OPEN_POOL, "Offene Plätze", wish.seats, "Open seats"),
            *(PoolPlan(pool.key, pool.name_de, pool.seats, pool.name_en) for pool in wish.kept),
        ),
        led_by=ids.read(wish.led_by, "prs") if wish.led_by else None,
        partner_id=ids.read(wish.partner, "org") if wish.partner else None,
        term_id=ids.read(wish.term, "trm") if wish.term else None,
        skill=wish.skill.value if wish.skill else None,
        min_seats=wish.min_seats,
        fee=wish.fee,
        visibility=wish.visibility.value,
        stakeholder=wish.stakeholder,
        cancel_until=_minutes(wish.cancel_until_minutes),
        offer=_minutes(wish.offer_minutes),
        fill=wish.fill.value if wish.fill else None,
        after_expiry=wish.after_expiry.value if wish.after_expiry else None,
    )


def _sessions(wished: Sequence[SessionWish]) -> tuple[SessionPlan, ...]:
    return tuple(
        SessionPlan(
            Span(session.starts_at, session.ends_at),
            ids.read(session.space, "spc") if session.space else None,
            session.place,
            session.online_url,
        )
        for session in wished
    )


def _minutes(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)
