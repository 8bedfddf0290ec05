"""A request is granted or declined; whoever asked for the same place and time is answered in the same act."""

from dataclasses import replace
from uuid import UUID

from quartier.kit.refusal import refuse
from quartier.members.words import OwnCase
from quartier.spaces import queries, record, rules
from quartier.spaces.agreement import Agreed
from quartier.spaces.free import units_free
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import Booking, Situation, Space, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

REQUESTED = frozenset({"requested"})
OVERLAP = "Die Zeit wurde inzwischen anderweitig vergeben."


@action("spaces:approve")
async def approve_booking(desk: Desk, booking_id: UUID, version: int) -> tuple[Booking, list[UUID]]:
    """Grant a request; other requests that find no room any more are declined. Give the booking and those declined.

    Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, ALREADY_STARTED, CLOSED, SPACE_TAKEN, UNITS_TAKEN,
    BUFFER_NEEDED.
    """
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, REQUESTED)
        refuse(own_case(desk, seen))
        rivals = await queries.competing(desk, seen, await queries.space(desk, seen.space))
        there = await queries.spaces(desk, sorted({seen.space, *(each.space for each in rivals)}), lock=True)
        space = there[seen.space]
        situation = await _around(desk, space, seen)
        refuse(rules.objections_to_deciding(space, seen, situation, now=desk.now, zone=desk.zone))
        await quotas.lock(desk, rivals)
        await record.step(desk, seen, "confirmed", decided=True)
        await record.free(desk, seen.id)  # a booking that moved holds its old time until now
        await record.hold(desk, seen.id, Agreed(space, situation, None, []), Wish(seen.span, seen.units))
        gone = [each for each in rivals if await _declined(desk, each, there[each.space])]
        await quotas.settle(desk, gone)
        declined = [each.id for each in gone]
        ledger.note("space.approved", seen.id, space=space.id, before="requested", state="confirmed", declined=declined)
        return await queries.booking(desk, seen.id), declined


@action("spaces:approve")
async def decline_booking(desk: Desk, booking_id: UUID, version: int, reason: str) -> Booking:
    """Say no to a request, and why. Refuses NOT_FOUND, STALE_VERSION, STEP_NOT_POSSIBLE, OWN_CASE, FIELD_INVALID."""
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        record.demand_step(seen, version, REQUESTED)
        refuse([*own_case(desk, seen), *rules.objections_to_reason(reason, wanted=True)])
        await queries.space(desk, seen.space, lock=True)
        await quotas.lock(desk, [seen])
        await record.cancel(desk, seen, "declined", reason)
        await quotas.settle(desk, [seen])
        ledger.note("space.declined", seen.id, space=seen.space, before="requested", state="declined")
        return await queries.booking(desk, seen.id)


def own_case(desk: Desk, seen: Booking) -> list[OwnCase]:
    """Nobody decides for herself, or for an organisation she belongs to."""
    hers = desk.person is not None and desk.person in {seen.booked_by, seen.for_person}
    return [OwnCase()] if hers or seen.organisation in desk.own else []


async def _around(desk: Desk, space: Space, seen: Booking) -> Situation:
    found = await queries.situation(desk, space, seen.span)
    return replace(found, held=tuple(held for held in found.held if held.booking != seen.id))


async def _declined(desk: Desk, rival: Booking, space: Space) -> bool:
    """Decline a request that finds no room any more; of like places there may be one left."""
    situation = await _around(desk, space, rival)
    if units_free(space, Wish(rival.span, rival.units), situation.held):
        return False
    await record.cancel(desk, rival, "declined", OVERLAP)
    return True
