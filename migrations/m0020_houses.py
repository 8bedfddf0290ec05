"""Prices by who pays, days with hours of their own, leases, briefings, and the support a house gives by charging less."""

from quartier.database.migrate import migration

ID = "0020"

UP = """
create table app.tariff (                      -- cents an hour of a kind of space, for who pays; the day a booking begins decides
  tenant_id uuid not null references app.site, id uuid not null,
  space_kind text not null check (space_kind in ('hall', 'think_room', 'consulting', 'kitchen', 'studio', 'office', 'desk', 'locker')),
  payer text not null check (payer in ('company', 'nonprofit', 'public')), price_hour bigint not null check (price_hour >= 0),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)), created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint tariff_no_overlap exclude using gist (tenant_id with =, space_kind with =, payer with =, valid with &&));

create table app.opening_day (                 -- hours of one date in place of the weekly ones; no space = the house
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid, day date not null,
  minutes int4range not null check (not isempty(minutes) and minutes <@ int4range(0, 1441)), reason_de text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint opening_day_no_overlap exclude using gist (tenant_id with =, coalesce(space_id, '00000000-0000-0000-0000-000000000000') with =,
    day with =, minutes with &&),
  foreign key (tenant_id, space_id) references app.space);
create index on app.opening_day (tenant_id, space_id);

create table app.lease (                       -- rents in cents a month; ends_on: the last day, none while it is open
  tenant_id uuid not null references app.site, id uuid not null, booking_id uuid not null, space_id uuid not null,
  organisation_id uuid not null, unit_no int not null check (unit_no > 0), starts_on date not null,
  ends_on date check (ends_on >= starts_on), rent_month bigint not null check (rent_month >= 0),
  list_rent_month bigint not null check (list_rent_month >= 0), notice_days int not null check (notice_days between 0 and 1095),
  reason text, state text not null check (state in ('agreed', 'running', 'notice', 'ended')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint lease_booking_once unique (tenant_id, booking_id),
  constraint lease_notice_ends check (state not in ('notice', 'ended') or ends_on is not null),
  foreign key (tenant_id, booking_id) references app.booking, foreign key (tenant_id, space_id) references app.space,
  foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.lease (tenant_id, space_id, starts_on, id);
create index on app.lease (tenant_id, organisation_id, starts_on, id);

create table app.briefing (                    -- what a space may ask of who uses it, and for how many months it holds
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key <> ''), name_de text not null,
  name_en text, months int not null check (months between 1 and 600), created_at timestamptz not null,
  primary key (tenant_id, id), constraint briefing_key_once unique (tenant_id, key));

create table app.qualification (               -- source: the certificate it came from; given_by: who wrote it down at the desk
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null, key text not null check (key <> ''),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)), source uuid, given_by uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, person_id) references app.person,
  foreign key (tenant_id, given_by) references app.person);
create index on app.qualification (tenant_id, person_id, key);
create index on app.qualification (tenant_id, given_by);

create table app.support (                     -- value: cents below the list price; source: the booking or lease, one line a day of it
  tenant_id uuid not null references app.site, id uuid not null, organisation_id uuid not null,
  kind text not null check (kind in ('advice', 'course', 'room', 'lease')), on_day date not null,
  minutes int not null check (minutes >= 0), value bigint not null check (value >= 0), structured boolean not null,
  source uuid not null, created_at timestamptz not null,
  primary key (tenant_id, id), constraint support_once unique (tenant_id, source, on_day),
  foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.support (tenant_id, organisation_id, on_day, id);
create index on app.support (tenant_id, on_day, id);

select sec.isolate(t) from unnest(array['app.tariff', 'app.opening_day', 'app.lease', 'app.briefing', 'app.qualification',
                                        'app.support']::regclass[]) t;

alter table app.booking add column payer text check (payer in ('company', 'nonprofit', 'public'));
"""

DOWN = """
alter table app.booking drop column payer;
drop table app.support, app.qualification, app.briefing, app.lease, app.opening_day, app.tariff;
"""


async def forwards():
    return migration(ID, "spaces", UP, DOWN)
