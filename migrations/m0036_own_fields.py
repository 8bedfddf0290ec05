"""What a site wants to know of its organisations beyond what every site knows: fields of its own, and their values.

A value is one text in the spelling of its kind, which the database holds it to: no column per kind, no JSON.
"""

from quartier.database.migrate import migration

ID = "0036"

UP = """
create table app.own_field (
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  label_de text not null check (length(label_de) between 1 and 60), label_en text check (length(label_en) between 1 and 60),
  kind text not null check (kind in ('text', 'number', 'date', 'yes_no', 'choice')),
  choices text[] not null check (cardinality(choices) <= 30),
  shared boolean not null,                     -- whoever leads the organisation reads and writes it too; else the team alone
  position int not null, state text not null check (state in ('active', 'retired')),
  version int not null default 1, created_at timestamptz not null, changed_at timestamptz not null,
  primary key (tenant_id, id), constraint own_field_once unique (tenant_id, key),
  constraint own_field_of_kind unique (tenant_id, id, kind),
  constraint own_field_choices check ((kind = 'choice') = (cardinality(choices) > 0)));

create table app.own_value (
  tenant_id uuid not null references app.site, id uuid not null, field_id uuid not null, kind text not null,
  organisation_id uuid not null, value text not null, changed_by uuid, created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id), constraint own_value_once unique (tenant_id, organisation_id, field_id),
  constraint own_value_fits foreign key (tenant_id, field_id, kind) references app.own_field (tenant_id, id, kind)
    on update cascade,
  constraint own_value_spelled check (case kind
    when 'number' then value ~ '^-?[0-9]{1,12}([.][0-9]{1,4})?$'
    when 'date' then value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
    when 'yes_no' then value in ('yes', 'no')
    else length(value) between 1 and 500 end),
  constraint organisation_lives foreign key (tenant_id, organisation_id) references app.organisation (tenant_id, live_id),
  foreign key (tenant_id, changed_by) references app.person);
create index on app.own_value (tenant_id, field_id, value);
create index on app.own_value (tenant_id, changed_by);
select sec.isolate(t) from unnest(array['app.own_field', 'app.own_value']::regclass[]) t;
"""

DOWN = "drop table app.own_value, app.own_field;"


async def forwards():
    return migration(ID, "members", UP, DOWN)
