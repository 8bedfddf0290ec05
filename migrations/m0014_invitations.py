"""Invitations, and who gave a role: whoever gives one of money never confirms it as well."""

from quartier.database.migrate import migration

ID = "0014"

UP = """
create table auth.invitation (                 -- for a role of the house, for an organisation, or for a person who lost her way in
  tenant_id uuid not null references app.site, id uuid not null, token_hash bytea not null check (length(token_hash) = 32),
  address text not null check (address = lower(address) and address like '_%@_%'), name text, language text not null check (language in ('de', 'en')),
  role text, role_until timestamptz, bound_to uuid,
  organisation uuid, affiliation text check (affiliation in ('admin', 'member')),
  person_id uuid, invited_by uuid, created_at timestamptz not null, expires_at timestamptz not null,
  used_at timestamptz, used_by uuid, withdrawn_at timestamptz,
  primary key (tenant_id, id), constraint invitation_token_once unique (tenant_id, token_hash),
  constraint invitation_of_one_kind check (num_nonnulls(role, organisation, person_id) = 1),
  constraint invitation_affiliation check ((organisation is null) = (affiliation is null)),
  constraint invitation_used check ((used_at is null) = (used_by is null)),
  foreign key (tenant_id, person_id) references app.person,
  foreign key (tenant_id, invited_by) references app.person,
  foreign key (tenant_id, used_by) references app.person);
create unique index invitation_open on auth.invitation (tenant_id, address, role, bound_to, organisation, person_id)
  nulls not distinct where used_at is null and withdrawn_at is null;
create index on auth.invitation (tenant_id, organisation);
create index on auth.invitation (tenant_id, person_id);
create index on auth.invitation (tenant_id, invited_by);
create index on auth.invitation (tenant_id, used_by);

select sec.isolate('auth.invitation');

-- granted_by: null when the house did, or a provider's rule. confirmed_at: for `finance` the second person's word, and for
-- everybody the yearly look of the site's administration.
alter table auth.role_grant add column granted_by uuid, add column confirmed_at timestamptz,
  add constraint role_grant_four_eyes check (confirmed_by is null or confirmed_by <> granted_by);
create index on auth.role_grant (tenant_id, person_id);
"""

DOWN = """
drop index auth.role_grant_tenant_id_person_id_idx;
alter table auth.role_grant drop constraint role_grant_four_eyes, drop column granted_by, drop column confirmed_at;
drop table auth.invitation;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
