"""Closing the house or a space, taking a space out of use; what is booked then is in the way until somebody decides."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from quartier.database.columns import ranged
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, NotFound, Refusal, Refused, refuse
from quartier.kit.spans import Span
from quartier.kit.spoken import Words, after, counts, letters
from quartier.kit.text import is_line
from quartier.spaces import queries, record, rules
from quartier.spaces.agreement import Agreed
from quartier.spaces.free import clashes, units_free
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import (
    Booking,
    BookingOver,
    BookingsInTheWay,
    ClosureKind,
    ClosureOver,
    Holder,
    Space,
    Wish,
)
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

LONGEST = timedelta(days=400)
LISTED = 20
LENGTH = Words("höchstens 400 Tage, das Ende nach dem Beginn", "at most 400 days, the end after the start")
# A lease goes on when the house is closed, and what is out of use already stays so.
UNTOUCHED = frozenset({"lease", "outside", "blocking"})

_CLOSE = """
insert into app.closure (tenant_id, id, space_id, during, kind, reason_de, created_at)
values ($1, $2, $3, $4, $5, $6, $7)"""
_CLOSURE = """
select space_id, lower(during) as starts_at, upper(during) as ends_at from app.closure
where tenant_id = $1 and id = $2 for update"""
_REMOVE = "delete from app.closure where tenant_id = $1 and id = $2"
_END = "update app.closure set during = tstzrange(lower(during), $3) where tenant_id = $1 and id = $2"


@action("spaces:configure")
async def add_closure(
    desk: Desk, space_id: UUID | None, span: Span, kind: ClosureKind, reason: str, *, cancel: bool = False
) -> tuple[UUID, list[UUID]]:
    """Close a space with its parts and wholes, or the house; give the closure and the bookings it cost.

    What is booked then is refused by number (BOOKINGS_IN_THE_WAY), or with `cancel` taken away with the closure's
    reason in the same act; what has begun or belongs elsewhere stays in the way. Refuses NOT_FOUND, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        there = await _locked(desk, space_id)
        refuse(_objections(desk, span, reason))
        found = await queries.bookings_during(desk, list(there), span)
        concerned = [each for each in found if each.kind not in UNTOUCHED]
        gone = await clear(desk, concerned, reason, cancel=cancel)
        made = new_id()
        await desk.fetch(_CLOSE, desk.tenant_id, made, space_id, ranged(span), kind, reason.strip(), desk.now)
        ledger.note("space.closed", made, space=space_id, kind=kind, cancelled=gone)
        return made, gone


@action("spaces:configure")
async def lift_closure(desk: Desk, closure_id: UUID) -> None:
    """Open again: a closure to come is taken back, one that has begun ends now. Refuses NOT_FOUND, CLOSURE_OVER."""
    async with desk.transaction() as ledger:
        rows = await desk.fetch(_CLOSURE, desk.tenant_id, closure_id)
        if not rows:
            raise Refused([NotFound(path=("closure",))])
        [seen] = rows
        if seen["ends_at"] <= desk.now:
            refuse([ClosureOver(ended_at=seen["ends_at"])])
        if seen["starts_at"] < desk.now:
            await desk.fetch(_END, desk.tenant_id, closure_id, desk.now)
        else:
            await desk.fetch(_REMOVE, desk.tenant_id, closure_id)
        ledger.note("space.closure_lifted", closure_id, space=seen["space_id"])


@action("spaces:desk")
async def block_space(
    desk: Desk, space_id: UUID, span: Span, reason: str, *, units: int | None = None, cancel: bool = False
) -> tuple[Booking, list[UUID]]:
    """Take a space, or some of its like places, out of use; give the blocking and the bookings it cost.

    Hours, grid and buffers do not count, what is booked does: refuses BOOKINGS_IN_THE_WAY, or with `cancel` takes those
    away with the reason, of like places the last booked first. Refuses NOT_FOUND, FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        space = await queries.space(desk, space_id, lock=True)
        wish = Wish(span, rules.most_units(space) if units is None else units)
        refuse([*_objections(desk, span, reason), *_objections_to_units(space, wish)])
        found = await queries.situation(desk, space, span)
        gone = await _make_room(desk, space, wish, reason, cancel=cancel)
        held = tuple(each for each in found.held if each.booking not in set(gone))
        bare = replace(space, before=timedelta(), after=timedelta(), list_price_hour=0)
        agreed = Agreed(bare, replace(found, held=held), None, [])
        made = await record.write_booking(
            desk, agreed, wish, Holder("blocking", None, None), "confirmed", reason, "members"
        )
        await record.hold(desk, made, agreed, wish)
        ledger.note("space.blocked", made, space=space_id, units=wish.units, cancelled=gone)
        return await queries.booking(desk, made), gone


@action("spaces:desk")
async def lift_blocking(desk: Desk, booking_id: UUID, version: int) -> Booking:
    """Bring a space back into use: a blocking to come is cancelled, one that has begun ends now.

    Refuses NOT_FOUND (also: no blocking), STALE_VERSION, STEP_NOT_POSSIBLE, BOOKING_OVER.
    """
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        if seen.kind != "blocking":
            raise Refused([NotFound(path=("booking",))])
        await queries.space(desk, seen.space, lock=True)
        record.demand_step(seen, version)
        if seen.span.end <= desk.now:
            refuse([BookingOver(ended_at=seen.span.end)])
        if seen.span.start < desk.now:
            await record.step(desk, seen, "completed", ended=desk.now)
            await record.shorten(desk, seen.id, desk.now)
        else:
            await record.cancel(desk, seen, "cancelled", None)
        ledger.note("space.unblocked", seen.id, space=seen.space)
        return await queries.booking(desk, seen.id)


async def clear(desk: Desk, concerned: Iterable[Booking], reason: str, *, cancel: bool) -> list[UUID]:
    """Take bookings away and give their ids, or refuse with those that stay. Refuses BOOKINGS_IN_THE_WAY.

    The spaces are locked. What has begun is not taken from under those who sit there.
    """
    concerned = list(concerned)
    stay = [each for each in concerned if not cancel or each.kind in rules.ELSEWHERE or each.span.start <= desk.now]
    if stay:
        refuse([in_the_way(stay)])
    await quotas.lock(desk, concerned)
    for each in concerned:
        await record.cancel(
            desk, each, "declined" if each.state == "requested" else "cancelled_by_site", reason.strip()
        )
    await quotas.settle(desk, concerned)
    return [each.id for each in concerned]


def in_the_way(stay: Collection[Booking]) -> BookingsInTheWay:
    """Who it is that has booked is nobody's business here: numbers say enough to the front desk."""
    named = sorted(each.number for each in stay)
    told = ", ".join(named[:LISTED]) + (" …" if len(named) > LISTED else "")
    return BookingsInTheWay(
        bookings=len(named),
        named=told,
        first_at=min(each.span.start for each in stay),
        last_at=max(each.span.end for each in stay),
    )


async def _make_room(desk: Desk, space: Space, wish: Wish, reason: str, *, cancel: bool) -> list[UUID]:
    """Cancel as little as gives the units; what is held but not booked in a state that holds is nobody's to take."""
    situation = await queries.situation(desk, space, wish.span)
    if units_free(space, wish, situation.held, tight=True):
        return []
    holding = {held.booking for held in clashes(space, wish.span, situation.held)}
    atoms = [atom.space for atom in space.atoms]
    wholes = await queries.bookings_during(desk, [*atoms, *space.around], wish.span)
    last_first = sorted((each for each in wholes if each.id in holding), key=lambda each: each.number, reverse=True)
    gone: list[Booking] = []
    for each in last_first:
        gone.append(each)
        left = [held for held in situation.held if held.booking not in {one.id for one in gone}]
        if units_free(space, wish, left, tight=True):
            break
    return await clear(desk, gone, reason, cancel=cancel)


async def _locked(desk: Desk, space_id: UUID | None) -> dict[UUID, Space]:
    """The spaces a closure is about, locked; of one space with its parts and the wholes it belongs to."""
    if space_id is None:
        return await queries.spaces(desk, await queries.every_space(desk), lock=True)
    around = (await queries.space(desk, space_id)).around
    return await queries.spaces(desk, sorted(around), lock=True)


def _objections(desk: Desk, span: Span, reason: str) -> Iterator[Refusal]:
    if not timedelta() < span.length <= LONGEST:
        yield FieldInvalid(path=("ends_at",), allowed=LENGTH)
    elif span.end <= desk.now:
        yield FieldInvalid(path=("ends_at",), allowed=after(desk.now))
    if not is_line(reason, 200):
        yield FieldInvalid(path=("reason",), allowed=letters(1, 200))


def _objections_to_units(space: Space, wish: Wish) -> Iterator[Refusal]:
    if not 1 <= wish.units <= rules.most_units(space):
        yield FieldInvalid(path=("units",), allowed=counts(1, rules.most_units(space)))
