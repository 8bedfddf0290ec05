"""How long a log is kept: three years, then counts by month. The chain goes on from the last line that is gone.

Who came, what was done and who looked is needed to clear things up, not for ever (GDPR, Article 5 (1) e). Lines of the
last three years cannot be forgotten: the functions of the database do not see them.
"""

from quartier.database.engine import DB
from quartier.tenancy.desk import Desk

AT_ONCE = 20_000  # lines of one night, so that none takes long; more go the next night

# A chain loses its oldest lines alone, without a gap: up to the first that is young, whatever its number.
CHAIN = """
with young as (
  select min(seq) as seq from (select seq, created_at from {log} where tenant_id = $1 and seq is not null
    order by seq limit $2::int) line where created_at >= now() - interval '3 years'
), gone as (
  select f.* from young, {forget}(coalesce(young.seq, 9223372036854775807), $2::int) f
), begins as (
  update {head} h set gone_seq = g.seq, gone_hash = g.hash
  from (select seq, hash from gone where seq is not null order by seq desc limit 1) g where h.tenant_id = $1
)"""
_ACTS = (
    CHAIN.format(log="app.audit_entry", forget="app.forget_acts", head="app.audit_head")
    + """, counted as (
  insert into app.log_count as c (tenant_id, log, month, kind, n)
  select $1, 'acts', date_trunc('month', created_at at time zone 'UTC')::date, action, count(*) from gone group by 3, 4
  on conflict (tenant_id, log, month, kind) do update set n = c.n + excluded.n
)
select count(*)::int as n from gone"""
)
_LOOKS = """
with gone as (
  select * from app.forget_looks($2) where tenant_id = $1
), counted as (
  insert into app.log_count as c (tenant_id, log, month, kind, n)
  select $1, 'looks', date_trunc('month', created_at at time zone 'UTC')::date, coalesce(operation, '-'), sum(times)
  from gone group by 3, 4
  on conflict (tenant_id, log, month, kind) do update set n = c.n + excluded.n
)
select count(*)::int as n from gone"""


async def forget_acts(desk: Desk) -> int:
    """Count and delete the lines of what was done and who looked that are three years old; give how many."""
    async with desk.transaction() as ledger:
        gone = 0
        for statement in (_ACTS, _LOOKS):
            [row] = await DB.fetch(statement, desk.tenant_id, AT_ONCE)
            gone += int(row["n"])
        if gone:
            ledger.note("log.forgotten", None, lines=gone)
    return gone
