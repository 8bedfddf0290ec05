"""Persons, role grants, sessions and machine clients. `auth` is isolated like `app`: the host names the realm first."""

from quartier.database.migrate import migration

ID = "0003"

UP = """
create table app.person (
  tenant_id uuid not null references app.site, id uuid not null, name text not null, sort_key text not null, email text,
  language text not null default 'de' check (language in ('de', 'en')),
  state text not null check (state in ('pending', 'active', 'blocked', 'erased')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id));
create index on app.person (tenant_id, sort_key, id);

create table auth.role_grant (
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null, role text not null,
  source text not null, bound_to uuid, valid_from timestamptz not null, valid_until timestamptz not null,
  reason text, confirmed_by uuid, created_at timestamptz not null,
  primary key (tenant_id, id), check (valid_from < valid_until),
  constraint role_grant_once unique nulls not distinct (tenant_id, person_id, role, bound_to, source),
  foreign key (tenant_id, person_id) references app.person);

create table auth.session (                    -- method 'demo' exists in demo mode only: any other start refuses to run beside it
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null,
  token_hash bytea not null check (length(token_hash) = 32), method text not null check (method in ('demo', 'oidc', 'code', 'passkey', 'first')),
  created_at timestamptz not null, last_seen timestamptz not null, expires_at timestamptz not null,
  primary key (tenant_id, id), constraint session_token_once unique (tenant_id, token_hash),
  foreign key (tenant_id, person_id) references app.person);
create index on auth.session (tenant_id, person_id);

create table auth.api_client (
  tenant_id uuid not null references app.site, id uuid not null, client_id text not null, name text not null, owner uuid,
  secret_hash bytea not null check (length(secret_hash) = 32), secret_hash_next bytea check (length(secret_hash_next) = 32),
  scopes text[] not null, state text not null default 'active' check (state in ('active', 'off')),
  created_at timestamptz not null, expires_at timestamptz not null, last_used timestamptz,
  primary key (tenant_id, id), constraint api_client_once unique (tenant_id, client_id));

create table auth.api_token (
  tenant_id uuid not null references app.site, id uuid not null, hash bytea not null check (length(hash) = 32),
  client uuid not null, scopes text[] not null, issued_at timestamptz not null, expires_at timestamptz not null, revoked_at timestamptz,
  primary key (tenant_id, id), constraint api_token_once unique (tenant_id, hash),
  foreign key (tenant_id, client) references auth.api_client on delete cascade);
create index on auth.api_token (tenant_id, client);
create index on auth.api_token (tenant_id, expires_at);

create table auth.attempt (                    -- rate limits: one counter per key and window
  tenant_id uuid not null references app.site, key_hash bytea not null check (length(key_hash) = 32),
  window_start timestamptz not null, n int not null check (n > 0),
  primary key (tenant_id, key_hash, window_start));

create table auth.event (
  tenant_id uuid not null references app.site, id uuid not null, kind text not null, reason text, person uuid, client uuid,
  request_id text not null, created_at timestamptz not null,
  primary key (tenant_id, id));

select sec.isolate(t) from unnest(array['app.person', 'auth.role_grant', 'auth.session', 'auth.api_client', 'auth.api_token',
                                        'auth.attempt']::regclass[]) t;
select sec.isolate('auth.event', 'select, insert');
"""

DOWN = """
drop table auth.event, auth.attempt, auth.api_token, auth.api_client, auth.session, auth.role_grant, app.person;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
