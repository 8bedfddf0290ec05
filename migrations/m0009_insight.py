"""What the city reads: texts of the indicators, days of the figures' periods, and the comparison over its sites."""

from quartier.database.migrate import migration

ID = "0009"

# Days beside the period: under row-level security a comparison of ranges may not run in an index, one of
# days may. The views run with the rights of who reads them, so quartier_city sees its own city alone.
UP = """
alter table city.indicator
  add column name_de text not null default '', add column name_en text not null default '',
  add column formula_en text not null default '',
  add column adds text not null default 'sum' check (adds in ('sum', 'once', 'side')),   -- how a city's total is made
  drop constraint indicator_subject_check,
  add constraint indicator_subject_check check (subject in ('person', 'enterprise', 'money', 'minutes', 'house'));

alter table city.figure
  add column first_day date not null generated always as (lower(period)) stored,
  add column last_day date not null generated always as (upper(period) - 1) stored,
  add column kind text not null generated always as (case when upper(period) - lower(period) between 28 and 31 then 'month'
    when upper(period) - lower(period) between 90 and 92 then 'quarter' when upper(period) - lower(period) >= 365 then 'year' end) stored,
  add column tallied_at timestamptz,             -- before the period's end: as it stood then
  add constraint figure_period_bounded check (not isempty(period) and upper(period) > lower(period));
create index on city.figure (city_id, kind, first_day, code);
create index figure_cell on city.figure (tenant_id, code, version, kind, first_day, slice);

-- A comparison has a line for every site, also where it published nothing: state says which.
create view city.comparison with (security_invoker = true) as
select s.city_id, s.id as site_id, s.name as site_name, c.code, c.version, c.first_day, c.last_day, c.slice, f.n, f.num, f.den,
  c.kind,
  case when f.tenant_id is null then 'missing' when f.n is null then 'hidden' else 'shown' end as state, f.tallied_at,
  c.code || '.' || c.version || '/' || c.first_day || '/' || c.last_day || '/' || c.slice as cell,
  c.code || '.' || c.version || '/' || c.first_day || '/' || c.last_day || '/' || c.slice || '/' || s.id as line
from city.tenant s
join (select distinct city_id, kind, code, version, first_day, last_day, slice from city.figure) c on c.city_id = s.city_id
left join lateral (                            -- offset 0: one look into figure_cell per line, whatever the planner believes
  select f.tenant_id, f.n, f.num, f.den, f.tallied_at from city.figure f
  where f.city_id = c.city_id and f.tenant_id = s.id and f.code = c.code and f.version = c.version and f.kind = c.kind
    and f.first_day = c.first_day and f.slice = c.slice offset 0) f on true
where s.kind = 'site';

-- Built from what is shown alone: a hidden cell cannot be found by subtracting.
create view city.total with (security_invoker = true) as
select c.city_id, c.code, c.version, c.kind, c.first_day, c.last_day, c.slice, c.cell as line, sum(c.num)::bigint as num,
  sum(c.den)::bigint as den, count(*) filter (where c.state = 'shown') as shown, count(*) filter (where c.state = 'hidden') as hidden,
  count(*) filter (where c.state = 'missing') as missing
from city.comparison c join city.indicator i on i.code = c.code and i.version = c.version and i.adds = 'sum'
group by c.city_id, c.code, c.version, c.kind, c.first_day, c.last_day, c.slice, c.cell;

create view city.catalogue with (security_invoker = true) as
select s.city_id, i.code, i.version, i.name_de, i.name_en, i.unit, i.subject, i.min_n, i.formula as formula_de, i.formula_en, i.adds,
  i.code || '.' || i.version as line
from (select distinct city_id from city.tenant) s cross join city.indicator i;

grant select on city.comparison, city.total, city.catalogue to quartier_city;
"""

DOWN = """
drop view city.catalogue, city.total, city.comparison;
alter table city.figure drop constraint figure_period_bounded, drop column tallied_at, drop column kind, drop column last_day,
  drop column first_day;
alter table city.indicator drop constraint indicator_subject_check,   -- not valid: the rows that speak of houses stay
  add constraint indicator_subject_check check (subject in ('person', 'enterprise', 'money', 'minutes')) not valid,
  drop column adds, drop column formula_en, drop column name_en, drop column name_de;
"""


async def forwards():
    return migration(ID, "insight", UP, DOWN)
