-- The powers: one login role each, none a member of another; and a database closed for PUBLIC. Run by a superuser at every
-- migrate, before the migrations and again after a copy by TEMPLATE or a restore without --create, which lose what belongs to
-- the database itself. Idempotent: what is so already is not written again.

-- 1. Roles
do $$
declare r text;
begin
  foreach r in array array[
    'quartier_owner nologin',            -- owns the tables; migrations run as it (SET ROLE), outside every pool
    'quartier_sec nologin',              -- owns keys, signed context, operator grants
    'quartier_tally nologin',            -- owns the few functions that count or sum across tenants
    'quartier_jobs nologin',             -- owns the queue and jobs.put()
    'quartier_app login',                -- requests
    'quartier_worker login',             -- jobs
    'quartier_auth login',               -- sessions, identities, the host directory
    'quartier_city login',               -- the city's figures
    'quartier_operator login',           -- support, read only, by granted context
    'quartier_queue login',              -- the loop that hands out jobs
    'quartier_backup login bypassrls']   -- pg_dump; its password is not on the application's machine
  loop
    if to_regrole(split_part(r, ' ', 1)) is null then
      begin
        execute 'create role ' || r || ' nosuperuser nocreatedb nocreaterole noreplication noinherit';
      exception when duplicate_object or unique_violation then null;      -- another database's migrate on this server
      end;
    end if;
  end loop;
end $$;

-- 2. Database: nothing for PUBLIC
do $$
declare
  r text; setting text; wanted text; f regprocedure;
  here text := current_database();
  logins text[] := array['quartier_app', 'quartier_worker', 'quartier_auth', 'quartier_city', 'quartier_operator', 'quartier_queue', 'quartier_backup'];
begin
  execute format('revoke all on database %I from public', here);           -- also TEMP
  foreach r in array logins loop
    execute format('grant connect on database %I to %I', here, r);
    for setting, wanted in
      select v.s, v.w from (values
        ('search_path', 'ext'),
        ('statement_timeout', case when r in ('quartier_worker', 'quartier_queue') then '60s' when r <> 'quartier_backup' then '5s' end),
        ('idle_in_transaction_session_timeout', case when r <> 'quartier_backup' then '10s' end),
        ('lock_timeout', case when r <> 'quartier_backup' then '2s' end),
        ('default_transaction_read_only', case when r = 'quartier_city' then 'on' end)) v(s, w)
      where v.w is not null and not exists (
        select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
        where d.datname = here and s.setrole = to_regrole(r) and v.s || '=' || v.w = any (s.setconfig))
    loop
      execute format('alter role %I in database %I set %I = %L', r, here, setting, wanted);
    end loop;
  end loop;
  -- Server functions that show or disturb other sessions, or give volumes away. They stay with superusers and pg_monitor.
  for f in
    select p.oid::regprocedure from pg_proc p
    where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
      and (proname ~ '^(pg_stat_get_|pg_stat_reset|lo_|pg_advisory_|pg_try_advisory_)'
        or proname in ('pg_cancel_backend', 'pg_terminate_backend', 'pg_lock_status', 'pg_prepared_xact', 'loread', 'lowrite',
                       'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size',
                       'pg_tablespace_size', 'pg_export_snapshot', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids'))
      and proname <> 'pg_advisory_unlock_all'            -- asyncpg's own reset calls it; without locks it does nothing
      and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)
  loop
    execute format('revoke execute on function %s from public', f);
    if f::text ~ '^pg_stat_get_' then execute format('grant execute on function %s to pg_monitor', f); end if;
  end loop;
end $$;
revoke all on schema public from public;
grant usage on schema public to quartier_worker, quartier_backup;          -- the list of migrations, nothing else is there
