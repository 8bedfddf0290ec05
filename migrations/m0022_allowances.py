"""What a plan includes, as an account: granted and used for each period, and which booking took how much of it."""

from quartier.database.migrate import migration

ID = "0022"

UP = """
create table app.allowance_balance (           -- minutes of a month, or bookings of an open period; made when first used
  tenant_id uuid not null references app.site, id uuid not null, membership_id uuid not null, allowance_id uuid not null,
  period daterange not null check (not isempty(period)), granted int not null, used int not null,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint allowance_not_overdrawn check (used between 0 and granted),
  constraint allowance_once unique (tenant_id, membership_id, allowance_id, period),
  foreign key (tenant_id, membership_id) references app.membership,
  foreign key (tenant_id, allowance_id) references app.plan_allowance);
create index on app.allowance_balance (tenant_id, allowance_id);

create table app.allowance_use (               -- minutes; given back they stay, so that a cancellation can be taken back
  tenant_id uuid not null references app.site, id uuid not null, booking_id uuid not null, balance_id uuid not null,
  minutes int not null check (minutes > 0), given_back_at timestamptz, created_at timestamptz not null,
  primary key (tenant_id, id), constraint allowance_use_once unique (tenant_id, booking_id, balance_id),
  foreign key (tenant_id, booking_id) references app.booking, foreign key (tenant_id, balance_id) references app.allowance_balance);
create index on app.allowance_use (tenant_id, balance_id);

select sec.isolate(t) from unnest(array['app.allowance_balance', 'app.allowance_use']::regclass[]) t;

alter table app.booking add column subsidy bigint check (subsidy >= 0);   -- null: booked before, list price minus price
create index booking_open on app.booking (tenant_id, membership_id) where state in ('held', 'requested', 'confirmed', 'checked_in');
"""

DOWN = """
drop table app.allowance_use, app.allowance_balance;
alter table app.booking drop column subsidy;
drop index app.booking_open;
"""


async def forwards():
    return migration(ID, "members", UP, DOWN)
