"""Consents: to which text, given and withdrawn when and by whom; none is ever deleted, so that it can be shown."""

from quartier.database.migrate import migration

ID = "0026"

UP = """
create table app.consent (
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid, organisation_id uuid,
  holder_id uuid not null generated always as (coalesce(organisation_id, person_id)) stored,
  purpose text not null check (purpose in ('directory', 'newsletter', 'photo', 'path', 'city_board')),
  text_version text not null check (text_version <> ''), audience text not null check (audience in ('members', 'public')),
  line text not null check (length(line) <= 300),             -- how they present themselves there
  given_at timestamptz not null, given_by uuid not null, withdrawn_at timestamptz, withdrawn_by uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint consent_one_holder check (num_nonnulls(person_id, organisation_id) = 1),
  constraint consent_own check (person_id is null or given_by = person_id),   -- nobody consents for another person
  constraint consent_withdrawn check (withdrawn_by is null or withdrawn_at is not null),
  foreign key (tenant_id, person_id) references app.person,
  constraint organisation_lives foreign key (tenant_id, organisation_id) references app.organisation (tenant_id, live_id),
  foreign key (tenant_id, given_by) references app.person, foreign key (tenant_id, withdrawn_by) references app.person);
create unique index consent_once on app.consent (tenant_id, holder_id, purpose) where withdrawn_at is null;
create index consent_listed on app.consent (tenant_id, purpose, audience) where withdrawn_at is null;
create index on app.consent (tenant_id, person_id, given_at);
create index on app.consent (tenant_id, organisation_id, given_at);
create index on app.consent (tenant_id, given_by);
select sec.isolate('app.consent');
"""

DOWN = "drop table app.consent;"


async def forwards():
    return migration(ID, "members", UP, DOWN)
