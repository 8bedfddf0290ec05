"""The access log in a chain of its own, who looked at whose data, and wishes of the doors done once."""

from quartier.database.migrate import migration

ID = "0015"

UP = """
-- Lines of before stand outside the chain: nobody may change them, so they stay without a number.
alter table auth.event add column seq bigint, add column hash bytea check (length(hash) = 32),
  add column detail jsonb not null default '{}', add column address_hash bytea check (length(address_hash) = 32),
  add constraint event_seq_once unique (tenant_id, seq);
create index on auth.event (tenant_id, created_at);
create index on auth.event (tenant_id, person);

create table auth.event_head (                 -- end of a realm's chain; its row lock orders the lines
  tenant_id uuid primary key references app.site, seq bigint not null, hash bytea not null);

create table auth.idempotency (                -- as app.idempotency, for what the power auth does
  tenant_id uuid not null references app.site, id uuid not null, caller text not null,
  key text not null check (length(key) between 1 and 200), payload_hash bytea not null check (length(payload_hash) = 32),
  answer jsonb, created_at timestamptz not null,
  primary key (tenant_id, id), constraint wish_once unique (tenant_id, caller, key));
create index on auth.idempotency (tenant_id, created_at);

create table app.look_entry (                  -- who read protected fields of whom; ids and names of fields, never what they said
  tenant_id uuid not null references app.site, id uuid not null, person uuid, client uuid, operation text,
  fields text[] not null, subjects uuid[] not null, times int not null check (times > 0),
  request_id text not null, created_at timestamptz not null,
  primary key (tenant_id, id));
create index on app.look_entry (tenant_id, created_at);
create index on app.look_entry (tenant_id, person);

select sec.isolate(t) from unnest(array['auth.event_head', 'auth.idempotency']::regclass[]) t;
select sec.isolate('app.look_entry', 'select, insert');
"""

DOWN = """
drop table app.look_entry, auth.idempotency, auth.event_head;
alter table auth.event drop constraint event_seq_once, drop column seq, drop column hash, drop column detail, drop column address_hash;
drop index auth.event_tenant_id_created_at_idx, auth.event_tenant_id_person_idx;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
