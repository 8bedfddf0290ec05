"""What hangs at a door: whether one may go in, until when, and what is on that day. Never who it is for.

Anybody may read it. So it tells what is held and until when, and what for only where the booking is public.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from quartier.kit.refusal import FieldInvalid, refuse
from quartier.kit.spans import Span
from quartier.kit.spoken import Words
from quartier.spaces.availability import Free, free_times
from quartier.spaces.hours import DAY, day_of, instant
from quartier.tenancy.desk import Desk

DoorState = Literal["free", "taken", "shut"]
AHEAD = 31 * DAY
DAYS = Words("heute bis 31 Tage voraus", "today and up to 31 days ahead")

# A booking stands at each door of which it holds a part; `space` is what it was made for: a whole, a part, or this.
_DOORS = """
select json_build_object('space', s.id, 'key', s.key, 'name_de', s.name_de, 'name_en', s.name_en, 'floor', s.floor,
  'places', s.units, 'held', (
    select coalesce(json_agg(json_build_object('start', h.starts_at, 'end', h.ends_at, 'places', h.places,
             'space', h.space, 'caption', h.caption) order by h.starts_at, h.ends_at, h.id), '[]')
    from (
      select b.id, b.space_id as space, o.starts_at, o.ends_at, count(*) filter (where o.space_id = s.id) as places,
        case when b.visibility = 'public' then nullif(b.title, '') end as caption
      from app.occupancy o join app.booking b on b.tenant_id = $1 and b.id = o.booking_id
      where o.tenant_id = $1 and o.ends_at > $3 and o.starts_at < $4 and (o.space_id = s.id or o.space_id in (
        select p.part_id from app.space_part p where p.tenant_id = $1 and p.whole_id = s.id))
      group by b.id, b.space_id, o.starts_at, o.ends_at, b.visibility, b.title) h)) as door
from app.space s
where s.tenant_id = $1 and s.state = 'open' and not s.lease_only and ($2::uuid[] is null or s.id = any($2))
order by s.position, s.id"""


class Held(msgspec.Struct, frozen=True):
    """A stretch that is held: by a booking of `space`, of `places` like ones, with a `caption` where it is public."""

    start: datetime
    end: datetime
    places: int
    space: UUID
    caption: str | None


class Sign(msgspec.Struct, frozen=True):
    """What stands at the door of a space with `places` like places, in the order of the day."""

    space: UUID
    key: str
    name_de: str
    name_en: str | None
    floor: str
    places: int
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """`state` is of now, null on another day. `until`: it is free until then, or else it is free again from then."""

    sign: Sign
    state: DoorState | None
    until: datetime | None


async def doors(desk: Desk, *, spaces: Collection[UUID] | None = None, day: date | None = None) -> list[Door]:
    """The doors of these spaces, or of all that are booked by the hour, in the order of the site.

    Unknown spaces, retired ones and those given by lease alone have none. What was is nobody's to read here: refuses
    FIELD_INVALID for a day before today, or more than 31 days ahead.
    """
    today = day_of(desk.now, desk.zone)
    if day is not None and not today <= day <= today + AHEAD:
        refuse([FieldInvalid(path=("day",), allowed=DAYS)])
    whole = _whole(day or today, desk)
    wanted = list(spaces) if spaces is not None else None
    rows = await desk.fetch(_DOORS, desk.tenant_id, wanted, whole.start, whole.end)
    signs = [msgspec.json.decode(row["door"], type=Sign) for row in rows]
    if day not in {None, today}:
        return [Door(sign, None, None) for sign in signs]
    rest = await free_times(desk, Span(desk.now, whole.end), spaces=[sign.space for sign in signs])
    free = {each.space: each for each in rest}
    return [_now(sign, free[sign.space], desk.now) for sign in signs]


def _whole(day: date, desk: Desk) -> Span:
    return Span(instant(day, 0, desk.zone), instant(day + DAY, 0, desk.zone))


def _now(sign: Sign, free: Free, now: datetime) -> Door:
    """Free as long as one may book it: what is kept clear before the next booking is not."""
    [first, *_] = [*free.spans, None]
    if first is None:
        return Door(sign, _why(sign.held, now), None)
    if first.start <= now:
        return Door(sign, "free", first.end)
    return Door(sign, _why(sign.held, now), first.start)


def _why(held: Sequence[Held], now: datetime) -> DoorState:
    return "taken" if any(each.start <= now < each.end for each in held) else "shut"
