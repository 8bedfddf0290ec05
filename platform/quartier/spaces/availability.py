"""When spaces are free: hours without closures and without what is held, buffers kept; one statement for all spaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, refuse
from quartier.kit.spans import Span
from quartier.kit.spoken import Words
from quartier.spaces.hours import DAY, days_of
from quartier.tenancy.desk import Desk

LONGEST = timedelta(days=31)
SPAN = Words("höchstens 31 Tage, das Ende nach dem Beginn", "at most 31 days, the end after the start")

# Free is what is left of the hours: a space's own where it has any, else the house's. Of like places one has to be
# free, of the parts of a whole all. Around what is held the longer of the two buffers counts, as the rules have it.
_FREE = """
with zone as (
  select zone from app.site where tenant_id = $1
), wanted as (
  select s.id, s.key, s.position, s.units, s.before, s.after,
    case when exists (select from app.opening o where o.tenant_id = $1 and o.space_id = s.id and o.kind = 'open')
      then s.id end as hours_of,
    exists (select from app.space_part p where p.tenant_id = $1 and p.whole_id = s.id) as divided
  from app.space s
  where s.tenant_id = $1 and s.state = 'open' and not s.lease_only
    and ($6::uuid[] is null or s.id = any($6)) and ($7::int is null or s.persons * s.units >= $7)
    and ($8::boolean is null or s.step_free = $8) and s.equipment @> $9::text[]
), special_day as (    -- hours of one date, in place of the weekly ones
  select x.space_id, coalesce(x.space_id, $1) as whose, x.day, x.day::timestamp at time zone z.zone as midnight,
    (x.day + 1)::timestamp at time zone z.zone as next_midnight,
    (x.day + lower(x.minutes) * interval '1 minute') at time zone z.zone as a,
    (x.day + upper(x.minutes) * interval '1 minute') at time zone z.zone as b
  from zone z, app.opening_day x where x.tenant_id = $1 and x.day between $4::date and $5::date
), special as (
  select space_id, range_agg(tstzrange(midnight, next_midnight)) as days,
    range_agg(tstzrange(a, b)) * tstzmultirange(tstzrange($2, $3)) as spans
  from special_day where a < b group by space_id
), span as (
  select o.space_id, (d.day + lower(o.minutes) * interval '1 minute') at time zone z.zone as a,
    (d.day + upper(o.minutes) * interval '1 minute') at time zone z.zone as b
  from zone z, generate_series($4::date::timestamp, $5::date::timestamp, interval '1 day') d (day)
  join app.opening o on o.tenant_id = $1 and o.kind = 'open' and o.weekday = extract(isodow from d.day)
    and o.valid @> d.day::date
  where not exists (select from special_day x where x.whose = coalesce(o.space_id, $1) and x.day = d.day::date)
  union all
  select x.space_id, x.a, x.b from special_day x
), hours as (
  select space_id, range_agg(tstzrange(a, b)) * tstzmultirange(tstzrange($2, $3)) as spans from span
  where a < b group by space_id
), shut as (
  select w.id, range_agg(c.during) as spans
  from wanted w join app.closure c on c.tenant_id = $1 and (c.space_id is null or c.space_id = w.id
    or c.space_id in (select p.part_id from app.space_part p where p.tenant_id = $1 and p.whole_id = w.id
                      union all
                      select p.whole_id from app.space_part p where p.tenant_id = $1 and p.part_id = w.id))
  where c.during && tstzrange($2, $3) group by w.id
), unit as (
  select w.id, w.before, w.after, w.divided, w.id as atom, n as unit_no
  from wanted w, generate_series(1, w.units) n where not w.divided
  union all
  select w.id, w.before, w.after, w.divided, p.part_id, n
  from wanted w join app.space_part p on p.tenant_id = $1 and p.whole_id = w.id
  join app.space a on a.tenant_id = $1 and a.id = p.part_id, generate_series(1, a.units) n where w.divided
), held as (          -- offset 0: one look into the index for each atom, however large the site
  select a.atom as space_id, o.unit_no, o.starts_at, o.ends_at, b.before, b.after
  from (select distinct atom from unit) a
  cross join lateral (
    select o.booking_id, o.unit_no, o.starts_at, o.ends_at from app.occupancy o
    where o.tenant_id = $1 and o.space_id = a.atom and o.ends_at > $2 - interval '1 day'
      and o.starts_at < $3 + interval '1 day' offset 0) o
  cross join lateral (
    select b.before, b.after from app.booking b where b.tenant_id = $1 and b.id = o.booking_id offset 0) b
), taken as (
  select u.id, u.divided, u.atom, u.unit_no, coalesce(range_agg(tstzrange(
      h.starts_at - greatest(h.before, u.after) * interval '1 minute',
      h.ends_at + greatest(h.after, u.before) * interval '1 minute')) filter (where h.space_id is not null), '{}')
    as spans
  from unit u left join held h on h.space_id = u.atom and h.unit_no = u.unit_no
  group by u.id, u.divided, u.atom, u.unit_no
), busy as (
  select id, case when divided then range_agg(spans) else range_intersect_agg(spans) end as spans
  from taken group by id, divided
)
select w.id, w.key, lower(r) as starts_at, upper(r) as ends_at
from wanted w
left join hours h on h.space_id is not distinct from w.hours_of
left join special x on x.space_id = w.id and w.hours_of is null
left join shut s on s.id = w.id
left join busy b on b.id = w.id
cross join lateral (
  select coalesce(h.spans, '{}') - coalesce(x.days, '{}') + coalesce(x.spans, '{}')
    - coalesce(s.spans, '{}') - coalesce(b.spans, '{}') as free offset 0) f
left join lateral unnest(f.free) r on true
order by w.position, w.id, lower(r)"""


@dataclass(frozen=True, slots=True)
class Free:
    """A space and when a booking of one place would keep to hours, closures, neighbours and buffers."""

    space: UUID
    key: str
    spans: tuple[Span, ...]


async def free_times(
    desk: Desk,
    during: Span,
    *,
    spaces: Sequence[UUID] | None = None,
    persons: int | None = None,
    step_free: bool | None = None,
    equipment: Sequence[str] = (),
) -> tuple[Free, ...]:
    """When the site's spaces are free, in the order of the site; those without a free minute too.

    Lead, horizon, grid and length are the wish's own and not looked at. Refuses FIELD_INVALID (longer than 31 days).
    """
    if not timedelta() < during.length <= LONGEST:
        refuse([FieldInvalid(path=("ends_at",), allowed=SPAN)])
    first, last = days_of(during, desk.zone)
    rows = await desk.fetch(
        _FREE,
        desk.tenant_id,
        during.start,
        during.end,
        first - DAY,  # hours that go on over midnight
        last,
        list(spaces) if spaces is not None else None,
        persons,
        step_free,
        list(equipment),
    )
    return tuple(_grouped(rows))


def is_free(free: Free, span: Span) -> bool:
    return any(each.holds(span) for each in free.spans)


def _grouped(rows: Sequence[Any]) -> list[Free]:
    found: dict[UUID, tuple[str, list[Span]]] = {}
    for row in rows:
        _, spans = found.setdefault(row["id"], (row["key"], []))
        start: datetime | None = row["starts_at"]
        if start is not None:
            spans.append(Span(start, row["ends_at"]))
    return [Free(space, key, tuple(spans)) for space, (key, spans) in found.items()]
