"""Lines of the logs go after three years, and not a day earlier; what is left of them are counts by month."""

from quartier.database.migrate import migration

ID = "0037"

UP = """
create table app.log_count (                   -- what was done and looked at, of lines that are gone
  tenant_id uuid not null references app.site, log text not null check (log in ('acts', 'looks')), month date not null,
  kind text not null, n bigint not null check (n > 0),
  primary key (tenant_id, log, month, kind));
create table auth.event_count (                -- who came and was turned away, of lines that are gone
  tenant_id uuid not null references app.site, month date not null, kind text not null, reason text not null,
  n bigint not null check (n > 0),
  primary key (tenant_id, month, kind, reason));
select sec.isolate(t) from unnest(array['app.log_count', 'auth.event_count']::regclass[]) t;

-- Where a chain begins once its oldest lines are gone: number and hash of the last of them.
alter table app.audit_head add column gone_seq bigint not null default 0, add column gone_hash bytea not null default '\\x';
alter table auth.event_head add column gone_seq bigint not null default 0, add column gone_hash bytea not null default '\\x';

-- Nobody may delete a line. These functions run as the owner, whom the policies show the lines of three years ago alone.
create policy aged on app.audit_entry to quartier_owner
  using (tenant_id = sec.verified_tenant() and created_at < now() - interval '3 years');
create policy aged on app.look_entry to quartier_owner
  using (tenant_id = sec.verified_tenant() and created_at < now() - interval '3 years');
create policy aged on auth.event to quartier_owner
  using (tenant_id = sec.verified_tenant() and created_at < now() - interval '3 years');
create function app.forget_acts(p_below bigint, p_most int) returns setof app.audit_entry language sql security definer
set search_path = pg_catalog, pg_temp as $$
  delete from app.audit_entry where (tenant_id, id) in (
    select tenant_id, id from app.audit_entry where seq < p_below order by seq limit p_most) returning *
$$;
create function app.forget_looks(p_most int) returns setof app.look_entry language sql security definer
set search_path = pg_catalog, pg_temp as $$
  delete from app.look_entry where (tenant_id, id) in (
    select tenant_id, id from app.look_entry order by created_at limit p_most) returning *
$$;
-- Lines of before there was a chain have no number.
create function auth.forget_events(p_below bigint, p_most int) returns setof auth.event language sql security definer
set search_path = pg_catalog, pg_temp as $$
  delete from auth.event where (tenant_id, id) in (
    select tenant_id, id from auth.event where coalesce(seq, 0) < p_below order by seq nulls first limit p_most) returning *
$$;
revoke all on function app.forget_acts(bigint, int), app.forget_looks(int), auth.forget_events(bigint, int) from public;
grant execute on function app.forget_acts(bigint, int), app.forget_looks(int) to quartier_worker;
grant execute on function auth.forget_events(bigint, int) to quartier_auth;
"""

DOWN = """
drop function app.forget_acts, app.forget_looks, auth.forget_events;
drop policy aged on app.audit_entry;
drop policy aged on app.look_entry;
drop policy aged on auth.event;
alter table app.audit_head drop column gone_seq, drop column gone_hash;
alter table auth.event_head drop column gone_seq, drop column gone_hash;
drop table app.log_count, auth.event_count;
"""


async def forwards():
    return migration(ID, "access", UP, DOWN)
