"""The tables of the programme, as the catalog has them. `starts_at` and `ends_at` of a session are the database's."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Integer, Text, Timestamp, Timestamptz
from piccolo.table import Table

from quartier.database.columns import DateRange, TstzRange
from quartier.database.engine import DB


class Term(Table, tablename="term", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    title_de = Text(default=None)
    title_en = Text(default=None, null=True)
    during = DateRange(default=None)
    created_at = Timestamptz(default=None)


class Workshop(Table, tablename="workshop", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    term_id = UUID(default=None, null=True)
    format = Text(default=None)
    topic = Text(default=None)
    skill = Text(default=None, null=True)
    title_de = Text(default=None)
    title_en = Text(default=None, null=True)
    text_de = Text(default=None)
    text_en = Text(default=None, null=True)
    language = Text(default=None)
    led_by = UUID(default=None)
    partner_id = UUID(default=None, null=True)
    min_seats = Integer(default=None)
    opens_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    cancel_until = Integer(default=None)
    fee = BigInt(default=None)
    fill = Text(default=None)
    offer = Integer(default=None)
    offer_stops = Integer(default=None)
    after_expiry = Text(default=None)
    certificate = Integer(default=None, null=True)
    visibility = Text(default=None)
    stakeholder = Boolean(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class SeatPool(Table, tablename="seat_pool", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    workshop_id = UUID(default=None)
    key = Text(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    seats = Integer(default=None)
    taken = Integer(default=None)
    created_at = Timestamptz(default=None)


class Session(Table, tablename="session", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    workshop_id = UUID(default=None)
    no = Integer(default=None)
    during = TstzRange(default=None)
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    local_start = Timestamp(default=None)
    space_id = UUID(default=None, null=True)
    booking_id = UUID(default=None, null=True)
    place = Text(default=None, null=True)
    online_url = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Registration(Table, tablename="registration", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    workshop_id = UUID(default=None)
    pool = Text(default=None)
    person_id = UUID(default=None)
    organisation_id = UUID(default=None, null=True)
    party = Integer(default=None)
    priority = Integer(default=None)
    joined_at = Timestamptz(default=None)
    offered_until = Timestamptz(default=None, null=True)
    reason = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class PassedOver(Table, tablename="passed_over", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    registration_id = UUID(default=None)
    reason = Text(default=None)
    numbers = JSONB(default=None)
    created_at = Timestamptz(default=None)


class Attendance(Table, tablename="attendance", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    session_id = UUID(default=None)
    registration_id = UUID(default=None)
    state = Text(default=None)
    minutes = Integer(default=None)
    marked_by = UUID(default=None, null=True)
    by = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)
