"""Workshops, their seats and who sits on them. No seat is given twice: seat_pool_not_oversold."""

from quartier.database.migrate import migration

ID = "0006"

UP = """
create table app.term (
  tenant_id uuid not null references app.site, id uuid not null, key text not null, title_de text not null, title_en text,
  during daterange not null check (not isempty(during)), created_at timestamptz not null,
  primary key (tenant_id, id), constraint term_once unique (tenant_id, key));

create table app.workshop (                   -- cancel_until, offer, offer_stops: minutes; fee: cents; certificate: permille
  tenant_id uuid not null references app.site, id uuid not null, number text not null, term_id uuid,
  format text not null check (format in ('think_workshop', 'workshop', 'training', 'talk', 'open_house')),
  topic text not null, skill text check (skill in ('technical', 'management', 'entrepreneurship', 'green', 'other')),
  title_de text not null, title_en text, text_de text not null, text_en text,
  language text not null check (language in ('de', 'en')), led_by uuid not null, partner_id uuid,
  min_seats int not null check (min_seats >= 0),
  opens_at timestamptz not null, closes_at timestamptz not null, check (opens_at < closes_at),
  cancel_until int not null check (cancel_until >= 0),
  fee bigint not null check (fee >= 0),
  fill text not null check (fill in ('strict', 'fill_gaps')),
  offer int not null check (offer >= 0),          -- 0: a seat that becomes free is confirmed at once
  offer_stops int not null check (offer_stops >= 0),
  after_expiry text not null check (after_expiry in ('to_end', 'out')),
  certificate int check (certificate between 0 and 1000),
  visibility text not null check (visibility in ('public', 'members', 'invited')),
  stakeholder boolean not null,
  state text not null check (state in ('draft', 'published', 'running', 'done', 'cancelled')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint workshop_number_once unique (tenant_id, number),
  foreign key (tenant_id, term_id) references app.term,
  foreign key (tenant_id, led_by) references app.person,
  foreign key (tenant_id, partner_id) references app.organisation);
create index on app.workshop (tenant_id, opens_at, id);
create index on app.workshop (tenant_id, term_id);

-- taken is the sum of the parties that hold a seat, changed only together with a registration.
create table app.seat_pool (
  tenant_id uuid not null references app.site, id uuid not null, workshop_id uuid not null,
  key text not null, name_de text not null, name_en text, seats int not null, taken int not null default 0,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint seat_pool_once unique (tenant_id, workshop_id, key),
  constraint seat_pool_not_oversold check (taken between 0 and seats),
  foreign key (tenant_id, workshop_id) references app.workshop);

create table app.session (
  tenant_id uuid not null references app.site, id uuid not null, workshop_id uuid not null, no int not null check (no > 0),
  during tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)
                                   and not lower_inf(during) and not upper_inf(during)),
  starts_at timestamptz not null generated always as (lower(during)) stored,   -- lower() may not run in an index under policies
  ends_at timestamptz not null generated always as (upper(during)) stored, local_start timestamp not null,
  space_id uuid, booking_id uuid, place text, online_url text,    -- the room it wants, and the booking once it has it
  state text not null check (state in ('planned', 'done', 'cancelled')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint session_once unique (tenant_id, workshop_id, no),
  constraint session_somewhere check (num_nonnulls(space_id, place, online_url) > 0),
  check (booking_id is null or space_id is not null),
  constraint session_booking_once unique (tenant_id, booking_id),
  foreign key (tenant_id, workshop_id) references app.workshop,
  foreign key (tenant_id, space_id) references app.space,
  foreign key (tenant_id, booking_id) references app.booking);
create index on app.session (tenant_id, starts_at, id);
create index on app.session (tenant_id, space_id);

create table app.registration (
  tenant_id uuid not null references app.site, id uuid not null, workshop_id uuid not null, pool text not null,
  person_id uuid not null, organisation_id uuid, party int not null check (party > 0),
  priority int not null default 0 check (priority >= 0), joined_at timestamptz not null, offered_until timestamptz,
  reason text,
  state text not null check (state in ('waitlisted', 'offered', 'confirmed', 'attended', 'partly_attended', 'no_show', 'certified',
    'certificate_revoked', 'offer_declined', 'offer_expired', 'cancelled', 'cancelled_late', 'cancelled_by_site')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), check ((state = 'offered') = (offered_until is not null)),
  foreign key (tenant_id, workshop_id, pool) references app.seat_pool (tenant_id, workshop_id, key),
  foreign key (tenant_id, person_id) references app.person,
  foreign key (tenant_id, organisation_id) references app.organisation);
create unique index registration_once on app.registration (tenant_id, workshop_id, person_id)
  where state not in ('offer_declined', 'offer_expired', 'cancelled', 'cancelled_late', 'cancelled_by_site');
create index on app.registration (tenant_id, workshop_id, joined_at, id);
create index on app.registration (tenant_id, joined_at, id);
create index on app.registration (tenant_id, person_id, joined_at);
create index registration_line on app.registration (tenant_id, workshop_id, priority desc, joined_at, id) where state = 'waitlisted';
create index registration_offers on app.registration (tenant_id, offered_until) where state = 'offered';

create table app.passed_over (                 -- why somebody in the line did not move up
  tenant_id uuid not null references app.site, id uuid not null, registration_id uuid not null,
  reason text not null check (reason in ('party_too_large', 'pool_full', 'not_eligible', 'too_late')),
  numbers jsonb not null, created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, registration_id) references app.registration);
create index on app.passed_over (tenant_id, registration_id, created_at);

create table app.attendance (
  tenant_id uuid not null references app.site, id uuid not null, session_id uuid not null, registration_id uuid not null,
  state text not null check (state in ('present', 'late', 'absent', 'excused')), minutes int not null check (minutes >= 0),
  marked_by uuid, by text not null check (by in ('staff', 'code')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint attendance_once unique (tenant_id, session_id, registration_id),
  foreign key (tenant_id, session_id) references app.session,
  foreign key (tenant_id, registration_id) references app.registration,
  foreign key (tenant_id, marked_by) references app.person);
create index on app.attendance (tenant_id, registration_id);

select sec.isolate(t) from unnest(array['app.term', 'app.workshop', 'app.seat_pool', 'app.session', 'app.registration',
                                        'app.attendance']::regclass[]) t;
select sec.isolate('app.passed_over', 'select, insert');
"""

DOWN = """
drop table app.attendance, app.passed_over, app.registration, app.session, app.seat_pool, app.workshop, app.term;
"""


async def forwards():
    return migration(ID, "programme", UP, DOWN)
