"""Letting a place for long: the lease holds it by the same constraint as a booking of an hour."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refused, StaleVersion, StepNotPossible, refuse
from quartier.kit.spans import Span
from quartier.members import queries as members
from quartier.members.facts import record_support
from quartier.spaces import queries, record
from quartier.spaces import rules as booking_rules
from quartier.spaces.agreement import Agreed
from quartier.spaces.closing import in_the_way
from quartier.spaces.free import clashes
from quartier.spaces.hours import DAY, day_of, instant
from quartier.spaces.leases import queries as known
from quartier.spaces.leases import rules
from quartier.spaces.leases.words import Lease, LeaseState, Terms
from quartier.spaces.words import Held, Holder, Situation, Space, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_OPEN = """
insert into app.lease (tenant_id, id, booking_id, space_id, organisation_id, unit_no, starts_on, ends_on, rent_month,
  list_rent_month, notice_days, state, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)"""
_STEP = """
update app.lease set state = $5, ends_on = $6, reason = coalesce($7, reason), version = version + 1, changed_at = $8
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning id"""
_BOOKING_ENDS = """
update app.booking set during = tstzrange(lower(during), $3), version = version + 1, changed_at = $4
where tenant_id = $1 and id = $2"""
_LIST_RENT = "select list_rent_month from app.space where tenant_id = $1 and id = $2"


@action("spaces:configure")
async def open_lease(
    desk: Desk, space_id: UUID, organisation: UUID, terms: Terms, *, unit_no: int | None = None
) -> Lease:
    """Let a place to an organisation; of like places the lowest that is free all the time, or `unit_no`.

    It holds from the morning of the first day to the end of the last, an open one for ten years or until it is ended.
    Refuses NOT_FOUND, SPACE_NOT_LET, FIELD_INVALID, BOOKINGS_IN_THE_WAY.
    """
    async with desk.transaction() as ledger:
        space = await queries.space(desk, space_id, lock=True)
        await members.organisation(desk, organisation)
        today = day_of(desk.now, desk.zone)
        refuse(
            [
                *rules.objections_to_lease(space, terms, unit_no, today=today),
                *booking_rules.objections_to_title(terms.title),
            ]
        )
        span = _span(desk, terms)
        found = await queries.situation(desk, space, span)
        unit = await _free_unit(desk, space, span, found, unit_no)
        bare = replace(space, before=timedelta(), after=timedelta(), list_price_hour=0)
        agreed = Agreed(bare, _all_but(space, unit, found, span), None, [])
        holder, wish = Holder("lease", None, organisation), Wish(span)
        booking = await record.write_booking(desk, agreed, wish, holder, "confirmed", terms.title, "private")
        await record.hold(desk, booking, agreed, wish)
        [row] = await desk.fetch(_LIST_RENT, desk.tenant_id, space_id)
        listed = row["list_rent_month"] or 0
        rent = listed if terms.rent_month is None else terms.rent_month
        state: LeaseState = "running" if terms.starts_on <= today else "agreed"
        made = new_id()
        what = (unit, terms.starts_on, terms.ends_on, rent, listed, terms.notice_days, state)
        await desk.fetch(_OPEN, desk.tenant_id, made, booking, space_id, organisation, *what, desk.now)
        ledger.note("space.let", made, space=space_id, unit=unit, rent_cents=rent, state=state)
        return await known.lease(desk, made)


@action("spaces:configure")
async def end_lease(
    desk: Desk, lease_id: UUID, version: int, ends_on: date, reason: str, *, by_agreement: bool = False
) -> Lease:
    """Give notice: the lease ends on that day and its place is free from the next.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, FIELD_INVALID, and LEASE_NOTICE unless both sides agree.
    """
    async with desk.transaction() as ledger:
        seen = await known.lease(desk, lease_id)
        await queries.space(desk, seen.space, lock=True)
        demand_lease(seen, version)
        today = day_of(desk.now, desk.zone)
        refuse(
            [
                *rules.objections_to_end(seen, ends_on, today=today, by_agreement=by_agreement),
                *booking_rules.objections_to_reason(reason, wanted=True),
            ]
        )
        await _step(desk, seen, "notice", ends_on, reason.strip())
        free_from = instant(ends_on + DAY, 0, desk.zone)
        await desk.fetch(_BOOKING_ENDS, desk.tenant_id, seen.booking, free_from, desk.now)
        await record.shorten(desk, seen.booking, free_from)
        await desk.tell(record.CHANNEL, seen.booking)
        ledger.note("space.lease_notice", seen.id, space=seen.space, ends_on=ends_on, by_agreement=by_agreement)
        return await known.lease(desk, seen.id)


async def keep_leases(desk: Desk) -> None:
    """Job: begin and end leases by the calendar, and account last month's rents below the list, once."""
    async with desk.transaction() as ledger:
        today = day_of(desk.now, desk.zone)
        begun = ended = 0
        for seen in await known.due(desk, today):
            state = rules.state_on(seen, today)
            await _step(desk, seen, state, seen.ends_on, None)
            if state == "ended":
                booking = await queries.booking(desk, seen.booking)
                if booking.state == "confirmed":
                    await record.step(desk, booking, "completed", ended=booking.span.end)
            begun, ended = begun + (state == "running"), ended + (state == "ended")
        await account_month(desk, (today.replace(day=1) - DAY).replace(day=1))
        if begun or ended:
            ledger.note("space.leases_kept", None, begun=begun, ended=ended)


async def account_month(desk: Desk, first: date) -> None:
    """Write down what tenants were given in the month; it is dated its last day."""
    after = (first + timedelta(days=31)).replace(day=1)
    for lease in await known.of_month(desk, first, after):
        days, value = rules.given_in(lease, first)
        if days and value:
            minutes = days * 24 * 60
            await record_support(
                desk, lease.organisation, "lease", after - DAY, minutes=minutes, value=value, source=lease.id
            )


def demand_lease(seen: Lease, version: int) -> None:
    """The version comes first, as with bookings."""
    if seen.version != version:
        raise Refused([StaleVersion(path=("version",), version=seen.version, seen=version)])
    if seen.state == "ended":
        raise Refused([StepNotPossible(state=seen.state, possible="agreed, running, notice")])


def _span(desk: Desk, terms: Terms) -> Span:
    last = terms.ends_on or terms.starts_on + rules.LONGEST - DAY
    return Span(instant(terms.starts_on, 0, desk.zone), instant(last + DAY, 0, desk.zone))


async def _free_unit(desk: Desk, space: Space, span: Span, found: Situation, unit_no: int | None) -> int:
    """The place that is free all the time. Refuses BOOKINGS_IN_THE_WAY: of the place asked for, or of all."""
    wanted = range(1, space.units + 1) if unit_no is None else (unit_no,)
    held = clashes(space, span, found.held)
    taken = {each.unit_no for each in held}
    free = [number for number in wanted if number not in taken]
    if free:
        return free[0]
    ids = {each.booking for each in held if each.unit_no in wanted}
    around = await queries.bookings_during(desk, list(space.around), span)
    refuse([in_the_way([each for each in around if each.id in ids])])
    raise AssertionError("unreachable")


def _all_but(space: Space, unit: int, found: Situation, span: Span) -> Situation:
    """The situation in which only this place is free, so that the row of occupancy names it."""
    others = [number for number in range(1, space.units + 1) if number != unit]
    nothing = timedelta()
    held = tuple(Held(space.id, space.id, number, span, nothing, nothing) for number in others)
    return replace(found, held=held)


async def _step(desk: Desk, seen: Lease, state: LeaseState, ends_on: date | None, reason: str | None) -> None:
    values = (seen.state, seen.version, state, ends_on, reason, desk.now)
    if not await desk.fetch(_STEP, desk.tenant_id, seen.id, *values):
        demand_lease(await known.lease(desk, seen.id), seen.version)
        raise AssertionError("unreachable")
