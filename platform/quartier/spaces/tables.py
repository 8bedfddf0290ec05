"""The tables of spaces, as the catalog has them. `starts_at` and `ends_at` are made by the database from `during`."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Date, Integer, Text, Timestamp, Timestamptz
from piccolo.table import Table

from quartier.database.columns import DateRange, Int4Range, TstzRange
from quartier.database.engine import DB


class Space(Table, tablename="space", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    position = Integer(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    kind = Text(default=None)
    persons = Integer(default=None)
    units = Integer(default=None)
    floor = Text(default=None)
    step_free = Boolean(default=None)
    access = Array(base_column=Text(), default=None)
    equipment = Array(base_column=Text(), default=None)
    rules_de = Text(default=None, null=True)
    grid = Integer(default=None)
    min = Integer(default=None)  # noqa: A003  (the glossary's name)
    max = Integer(default=None)  # noqa: A003
    lead = Integer(default=None)
    horizon_days = Integer(default=None)
    before = Integer(default=None)
    after = Integer(default=None)
    approval = Boolean(default=None)
    request_blocks = Boolean(default=None)
    hold = Integer(default=None)
    checkin = Text(default=None)
    checkin_opens = Integer(default=None)
    grace = Integer(default=None)
    cancel_until = Integer(default=None)
    who = Text(default=None)
    lease_only = Boolean(default=None)
    needs_qualification = Text(default=None, null=True)
    list_price_hour = BigInt(default=None)
    list_rent_month = BigInt(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class SpacePhoto(Table, tablename="space_photo", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None)
    file_id = UUID(default=None)
    position = Integer(default=None)
    alt_de = Text(default=None)
    alt_en = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class SpacePart(Table, tablename="space_part", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    whole_id = UUID(default=None)
    part_id = UUID(default=None)
    created_at = Timestamptz(default=None)


class Opening(Table, tablename="opening", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None, null=True)
    kind = Text(default=None)
    weekday = Integer(default=None)
    minutes = Int4Range(default=None)
    valid = DateRange(default=None)
    created_at = Timestamptz(default=None)


class Closure(Table, tablename="closure", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None, null=True)
    during = TstzRange(default=None)
    kind = Text(default=None)
    reason_de = Text(default=None)
    created_at = Timestamptz(default=None)


class Booking(Table, tablename="booking", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    number = Text(default=None)
    space_id = UUID(default=None)
    units = Integer(default=None)
    during = TstzRange(default=None)
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    local_start = Timestamp(default=None)
    before = Integer(default=None)
    after = Integer(default=None)
    kind = Text(default=None)
    title = Text(default=None)
    visibility = Text(default=None)
    booked_by = UUID(default=None, null=True)
    for_person = UUID(default=None, null=True)
    organisation_id = UUID(default=None, null=True)
    membership_id = UUID(default=None, null=True)
    persons = Integer(default=None, null=True)
    price = BigInt(default=None)
    list_price = BigInt(default=None)
    held_until = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    reason = Text(default=None, null=True)
    late = Boolean(default=None)
    checked_in_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)
    series_id = UUID(default=None, null=True)
    series_date = Date(default=None, null=True)
    payer = Text(default=None, null=True)
    outside_calendar = UUID(default=None, null=True)
    subsidy = BigInt(default=None, null=True)


class AllowanceUse(Table, tablename="allowance_use", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    booking_id = UUID(default=None)
    balance_id = UUID(default=None)
    minutes = Integer(default=None)
    given_back_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None)


class Series(Table, tablename="series", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None)
    repeats = Text(default=None)
    every = Integer(default=None)
    weekdays = Array(base_column=Integer(), default=None)
    nth = Integer(default=None, null=True)
    first = Timestamp(default=None)
    length = Integer(default=None)
    until = Date(default=None, null=True)
    dates = Integer(default=None, null=True)
    on_conflict = Text(default=None)
    booked_by = UUID(default=None, null=True)
    for_person = UUID(default=None, null=True)
    organisation_id = UUID(default=None, null=True)
    title = Text(default=None)
    kind = Text(default=None)
    units = Integer(default=None)
    persons = Integer(default=None, null=True)
    visibility = Text(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class MissedDate(Table, tablename="missed_date", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    series_id = UUID(default=None)
    date = Date(default=None)
    findings = JSONB(default=None)
    booked_as = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)


class Occupancy(Table, tablename="occupancy", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    booking_id = UUID(default=None)
    space_id = UUID(default=None)
    unit_no = Integer(default=None)
    during = TstzRange(default=None)
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)


class Tariff(Table, tablename="tariff", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_kind = Text(default=None)
    payer = Text(default=None)
    price_hour = BigInt(default=None)
    valid = DateRange(default=None)
    created_at = Timestamptz(default=None)


class OpeningDay(Table, tablename="opening_day", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None, null=True)
    day = Date(default=None)
    minutes = Int4Range(default=None)
    reason_de = Text(default=None)
    created_at = Timestamptz(default=None)


class Lease(Table, tablename="lease", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    booking_id = UUID(default=None)
    space_id = UUID(default=None)
    organisation_id = UUID(default=None)
    unit_no = Integer(default=None)
    starts_on = Date(default=None)
    ends_on = Date(default=None, null=True)
    rent_month = BigInt(default=None)
    list_rent_month = BigInt(default=None)
    notice_days = Integer(default=None)
    reason = Text(default=None, null=True)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)


class Briefing(Table, tablename="briefing", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    key = Text(default=None)
    name_de = Text(default=None)
    name_en = Text(default=None, null=True)
    months = Integer(default=None)
    created_at = Timestamptz(default=None)


class CalendarFeed(Table, tablename="calendar_feed", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    scope = Text(default=None)
    person_id = UUID(default=None, null=True)
    space_id = UUID(default=None, null=True)
    token_hash = Bytea(default=None)
    language = Text(default=None)
    created_by = UUID(default=None, null=True)
    created_at = Timestamptz(default=None)
    revoked_at = Timestamptz(default=None, null=True)


class OutsideCalendar(Table, tablename="outside_calendar", schema="app", db=DB):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    space_id = UUID(default=None)
    name = Text(default=None)
    url_enc = Bytea(default=None)
    host = Text(default=None)
    etag = Text(default=None, null=True)
    read_at = Timestamptz(default=None, null=True)
    tried_at = Timestamptz(default=None, null=True)
    error = Text(default=None, null=True)
    missed = Integer(default=None)
    state = Text(default=None)
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)
