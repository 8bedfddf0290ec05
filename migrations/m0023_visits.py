"""A visit by support ends at the next statement, not when what was signed for it runs out.

What the database signs for an operator held for up to five minutes, compared with the start of a transaction, which may
last. So whoever had the operator's password could go on reading after the site had ended the visit, unseen. Each look now
has a pass, which is void with its grant. Runs as the administrator, as the walls do: `sec` is not the owner's.
"""

from quartier.database.migrate import migration

ID = "0023"

VERIFIED = r"""
create or replace function sec.verified(p_setting text) returns uuid language plpgsql stable parallel safe security definer
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
    if c[2]::bigint >= extract(epoch from transaction_timestamp()){and_more} then
      return v::uuid;
    end if;
  end if;
  raise exception 'context rejected' using errcode = '42501';       -- also when anything above is null
end $$;
"""

ENTER = r"""
create or replace function sec.operator_enter(p_grant uuid, p_operator text, p_what text) returns table (tenant text, ctx text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  {and_more}return next;
end $$;
"""

UP = (
    r"""
set local role quartier_sec;
create table sec.operator_pass (               -- of one look: the hash of what was signed for it; void with its grant
  mark bytea primary key, grant_id uuid not null references sec.operator_grant on delete cascade, valid_until timestamptz not null);
grant select on sec.operator_pass to quartier_backup;

-- Asked in each statement, by the clock. A snapshot that is older than the statement would not see that the visit is over.
create function sec.operator_may() returns boolean language sql stable parallel safe set search_path = pg_catalog, pg_temp as $$
  select current_setting('transaction_isolation') = 'read committed' and exists (
    select from sec.operator_pass p join sec.operator_grant g on g.id = p.grant_id
    where p.mark = sha256(convert_to(current_setting('app.ctx', true), 'UTF8')) and p.valid_until > clock_timestamp()
      and g.ended_at is null and g.valid_until > clock_timestamp())
$$;
revoke all on function sec.operator_may() from public;
"""
    + VERIFIED.replace("{and_more}", "\n       and (session_user <> 'quartier_operator' or sec.operator_may())")
    + ENTER.replace(
        "{and_more}",
        """delete from sec.operator_pass where valid_until < now();
  insert into sec.operator_pass values (sha256(convert_to(ctx, 'UTF8')), g.id, to_timestamp(e::bigint))
  on conflict (mark) do update set grant_id = excluded.grant_id;      -- two looks within one second are signed alike
  """,
    )
)

DOWN = (
    "set local role quartier_sec;\n"
    + VERIFIED.replace("{and_more}", "")
    + ENTER.replace("{and_more}", "")
    + "drop function sec.operator_may();\ndrop table sec.operator_pass;\n"
)


async def forwards():
    return migration(ID, "visits", UP, DOWN, as_owner=False)
