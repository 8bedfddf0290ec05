"""What spaces can tell: words, never rows."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from quartier.database.columns import span as span_of
from quartier.kit.refusal import NotFound, Refused
from quartier.kit.spans import Span
from quartier.spaces.free import FORTNIGHT
from quartier.spaces.hours import DAY, common, instant, open_spans, without
from quartier.spaces.words import Atom, Booking, Closure, Held, Opening, Situation, Space, SpaceKind, Use
from quartier.tenancy.desk import Desk

# Parts come along: they are what is locked and held. The lock is taken in the order of the ids, always.
_SPACES = """
select s.*,
  array(select p.part_id from app.space_part p where p.tenant_id = s.tenant_id and p.whole_id = s.id order by p.part_id)
    as parts,
  array(select p.whole_id from app.space_part p where p.tenant_id = s.tenant_id and p.part_id = s.id) as wholes
from app.space s
where s.tenant_id = $1
  and (s.id = any($2) or s.id in (select part_id from app.space_part where tenant_id = $1 and whole_id = any($2)))
order by s.id"""
_HOURS = """
select space_id, weekday, lower(minutes) as start_minute, upper(minutes) as end_minute,
       lower(valid) as since, upper(valid) as until
from app.opening where tenant_id = $1 and kind = 'open' and (space_id is null or space_id = any($2))"""
_CLOSURES = """
select space_id, during, kind, reason_de from app.closure
where tenant_id = $1 and (space_id is null or space_id = any($2)) and during && tstzrange($3, $4)
order by lower(during), id"""
_HELD = """
select o.booking_id, o.space_id, o.unit_no, o.starts_at, o.ends_at, b.before, b.after, b.kind
from app.occupancy o join app.booking b on b.tenant_id = o.tenant_id and b.id = o.booking_id
where o.tenant_id = $1 and o.space_id = any($2) and o.ends_at > $3 and o.starts_at < $4
order by o.starts_at, o.space_id, o.unit_no"""
_BOOKING = """
select id, number, space_id, during, units, persons, kind, state, booked_by, for_person, organisation_id, price, late,
       version
from app.booking where tenant_id = $1 and id = $2"""
_LETTABLE = """
select s.id from app.space s
where s.tenant_id = $1 and s.state = 'open' and not s.lease_only
  and not exists (select from app.space_part p where p.tenant_id = s.tenant_id and p.whole_id = s.id)"""
# What counts as use of a space; a blocking, a lease or somebody else's calendar does not.
_USED = frozenset({"member", "guest", "internal", "session", "advice"})


async def spaces(desk: Desk, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Space]:
    """These spaces, by id; `lock` holds them and their parts until the end of the transaction.

    Whoever books, moves or frees takes this lock first, so two of them wait for each other in one order.
    """
    rows = await desk.fetch(_SPACES + (" for no key update of s" if lock else ""), desk.tenant_id, list(ids))
    by_id = {row["id"]: row for row in rows}
    return {id_: _space(by_id[id_], by_id) for id_ in ids if id_ in by_id}


async def space(desk: Desk, id: UUID, *, lock: bool = False) -> Space:  # noqa: A002  (a noun's id)
    """One space, see `spaces`. Refuses NOT_FOUND."""
    found = await spaces(desk, [id], lock=lock)
    if id not in found:
        raise Refused([NotFound(path=("space",))])
    return found[id]


async def situation(desk: Desk, space: Space, wish: Span) -> Situation:
    """What the rules look at: hours, and a fortnight of closures and bookings from the day before the wish."""
    start, end = wish.start - DAY, wish.end + FORTNIGHT + DAY
    around, atoms = list(space.around), [atom.space for atom in space.atoms]
    return Situation(
        await hours(desk, around),
        tuple(closure for _, closure in await closures(desk, around, Span(start, end))),
        tuple(_held(row) for row in await desk.fetch(_HELD, desk.tenant_id, atoms, start, end)),
    )


async def hours(desk: Desk, spaces: Collection[UUID]) -> tuple[Opening, ...]:
    """Opening hours of the house and of these spaces."""
    rows = await desk.fetch(_HOURS, desk.tenant_id, list(spaces))
    return tuple(
        Opening(r["space_id"], r["weekday"], r["start_minute"], r["end_minute"], r["since"], r["until"]) for r in rows
    )


async def closures(desk: Desk, spaces: Collection[UUID], during: Span) -> list[tuple[UUID | None, Closure]]:
    """Closures of the house (None) and of these spaces."""
    rows = await desk.fetch(_CLOSURES, desk.tenant_id, list(spaces), during.start, during.end)
    return [(r["space_id"], Closure(span_of(r["during"]), r["kind"], r["reason_de"])) for r in rows]


async def booking(desk: Desk, id: UUID) -> Booking:  # noqa: A002
    """One booking. Refuses NOT_FOUND."""
    rows = await desk.fetch(_BOOKING, desk.tenant_id, id)
    if not rows:
        raise Refused([NotFound()])
    [row] = rows
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
    )


async def use_of(desk: Desk, first: date, last: date) -> list[Use]:
    """Minutes held and minutes there were, by kind of space, from `first` to `last`, both included.

    Counted are spaces without parts that are let by the hour, all their units, within the hours and outside
    closures. The figure room_use is the sum of the one over the sum of the other.
    """
    ids = [row["id"] for row in await desk.fetch(_LETTABLE, desk.tenant_id)]
    there = await spaces(desk, ids)
    period = Span(instant(first, 0, desk.zone), instant(last + DAY, 0, desk.zone))
    around = frozenset[UUID]().union(*(each.around for each in there.values()))
    all_hours, all_closures = await hours(desk, around), await closures(desk, around, period)
    held = await _held_spans(desk, ids, period)
    booked, bookable = defaultdict[SpaceKind, timedelta](timedelta), defaultdict[SpaceKind, timedelta](timedelta)
    for each in there.values():
        holes = [closure.span for whose, closure in all_closures if whose is None or whose in each.around]
        spans = without(open_spans(all_hours, each.id, first, last, desk.zone), holes)
        bookable[each.kind] += each.units * common(spans, [period])
        booked[each.kind] += sum((common(spans, unit) for unit in held[each.id]), timedelta())
    minute = timedelta(minutes=1)
    return [Use(kind, booked[kind] // minute, bookable[kind] // minute) for kind in sorted(bookable)]


async def _held_spans(desk: Desk, ids: Collection[UUID], period: Span) -> dict[UUID, list[list[Span]]]:
    """For each space its units' held spans within the period."""
    rows = await desk.fetch(_HELD, desk.tenant_id, list(ids), period.start, period.end)
    units = defaultdict[tuple[UUID, int], list[Span]](list)
    for row in rows:
        if row["kind"] in _USED:
            start, end = max(row["starts_at"], period.start), min(row["ends_at"], period.end)
            units[row["space_id"], row["unit_no"]].append(Span(start, end))
    spans = defaultdict[UUID, list[list[Span]]](list)
    for (space_id, _), held in units.items():
        spans[space_id].append(held)
    return spans


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
    )


def _held(row: Any) -> Held:
    return Held(
        row["booking_id"],
        row["space_id"],
        row["unit_no"],
        Span(row["starts_at"], row["ends_at"]),
        _minutes(row["before"]),
        _minutes(row["after"]),
    )


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
