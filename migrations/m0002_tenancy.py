"""What every room needs of a site: settings with history, counters, audit chain, idempotency keys, job receipts."""

from quartier.database.migrate import migration

ID = "0002"

UP = """
create table app.setting (                     -- a setting is valid from a day; earlier ones stay as history
  tenant_id uuid not null references app.site, id uuid not null, key text not null, value jsonb not null,
  valid_from date not null, changed_by uuid, created_at timestamptz not null,
  primary key (tenant_id, id), unique (tenant_id, key, valid_from));

create table app.counter (                     -- human numbers: never a sequence, which tells volumes and skips
  tenant_id uuid not null references app.site, kind text not null, year int not null, last int not null check (last > 0),
  primary key (tenant_id, kind, year));

create table app.audit_entry (
  tenant_id uuid not null references app.site, id uuid not null, seq bigint not null, action text not null, subject uuid,
  person uuid, client uuid, numbers jsonb not null, request_id text not null, created_at timestamptz not null,
  hash bytea not null check (length(hash) = 32),
  primary key (tenant_id, id), constraint audit_seq_once unique (tenant_id, seq));
create index on app.audit_entry (tenant_id, subject);

create table app.audit_head (                  -- end of a site's chain; its row lock orders the lines
  tenant_id uuid primary key references app.site, seq bigint not null, hash bytea not null);

create table app.idempotency (
  tenant_id uuid not null references app.site, id uuid not null, caller text not null,
  key text not null check (length(key) between 1 and 200), payload_hash bytea not null check (length(payload_hash) = 32),
  answer jsonb, created_at timestamptz not null,
  primary key (tenant_id, id), constraint idempotency_once unique (tenant_id, caller, key));
create index on app.idempotency (tenant_id, created_at);

create table app.job_receipt (                 -- a job's effect and its receipt commit together: at least once becomes once
  tenant_id uuid not null references app.site, job_id bigint not null, created_at timestamptz not null,
  primary key (tenant_id, job_id));

create table app.job_due (                     -- what the calendar has put already, per site
  tenant_id uuid not null references app.site, kind text not null, due timestamptz not null, created_at timestamptz not null,
  primary key (tenant_id, kind, due));

select sec.isolate(t) from unnest(array['app.setting', 'app.counter', 'app.audit_head', 'app.idempotency',
                                        'app.job_receipt', 'app.job_due']::regclass[]) t;
select sec.isolate('app.audit_entry', 'select, insert');
"""

DOWN = """
drop table app.job_due, app.job_receipt, app.idempotency, app.audit_head, app.audit_entry, app.counter, app.setting;
"""


async def forwards():
    return migration(ID, "tenancy", UP, DOWN)
