"""What files are handed in for: papers that an application for a membership asks for, and photos of spaces."""

from quartier.database.migrate import migration

ID = "0030"

UP = """
create table app.membership_paper (            -- kind: a word of the plan's papers; note: why it was refused, for the applicant
  tenant_id uuid not null references app.site, id uuid not null, membership_id uuid not null, kind text not null check (kind <> ''),
  file_id uuid not null, given_by uuid not null, given_at timestamptz not null,
  state text not null check (state in ('given', 'accepted', 'refused')), note text, decided_by uuid, decided_at timestamptz,
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint paper_once unique (tenant_id, membership_id, kind),
  constraint paper_file_once unique (tenant_id, file_id),
  constraint paper_refused_says_why check (state <> 'refused' or note is not null),
  check ((state = 'given') = (decided_at is null)),
  foreign key (tenant_id, membership_id) references app.membership, foreign key (tenant_id, file_id) references app.file,
  foreign key (tenant_id, given_by) references app.person, foreign key (tenant_id, decided_by) references app.person);
create index on app.membership_paper (tenant_id, given_by);
create index on app.membership_paper (tenant_id, decided_by);

create table app.space_photo (                 -- alt: what is to be seen, for whoever does not see it
  tenant_id uuid not null references app.site, id uuid not null, space_id uuid not null, file_id uuid not null,
  position int not null check (position > 0), alt_de text not null check (alt_de <> ''), alt_en text not null check (alt_en <> ''),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint photo_file_once unique (tenant_id, file_id),
  foreign key (tenant_id, space_id) references app.space, foreign key (tenant_id, file_id) references app.file);
create index on app.space_photo (tenant_id, space_id, position, id);

select sec.isolate(t) from unnest(array['app.membership_paper', 'app.space_photo']::regclass[]) t;
"""

DOWN = "drop table app.space_photo, app.membership_paper;"


async def forwards():
    return migration(ID, "papers", UP, DOWN)
