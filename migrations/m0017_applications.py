"""Applications for a membership: which plan, why, what is still asked; and one that its applicant takes back."""

from quartier.database.migrate import migration

ID = "0017"

UP = """
alter table app.membership no force row level security;
alter table app.person no force row level security;
alter table app.plan no force row level security;
alter table app.membership
  add column plan_id uuid,                     -- the plan that is or was asked for; what holds stands in the terms
  add column applied_by uuid, add column applied_at timestamptz,
  add column statement text check (length(statement) <= 4000), add column question text check (length(question) <= 1000),
  add column answer text check (length(answer) <= 4000),
  add foreign key (tenant_id, plan_id) references app.plan, add foreign key (tenant_id, applied_by) references app.person,
  add constraint membership_asked check ((applied_at is null) = (plan_id is null)),
  drop constraint membership_state_check, drop constraint membership_dated;
alter table app.membership
  add constraint membership_state_check check (state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined',
    'withdrawn', 'active', 'paused', 'suspended', 'ending', 'ended')),
  add constraint membership_dated check (starts_on is not null
    or state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined', 'withdrawn'));
create index on app.membership (tenant_id, plan_id);
create index on app.membership (tenant_id, applied_by);
alter table app.plan force row level security;
alter table app.person force row level security;
alter table app.membership force row level security;
"""

DOWN = """
alter table app.membership no force row level security;
delete from app.membership where state = 'withdrawn';
alter table app.membership force row level security;
alter table app.membership drop constraint membership_state_check, drop constraint membership_dated,
  drop constraint membership_asked, drop column plan_id, drop column applied_by, drop column applied_at, drop column statement,
  drop column question, drop column answer;
alter table app.membership
  add constraint membership_state_check check (state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined',
    'active', 'paused', 'suspended', 'ending', 'ended')),
  add constraint membership_dated check (starts_on is not null
    or state in ('invited', 'expired', 'applied', 'in_review', 'more_info', 'declined'));
"""


async def forwards():
    return migration(ID, "members", UP, DOWN)
