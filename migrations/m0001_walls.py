"""The walls: schemas, signed context, isolate(), directory, the city's figures and marks, operator access, the queue.

Runs as a superuser; later migrations run as quartier_owner, but for those that change the walls. The roles are in powers.sql, beside the runner.
"""

from quartier.database.migrate import MigrationManager, migration

ID = "0001"
VERSION = "1.38.0"
DESCRIPTION = "walls"

WALLS = r"""
-- 1. Schemas
create schema ext;                                     -- extensions only
create extension btree_gist schema ext;
create schema app  authorization quartier_owner;       -- a site's data: every table isolated
create schema auth authorization quartier_owner;       -- sessions, identities: every table isolated, for quartier_auth
create schema city authorization quartier_owner;       -- directory, indicators, figures, marks
grant usage on schema ext  to public;
grant usage on schema app  to quartier_app, quartier_worker, quartier_operator, quartier_backup;
grant usage on schema auth to quartier_auth, quartier_backup;
grant usage on schema city to quartier_app, quartier_worker, quartier_auth, quartier_city, quartier_operator, quartier_backup, quartier_tally;

-- 2. Keys and the signed context
-- HMAC(K, m) = sha256(outer || sha256(inner || m)) with inner = K xor 36.., outer = K xor 5c.. (RFC 2104). We store the two
-- padded blocks, so a check costs two hashes and no key set-up. In a Citus cluster this section runs on every node.
create schema sec authorization quartier_sec;          -- no table here is readable by a login role of the application
grant usage on schema sec
  to quartier_app, quartier_worker, quartier_auth, quartier_city, quartier_operator, quartier_owner, quartier_tally, quartier_backup;
set role quartier_sec;
create table sec.key (                                  -- at most two rows: the key in use and the one being retired
  kid text primary key check (kid ~ '^[a-z0-9]{1,8}$'),
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64));
create table sec.city_key (                             -- makes the marks of enterprises; never leaves the database
  city_id uuid primary key,
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64));

create function sec.pad(key bytea, x int) returns bytea language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
declare
  k bytea := case when length(key) > 64 then sha256(key) else key end;
  p bytea := decode(repeat('00', 64), 'hex');
begin
  for i in 0..63 loop
    p := set_byte(p, i, (case when i < length(k) then get_byte(k, i) else 0 end) # x);
  end loop;
  return p;
end $$;

create function sec.put_key(p_kid text, p_key bytea) returns void language sql set search_path = pg_catalog, pg_temp as $$
  insert into sec.key values (p_kid, sec.pad(p_key, 54), sec.pad(p_key, 92))          -- 0x36, 0x5c
$$;
create function sec.put_city_key(p_city uuid, p_key bytea) returns void language sql set search_path = pg_catalog, pg_temp as $$
  insert into sec.city_key values (p_city, sec.pad(p_key, 54), sec.pad(p_key, 92))
$$;

-- The context is 'kid.expiry.hex', hex = HMAC(key, 'role|setting=value|expiry'). It holds for one login role, one setting, one
-- value, until expiry (unix seconds, compared with the start of the transaction). No cast happens before the mark is proven,
-- so every forged form ends in the same 42501. Both sides are hashed again before they are compared: no timing oracle.
-- PARALLEL SAFE matters: without it no query on a tenant table could get a parallel plan.
create function sec.verified(p_setting text) returns uuid language plpgsql stable parallel safe security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v text := current_setting(p_setting, true);
  c text[] := string_to_array(current_setting('app.ctx', true), '.');
  i bytea; o bytea;
begin
  select inner_pad, outer_pad into i, o from sec.key where kid = c[1];
  if sha256(o || convert_to(encode(sha256(o || sha256(i
       || convert_to(session_user || '|' || p_setting || '=' || v || '|' || c[2], 'UTF8'))), 'hex'), 'UTF8'))
     = sha256(o || convert_to(c[3], 'UTF8')) and cardinality(c) = 3 then
    if c[2]::bigint >= extract(epoch from transaction_timestamp()) then
      return v::uuid;
    end if;
  end if;
  raise exception 'context rejected' using errcode = '42501';       -- also when anything above is null
end $$;
create function sec.verified_tenant() returns uuid language sql stable parallel safe as $$ select sec.verified('app.tenant_id') $$;
create function sec.verified_city() returns uuid language sql stable parallel safe as $$ select sec.verified('app.city_id') $$;

-- A keyed mark: the same enterprise has the same mark at every site of a city; without the city's key nobody can compute it.
create function sec.mark(p_city uuid, p_subject text) returns bytea language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select sha256(outer_pad || sha256(inner_pad || convert_to(p_subject, 'UTF8'))) from sec.city_key where city_id = p_city
$$;
revoke all on all functions in schema sec from public;
grant execute on function sec.verified(text), sec.verified_tenant()
  to quartier_app, quartier_worker, quartier_auth, quartier_operator, quartier_tally, quartier_owner;
grant execute on function sec.verified(text), sec.verified_city() to quartier_city, quartier_tally, quartier_owner;
grant execute on function sec.mark(uuid, text) to quartier_tally;
grant select on all tables in schema sec to quartier_backup;       -- a backup is as secret as the key file
reset role;

-- 3. isolate(): the only way to make a tenant table
-- Two policies. `tenant` is permissive and plain, so a prover and a reader can check it. `signed` is restrictive: it stops a
-- forged setting and any permissive policy added later. `(select ...)` makes each run once per statement (InitPlan).
-- Citus refuses sub-selects in policies on distributed tables: the one place where the two modes differ in SQL.
create function sec.isolate(tbl regclass, rights text default 'select, insert, update, delete') returns void language plpgsql as $$
declare
  sch text := (select relnamespace::regnamespace::text from pg_class where oid = tbl);
  powers text := case when sch = 'auth' then 'quartier_auth' else 'quartier_app, quartier_worker' end;
  readers text := case when sch = 'auth' then powers else powers || ', quartier_operator' end;
  sub text := '(select %s)';
  plain text; signed text;
begin
  if sch <> 'city' and exists (select from pg_extension where extname = 'citus') then sub := '%s'; end if;
  plain  := 'tenant_id = ' || format(sub, $s$current_setting('app.tenant_id')::uuid$s$);
  signed := 'tenant_id = ' || format(sub, 'sec.verified_tenant()');
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy tenant on %s to %s using (%s) with check (%3$s)', tbl, readers, plain);
  execute format('create policy signed on %s as restrictive to %s using (%s) with check (%3$s)', tbl, readers, signed);
  execute format('grant %s on %s to %s', rights, tbl, powers);
  if sch <> 'auth' then execute format('grant select on %s to quartier_operator', tbl); end if;
  execute format('grant select on %s to quartier_backup', tbl);
end $$;
revoke all on function sec.isolate(regclass, text) from public;
grant execute on function sec.isolate(regclass, text) to quartier_owner;

-- Foreign keys that do not hold. Adding a foreign key to a filled table under FORCE reads through the policies: as the owner
-- it sees no row, finds no fault and marks the key valid. Migrations therefore say NO FORCE on both tables, add, FORCE again;
-- this function (run by a role that sees all rows) proves the result.
create function sec.fk_holes() returns table (fk text, holes bigint) language plpgsql set search_path = pg_catalog, pg_temp as $$
declare k record;
begin
  for k in
    select conname, conrelid::regclass a, confrelid::regclass b,
      string_agg(format('a.%I = b.%I', x.attname, y.attname), ' and ') pairs, string_agg(format('a.%I is not null', x.attname), ' and ') present
    from pg_constraint, unnest(conkey, confkey) u(i, j)
      join pg_attribute x on x.attnum = i join pg_attribute y on y.attnum = j
    where contype = 'f' and connamespace::regnamespace::text in ('app', 'auth', 'city') and x.attrelid = conrelid and y.attrelid = confrelid
    group by 1, 2, 3
  loop
    execute format('select count(*) from %s a where %s and not exists (select from %s b where %s)', k.a, k.present, k.b, k.pairs) into holes;
    fk := k.a || '.' || k.conname;
    if holes > 0 then return next; end if;
  end loop;
end $$;
revoke all on function sec.fk_holes() from public;
"""

DIRECTORY = r"""
-- 4. Directory: read before a tenant is known; by quartier_auth (hosts) and quartier_worker (list of tenants)
set role quartier_owner;
create table city.city (id uuid primary key, slug text not null unique, name text not null);
create table city.tenant (                              -- the city's own realm is a row of kind 'city'
  id uuid primary key,
  city_id uuid not null references city.city,
  kind text not null check (kind in ('site', 'city')),
  slug text not null unique,
  name text not null,
  zone text not null default 'Europe/Berlin',           -- of a city: in which its figures' months begin
  host text not null unique check (host = lower(host) and host !~ '[:/ ]|\.$'),
  state text not null default 'open' check (state in ('open', 'suspended', 'closing')),
  unique (id, city_id));
grant select on city.city, city.tenant to quartier_auth, quartier_tally, quartier_backup;
grant select on city.tenant to quartier_worker;         -- which sites have work, in which zone, at which host a link begins
grant select (id, city_id, kind, slug, name, state) on city.tenant to quartier_city;

-- Every process keeps the directory in memory: a change reaches them at once, also one made by hand.
create function city.directory_changed() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('quartier_directory', '');
  return null;
end $$;
revoke all on function city.directory_changed() from public;
create trigger directory_changed after insert or update or delete or truncate on city.tenant
  for each statement execute function city.directory_changed();

-- app.site is the anchor: what people see of a realm (the city's own realm has one too), and the row every other table of `app`
-- and `auth` refers to. Only the anchor refers to the directory, so that a scale-out has one foreign key to drop.
create table app.site (
  tenant_id uuid primary key references city.tenant,
  slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,40}$'),
  name_de text not null check (name_de <> ''), name_en text, short_de text not null check (short_de <> ''),
  zone text not null default 'Europe/Berlin',
  number_prefix text not null check (number_prefix ~ '^[A-Z0-9]{1,6}$'),     -- begins the numbers people read: LW-2026-0007
  languages text[] not null default '{de}' check (cardinality(languages) > 0),
  opened_on date, contact_mail text,
  changed_at timestamptz not null, version int not null default 1 check (version >= 1));
select sec.isolate('app.site');
"""

CITY = r"""
-- 5. The city's figures
-- Each site's own job writes its figures in its own context. A small cell cannot be stored: 0, or at least min_n subjects, or
-- neither number nor count. min_n belongs to the version of the indicator and is held by the composite key.
create table city.indicator (
  code text not null, version int not null, unit text not null,
  subject text not null check (subject in ('person', 'enterprise', 'money', 'minutes')),
  min_n int not null check (min_n >= 1), formula text not null,
  primary key (code, version), unique (code, version, min_n),
  check (subject <> 'person' or min_n >= 5));
create table city.figure (
  tenant_id uuid not null, city_id uuid not null, code text not null, version int not null, min_n int not null,
  period daterange not null, slice text not null default 'all', n int, num bigint, den bigint, closed_at timestamptz,
  primary key (tenant_id, code, version, period, slice),
  foreign key (tenant_id, city_id) references city.tenant (id, city_id),     -- a site cannot write into another city
  foreign key (code, version, min_n) references city.indicator (code, version, min_n),
  constraint figure_no_small_cell check (case when n is null then num is null and den is null else n = 0 or n >= min_n end));
grant select on city.indicator to quartier_app, quartier_worker, quartier_city, quartier_operator, quartier_tally, quartier_backup;
select sec.isolate('city.figure');
create policy city on city.figure for select to quartier_city using (city_id = (select sec.verified_city()));
grant select on city.figure to quartier_city;

-- 6. Across tenants: counted once, summed once; rows stay where they are
-- These tables hold keyed marks only. A site sees its own rows; nobody reads across. quartier_tally (no login) has the policy
-- `tally` and owns the functions below; each of them returns one number.
create table city.presence (                            -- enterprises behind a site's figure
  tenant_id uuid not null, id uuid not null default gen_random_uuid(), city_id uuid not null,
  code text not null, version int not null, period daterange not null, mark bytea not null check (length(mark) = 32),
  primary key (tenant_id, id), unique (tenant_id, code, version, period, mark),
  foreign key (tenant_id, city_id) references city.tenant (id, city_id),
  foreign key (code, version) references city.indicator);
create table city.aid (                                 -- de-minimis aid; entry = mark of the own award or of the declared notice
  tenant_id uuid not null, id uuid not null default gen_random_uuid(), city_id uuid not null, reference uuid not null,
  mark bytea not null check (length(mark) = 32), entry bytea not null check (length(entry) = 32),
  granted_on date not null, cents bigint not null check (cents >= 0), rule text not null,
  primary key (tenant_id, id), unique (tenant_id, reference),
  foreign key (tenant_id, city_id) references city.tenant (id, city_id));
create table city.aid_link (                            -- linked enterprises are one undertaking (single undertaking)
  tenant_id uuid not null, id uuid not null default gen_random_uuid(), city_id uuid not null,
  mark_a bytea not null, mark_b bytea not null, at timestamptz not null default clock_timestamp(), check (mark_a < mark_b),
  primary key (tenant_id, id), unique (tenant_id, mark_a, mark_b),
  foreign key (tenant_id, city_id) references city.tenant (id, city_id));
create table city.aid_lookup (                          -- who asked about which enterprise, and why; its id is the ticket for the answer
  tenant_id uuid not null, id uuid not null default gen_random_uuid(), city_id uuid not null, at timestamptz not null default clock_timestamp(),
  mark bytea not null, reference uuid not null,
  primary key (tenant_id, id), foreign key (tenant_id, city_id) references city.tenant (id, city_id));
create index on city.aid (city_id, mark);
create index on city.presence (city_id, code, version, period);
create table city.aid_rule (rule text primary key, cap_cents bigint not null, years int not null, lookups_per_day int not null default 200);
create table city.aid_lock (city_id uuid primary key references city.city);      -- awards of a city are decided one at a time
insert into city.aid_rule values ('general', 30000000, 3);                        -- Reg. (EU) 2023/2831: 300,000 EUR in any 3 years
grant select on city.aid_rule to quartier_app, quartier_worker, quartier_tally, quartier_backup;
grant select on city.aid_lock to quartier_backup;
grant select, update on city.aid_lock to quartier_tally;
select sec.isolate(t, 'select') from unnest(array['city.presence','city.aid','city.aid_link','city.aid_lookup']::regclass[]) t;
grant select, insert, delete on city.presence to quartier_tally;
grant select, insert, update on city.aid to quartier_tally;
grant select, insert, delete on city.aid_link to quartier_tally;
grant select, insert on city.aid_lookup to quartier_tally;
create policy tally on city.presence to quartier_tally using (true) with check (true);
create policy tally on city.aid to quartier_tally using (true) with check (true);
create policy tally on city.aid_link to quartier_tally using (true) with check (true);
create policy tally on city.aid_lookup to quartier_tally using (true) with check (true);
reset role;

grant create on schema city to quartier_tally;          -- for the next lines only
set role quartier_tally;
-- A site replaces its marks for one indicator and period. An organisation without a register number is given as 'own:<uuid>'
-- and so counts once at its site. Returns how many distinct marks are stored.
create function city.present(p_code text, p_version int, p_period daterange, p_keys text[]) returns int language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant(); c uuid; n int;
begin
  select city_id into strict c from city.tenant where id = t;
  delete from city.presence where tenant_id = t and code = p_code and version = p_version and period = p_period;
  insert into city.presence (tenant_id, city_id, code, version, period, mark)
    select distinct t, c, p_code, p_version, p_period, sec.mark(c, 'enterprise|' || lower(k)) from unnest(p_keys) k;
  get diagnostics n = row_count;
  return n;
end $$;

-- How many enterprises the city reached, each counted once. NULL where the number would give a small cell away: itself small,
-- a site's part small, or the overlap (sum of the sites minus this number) small.
create function city.counted_once(p_code text, p_version int, p_period daterange) returns bigint language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare c uuid := sec.verified_city(); least_n int; once bigint; summed bigint; smallest bigint;
begin
  select min_n into strict least_n from city.indicator where code = p_code and version = p_version;
  select coalesce(sum(n), 0), coalesce(min(n), 0) into summed, smallest
    from (select count(*) n from city.presence where city_id = c and code = p_code and version = p_version and period = p_period group by tenant_id) cell;
  select count(distinct mark) into once from city.presence where city_id = c and code = p_code and version = p_version and period = p_period;
  if once > 0 and (smallest < least_n or once < least_n or (summed - once) between 1 and least_n - 1) then return null; end if;
  return once;
end $$;

-- The undertaking: every mark linked with this one, by whichever site (recursive). Not callable from outside. A link counts from
-- the next transaction on: else one could be said, used for an answer and rolled back without a trace.
create function city.undertaking(p_city uuid, p_mark bytea) returns setof bytea language sql stable set search_path = pg_catalog, pg_temp as $$
  with recursive u(mark) as (
    select p_mark
    union
    select case when l.mark_a = u.mark then l.mark_b else l.mark_a end
    from u join city.aid_link l on l.city_id = p_city and u.mark in (l.mark_a, l.mark_b) and l.at < transaction_timestamp())
  select mark from u
$$;

-- The highest sum of any 3 years that hold p_on, over all sites. A declared notice told to two sites is one entry. The day
-- exactly 3 years before counts too: a day on the safe side.
create function city.aid_peak(p_city uuid, p_mark bytea, p_rule text, p_on date, p_without bytea) returns bigint language sql stable
set search_path = pg_catalog, pg_temp as $$
  with r as (select years * interval '1 year' span from city.aid_rule where rule = p_rule),
       e as (select entry, max(granted_on) granted_on, max(cents) cents from city.aid
             where city_id = p_city and rule = p_rule and mark in (select city.undertaking(p_city, p_mark))
               and entry is distinct from p_without group by entry),
       ends as (select p_on d union select granted_on from e, r where granted_on > p_on and granted_on - span <= p_on)
  select coalesce(max((select coalesce(sum(cents), 0) from e where e.granted_on between ends.d - span and ends.d)), 0)::bigint from ends, r
$$;

-- An answer says something about other sites, so every question is on record before it is answered: aid_ask() writes it (capped per
-- site and day) and gives a ticket; the ticket is good for one enterprise, for an hour, and only in a later transaction, when the
-- record can no longer be rolled back. Without one, aid_grant() could be asked by trial and error.
create function city.aid_ask(p_register text, p_reference uuid, p_rule text default 'general') returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant(); c uuid; r city.aid_rule; ticket uuid;
begin
  select city_id into strict c from city.tenant where id = t;
  select * into strict r from city.aid_rule where rule = p_rule;
  if (select count(*) from city.aid_lookup where tenant_id = t and at > now() - interval '1 day') >= r.lookups_per_day then
    raise exception 'too many look-ups today' using errcode = 'QT429';
  end if;
  insert into city.aid_lookup (tenant_id, city_id, mark, reference) values (t, c, sec.mark(c, 'enterprise|' || lower(p_register)), p_reference)
    returning id into ticket;
  return ticket;
end $$;
create function city.aid_ticket(p_ticket uuid) returns city.aid_lookup language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare l city.aid_lookup; t uuid := sec.verified_tenant();
begin
  select * into l from city.aid_lookup
    where tenant_id = t and id = p_ticket and at < transaction_timestamp() and at > transaction_timestamp() - interval '1 hour';
  if not found then raise exception 'no ticket' using errcode = '42501'; end if;
  return l;
end $$;
revoke all on function city.undertaking(uuid, bytea), city.aid_peak(uuid, bytea, text, date, bytea), city.aid_ticket(uuid) from public;

-- Headroom in cents (a meter and a warning; not a promise).
create function city.aid_headroom(p_ticket uuid, p_on date, p_rule text default 'general') returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare l city.aid_lookup := city.aid_ticket(p_ticket); cap bigint;
begin
  select cap_cents into strict cap from city.aid_rule where rule = p_rule;
  return greatest(cap - city.aid_peak(l.city_id, l.mark, p_rule, p_on, null), 0);
end $$;

-- Records aid under the city's lock, or refuses: the only writer of city.aid, so the ceiling cannot be passed by. A declared
-- notice (p_declared = 'authority|date|cents|number') is recorded whatever the sum: it is a fact. Returns the headroom left.
create function city.aid_grant(
  p_ticket uuid, p_cents bigint, p_on date, p_reference uuid, p_declared text default null, p_rule text default 'general')
returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare l city.aid_lookup := city.aid_ticket(p_ticket); e bytea; cap bigint; left_over bigint;
begin
  perform 1 from city.aid_lock where city_id = l.city_id for update;
  if not found then raise exception 'no lock row for this city' using errcode = 'QT500'; end if;
  select cap_cents into strict cap from city.aid_rule where rule = p_rule;
  e := sec.mark(l.city_id, coalesce('notice|' || encode(l.mark, 'hex') || '|' || lower(p_declared), 'award|' || l.tenant_id || '|' || p_reference));
  left_over := cap - city.aid_peak(l.city_id, l.mark, p_rule, p_on, e) - p_cents;
  if left_over < 0 and p_declared is null then
    raise exception 'de-minimis ceiling' using errcode = 'QT301', detail = format('headroom_cents %s', greatest(left_over + p_cents, 0));
  end if;
  insert into city.aid (tenant_id, city_id, reference, mark, entry, granted_on, cents, rule)
    values (l.tenant_id, l.city_id, p_reference, l.mark, e, p_on, p_cents, p_rule);
  return greatest(left_over, 0);
end $$;

-- Lowers an entry of one's own (partial revocation, or 0). Never raises it.
create function city.aid_lower(p_reference uuid, p_cents bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update city.aid set cents = p_cents where tenant_id = sec.verified_tenant() and reference = p_reference and cents >= p_cents;
  if not found then raise exception 'no such aid' using errcode = '42501'; end if;
end $$;

-- Links come and go with the site's own control_link; what another site said stays.
create function city.aid_link_add(p_register_a text, p_register_b text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant(); c uuid; a bytea; b bytea;
begin
  select city_id into strict c from city.tenant where id = t;
  perform 1 from city.aid_lock where city_id = c for update;
  a := sec.mark(c, 'enterprise|' || lower(p_register_a));
  b := sec.mark(c, 'enterprise|' || lower(p_register_b));
  insert into city.aid_link (tenant_id, city_id, mark_a, mark_b) values (t, c, least(a, b), greatest(a, b)) on conflict do nothing;
end $$;
create function city.aid_link_drop(p_register_a text, p_register_b text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant(); c uuid; a bytea; b bytea;
begin
  select city_id into strict c from city.tenant where id = t;
  perform 1 from city.aid_lock where city_id = c for update;
  a := sec.mark(c, 'enterprise|' || lower(p_register_a));
  b := sec.mark(c, 'enterprise|' || lower(p_register_b));
  delete from city.aid_link where tenant_id = t and mark_a = least(a, b) and mark_b = greatest(a, b);
end $$;
revoke all on function city.present(text, int, daterange, text[]), city.counted_once(text, int, daterange), city.aid_ask(text, uuid, text),
  city.aid_headroom(uuid, date, text), city.aid_grant(uuid, bigint, date, uuid, text, text), city.aid_lower(uuid, bigint),
  city.aid_link_add(text, text), city.aid_link_drop(text, text) from public;
grant execute on function city.present(text, int, daterange, text[]) to quartier_worker;
grant execute on function city.counted_once(text, int, daterange) to quartier_city;
grant execute on function city.aid_ask(text, uuid, text), city.aid_headroom(uuid, date, text),
  city.aid_grant(uuid, bigint, date, uuid, text, text), city.aid_lower(uuid, bigint) to quartier_app, quartier_worker;
grant execute on function city.aid_link_add(text, text), city.aid_link_drop(text, text) to quartier_app;
reset role;
revoke create on schema city from quartier_tally;
"""

SUPPORT = r"""
-- 7. Operator access
-- An operator asks, an administrator of the site approves in the site's own context, the operator enters with a context that the
-- database signs for at most 5 minutes and for the role quartier_operator only (SELECT only). Each entry is written down first;
-- the site reads that log. The operator's process holds no signing key.
set role quartier_sec;
create table sec.operator_grant (
  id uuid primary key default gen_random_uuid(), tenant_id uuid not null, operator text not null,
  reason text not null check (length(reason) > 20), requested_at timestamptz not null default now(),
  approved_by text, approved_at timestamptz, valid_until timestamptz, emergency boolean not null default false, ended_at timestamptz,
  constraint operator_four_eyes check (approved_by <> operator),
  constraint operator_four_hours check (valid_until <= approved_at + interval '4 hours'));
create table sec.operator_log (
  tenant_id uuid not null, at timestamptz not null default clock_timestamp(), operator text not null, grant_id uuid not null,
  what text not null check (length(what) > 3));

create function sec.operator_request(p_tenant uuid, p_operator text, p_reason text) returns uuid language sql security definer
set search_path = pg_catalog, pg_temp as $$
  insert into sec.operator_grant (tenant_id, operator, reason) values (p_tenant, p_operator, p_reason) returning id
$$;

create function sec.operator_approve(p_grant uuid, p_by text, p_for interval) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update sec.operator_grant set approved_by = p_by, approved_at = now(), valid_until = now() + p_for
    where id = p_grant and tenant_id = sec.verified_tenant() and approved_at is null and ended_at is null;
  if not found then raise exception 'no such request' using errcode = '42501'; end if;
end $$;

create function sec.operator_end(p_grant uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sec.operator_grant set ended_at = now() where id = p_grant and tenant_id = sec.verified_tenant() and ended_at is null;
  if not found then raise exception 'no such grant' using errcode = '42501'; end if;
end $$;

create function sec.operator_enter(p_grant uuid, p_operator text, p_what text) returns table (tenant text, ctx text) language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare g sec.operator_grant; k sec.key; e text;
begin
  select * into g from sec.operator_grant
    where id = p_grant and operator = p_operator and approved_at is not null and valid_until > now() and ended_at is null;
  if not found then raise exception 'no valid grant' using errcode = '42501'; end if;
  insert into sec.operator_log (tenant_id, operator, grant_id, what) values (g.tenant_id, p_operator, g.id, p_what);
  select * into strict k from sec.key order by kid desc limit 1;
  e := floor(extract(epoch from least(g.valid_until, now() + interval '5 min')))::bigint::text;
  tenant := g.tenant_id::text;
  ctx := k.kid || '.' || e || '.' || encode(sha256(k.outer_pad || sha256(k.inner_pad
    || convert_to('quartier_operator|app.tenant_id=' || tenant || '|' || e, 'UTF8'))), 'hex');
  return next;
end $$;

-- Without an administrator at the site: a second person of the platform, with the database owner's credential (no login role may
-- call this). One hour, marked, and shown to the site like any other.
create function sec.operator_emergency(p_grant uuid, p_by text) returns void language sql set search_path = pg_catalog, pg_temp as $$
  update sec.operator_grant set approved_by = p_by, approved_at = now(), valid_until = now() + interval '1 hour', emergency = true
    where id = p_grant and approved_at is null and ended_at is null
$$;

create function sec.operator_requests_mine() returns setof sec.operator_grant language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant();
begin
  return query select * from sec.operator_grant where tenant_id = t order by requested_at desc;
end $$;
create function sec.operator_log_mine() returns setof sec.operator_log language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare t uuid := sec.verified_tenant();
begin
  return query select * from sec.operator_log where tenant_id = t order by at desc;
end $$;

revoke all on function sec.operator_request(uuid, text, text), sec.operator_approve(uuid, text, interval), sec.operator_end(uuid),
  sec.operator_enter(uuid, text, text), sec.operator_emergency(uuid, text), sec.operator_requests_mine(), sec.operator_log_mine() from public;
grant execute on function sec.operator_request(uuid, text, text), sec.operator_enter(uuid, text, text) to quartier_operator;
grant execute on function sec.operator_approve(uuid, text, interval), sec.operator_end(uuid), sec.operator_requests_mine(),
  sec.operator_log_mine() to quartier_app;
grant select on sec.operator_grant, sec.operator_log to quartier_backup;
reset role;
"""

# As pgqueuer 1.6.0 writes it (`pgq install` for the schema `jobs`); a test compares it with the installed library.
QUEUE_TABLES = """
CREATE TYPE jobs.pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE jobs.pgqueuer (
    id bigserial NOT NULL PRIMARY KEY,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    execute_after timestamp with time zone NOT NULL DEFAULT now(),
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer NOT NULL DEFAULT 0,
    slot bigint
);

CREATE TABLE jobs.pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT now(),
    job_id bigint NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE jobs.pgqueuer_schedules (
    id bigserial NOT NULL PRIMARY KEY,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    next_run timestamp with time zone NOT NULL DEFAULT now(),
    last_run timestamp with time zone,
    status jobs.pgqueuer_status DEFAULT 'queued'::jobs.pgqueuer_status,
    UNIQUE (expression, entrypoint)
);

CREATE TABLE jobs.pgqueuer_statistics (
    id bigserial NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT date_trunc('sec'::text, now()),
    count bigint NOT NULL,
    priority integer NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE INDEX pgqueuer_ep_ea_idx ON jobs.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON jobs.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON jobs.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON jobs.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON jobs.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON jobs.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON jobs.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON jobs.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::jobs.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON jobs.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON jobs.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON jobs.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON jobs.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::jobs.pgqueuer_status, 'picked'::jobs.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON jobs.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE FUNCTION jobs.fn_pgqueuer_changed() RETURNS TRIGGER AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER tg_pgqueuer_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON jobs.pgqueuer
EXECUTE FUNCTION jobs.fn_pgqueuer_changed();
"""

QUEUE = r"""
-- 8. Jobs: pgqueuer in a schema of its own. Request roles have no right on its tables, only jobs.put().
create schema jobs authorization quartier_jobs;
grant usage on schema jobs to quartier_app, quartier_worker, quartier_queue, quartier_backup;
grant usage on schema sec to quartier_jobs;
grant execute on function sec.verified(text), sec.verified_tenant() to quartier_jobs;
set role quartier_jobs;
""" + QUEUE_TABLES + r"""
revoke all on function jobs.fn_pgqueuer_changed() from public;
grant select, insert, update, delete on all tables in schema jobs to quartier_queue;
grant usage on all sequences in schema jobs to quartier_queue;
grant select on all tables in schema jobs to quartier_backup;
grant select on all sequences in schema jobs to quartier_backup;

-- Leaves a job in the caller's transaction. The tenant is the verified one; arguments are ids, never personal data. `once` names
-- what is to be done one time only while a job for it waits or runs.
create function jobs.put(kind text, args jsonb, after interval default '0', once text default null) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare t text := sec.verified_tenant();
begin
  insert into jobs.pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, status) values
    (0, kind, convert_to(jsonb_build_object('tenant', t, 'args', args)::text, 'UTF8'), now() + after, t || ':' || kind || ':' || once, 'queued')
  on conflict (dedupe_key) where status in ('queued', 'picked') and dedupe_key is not null do nothing;
end $$;
revoke all on function jobs.put(text, jsonb, interval, text) from public;
grant execute on function jobs.put(text, jsonb, interval, text) to quartier_app, quartier_worker;
reset role;
"""

# The roles stay: they belong to the server, and other databases may use them.
DOWN = """
drop schema if exists jobs, app, auth, city, sec cascade;
drop schema if exists ext cascade;
"""


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, WALLS + DIRECTORY + CITY + SUPPORT + QUEUE, DOWN, as_owner=False)
