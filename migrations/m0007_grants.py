"""Money for others. No cent is given twice: budget_not_overspent, award_not_overpaid, call_not_overspent.

A posting is insert-only; the sums of a line are its replay.
"""

from quartier.database.migrate import migration

ID = "0007"

UP = """
create table app.fund (
  tenant_id uuid not null references app.site, id uuid not null, key text not null, name_de text not null, name_en text,
  source text not null check (source in ('erdf', 'city', 'state', 'donation')),
  valid daterange not null check (not isempty(valid)), recovered_money_returns boolean not null, created_at timestamptz not null,
  primary key (tenant_id, id), constraint fund_once unique (tenant_id, key));

create table app.budget_line (
  tenant_id uuid not null references app.site, id uuid not null, fund_id uuid not null,
  year int not null check (year between 2000 and 2199),
  purpose text not null check (purpose in ('investment', 'prototype', 'advertising', 'any')),
  allocated bigint not null default 0, reserved bigint not null default 0, committed bigint not null default 0,
  paid bigint not null default 0, postings int not null default 0,  -- the last posting's seq
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint budget_line_once unique (tenant_id, fund_id, year, purpose),
  constraint budget_not_overspent check (reserved + committed <= allocated and paid <= committed
                                         and reserved >= 0 and committed >= 0 and paid >= 0 and allocated >= 0),
  foreign key (tenant_id, fund_id) references app.fund);

create table app.guideline (                   -- rules are frozen: a change is a new edition
  tenant_id uuid not null references app.site, id uuid not null, key text not null, edition int not null check (edition > 0),
  fund_id uuid not null, name_de text not null, name_en text, valid daterange not null check (not isempty(valid)),
  rules jsonb not null, state text not null check (state in ('draft', 'in_force', 'ended')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint guideline_edition_once unique (tenant_id, key, edition),
  foreign key (tenant_id, fund_id) references app.fund);
create unique index guideline_one_in_force on app.guideline (tenant_id, key) where state = 'in_force';

create table app.call (
  tenant_id uuid not null references app.site, id uuid not null, number text not null, guideline_id uuid not null,
  title_de text not null, title_en text, purposes text[] not null check (cardinality(purposes) > 0),
  opens_at timestamptz not null, closes_at timestamptz not null, check (opens_at < closes_at),  -- both inclusive
  budget bigint not null, approved bigint not null default 0,
  state text not null check (state in ('draft', 'published', 'open', 'closed', 'in_review', 'decided', 'archived', 'withdrawn')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint call_number_once unique (tenant_id, number),
  constraint call_not_overspent check (approved between 0 and budget),
  foreign key (tenant_id, guideline_id) references app.guideline);
create index on app.call (tenant_id, closes_at, id);
create index on app.call (tenant_id, guideline_id);

create table app.application (
  tenant_id uuid not null references app.site, id uuid not null, number text not null, call_id uuid not null,
  organisation_id uuid not null, carrier_id uuid, contact_id uuid not null,
  purpose text not null check (purpose in ('investment', 'prototype', 'advertising')), title text not null,
  requested bigint not null check (requested > 0), total_cost bigint not null, eligible bigint not null,
  check (0 < eligible and eligible <= total_cost and requested <= eligible),
  jobs int not null check (jobs >= 0), starts_on date,
  submitted_at timestamptz, decided_at timestamptz, approved bigint check (approved between 0 and eligible), reason text,
  state text not null check (state in ('draft', 'submitted', 'formal_check', 'more_info', 'eligible', 'ineligible', 'in_review',
    'reviewed', 'jury', 'approved', 'reserve', 'rejected', 'withdrawn')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint application_number_once unique (tenant_id, number),
  foreign key (tenant_id, call_id) references app.call,
  foreign key (tenant_id, organisation_id) references app.organisation,
  foreign key (tenant_id, carrier_id) references app.organisation,
  foreign key (tenant_id, contact_id) references app.person);
create index on app.application (tenant_id, call_id, number);
create index on app.application (tenant_id, organisation_id);
create index on app.application (tenant_id, coalesce(submitted_at, created_at), id);

create table app.submission (                  -- what was handed in, with its hash: nobody changes it afterwards
  tenant_id uuid not null references app.site, id uuid not null, application_id uuid not null, no int not null check (no > 0),
  payload jsonb not null, sha256 bytea not null check (length(sha256) = 32), receipt text not null, by_person uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint submission_once unique (tenant_id, application_id, no),
  foreign key (tenant_id, application_id) references app.application,
  foreign key (tenant_id, by_person) references app.person);

create table app.decision (
  tenant_id uuid not null references app.site, id uuid not null, application_id uuid not null, no int not null check (no > 0),
  outcome text not null check (outcome in ('approved', 'reserve', 'rejected')), amount bigint not null check (amount >= 0),
  rank int check (rank > 0), money_left bigint not null check (money_left >= 0), reason text not null, by_person uuid,
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint decision_once unique (tenant_id, application_id, no),
  foreign key (tenant_id, application_id) references app.application,
  foreign key (tenant_id, by_person) references app.person);

create table app.award (
  tenant_id uuid not null references app.site, id uuid not null, number text not null, application_id uuid not null,
  line_id uuid not null, organisation_id uuid not null, amount bigint not null check (amount > 0),
  share int not null check (share between 0 and 1000),
  funding text not null check (funding in ('share', 'fixed', 'deficit')),
  noticed_on date, accepted_at timestamptz, planned bigint not null, paid bigint not null default 0,
  state text not null check (state in ('reserved', 'noticed', 'accepted', 'lapsed', 'active', 'amended', 'final_report', 'closed',
    'revoked_part', 'revoked_full', 'recovering', 'recovered', 'written_off')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint award_number_once unique (tenant_id, number),
  constraint award_once unique (tenant_id, application_id),
  constraint award_not_overpaid check (0 <= paid and paid <= planned and planned <= amount),
  foreign key (tenant_id, application_id) references app.application,
  foreign key (tenant_id, line_id) references app.budget_line,
  foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.award (tenant_id, line_id, number);
create index on app.award (tenant_id, organisation_id);

create table app.instalment (
  tenant_id uuid not null references app.site, id uuid not null, award_id uuid not null, no int not null check (no > 0),
  amount bigint not null check (amount > 0), trigger text not null check (trigger in ('acceptance', 'call_for_funds', 'final_report')),
  requested_by uuid, checked_by uuid, approved_by uuid, paid_by uuid, paid_on date,
  state text not null check (state in ('planned', 'requested', 'queried', 'checked', 'approved', 'rejected', 'ordered', 'paid',
    'failed', 'returned_part', 'returned')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint instalment_once unique (tenant_id, award_id, no),
  constraint instalment_four_eyes check (approved_by is null or (checked_by is not null and approved_by <> checked_by
                                                                 and approved_by is distinct from requested_by)),
  check (state not in ('checked') or checked_by is not null),
  check (state not in ('approved', 'ordered', 'paid') or approved_by is not null),   -- so money never leaves past the four eyes
  check ((state = 'paid') = (paid_on is not null) or state in ('returned_part', 'returned')),
  foreign key (tenant_id, award_id) references app.award,
  foreign key (tenant_id, requested_by) references app.person,
  foreign key (tenant_id, checked_by) references app.person,
  foreign key (tenant_id, approved_by) references app.person,
  foreign key (tenant_id, paid_by) references app.person);
create index on app.instalment (tenant_id, changed_at, id);
create index on app.instalment (tenant_id, state);

create table app.posting (
  tenant_id uuid not null references app.site, id uuid not null, line_id uuid not null, seq int not null check (seq > 0),
  kind text not null check (kind in ('allocate', 'withdraw', 'reserve', 'unreserve', 'commit', 'release', 'pay', 'return', 'recover')),
  amount bigint not null check (amount > 0), application_id uuid, award_id uuid, instalment_id uuid, cause text not null,
  by_person uuid, created_at timestamptz not null,
  primary key (tenant_id, id), constraint posting_seq_once unique (tenant_id, line_id, seq),
  constraint posting_once unique (tenant_id, kind, cause),
  foreign key (tenant_id, line_id) references app.budget_line,
  foreign key (tenant_id, application_id) references app.application,
  foreign key (tenant_id, award_id) references app.award,
  foreign key (tenant_id, instalment_id) references app.instalment,
  foreign key (tenant_id, by_person) references app.person);
create index on app.posting (tenant_id, award_id, seq);
create index on app.posting (tenant_id, created_at, id);

create table app.file_event (                  -- the file's own history: the audit log goes earlier
  tenant_id uuid not null references app.site, id uuid not null, application_id uuid not null, verb text not null,
  from_state text, to_state text, by_person uuid, reason text not null default '', numbers jsonb not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, application_id) references app.application,
  foreign key (tenant_id, by_person) references app.person);
create index on app.file_event (tenant_id, application_id, created_at);

select sec.isolate(t) from unnest(array['app.fund', 'app.budget_line', 'app.guideline', 'app.call', 'app.application',
                                        'app.award', 'app.instalment']::regclass[]) t;
select sec.isolate(t, 'select, insert') from unnest(array['app.posting', 'app.submission', 'app.decision',
                                                          'app.file_event']::regclass[]) t;
"""

DOWN = """
drop table app.file_event, app.posting, app.instalment, app.award, app.decision, app.submission, app.application,
  app.call, app.guideline, app.budget_line, app.fund;
"""


async def forwards():
    return migration(ID, "grants", UP, DOWN)
