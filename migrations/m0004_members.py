"""Organisations with their register numbers and people, plans with their allowances, memberships with their terms."""

from quartier.database.migrate import migration

ID = "0004"

UP = """
create table app.organisation (
  tenant_id uuid not null references app.site, id uuid not null, name text not null check (name <> ''), sort_key text not null,
  kind text not null check (kind in ('company', 'cooperative', 'association', 'foundation', 'initiative', 'research', 'public_body')),
  legal_form text, nonprofit boolean not null, economic boolean not null, founded_on date, nace text,
  street text, postcode text, town text, district text, website text, about_de text not null, about_en text,
  partner_roles text[] not null, tags text[] not null,
  state text not null check (state in ('active', 'linked_only', 'archived', 'merged')), merged_into uuid,
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), check ((state = 'merged') = (merged_into is not null)),
  foreign key (tenant_id, merged_into) references app.organisation);
create index on app.organisation (tenant_id, sort_key, id);
create index on app.organisation (tenant_id, merged_into) where merged_into is not null;

create table app.organisation_identifier (     -- normalised by the application; the first kind in this order is the register key
  tenant_id uuid not null references app.site, id uuid not null, organisation_id uuid not null,
  kind text not null check (kind in ('w_id', 'vat', 'register', 'tax_no')), value text not null check (value <> ''),
  created_at timestamptz not null,
  primary key (tenant_id, id), constraint identifier_once unique (tenant_id, kind, value),
  foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.organisation_identifier (tenant_id, organisation_id);

create table app.affiliation (
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null, organisation_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'member', 'former')), during daterange not null check (not isempty(during)),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint affiliation_once exclude using gist (tenant_id with =, person_id with =, organisation_id with =, during with &&),
  foreign key (tenant_id, person_id) references app.person, foreign key (tenant_id, organisation_id) references app.organisation);
create index on app.affiliation (tenant_id, person_id, lower(during));
create index on app.affiliation (tenant_id, organisation_id, lower(during));

create table app.plan (                        -- an edition of a plan is valid for a time; its key lasts
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key <> ''), position int not null,
  name_de text not null, name_en text, family text not null, holder text not null check (holder in ('person', 'organisation')),
  kinds text[] not null, nonprofit boolean, price bigint not null check (price >= 0),
  per text not null check (per in ('none', 'month', 'year')), term_months int not null check (term_months > 0),
  notice_days int not null check (notice_days >= 0), pause_months int not null check (pause_months >= 0),
  papers text[] not null, public boolean not null, valid daterange not null check (not isempty(valid)),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint plan_one_edition exclude using gist (tenant_id with =, key with =, valid with &&));

create table app.plan_allowance (
  tenant_id uuid not null references app.site, id uuid not null, plan_id uuid not null,
  kind text not null check (kind in ('room_minutes', 'open_bookings', 'discount_permille', 'advice_minutes')),
  space_kinds text[] not null, peak text not null check (peak in ('peak', 'off_peak', 'any')),
  amount int not null check (amount >= 0), per text not null check (per in ('month', 'moment')), created_at timestamptz not null,
  primary key (tenant_id, id), foreign key (tenant_id, plan_id) references app.plan);
create index on app.plan_allowance (tenant_id, plan_id);

create table app.membership (                  -- ends_on is the last day; without it there is no end yet
  tenant_id uuid not null references app.site, id uuid not null, number text not null, person_id uuid, organisation_id uuid,
  holder_id uuid not null generated always as (coalesce(organisation_id, person_id)) stored,
  family text not null, starts_on date, ends_on date,
  during daterange generated always as (case when starts_on is not null then daterange(starts_on, ends_on, '[]') end) stored,
  reason text, decided_by uuid,
  state text not null check (state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined',
                                       'active', 'paused', 'suspended', 'ending', 'ended')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint membership_number_once unique (tenant_id, number),
  constraint membership_one_holder check (num_nonnulls(person_id, organisation_id) = 1),
  constraint membership_dated check (starts_on is not null or state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined')),
  constraint membership_one_per_family exclude using gist (tenant_id with =, holder_id with =, family with =, during with &&)
    where (state in ('active', 'paused', 'suspended', 'ending')),
  foreign key (tenant_id, person_id) references app.person, foreign key (tenant_id, organisation_id) references app.organisation,
  foreign key (tenant_id, decided_by) references app.person);
create unique index membership_one_application on app.membership (tenant_id, holder_id, family)
  where state in ('invited', 'applied', 'in_review', 'more_info');
create index on app.membership (tenant_id, organisation_id, created_at);
create index on app.membership (tenant_id, person_id, created_at);
create index on app.membership (tenant_id, created_at, id);
create index on app.membership (tenant_id, ends_on) where state = 'ending';

create table app.membership_term (             -- one stretch under one plan at one price
  tenant_id uuid not null references app.site, id uuid not null, membership_id uuid not null, plan_id uuid not null,
  kind text not null check (kind in ('paid', 'paused')), during daterange not null check (not isempty(during)),
  price bigint not null check (price >= 0), created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint term_no_overlap exclude using gist (tenant_id with =, membership_id with =, during with &&),
  foreign key (tenant_id, membership_id) references app.membership, foreign key (tenant_id, plan_id) references app.plan);
create index on app.membership_term (tenant_id, membership_id, lower(during));
create index on app.membership_term (tenant_id, plan_id);

select sec.isolate(t) from unnest(array['app.organisation', 'app.organisation_identifier', 'app.affiliation', 'app.plan',
                                        'app.plan_allowance', 'app.membership', 'app.membership_term']::regclass[]) t;
"""

DOWN = """
drop table app.membership_term, app.membership, app.plan_allowance, app.plan, app.affiliation, app.organisation_identifier,
  app.organisation;
"""


async def forwards():
    return migration(ID, "members", UP, DOWN)
