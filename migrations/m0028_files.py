"""Files that people hand in: an address to hand one in at, and what came, in rows of their site."""

from quartier.database.migrate import migration

ID = "0028"

UP = """
create table app.file (                        -- begins as an address that is good once; bytes: of all its variants together
  tenant_id uuid not null references app.site, id uuid not null, purpose text not null check (purpose in ('membership_paper', 'space_photo')),
  person_id uuid not null, name text not null check (name <> ''), told_bytes int not null check (told_bytes between 1 and 10485760),
  token_hash bytea not null check (octet_length(token_hash) = 32), expires_at timestamptz not null, begun_at timestamptz,
  media text check (media in ('application/pdf', 'image/jpeg')), bytes int check (bytes > 0), sha256 bytea check (octet_length(sha256) = 32),
  taken_at timestamptz, state text not null check (state in ('awaited', 'taken', 'kept')), created_at timestamptz not null,
  primary key (tenant_id, id), constraint file_address_once unique (tenant_id, token_hash),
  foreign key (tenant_id, person_id) references app.person,
  check ((state = 'awaited') = (taken_at is null) and num_nulls(media, bytes, sha256, taken_at) in (0, 4)),
  check (taken_at is null or begun_at is not null));
create index on app.file (tenant_id, person_id, created_at);
create index on app.file (tenant_id, created_at) where state <> 'kept';

create table app.file_content (                -- apart from the facts, so that no list of files ever reads them
  tenant_id uuid not null references app.site, id uuid not null, file_id uuid not null,
  variant text not null check (variant in ('whole', 'small_webp', 'small_jpeg', 'large_webp', 'large_jpeg')),
  media text not null check (media in ('application/pdf', 'image/jpeg', 'image/webp')), width int check (width > 0), height int check (height > 0),
  content bytea not null check (octet_length(content) between 1 and 10485760), created_at timestamptz not null,
  primary key (tenant_id, id), constraint file_variant_once unique (tenant_id, file_id, variant),
  check (num_nulls(width, height) = case media when 'application/pdf' then 2 else 0 end),
  foreign key (tenant_id, file_id) references app.file on delete cascade);
alter table app.file_content alter column content set storage external;   -- it is compressed already

select sec.isolate(t) from unnest(array['app.file', 'app.file_content']::regclass[]) t;
"""

DOWN = "drop table app.file_content, app.file;"


async def forwards():
    return migration(ID, "files", UP, DOWN)
