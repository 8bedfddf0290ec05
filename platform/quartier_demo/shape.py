"""What stands in `tenants/<site>/demo/`: invented people and events, in wall time of the site, money in cents."""

from datetime import date, datetime, time
from typing import Literal

import msgspec
from msgspec import field

from quartier.grants.words import Purpose
from quartier.members.consents.words import Audience
from quartier.members.words import AffiliationRole, IdentifierKind, OrganisationKind
from quartier.spaces.words import Visibility


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a file; an unknown key is an error."""


class Entry(Table, frozen=True, kw_only=True):
    """An entry in the directory: to whom it is shown, the sentence; `withdrawn`: agreed to, and taken back."""

    audience: Audience
    line: str
    withdrawn: bool = False


# -- people.toml -----------------------------------------------------------------------------------
class Person(Table, frozen=True, kw_only=True):
    """Somebody with a task. `jury_for` names the call that a juror's grant is bound to."""

    name: str
    email: str | None = None
    language: Literal["de", "en"] = "de"
    state: Literal["active", "pending"] = "active"
    roles: tuple[str, ...] = ()
    jury_for: str | None = None


class People(Table, frozen=True, kw_only=True):
    """`neighbours` come to workshops; those under `passes` have the plan of that key as well."""

    people: tuple[Person, ...]
    neighbours: tuple[str, ...] = ()
    passes: dict[str, tuple[str, ...]] = {}
    directory: dict[str, Entry] = {}


# -- organisations.toml ----------------------------------------------------------------------------
class Belonging(Table, frozen=True, kw_only=True):
    name: str
    role: AffiliationRole = "member"


class Membership(Table, frozen=True, kw_only=True):
    """`closed`: the day somebody gave notice. `in_review`: applied for, and not decided."""

    plan: str
    since: date
    closed: date | None = None
    in_review: bool = False


class Organisation(Table, frozen=True, kw_only=True):
    """`seen` is the day it was written down. `seat_later`: its seat became known that day."""

    name: str
    kind: OrganisationKind
    nonprofit: bool
    economic: bool
    seen: date
    legal_form: str | None = None
    founded_on: date | None = None
    nace: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = "Leipzig"
    district: str | None = None
    about_de: str = ""
    about_en: str | None = None
    identifiers: dict[IdentifierKind, str] = {}
    people: tuple[Belonging, ...] = ()
    membership: Membership | None = None
    district_later: str | None = None
    directory: Entry | None = None


class Organisations(Table, frozen=True, kw_only=True):
    organisations: dict[str, Organisation]


# -- bookings.toml ---------------------------------------------------------------------------------
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Weekly(Table, frozen=True, kw_only=True):
    """A series while there are none: each date is a booking; what is closed is left out. `booked` days before."""

    space: str
    day: Weekday
    start: time = field(name="from")
    end: time = field(name="to")
    since: date
    until: date
    organisation: str | None = None
    person: str | None = None
    title: str = ""
    units: int = 1
    persons: int | None = None
    visibility: Visibility = "private"
    without: tuple[date, ...] = ()
    booked: int = 14


class Single(Table, frozen=True, kw_only=True):
    """One booking. `at` is when it was made. `becomes` is where it stands today, where that is not `confirmed`.

    Without `organisation` and `person` the front desk holds it for the house, with `guest` for a guest.
    """

    space: str
    on: date
    start: time = field(name="from")
    end: time = field(name="to")
    at: datetime
    organisation: str | None = None
    person: str | None = None
    title: str = ""
    units: int = 1
    persons: int | None = None
    visibility: Visibility = "private"
    guest: bool = False
    becomes: Literal["checked_in", "no_show", "held", "cancelled"] | None = None
    cancelled_at: datetime | None = None
    held_until: datetime | None = None


class Lease(Table, frozen=True, kw_only=True):
    """A room let for long, at the list rent unless it says otherwise; without an organisation the house's own."""

    space: str
    since: date
    until: date
    organisation: str | None = None
    rent_cents: int | None = None
    title: str = ""


class Bookings(Table, frozen=True, kw_only=True):
    weekly: tuple[Weekly, ...] = ()
    bookings: tuple[Single, ...] = ()
    leases: tuple[Lease, ...] = ()


# -- programme.toml --------------------------------------------------------------------------------
class Session(Table, frozen=True, kw_only=True):
    on: date
    start: time = field(name="from")
    end: time = field(name="to")
    space: str | None = None
    place: str | None = None


class Workshop(Table, frozen=True, kw_only=True):
    """`format` is a key of the blueprint. How many registered, waited, stayed away; who they are is drawn.

    `waiting`: the parties of the line in their order. `left_at`: when one with a seat went. `certified`,
    `revoked`: how many of those who came got a certificate, and lost it again.
    """

    key: str
    format: str
    topic: str
    title_de: str
    title_en: str | None = None
    text_de: str = ""
    led_by: str
    term: str | None = None
    sessions: tuple[Session, ...]
    planned: date
    opens: date
    seats: int | None = None
    offer_hours: int | None = None
    fill: Literal["strict", "fill_gaps"] | None = None
    registered: int = 0
    reserved: int = 0
    waiting: tuple[int, ...] = ()
    left_at: datetime | None = None
    absent: int = 0
    certified: int = 0
    revoked: int = 0
    draft: bool = False
    cancelled_on: date | None = None


class Programme(Table, frozen=True, kw_only=True):
    workshops: tuple[Workshop, ...] = ()


# -- grants.toml -----------------------------------------------------------------------------------
class Call(Table, frozen=True, kw_only=True):
    """`becomes`: where it stands today. A draft is never published."""

    key: str
    guideline: str
    title_de: str
    purposes: tuple[Purpose, ...]
    published: date
    opens: date
    closes: date
    budget_cents: int
    title_en: str | None = None
    becomes: Literal["draft", "published", "open", "closed", "in_review", "decided", "archived"] = "published"


class Cost(Table, frozen=True, kw_only=True):
    kind: str
    text: str
    cents: int


StepKind = Literal[
    # verbs of the house
    "submit", "award", "request", "check", "approve", "pay",
    # history that no verb makes yet
    "draft", "file", "decide", "reserve", "withdraw", "turn", "part", "release", "return", "recover", "again",
]  # fmt: skip


class Step(Table, frozen=True, kw_only=True):
    """What happened to a file at `at`.

    submit (`late`: by a permit) · award (`cents`) · request, check, approve, pay (`no`: the instalment) · draft ·
    file (`state` of the application) · decide (`state` rejected or reserve) · reserve (`cents`, not noticed yet) ·
    withdraw · turn (`state` of the award) · part (`no`, `state` of an instalment) ·
    release, return, recover (`cents`) · again (an instalment of `cents` more).
    """

    at: datetime
    do: StepKind
    no: int | None = None
    cents: int | None = None
    state: str | None = None
    late: bool = False
    reason: str = ""


class File(Table, frozen=True, kw_only=True):
    """An application with its award. `number` without the site's prefix, as the counter will give it."""

    number: str
    call: str
    organisation: str
    purpose: Purpose
    title: str
    costs: tuple[Cost, ...]
    asked_cents: int
    steps: tuple[Step, ...]
    jobs: int = 0
    carrier: str | None = None


class Grants(Table, frozen=True, kw_only=True):
    calls: tuple[Call, ...] = ()
    files: tuple[File, ...] = ()


# -- the whole -------------------------------------------------------------------------------------
class Tale(msgspec.Struct, frozen=True):
    """Everything invented for one realm."""

    people: People
    organisations: dict[str, Organisation] = {}
    bookings: Bookings = Bookings()
    programme: Programme = Programme()
    grants: Grants = Grants()
