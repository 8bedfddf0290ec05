"""The formulas in SQL: one statement per figure, over the tables of the rooms, in the site's own context.

Parameters of each: $1 the site, $2 and $3 the first and the last day that count (the last is today while the
period runs), $4 the instant it begins, $5 the instant it ends (now while it runs), $6 the zone. Each gives
rows (slice, n, num, den); the slice null is the whole.
"""

from collections.abc import Mapping

# `$2 is not null` and the like stand where a formula needs a parameter less: all take the same six.
MEMBERSHIPS = """
select 'kind:' || k.kind as slice, count(*) as n, count(*) as num, null::bigint as den
from app.membership m
left join app.organisation o on o.tenant_id = m.tenant_id and o.id = m.organisation_id
cross join lateral (select coalesce(o.kind, 'person') as kind) k
where m.tenant_id = $1 and m.during @> $3::date and $2::date <= $3
  and m.state in ('active', 'paused', 'suspended', 'ending', 'ended')
  and $4::timestamptz <= $5::timestamptz and $6::text is not null
group by grouping sets ((), (k.kind))"""

_HELD = """
from app.session s
join app.workshop w on w.tenant_id = s.tenant_id and w.id = s.workshop_id
  and w.state in ('published', 'running', 'done')
where s.tenant_id = $1 and s.state <> 'cancelled' and s.ends_at > $4 and s.ends_at <= $5
  and $2::date <= $3::date and $6::text is not null"""

SESSIONS = f"select null::text as slice, count(*) as n, count(*) as num, null::bigint as den {_HELD}"

SEATS = f"""
with ended as (
  select s.workshop_id {_HELD}
    and not exists (select from app.session later where later.tenant_id = $1 and later.workshop_id = s.workshop_id
                    and later.state <> 'cancelled' and later.ends_at > s.ends_at)
  group by s.workshop_id
)
select null::text as slice, count(distinct e.workshop_id) as n, coalesce(sum(p.seats), 0)::bigint as num,
  null::bigint as den
from ended e join app.seat_pool p on p.tenant_id = $1 and p.workshop_id = e.workshop_id"""

# Who cancelled before the start, in time or late, is not registered at the start.
ATTENDANCE = f"""
with held as (select s.id, s.workshop_id {_HELD})
select null::text as slice, count(distinct r.person_id) as n,
  count(*) filter (where a.state in ('present', 'late')) as num, count(*) as den
from held h
join app.registration r on r.tenant_id = $1 and r.workshop_id = h.workshop_id
  and r.state in ('confirmed', 'attended', 'partly_attended', 'no_show', 'certified', 'certificate_revoked')
left join app.attendance a on a.tenant_id = $1 and a.session_id = h.id and a.registration_id = r.id"""

# The effects of a posting are those of grants' ledger; a test holds the two together.
MONEY = """
with replayed as (
  select l.id,
    coalesce(sum(case p.kind when 'allocate' then p.amount when 'withdraw' then -p.amount
      when 'recover' then case when f.recovered_money_returns then 0 else -p.amount end else 0 end), 0) as allocated,
    coalesce(sum(case p.kind when 'reserve' then p.amount when 'unreserve' then -p.amount when 'commit' then -p.amount
      else 0 end), 0) as reserved,
    coalesce(sum(case p.kind when 'commit' then p.amount when 'release' then -p.amount when 'recover' then -p.amount
      else 0 end), 0) as committed,
    coalesce(sum(case p.kind when 'pay' then p.amount when 'return' then -p.amount when 'recover' then -p.amount
      else 0 end), 0) as paid
  from app.budget_line l
  join app.fund f on f.tenant_id = $1 and f.id = l.fund_id
  left join app.posting p on p.tenant_id = $1 and p.line_id = l.id and p.created_at <= $5
  where l.tenant_id = $1 and l.year = extract(year from $3::date) and l.created_at <= $5
    and $2::date <= $3 and $4::timestamptz <= $5 and $6::text is not null
  group by l.id
)
select part.slice, count(*) as n, sum(part.cents)::bigint as num, null::bigint as den
from replayed r
cross join lateral (values ('allocated', r.allocated), ('reserved', r.reserved), ('committed', r.committed),
  ('paid', r.paid), ('open', r.allocated - r.reserved - r.committed)) part (slice, cents)
group by part.slice"""

# Hours of a space are its own where it has any, else the house's; a whole is booked with all its parts.
# Spans are multiranges, so hours that touch count once and closures are simply taken away.
ROOM_USE = """
with atom as (
  select s.id, s.kind, s.units,
    case when exists (select from app.opening o where o.tenant_id = $1 and o.space_id = s.id and o.kind = 'open')
      then s.id end as hours_of
  from app.space s
  where s.tenant_id = $1 and s.state = 'open' and not s.lease_only
    and not exists (select from app.space_part p where p.tenant_id = $1 and p.whole_id = s.id)
), special_day as (
  select x.space_id, x.day::timestamp at time zone $6 as midnight,
    (x.day + 1)::timestamp at time zone $6 as next_midnight,
    (x.day + lower(x.minutes) * interval '1 minute') at time zone $6 as a,
    (x.day + upper(x.minutes) * interval '1 minute') at time zone $6 as b
  from app.opening_day x where x.tenant_id = $1 and x.day between $2::date and $3::date
), span as (
  select o.space_id, (d.day + lower(o.minutes) * interval '1 minute') at time zone $6 as a,
    (d.day + upper(o.minutes) * interval '1 minute') at time zone $6 as b
  from generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') d (day)
  join app.opening o on o.tenant_id = $1 and o.kind = 'open' and o.weekday = extract(isodow from d.day)
    and o.valid @> d.day::date
  where not exists (select from app.opening_day x
    where x.tenant_id = $1 and x.space_id is not distinct from o.space_id and x.day = d.day::date)
  union all
  select space_id, a, b from special_day
), special as (
  select space_id, range_agg(tstzrange(midnight, next_midnight)) as days,
    coalesce(range_agg(tstzrange(a, least(b, $5::timestamptz))) filter (where a < least(b, $5::timestamptz)), '{}')
    as spans
  from special_day group by space_id
), hours as (
  select space_id, range_agg(tstzrange(a, least(b, $5::timestamptz))) as spans from span
  where a < least(b, $5::timestamptz) group by space_id
), open as (
  select t.id, t.kind, t.units, h.spans - coalesce(x.days, '{}') + coalesce(x.spans, '{}') - coalesce((
    select range_agg(c.during) from app.closure c
    where c.tenant_id = $1 and (c.space_id is null or c.space_id = t.id
      or c.space_id in (select p.whole_id from app.space_part p where p.tenant_id = $1 and p.part_id = t.id))
      and c.during && tstzrange($4::timestamptz, $5::timestamptz)), '{}') as spans
  from atom t join hours h on h.space_id is not distinct from t.hours_of
  left join special x on x.space_id = t.id and t.hours_of is null
), bookable as (
  select o.kind, sum(o.units * m.minutes) as minutes
  from open o cross join lateral (
    select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)::bigint / 60 as minutes from unnest(o.spans) r) m
  group by o.kind
), used as (
  select o.kind, case when b.kind in ('internal', 'session', 'advice') then 'house' when g.nonprofit then 'nonprofit'
      when g.kind <> 'public_body' then 'company' else 'public' end as payer,
    coalesce(b.organisation_id, b.for_person, b.booked_by, $1) as holder,
    case when b.space_id = o.id then b.units else o.units end * m.minutes as minutes
  from app.booking b
  join open o on o.id = b.space_id
    or o.id in (select p.part_id from app.space_part p where p.tenant_id = $1 and p.whole_id = b.space_id)
  left join app.organisation g on g.tenant_id = $1 and g.id = b.organisation_id
  cross join lateral (
    select coalesce(sum(extract(epoch from upper(r) - lower(r))), 0)::bigint / 60 as minutes
    from unnest(o.spans * tstzmultirange(b.during)) r) m
  where b.tenant_id = $1 and b.kind not in ('blocking', 'lease', 'outside')
    and b.state in ('confirmed', 'checked_in', 'completed') and b.starts_at < $5 and b.ends_at > $4 and m.minutes > 0
), whole as (
  select coalesce(sum(minutes), 0)::bigint as minutes from bookable
), counted as (
  select case when grouping(kind) = 0 then 'kind:' || kind when grouping(payer) = 0 then 'payer:' || payer end as slice,
    count(distinct holder) as n, coalesce(sum(minutes), 0)::bigint as num
  from used group by grouping sets ((), (kind), (payer))
)
select c.slice, c.n, c.num,
  coalesce((select k.minutes from bookable k where 'kind:' || k.kind = c.slice), whole.minutes)::bigint as den
from counted c, whole
union all
select 'kind:' || k.kind, 0, 0, k.minutes::bigint from bookable k
where not exists (select from counted c where c.slice = 'kind:' || k.kind)"""

MEASURES: Mapping[str, str] = {
    "memberships": MEMBERSHIPS,
    "room_use": ROOM_USE,
    "sessions": SESSIONS,
    "seats": SEATS,
    "attendance": ATTENDANCE,
    "money": MONEY,
}
