"""Who came with an invitation but with another address: whoever may invite sees both and decides."""

from quartier.database.migrate import migration

ID = "0029"

UP = """
alter table auth.invitation no force row level security;
alter table auth.invitation
  add column claimed_by uuid, add column claimed_at timestamptz,
  add column claimed_address text check (claimed_address = lower(claimed_address)),  -- null: her institution swore to none
  add column admitted_by uuid,
  add constraint invitation_claimed check ((claimed_by is null) = (claimed_at is null)
    and (claimed_address is null or claimed_by is not null) and (admitted_by is null or claimed_by is not null)),
  add foreign key (tenant_id, claimed_by) references app.person,
  add foreign key (tenant_id, admitted_by) references app.person;
alter table auth.invitation force row level security;
create index on auth.invitation (tenant_id, claimed_by);
create index on auth.invitation (tenant_id, admitted_by);
"""

DOWN = """
alter table auth.invitation drop column claimed_by, drop column claimed_at, drop column claimed_address,
  drop column admitted_by;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
