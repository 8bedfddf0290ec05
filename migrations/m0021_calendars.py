"""Calendars: feeds by secret links that can be taken back, and outside calendars whose busy times hold a space."""

from quartier.database.migrate import migration

ID = "0021"

UP = """
create table app.calendar_feed (               -- the link itself is shown once and kept nowhere
  tenant_id uuid not null references app.site, id uuid not null, scope text not null check (scope in ('mine', 'space', 'site')),
  person_id uuid, space_id uuid, token_hash bytea not null check (length(token_hash) = 32),
  language text not null check (language in ('de', 'en')), created_by uuid, created_at timestamptz not null, revoked_at timestamptz,
  primary key (tenant_id, id), constraint calendar_feed_token_once unique (tenant_id, token_hash),
  constraint calendar_feed_of_whom check ((scope = 'mine') = (person_id is not null) and (scope = 'space') = (space_id is not null)),
  foreign key (tenant_id, person_id) references app.person, foreign key (tenant_id, space_id) references app.space,
  foreign key (tenant_id, created_by) references app.person);
create index on app.calendar_feed (tenant_id, person_id);
create index on app.calendar_feed (tenant_id, space_id);
create index on app.calendar_feed (tenant_id, created_by, created_at, id);

create table app.outside_calendar (            -- an address is a secret of its owner: sealed; host: what people may read of it
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid not null, name text not null,
  url_enc bytea not null, host text not null, etag text, read_at timestamptz, tried_at timestamptz, error text,
  missed int not null default 0 check (missed >= 0), state text not null check (state in ('active', 'off')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, space_id) references app.space);
create index on app.outside_calendar (tenant_id, space_id);

select sec.isolate(t) from unnest(array['app.calendar_feed', 'app.outside_calendar']::regclass[]) t;

alter table app.booking add column outside_calendar uuid,
  add constraint booking_from_outside check ((kind = 'outside') or outside_calendar is null);
create index on app.booking (tenant_id, outside_calendar) where outside_calendar is not null;
create index on app.lease (tenant_id, starts_on, id);
alter table app.booking no force row level security;
alter table app.outside_calendar no force row level security;
alter table app.booking add foreign key (tenant_id, outside_calendar) references app.outside_calendar;
alter table app.booking force row level security;
alter table app.outside_calendar force row level security;
"""

DOWN = """
drop index app.lease_tenant_id_starts_on_id_idx;
alter table app.booking drop column outside_calendar;
drop table app.outside_calendar, app.calendar_feed;
"""


async def forwards():
    return migration(ID, "spaces", UP, DOWN)
