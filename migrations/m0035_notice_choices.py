"""What each person wants to be told, and what a site says in its own words."""

from quartier.database.migrate import migration

ID = "0035"

# own: the person told is the one who did it; only that may be switched off beside the reminders. A text without a body
# takes back those before it: from then on the built-in one is said. Texts are insert-only, so that their history stays.
UP = """
alter table app.notice add column own boolean not null default false;

create table app.notice_choice (
  tenant_id uuid not null references app.site, id uuid not null, person_id uuid not null, kind text not null check (kind <> ''),
  channel text not null check (channel in ('mail', 'off')), version int not null default 1,
  created_at timestamptz not null, changed_at timestamptz not null, primary key (tenant_id, id),
  constraint notice_choice_once unique (tenant_id, person_id, kind), foreign key (tenant_id, person_id) references app.person);

create table app.notice_text (
  tenant_id uuid not null references app.site, id uuid not null, key text not null check (key <> ''),
  language text not null check (language in ('de', 'en')), edition int not null check (edition > 0),
  subject text check (subject <> ''), body text check (body <> ''), valid_from timestamptz not null, made_by uuid,
  created_at timestamptz not null, primary key (tenant_id, id),
  constraint notice_text_once unique (tenant_id, key, language, edition), check ((subject is null) = (body is null)),
  foreign key (tenant_id, made_by) references app.person);
create index on app.notice_text (tenant_id, made_by);

select sec.isolate('app.notice_choice');
select sec.isolate('app.notice_text', 'select, insert');
"""

DOWN = """
drop table app.notice_text, app.notice_choice;
alter table app.notice drop column own;
"""


async def forwards():
    return migration(ID, "notices", UP, DOWN)
