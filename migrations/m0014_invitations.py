"""Invitations, who gave a role, and which roles never meet in one person: who plans does not pay."""

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

-- A code that was asked for with an invitation's link: whoever types it in accepts that invitation.
alter table auth.login_code add column invitation uuid;
alter table auth.login_code no force row level security;
alter table auth.login_code add foreign key (tenant_id, invitation) references auth.invitation;
alter table auth.login_code force row level security;
create index on auth.login_code (tenant_id, invitation);

-- One row for each person who was ever given a role. Its lock puts those who give into a line, and `roles`, counted anew
-- by each of them from the grants that have not ended, is where a CHECK can see them side by side.
create table auth.role_holder (
  tenant_id uuid not null references app.site, person_id uuid not null, roles text[] not null, changed_at timestamptz not null,
  primary key (tenant_id, person_id), foreign key (tenant_id, person_id) references app.person,
  constraint roles_apart check (
    not (roles @> array['finance']
         and roles && array['manager', 'front_desk', 'advisor', 'grants_officer', 'site_admin', 'jury'])
    and not (roles @> array['jury'] and roles && array['grants_officer', 'award_authority'])
    and not (roles && array['city_analyst', 'platform_operator']
             and not roles <@ array['city_analyst', 'platform_operator'])));

select sec.isolate(t) from unnest(array['auth.invitation', 'auth.role_holder']::regclass[]) t;

-- granted_by: null when the house did, or a provider's rule. confirmed_at: for `finance` the second person's word, and for
-- everybody the yearly look of the site's administration.
alter table auth.role_grant add column granted_by uuid, add column confirmed_at timestamptz,
  add constraint role_grant_four_eyes check (confirmed_by <> granted_by and confirmed_by <> person_id);
create index on auth.role_grant (tenant_id, person_id);
"""

DOWN = """
drop index auth.role_grant_tenant_id_person_id_idx;
alter table auth.role_grant drop constraint role_grant_four_eyes, drop column granted_by, drop column confirmed_at;
drop table auth.role_holder;
alter table auth.login_code drop column invitation;
drop table auth.invitation;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
