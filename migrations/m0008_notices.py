"""The outbox: what people are told, written in the transaction that made it true, sent afterwards."""

from quartier.database.migrate import migration

ID = "0008"

# The address is read from the person when the notice is sent: an erased person leaves none behind here.
UP = """
create table app.notice (                      -- refs: ids only; attempts and last_error are the sender's
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key <> ''), person_id uuid not null,
  language text not null check (language in ('de', 'en')), refs jsonb not null check (jsonb_typeof(refs) = 'object'),
  send_after timestamptz not null, unique_key text not null check (unique_key <> ''), sequence int not null default 0 check (sequence >= 0),
  with_calendar boolean not null, attempts int not null default 0 check (attempts >= 0), last_error text, sent_at timestamptz,
  state text not null check (state in ('waiting', 'sent', 'failed', 'stopped')), check ((state = 'sent') = (sent_at is not null)),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint notice_once unique (tenant_id, unique_key),
  foreign key (tenant_id, person_id) references app.person);
create index notice_due on app.notice (tenant_id, send_after, id) where state = 'waiting';
create index on app.notice (tenant_id, person_id, created_at);
select sec.isolate('app.notice');
"""

DOWN = "drop table app.notice;"


async def forwards():
    return migration(ID, "notices", UP, DOWN)
