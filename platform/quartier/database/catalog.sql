-- The catalog lint. One query, read only; every row it returns is a failure. Run in CI and at every start of the server.
-- Exceptions are written here and nowhere else, each with its reason.
with
schemas(s) as (values ('app'), ('auth'), ('city')),
not_tenant(t) as (values
  ('city.city'), ('city.tenant'),              -- the directory is read before a tenant is known
  ('city.indicator'), ('city.aid_rule'),       -- definitions, the same for every site
  ('city.aid_lock')),                          -- one lock row per city, no content
extra_policy(p) as (values
  ('city@city.figure'),                        -- the city reads the figures of its own sites
  ('tally@city.presence'), ('tally@city.aid'), ('tally@city.aid_link'), ('tally@city.aid_lookup'),  -- for a role nobody can log in as
  ('aged@app.audit_entry'), ('aged@app.look_entry'), ('aged@auth.event')),  -- for the functions that forget lines of three years
definer(f) as (values                          -- SECURITY DEFINER, with the owner it must have
  ('sec.verified(text)@quartier_sec'), ('sec.mark(uuid,text)@quartier_sec'),
  ('sec.operator_request(uuid,text,text)@quartier_sec'), ('sec.operator_approve(uuid,text,interval)@quartier_sec'),
  ('sec.operator_end(uuid)@quartier_sec'), ('sec.operator_enter(uuid,text,text)@quartier_sec'),
  ('sec.operator_requests_mine()@quartier_sec'), ('sec.operator_log_mine()@quartier_sec'),
  ('city.present(text,integer,daterange,text[])@quartier_tally'), ('city.counted_once(text,integer,daterange)@quartier_tally'),
  ('city.aid_ask(text,uuid,text)@quartier_tally'), ('city.aid_headroom(uuid,date,text)@quartier_tally'),
  ('city.aid_grant(uuid,bigint,date,uuid,text,text)@quartier_tally'),
  ('city.aid_lower(uuid,bigint)@quartier_tally'), ('city.aid_link_add(text,text)@quartier_tally'),
  ('city.aid_link_drop(text,text)@quartier_tally'), ('jobs.put(text,jsonb,interval,text)@quartier_jobs'),
  ('app.forget_acts(bigint,integer)@quartier_owner'), ('app.forget_looks(integer)@quartier_owner'),
  ('auth.forget_events(bigint,integer)@quartier_owner')),
extension(e) as (values ('plpgsql'), ('btree_gist'), ('pg_trgm'), ('unaccent'), ('pg_stat_statements'), ('pgaudit'), ('citus'), ('citus_columnar')),
roles(r) as (select v.r from (values ('quartier_app'), ('quartier_worker'), ('quartier_auth'), ('quartier_city'), ('quartier_operator'),
  ('quartier_queue')) v(r) where to_regrole(v.r) is not null),
allowed(r, pattern, privs) as (values          -- which role may do what on which relation; anything else is a failure
  ('quartier_app',      '^app\.',                                                    'SELECT INSERT UPDATE DELETE'),
  ('quartier_worker',   '^app\.',                                                    'SELECT INSERT UPDATE DELETE'),
  ('quartier_operator', '^app\.',                                                    'SELECT'),
  ('quartier_auth',     '^auth\.',                                                   'SELECT INSERT UPDATE DELETE'),
  ('quartier_app',      '^city\.figure$',                                            'SELECT INSERT UPDATE DELETE'),
  ('quartier_worker',   '^city\.figure$',                                            'SELECT INSERT UPDATE DELETE'),
  ('quartier_app',      '^city\.(presence|aid|aid_link|aid_lookup|indicator|aid_rule)$', 'SELECT'),
  ('quartier_worker',   '^city\.(presence|aid|aid_link|aid_lookup|indicator|aid_rule|tenant)$', 'SELECT'),
  ('quartier_operator', '^city\.(figure|presence|aid|aid_link|aid_lookup|indicator)$', 'SELECT'),
  ('quartier_auth',     '^city\.(city|tenant)$',                                     'SELECT'),
  ('quartier_city',     '^city\.(figure|indicator|tenant|comparison|total|catalogue)$', 'SELECT'),
  ('quartier_worker',   '^public\.migration$',                                       'SELECT'),   -- is this code's schema there?
  ('quartier_queue',    '^jobs\.',                                                   'SELECT INSERT UPDATE DELETE')),
canon(policy, expr) as (values                 -- second of each pair: Citus, where policies may not hold sub-selects
  ('tenant', '(tenant_id = ( SELECT (current_setting(''app.tenant_id''::text))::uuid AS current_setting))'),
  ('tenant', '(tenant_id = (current_setting(''app.tenant_id''::text))::uuid)'),
  ('signed', '(tenant_id = ( SELECT sec.verified_tenant() AS verified_tenant))'),
  ('signed', '(tenant_id = sec.verified_tenant())')),
rel as (
  select c.*, n.nspname, n.nspname || '.' || c.relname t
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in (select s from schemas) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')),
ten as (                                       -- tenant tables; ta = number of the column tenant_id uuid not null
  select rel.*, (select attnum from pg_attribute a where a.attrelid = rel.oid and a.attname = 'tenant_id' and a.attnotnull
                   and a.atttypid = 'uuid'::regtype and not a.attisdropped) ta
  from rel where relkind in ('r', 'p') and t not in (select t from not_tenant)),
fn as (
  select p.oid, p.prosecdef, p.proleakproof, p.proconfig, p.proacl, p.proowner, n.nspname,
         n.nspname || '.' || p.proname || '(' || coalesce((select string_agg(format_type(a, null), ',' order by o)
           from unnest(p.proargtypes) with ordinality x(a, o)), '') || ')' f
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'ext'))

select 'T1 no tenant_id uuid not null' rule, t obj from ten where ta is null
union all select 'T2 row-level security not enabled and forced', t from ten where not (relrowsecurity and relforcerowsecurity)
union all select 'T3 primary key does not start with tenant_id', t from ten
  where not exists (select from pg_index i where i.indrelid = ten.oid and indisprimary and indkey[0] = ta)
union all select 'T4 unique index without tenant_id: ' || i.indexrelid::regclass, t from ten join pg_index i on i.indrelid = ten.oid
  where indisunique and not coalesce(ta = any (i.indkey::int2[]), false)
union all select 'T5 exclusion without tenant_id with =: ' || conname, t from ten join pg_constraint k on k.conrelid = ten.oid and contype = 'x'
  where not exists (select from unnest(k.conkey, k.conexclop) u(col, op) join pg_operator o on o.oid = op where col = ta and oprname = '=')
union all select 'T6 foreign key without the pair tenant_id: ' || conname, ten.t from ten join pg_constraint k on k.conrelid = ten.oid and contype = 'f'
  join ten z on z.oid = k.confrelid where not exists (select from unnest(k.conkey, k.confkey) u(a, b) where a = ten.ta and b = z.ta)
union all select 'T7 foreign key sets null or default: ' || conname, t from ten join pg_constraint k on k.conrelid = ten.oid and contype = 'f'
  where confdeltype in ('n', 'd') or confupdtype in ('n', 'd')
union all select 'T8 policy is not as isolate() writes it: ' || polname, t from ten join pg_policy p on p.polrelid = ten.oid
  where polname in ('tenant', 'signed') and (polpermissive <> (polname = 'tenant') or polcmd <> '*'
    or not exists (select from canon where policy = polname and expr = pg_get_expr(polqual, polrelid))
    or pg_get_expr(polwithcheck, polrelid) is distinct from pg_get_expr(polqual, polrelid)
    or (select array_agg(x::regrole::text order by x::regrole::text) from unnest(polroles) x) is distinct from
       case nspname when 'auth' then array['quartier_auth'] else array['quartier_app', 'quartier_operator', 'quartier_worker'] end)
union all select 'T9 policies are not exactly signed and tenant', t from ten
  where (select array_agg(polname::text order by polname::text) from pg_policy
         where polrelid = ten.oid and polname || '@' || t not in (select p from extra_policy))
        is distinct from array['signed', 'tenant']
union all select 'T17 lines of a log may be forgotten before three years are over', t
  from ten join pg_policy p on polrelid = ten.oid and polname = 'aged' where polroles <> array[to_regrole('quartier_owner')::oid]
    or pg_get_expr(polqual, polrelid) <> '((tenant_id = sec.verified_tenant()) AND (created_at < (now() - ''3 years''::interval)))'
union all select 'T10 constraint not validated: ' || conname, t from ten join pg_constraint k on k.conrelid = ten.oid where not convalidated
union all select 'T11 rewrite rule: ' || rulename, t from ten join pg_rewrite w on w.ev_class = ten.oid
union all select 'T12 tenant_id refers neither to app.site nor to the directory', t from ten where not exists (
    select from pg_constraint k where k.conrelid = ten.oid and contype = 'f' and k.conkey[1] = ta
      and k.confrelid in (select oid from rel where t in ('app.site', 'city.tenant')))
    and not (t = 'app.site' and exists (select from pg_extension where extname = 'citus'))   -- the one key dropped at scale-out
union all select 'T13 tenant_id has a default', t from ten join pg_attribute a on a.attrelid = ten.oid and a.attnum = ta where a.atthasdef
union all select 'T14 owner is not quartier_owner', t from rel where relkind in ('r', 'p') and pg_get_userbyid(relowner) <> 'quartier_owner'
union all select 'T15 not a tenant table, yet it has a column tenant_id', t from rel join not_tenant using (t)
  where exists (select from pg_attribute a where a.attrelid = rel.oid and attname = 'tenant_id' and not attisdropped)
union all select 'T16 trigger (refused by Citus; audit belongs to the action): ' || tgname, t from ten join pg_trigger g on g.tgrelid = ten.oid where not tgisinternal
union all select 'V1 view without security_invoker', t from rel
  where relkind = 'v' and not coalesce(reloptions && array['security_invoker=true', 'security_invoker=on'], false)
union all select 'V2 materialized view', t from rel where relkind = 'm'
union all select 'V3 foreign table', t from rel where relkind = 'f'
union all select 'V4 sequence (tells volumes)', t from rel where relkind = 'S'
union all select 'F1 SECURITY DEFINER not on the list, or owner wrong, or no search_path', f from fn
  where prosecdef and (f || '@' || pg_get_userbyid(proowner) not in (select d.f from definer d)
    or not coalesce(array_to_string(proconfig, ',') ~ 'search_path=pg_catalog, pg_temp', false))
union all select 'F2 LEAKPROOF function', f from fn where proleakproof
union all select 'F3 executable by PUBLIC', f from fn
  where nspname in ('app', 'auth', 'city', 'sec', 'jobs') and (proacl is null or exists (select from aclexplode(proacl) where grantee = 0))
union all select 'F4 operator of our own in a tenant schema', oprname::text from pg_operator o
  where o.oprnamespace::regnamespace::text in (select s from schemas)
union all select 'G1 grant to PUBLIC', t from rel, aclexplode(relacl) where grantee = 0
union all select 'G2 PUBLIC may use schema', nspname::text from pg_namespace, aclexplode(nspacl)
  where grantee = 0 and nspname in ('app', 'auth', 'city', 'sec', 'jobs', 'public')
union all select 'G3 ' || p || ' not in the table of rights', r || ' on ' || t from roles, (select oid, nspname || '.' || relname t from
    (select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('app', 'auth', 'city', 'sec', 'jobs', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'f')) q) x,
    unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
  where case when p in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege(r, x.oid, p) else has_table_privilege(r, x.oid, p) end
    and not exists (select from allowed a where a.r = roles.r and x.t ~ a.pattern and p = any (string_to_array(a.privs, ' ')))
union all select 'G4 default privileges for an application role', coalesce(n.nspname, '(all)')
  from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
  where a.grantee = 0 or a.grantee::regrole::text in (select r from roles)
union all select 'G5 may execute ' || p.oid::regprocedure, r from roles, pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
  and (p.proname ~ '^(pg_stat_get_activity|pg_stat_get_backend_|pg_stat_get_live_tuples|lo_|pg_advisory_lock|pg_advisory_xact_lock|pg_try_advisory_)'
       or p.proname in ('pg_cancel_backend', 'pg_terminate_backend', 'pg_lock_status', 'pg_total_relation_size', 'pg_relation_size', 'loread', 'lowrite'))
  and has_function_privilege(r, p.oid, 'EXECUTE')
union all select 'R1 role too powerful', rolname::text from pg_roles
  where rolname in (select r from roles union values ('quartier_owner'), ('quartier_sec'), ('quartier_tally'), ('quartier_jobs'))
    and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
union all select 'R2 member of ' || m.roleid::regrole, m.member::regrole::text from pg_auth_members m
  where m.member::regrole::text in (select r from roles union values ('quartier_sec'), ('quartier_tally'), ('quartier_jobs'), ('quartier_backup'))
union all select 'R3 owns ' || c.oid::regclass, relowner::regrole::text from pg_class c where relowner::regrole::text in (select r from roles)
union all select 'R4 CREATE on schema ' || nspname, r from pg_namespace, (select r from roles union values ('quartier_tally')) x
  where has_schema_privilege(r, oid, 'CREATE') and nspname !~ '^pg_'
union all select 'R5 TEMP or CREATE on the database', r from roles
  where has_database_privilege(r, current_database(), 'TEMP') or has_database_privilege(r, current_database(), 'CREATE')
union all select 'R6 may log in', rolname::text from pg_roles where rolname in ('quartier_owner', 'quartier_sec', 'quartier_tally', 'quartier_jobs') and rolcanlogin
union all select 'R7 no time limits in this database (lost by a restore without --create)', r from roles where not exists (
    select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase and d.datname = current_database()
    where s.setrole = to_regrole(r) and array_to_string(s.setconfig, ' ') ~ 'statement_timeout'
      and array_to_string(s.setconfig, ' ') ~ 'idle_in_transaction_session_timeout')
union all select 'D1 publication (copies rows past the policies)', pubname::text from pg_publication
union all select 'D2 extension not on the list', extname::text from pg_extension where extname not in (select e from extension)
union all select 'D3 PUBLIC has rights on the database', datname::text from pg_database, aclexplode(datacl) where datname = current_database() and grantee = 0
union all select 'D3 PUBLIC has rights on the database', datname::text from pg_database where datname = current_database() and datacl is null
order by 1, 2;
