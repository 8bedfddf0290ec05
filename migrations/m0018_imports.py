"""Lists of members from elsewhere: each line as it was read and what is wrong with it, kept until somebody confirms."""

from quartier.database.migrate import migration

ID = "0018"

UP = """
create table app.import_run (
  tenant_id uuid not null references app.site, id uuid not null, name text not null check (name <> ''), made_by uuid,
  total int not null check (total > 0), faulty int not null check (faulty between 0 and total),
  done int not null default 0, failed int not null default 0 check (failed <= done),
  organisations int not null check (organisations >= 0),      -- what would come of it, once it is done what came of it
  people int not null check (people >= 0), memberships int not null check (memberships >= 0),
  state text not null check (state in ('checked', 'running', 'done', 'dropped')), finished_at timestamptz,
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, made_by) references app.person,
  constraint import_within check (done <= total), check ((finished_at is null) = (state in ('checked', 'running'))));
create index on app.import_run (tenant_id, created_at, id);
create index on app.import_run (tenant_id, made_by);

create table app.import_row (                  -- cells: as they stood in the file, by field; gone some days after
  tenant_id uuid not null references app.site, id uuid not null, run_id uuid not null, line int not null check (line > 1),
  cells jsonb not null, makes_organisation boolean not null, makes_person boolean not null, makes_membership boolean not null,
  organisation_id uuid, person_id uuid,        -- those that were there, then those it made
  state text not null check (state in ('ready', 'known', 'faulty', 'done', 'failed')), created_at timestamptz not null,
  primary key (tenant_id, id), constraint import_row_once unique (tenant_id, run_id, line),
  foreign key (tenant_id, run_id) references app.import_run,
  foreign key (tenant_id, organisation_id) references app.organisation, foreign key (tenant_id, person_id) references app.person);
create index on app.import_row (tenant_id, organisation_id);
create index on app.import_row (tenant_id, person_id);

create table app.import_fault (
  tenant_id uuid not null references app.site, id uuid not null, run_id uuid not null, line int not null, position int not null,
  heading text not null, written text not null, code text not null, text_de text not null, text_en text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, run_id) references app.import_run);
create index on app.import_fault (tenant_id, run_id, line, position);

select sec.isolate(t) from unnest(array['app.import_run', 'app.import_row', 'app.import_fault']::regclass[]) t;
"""

DOWN = "drop table app.import_fault, app.import_row, app.import_run;"


async def forwards():
    return migration(ID, "members", UP, DOWN)
