"""What spaces can tell: words, never rows."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from quartier.database.columns import span as span_of
from quartier.kit.refusal import NotFound, Refused
from quartier.kit.spans import Span
from quartier.spaces.free import FORTNIGHT
from quartier.spaces.hours import DAY
from quartier.spaces.words import Atom, Booking, Situation, Space
from quartier.tenancy.desk import Desk

# Parts come along: they are what is locked and held. The lock is taken in the order of the ids, always.
_SPACES = """
select s.*,
  array(select p.part_id from app.space_part p where p.tenant_id = s.tenant_id and p.whole_id = s.id order by p.part_id)
    as parts,
  array(select p.whole_id from app.space_part p where p.tenant_id = s.tenant_id and p.part_id = s.id) as wholes"""
_OF_SPACES = """
from app.space s
where s.tenant_id = $1
  and (s.id = any($2) or s.id in (select part_id from app.space_part where tenant_id = $1 and whole_id = any($2)))
order by s.id"""
# One answer in one round trip, because it is asked for while others wait for the lock. `around`: spaces whose hours and
# closures count, `atoms`: spaces that are held, `since` to `until`: from when to when.
_SITUATION = """json_build_object(
  'hours', (
    select coalesce(json_agg(json_build_object('space', space_id, 'weekday', weekday, 'start_minute', lower(minutes),
             'end_minute', upper(minutes), 'since', lower(valid), 'until', upper(valid), 'day', day)), '[]')
    from (
      select space_id, weekday, minutes, valid, null::date as day from app.opening
      where tenant_id = $1 and kind = 'open' and (space_id is null or space_id = any({around}))
      union all
      select space_id, extract(isodow from day), minutes, daterange(day, day + 1), day from app.opening_day
      where tenant_id = $1 and (space_id is null or space_id = any({around}))
        and day between ({since}::timestamptz - interval '2 days')::date
          and ({until}::timestamptz + interval '2 days')::date) h),
  'closures', (
    select coalesce(json_agg(json_build_object('space', space_id, 'kind', kind, 'reason_de', reason_de,
             'span', json_build_object('start', lower(during), 'end', upper(during))) order by lower(during), id), '[]')
    from app.closure
    where tenant_id = $1 and (space_id is null or space_id = any({around})) and during && tstzrange({since}, {until})),
  'held', (
    select coalesce(json_agg(json_build_object('booking', o.booking_id, 'space', o.space_id,
             'unit_no', o.unit_no, 'span', json_build_object('start', o.starts_at, 'end', o.ends_at),
             'before', format('PT%sM', b.before), 'after', format('PT%sM', b.after))), '[]')
    from app.occupancy o join app.booking b on b.tenant_id = o.tenant_id and b.id = o.booking_id
    where o.tenant_id = $1 and o.space_id = any({atoms}) and o.ends_at > {since} and o.starts_at < {until}))"""
_OF_ONE = "select " + _SITUATION.format(around="$2", atoms="$3", since="$4", until="$5") + " as situation"
_IN_LOOK = _SITUATION.format(around="x.around", atoms="x.atoms", since="$3", until="$4")
_LOOKED = """
from app.space s
cross join lateral (
  select array_agg(p.part_id) as parts from app.space_part p where p.tenant_id = $1 and p.whole_id = s.id) part
cross join lateral (
  select coalesce(part.parts, array[s.id]) as atoms, array[s.id] || part.parts || array(
    select p.whole_id from app.space_part p where p.tenant_id = $1 and p.part_id = s.id) as around) x
where s.tenant_id = $1
  and (s.id = $2 or s.id in (select part_id from app.space_part where tenant_id = $1 and whole_id = $2))
order by s.id"""
_BOOKING = """
select id, number, space_id, during, units, persons, kind, state, booked_by, for_person, organisation_id, price, late,
       version, series_id, series_date, held_until, list_price, payer, membership_id, subsidy
from app.booking where tenant_id = $1"""
_COMPETING = """ and id <> $2 and state = 'requested' and starts_at < $5 and ends_at > $4
  and (space_id = any($3) or exists (select 1 from app.space_part p
    where p.tenant_id = $1 and p.whole_id = space_id and p.part_id = any($3)))
order by created_at, id"""
# What time decides: a request at its start, a hold at its end, nobody there after the grace, and the end of it all.
_OVERDUE = """
select b.id, b.number, b.space_id, b.during, b.units, b.persons, b.kind, b.state, b.booked_by, b.for_person,
       b.organisation_id, b.price, b.late, b.version, b.series_id, b.series_date, b.held_until,
       b.list_price, b.payer, b.membership_id, b.subsidy, x.becomes
from app.booking b join app.space s on s.tenant_id = b.tenant_id and s.id = b.space_id
cross join lateral (select case
    when b.state = 'requested' and b.starts_at <= $2 then 'expired'
    when b.state = 'held' and b.held_until <= $2 then 'expired'
    when b.state = 'confirmed' and s.checkin = 'required' and b.kind in ('member', 'guest')
      and least(b.starts_at + s.grace * interval '1 minute', b.ends_at) <= $2 then 'no_show'
    when b.state in ('confirmed', 'checked_in') and b.ends_at <= $2 then 'completed'
  end as becomes) x
where b.tenant_id = $1 and b.state in ('requested', 'held', 'confirmed', 'checked_in') and b.starts_at <= $2
  and b.kind not in ('lease', 'outside') and x.becomes is not null
   or b.tenant_id = $1 and b.state = 'held' and b.held_until <= $2 and b.starts_at > $2 and x.becomes is not null
order by b.starts_at, b.id limit 500"""
_DURING = """ and space_id = any($2) and starts_at < $4 and ends_at > $3
  and state in ('held', 'requested', 'confirmed', 'checked_in') order by starts_at, id"""
_EVERY = "select id from app.space where tenant_id = $1 order by id"
_COMING = " and series_id = $2 and starts_at > $3 and state = any($4) order by series_date, id"


async def spaces(desk: Desk, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Space]:
    """These spaces, by id; `lock` holds them and their parts until the end of the transaction.

    Whoever books, moves or frees takes this lock first, so two of them wait for each other in one order.
    """
    statement = _SPACES + _OF_SPACES + (" for no key update of s" if lock else "")
    rows = await desk.fetch(statement, desk.tenant_id, list(ids))
    by_id = {row["id"]: row for row in rows}
    return {id_: _space(by_id[id_], by_id) for id_ in ids if id_ in by_id}


async def space(desk: Desk, id: UUID, *, lock: bool = False) -> Space:  # noqa: A002  (a noun's id)
    """One space, see `spaces`. Refuses NOT_FOUND."""
    found = await spaces(desk, [id], lock=lock)
    if id not in found:
        raise Refused([NotFound(path=("space",))])
    return found[id]


async def situation(desk: Desk, space: Space, wish: Span) -> Situation:
    """What the rules look at: hours, and closures and bookings from the day before the wish to a fortnight after."""
    around, atoms = space.around, [atom.space for atom in space.atoms]
    [row] = await desk.fetch(_OF_ONE, desk.tenant_id, list(around), atoms, *looked_at(wish))
    return msgspec.json.decode(row["situation"], type=Situation)


def looked_at(wish: Span) -> tuple[datetime, datetime]:
    """From when to when the rules look around a wish."""
    return wish.start - DAY, wish.end + FORTNIGHT + DAY


async def first_look(desk: Desk, id: UUID, wish: Span, more: str, *args: object) -> tuple[Space, Situation, Any]:  # noqa: A002
    """One space, its situation, and one thing `more` as JSON, in one statement and without a lock.

    `more` is an SQL expression that knows `x.around`; its own values are $5 and on. Refuses NOT_FOUND.
    """
    told = f"case when s.id = $2 then {_IN_LOOK} end as situation, case when s.id = $2 then {more} end as more"
    statement = f"{_SPACES}, {told} {_LOOKED}"
    rows = {row["id"]: row for row in await desk.fetch(statement, desk.tenant_id, id, *looked_at(wish), *args)}
    if id not in rows:
        raise Refused([NotFound(path=("space",))])
    situation = msgspec.json.decode(rows[id]["situation"], type=Situation)
    return _space(rows[id], rows), situation, rows[id]["more"]


async def booking(desk: Desk, id: UUID) -> Booking:  # noqa: A002
    """One booking. Refuses NOT_FOUND."""
    rows = await desk.fetch(_BOOKING + " and id = $2", desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound()])
    return _booking(rows[0])


async def coming_of_series(desk: Desk, series: UUID, states: Collection[str]) -> tuple[Booking, ...]:
    """Bookings of a series that have not begun, in these states, by their date."""
    rows = await desk.fetch(_BOOKING + _COMING, desk.tenant_id, series, desk.now, sorted(states))
    return tuple(map(_booking, rows))


async def bookings_during(desk: Desk, spaces: Collection[UUID], span: Span) -> tuple[Booking, ...]:
    """What is booked, held or asked for in these very spaces at some moment of the span, by its start."""
    rows = await desk.fetch(_BOOKING + _DURING, desk.tenant_id, list(spaces), span.start, span.end)
    return tuple(map(_booking, rows))


async def every_space(desk: Desk) -> list[UUID]:
    """The ids of all spaces of the site, in the order in which they are locked."""
    return [row["id"] for row in await desk.fetch(_EVERY, desk.tenant_id)]


async def competing(desk: Desk, seen: Booking, space: Space) -> tuple[Booking, ...]:
    """Other requests for a part of the same place and time, who asked first comes first."""
    atoms = [atom.space for atom in space.atoms]
    rows = await desk.fetch(_BOOKING + _COMPETING, desk.tenant_id, seen.id, atoms, seen.span.start, seen.span.end)
    return tuple(map(_booking, rows))


async def overdue(desk: Desk) -> tuple[tuple[Booking, str], ...]:
    """Bookings for which time decides now, each with what it becomes."""
    rows = await desk.fetch(_OVERDUE, desk.tenant_id, desk.now)
    return tuple((_booking(row), row["becomes"]) for row in rows)


def _booking(row: Any) -> Booking:
    return Booking(
        id=row["id"],
        number=row["number"],
        space=row["space_id"],
        span=span_of(row["during"]),
        units=row["units"],
        persons=row["persons"],
        kind=row["kind"],
        state=row["state"],
        booked_by=row["booked_by"],
        for_person=row["for_person"],
        organisation=row["organisation_id"],
        price=row["price"],
        late=row["late"],
        version=row["version"],
        series=row["series_id"],
        series_date=row["series_date"],
        held_until=row["held_until"],
        list_price=row["list_price"],
        payer=row["payer"],
        membership=row["membership_id"],
        subsidy=row["subsidy"],
    )


def wall_time(desk: Desk, moment: datetime) -> datetime:
    """The instant as naive wall time of the site."""
    return moment.astimezone(desk.zone).replace(tzinfo=None)


def _space(row: Any, rows: dict[UUID, Any]) -> Space:
    atoms = tuple(Atom(part, rows[part]["units"]) for part in row["parts"]) or (Atom(row["id"], row["units"]),)
    return Space(
        id=row["id"],
        key=row["key"],
        name_de=row["name_de"],
        kind=row["kind"],
        persons=row["persons"],
        units=row["units"],
        grid=_minutes(row["grid"]),
        min=_minutes(row["min"]),
        max=_minutes(row["max"]),
        lead=_minutes(row["lead"]),
        horizon=timedelta(days=row["horizon_days"]),
        before=_minutes(row["before"]),
        after=_minutes(row["after"]),
        approval=row["approval"],
        request_blocks=row["request_blocks"],
        cancel_until=_minutes(row["cancel_until"]),
        who=row["who"],
        lease_only=row["lease_only"],
        list_price_hour=row["list_price_hour"],
        state=row["state"],
        atoms=atoms,
        around=frozenset({row["id"], *row["parts"], *row["wholes"]}),
        hold=_minutes(row["hold"]),
        checkin=row["checkin"],
        checkin_opens=_minutes(row["checkin_opens"]),
        grace=_minutes(row["grace"]),
        needs=row["needs_qualification"],
    )


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
