"""Spaces and their parts, opening hours, closures, bookings, and the occupancy that makes a double booking impossible."""

from quartier.database.migrate import migration

ID = "0005"

# Under row-level security `&&` and `lower()` may not run in an index (they are not leakproof), comparisons of
# plain columns may: hence starts_at and ends_at beside each span.
UP = """
create table app.space (                       -- grid, min, max, lead, before, after, hold, checkin_opens, grace, cancel_until: minutes
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key <> ''), position int not null,
  name_de text not null, name_en text,
  kind text not null check (kind in ('hall', 'think_room', 'consulting', 'kitchen', 'studio', 'office', 'desk', 'locker')),
  persons int not null check (persons > 0), units int not null check (units between 1 and 500), floor text not null,
  step_free boolean not null, access text[] not null, equipment text[] not null, rules_de text,
  grid int not null check (grid between 1 and 1440), min int not null check (min > 0), max int not null check (max between min and 43200),
  lead int not null check (lead >= 0), horizon_days int not null check (horizon_days between 1 and 1830),
  before int not null check (before between 0 and 1440), after int not null check (after between 0 and 1440),
  approval boolean not null, request_blocks boolean not null, hold int not null check (hold >= 0),
  checkin text not null check (checkin in ('none', 'required')), checkin_opens int not null check (checkin_opens >= 0),
  grace int not null check (grace >= 0), cancel_until int not null check (cancel_until >= 0),
  who text not null check (who in ('staff', 'members', 'public')), lease_only boolean not null, needs_qualification text,
  list_price_hour bigint not null check (list_price_hour >= 0), list_rent_month bigint check (list_rent_month >= 0),
  state text not null check (state in ('open', 'retired')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint space_key_once unique (tenant_id, key));
create index on app.space (tenant_id, position, id);

create table app.space_part (                  -- one step deep: the application refuses a whole as a part
  tenant_id uuid not null references app.site, id uuid not null, whole_id uuid not null, part_id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint space_part_once unique (tenant_id, whole_id, part_id), check (whole_id <> part_id),
  foreign key (tenant_id, whole_id) references app.space, foreign key (tenant_id, part_id) references app.space);
create index on app.space_part (tenant_id, part_id);

create table app.opening (                     -- weekday 1 = Monday; minutes of the day in the site's wall time; no space = the house
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid,
  kind text not null check (kind in ('open', 'staffed', 'peak')), weekday int not null check (weekday between 1 and 7),
  minutes int4range not null check (not isempty(minutes) and minutes <@ int4range(0, 1441)),
  valid daterange not null check (not isempty(valid)), created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint opening_no_overlap exclude using gist (tenant_id with =, coalesce(space_id, '00000000-0000-0000-0000-000000000000') with =,
    kind with =, weekday with =, minutes with &&, valid with &&),
  foreign key (tenant_id, space_id) references app.space);
create index on app.opening (tenant_id, space_id);

create table app.closure (                     -- no space = the house
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid,
  during tstzrange not null check (not isempty(during) and lower(during) is not null and upper(during) is not null),
  kind text not null check (kind in ('holiday', 'company_break', 'repair', 'other')), reason_de text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, space_id) references app.space);
create index on app.closure (tenant_id, lower(during), id);
create index on app.closure (tenant_id, space_id);

create table app.booking (                     -- before, after: minutes, as used; booked_by is empty for a machine or the house itself
  tenant_id uuid not null references app.site, id uuid not null, number text not null, space_id uuid not null,
  units int not null check (units > 0),
  during tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)
                                   and not lower_inf(during) and not upper_inf(during)),
  starts_at timestamptz not null generated always as (lower(during)) stored,
  ends_at timestamptz not null generated always as (upper(during)) stored,
  local_start timestamp not null, before int not null check (before >= 0), after int not null check (after >= 0),
  kind text not null check (kind in ('member', 'guest', 'internal', 'blocking', 'session', 'advice', 'lease', 'outside')),
  title text not null, visibility text not null check (visibility in ('private', 'members', 'public')),
  booked_by uuid, for_person uuid, organisation_id uuid, membership_id uuid, persons int check (persons > 0),
  price bigint not null check (price >= 0), list_price bigint not null check (list_price >= 0), held_until timestamptz,
  decided_by uuid, reason text, late boolean not null, checked_in_at timestamptz, ended_at timestamptz,
  state text not null check (state in ('held', 'expired', 'requested', 'confirmed', 'declined', 'withdrawn', 'checked_in', 'completed',
                                       'cancelled', 'cancelled_late', 'cancelled_by_site', 'no_show', 'excused')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint booking_number_once unique (tenant_id, number),
  foreign key (tenant_id, space_id) references app.space, foreign key (tenant_id, booked_by) references app.person,
  foreign key (tenant_id, for_person) references app.person, foreign key (tenant_id, organisation_id) references app.organisation,
  foreign key (tenant_id, membership_id) references app.membership, foreign key (tenant_id, decided_by) references app.person);
create index on app.booking (tenant_id, starts_at, id);
create index on app.booking (tenant_id, space_id, starts_at, id);
create index on app.booking (tenant_id, organisation_id, starts_at, id);
create index on app.booking (tenant_id, for_person, starts_at, id);

create table app.occupancy (                   -- one row per atomic part and unit, present exactly while its booking blocks
  tenant_id uuid not null references app.site, id uuid not null, booking_id uuid not null, space_id uuid not null,
  unit_no int not null check (unit_no > 0), during tstzrange not null check (not isempty(during)),
  starts_at timestamptz not null generated always as (lower(during)) stored,
  ends_at timestamptz not null generated always as (upper(during)) stored, created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint occupancy_no_overlap exclude using gist (tenant_id with =, space_id with =, unit_no with =, during with &&),
  foreign key (tenant_id, booking_id) references app.booking, foreign key (tenant_id, space_id) references app.space);
create index on app.occupancy (tenant_id, booking_id);
create index on app.occupancy (tenant_id, space_id, ends_at);

select sec.isolate(t) from unnest(array['app.space', 'app.space_part', 'app.opening', 'app.closure', 'app.booking',
                                        'app.occupancy']::regclass[]) t;
"""

DOWN = """
drop table app.occupancy, app.booking, app.closure, app.opening, app.space_part, app.space;
"""


async def forwards():
    return migration(ID, "spaces", UP, DOWN)
