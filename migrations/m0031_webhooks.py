"""Webhooks: programs of others are told what happened, by ids and states, in the order of the site's log."""

from quartier.database.migrate import migration

ID = "0031"

# The site's log is the outbox: its lines are written with the action, in one order. `followed` spares every site that
# tells nobody a job; `seen` is the last line of which a webhook has its deliveries.
UP = """
alter table app.audit_head add column followed boolean not null default false;

create table app.webhook (                     -- address and secrets are sealed; host: what people may read of the address
  tenant_id uuid not null references app.site, id uuid not null, name text not null check (name <> ''),
  url_enc bytea not null, host text not null, events text[] not null check (cardinality(events) > 0),
  secret_enc bytea not null, old_secret_enc bytea, old_until timestamptz, made_by uuid, seen bigint not null check (seen >= 0),
  failing_since timestamptz, off_because text check (off_because in ('hand', 'failing', 'gone')),
  state text not null check (state in ('active', 'off')), version int not null default 1,
  created_at timestamptz not null, changed_at timestamptz not null, primary key (tenant_id, id),
  check ((old_secret_enc is null) = (old_until is null)), check ((state = 'off') = (off_because is not null)),
  foreign key (tenant_id, made_by) references app.person);
create index on app.webhook (tenant_id, created_at, id);

create table app.delivery (                    -- body: what is sent, to the byte; ids and states only. line null: a trial
  tenant_id uuid not null references app.site, id uuid not null, webhook_id uuid not null, event text not null,
  line bigint, part int not null default 0, body text not null, attempts int not null default 0 check (attempts >= 0),
  send_after timestamptz not null, tried_at timestamptz, code int, fault text,
  state text not null check (state in ('waiting', 'done', 'dead')), version int not null default 1,
  created_at timestamptz not null, changed_at timestamptz not null, primary key (tenant_id, id),
  constraint delivery_once unique (tenant_id, webhook_id, line, part),
  foreign key (tenant_id, webhook_id) references app.webhook);
create index delivery_due on app.delivery (tenant_id, send_after, id) where state = 'waiting';
create index on app.delivery (tenant_id, created_at, id);
create index on app.delivery (tenant_id, webhook_id, created_at, id);

select sec.isolate(t) from unnest(array['app.webhook', 'app.delivery']::regclass[]) t;
"""

DOWN = """
drop table app.delivery, app.webhook;
alter table app.audit_head drop column followed;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
