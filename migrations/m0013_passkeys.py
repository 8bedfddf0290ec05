"""Passkeys, and the challenges they answer: only the hash of a challenge is kept, and it is taken once."""

from quartier.database.migrate import migration

ID = "0013"

UP = """
create table auth.passkey (
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null,
  credential_id bytea not null check (length(credential_id) between 1 and 1023), public_key bytea not null,
  sign_count bigint not null check (sign_count >= 0), name text not null check (length(name) between 1 and 80),
  backed_up boolean not null, created_at timestamptz not null, last_used timestamptz,
  primary key (tenant_id, id), constraint passkey_once unique (tenant_id, credential_id),
  foreign key (tenant_id, person_id) references app.person);
create index on auth.passkey (tenant_id, person_id);

create table auth.challenge (
  tenant_id uuid not null references app.site, id uuid not null, hash bytea not null check (length(hash) = 32),
  browser_hash bytea not null check (length(browser_hash) = 32),
  kind text not null check (kind in ('register', 'login', 'step_up')), person_id uuid, expires_at timestamptz not null,
  primary key (tenant_id, id), constraint challenge_once unique (tenant_id, hash),
  foreign key (tenant_id, person_id) references app.person);
create index on auth.challenge (tenant_id, person_id);
create index on auth.challenge (tenant_id, expires_at);

select sec.isolate(t) from unnest(array['auth.passkey', 'auth.challenge']::regclass[]) t;
"""

DOWN = """
drop table auth.challenge, auth.passkey;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
