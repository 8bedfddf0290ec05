"""How people sign in: the addresses they are known by, one-time codes, and how long a session may rest."""

from quartier.database.migrate import migration

ID = "0011"

UP = """
alter table auth.session add column idle interval not null default '60 minutes' check (idle > '0 seconds');

create table auth.login_address (              -- one address, one person: else a code would not know whom it lets in
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null,
  address text not null check (address = lower(address) and address like '_%@_%'), verified_at timestamptz,
  primary key (tenant_id, id), constraint login_address_once unique (tenant_id, address),
  foreign key (tenant_id, person_id) references app.person);
create index on auth.login_address (tenant_id, person_id);

create table auth.login_code (                 -- person_id is null for an unknown address: both ways look alike
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid,
  code_hash bytea not null check (length(code_hash) = 32), browser_hash bytea not null check (length(browser_hash) = 32),
  tries int not null default 0 check (tries between 0 and 5), created_at timestamptz not null, expires_at timestamptz not null,
  primary key (tenant_id, id), constraint login_code_of_browser unique (tenant_id, browser_hash),
  foreign key (tenant_id, person_id) references app.person);
create index on auth.login_code (tenant_id, person_id);

select sec.isolate(t) from unnest(array['auth.login_address', 'auth.login_code']::regclass[]) t;
"""

DOWN = """
drop table auth.login_code, auth.login_address;
alter table auth.session drop column idle;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
