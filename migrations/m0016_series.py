"""Series of bookings: a rule in the site's wall time, one booking a date, and the dates that did not fit, with the reasons."""

from quartier.database.migrate import migration

ID = "0016"

UP = """
create table app.series (                      -- first, length: wall time of the site and minutes of it; until and dates: one of them
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid not null,
  repeats text not null check (repeats in ('daily', 'weekly', 'monthly')), every int not null check (every between 1 and 52),
  weekdays int[] not null check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]), nth int check (nth between 1 and 5 or nth = -1),
  first timestamp not null, length int not null check (length > 0), until date, dates int check (dates between 1 and 366),
  on_conflict text not null check (on_conflict in ('skip', 'all_or_nothing')),
  booked_by uuid, for_person uuid, organisation_id uuid, title text not null,
  kind text not null check (kind in ('member', 'guest', 'internal')), units int not null check (units > 0), persons int check (persons > 0),
  visibility text not null check (visibility in ('private', 'members', 'public')),
  state text not null check (state in ('running', 'ended')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint series_ends check (num_nonnulls(until, dates) = 1),
  constraint series_nth check ((repeats = 'monthly') = (nth is not null)),
  foreign key (tenant_id, space_id) references app.space, foreign key (tenant_id, booked_by) references app.person,
  foreign key (tenant_id, for_person) references app.person, foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.series (tenant_id, space_id);
create index on app.series (tenant_id, booked_by);
create index on app.series (tenant_id, for_person);
create index on app.series (tenant_id, organisation_id);

create table app.missed_date (                 -- findings: code, German and English sentence of each reason, as it was said then
  tenant_id uuid not null references app.site, id uuid not null, series_id uuid not null, date date not null,
  findings jsonb not null check (jsonb_typeof(findings) = 'array'), booked_as uuid, created_at timestamptz not null,
  primary key (tenant_id, id), constraint missed_date_once unique (tenant_id, series_id, date),
  foreign key (tenant_id, series_id) references app.series, foreign key (tenant_id, booked_as) references app.booking);
create index on app.missed_date (tenant_id, booked_as);

select sec.isolate(t) from unnest(array['app.series', 'app.missed_date']::regclass[]) t;

alter table app.booking add column series_id uuid, add column series_date date,
  add constraint booking_of_series check ((series_id is null) = (series_date is null));
create unique index series_date_once on app.booking (tenant_id, series_id, series_date) where series_id is not null;
alter table app.booking no force row level security;
alter table app.series no force row level security;
alter table app.booking add foreign key (tenant_id, series_id) references app.series;
alter table app.booking force row level security;
alter table app.series force row level security;
"""

DOWN = """
alter table app.booking drop column series_id, drop column series_date;
drop table app.missed_date, app.series;
"""


async def forwards():
    return migration(ID, "spaces", UP, DOWN)
