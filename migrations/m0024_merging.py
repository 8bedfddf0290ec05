"""An organisation that was merged into another holds nothing any more, and nothing new: its rows belong to the living."""

from quartier.database.migrate import migration

ID = "0024"

# `live_id` is the id while the organisation lives. Every row that belongs to one points there, so the database refuses
# what would be lost: a merge that leaves a row behind, and a row written for what was merged a moment before.
# Keys are added while neither table forces its policies: else no row would be seen, and holes counted as valid.
KEYS = """
do $$
declare t text; c text; was text; now text;
begin
  for t, c in values ('organisation_identifier', 'organisation_id'), ('affiliation', 'organisation_id'),
    ('membership', 'organisation_id'), ('import_row', 'organisation_id'), ('booking', 'organisation_id'),
    ('series', 'organisation_id'), ('lease', 'organisation_id'), ('support', 'organisation_id'),
    ('workshop', 'partner_id'), ('registration', 'organisation_id'), ('application', 'organisation_id'),
    ('application', 'carrier_id'), ('award', 'organisation_id'), ('organisation', 'merged_into')
  loop
    was := t || '_tenant_id_' || c || '_fkey';
    now := replace(c, '_id', '') || '_lives';
    execute format('alter table app.%I no force row level security', t);
    {change}
    execute format('alter table app.%I force row level security', t);
  end loop;
end $$;
"""
LIVE = """execute format('alter table app.%I drop constraint %I, add constraint %I foreign key (tenant_id, %I) '
      'references app.organisation (tenant_id, live_id)', t, was, now, c);"""
ANY = """execute format('alter table app.%I drop constraint %I, add constraint %I foreign key (tenant_id, %I) '
      'references app.organisation (tenant_id, id)', t, now, was, c);"""

UP = f"""
alter table app.organisation
  add column live_id uuid generated always as (case when state <> 'merged' then id end) stored,
  add constraint organisation_live unique (tenant_id, live_id);
alter table app.organisation no force row level security;
{KEYS.replace("{change}", LIVE)}
create index on app.workshop (tenant_id, partner_id) where partner_id is not null;
create index on app.application (tenant_id, carrier_id) where carrier_id is not null;
"""

DOWN = f"""
drop index app.application_tenant_id_carrier_id_idx, app.workshop_tenant_id_partner_id_idx;
alter table app.organisation no force row level security;
{KEYS.replace("{change}", ANY)}
alter table app.organisation drop constraint organisation_live, drop column live_id;
"""


async def forwards():
    return migration(ID, "members", UP, DOWN)
