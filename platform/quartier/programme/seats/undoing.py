"""Taking back that one has left: within the minute, by whoever said so, while the seat is still free."""

from uuid import UUID

from quartier.kit.refusal import NotFound, Refused, StaleVersion, StepNotPossible, refuse
from quartier.notices.outbox import time_to_undo
from quartier.programme import queries
from quartier.programme.seats import rules, telling
from quartier.programme.seats.actions import demand_own, pool_of, promote_waitlist, take
from quartier.programme.words import AlreadyRegistered, LeavingOver, Registration, Waiting, WorkshopFull
from quartier.tenancy.action import action
from quartier.tenancy.audit import last_line
from quartier.tenancy.desk import Desk

LEFT = ("cancelled", "cancelled_late", "cancelled_by_site")
STOOD = ("confirmed", "waitlisted")
_RESTORE = """
update app.registration set state = $5, reason = null, version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and state = $3 and version = $4 returning version"""


@action("programme:register")
async def undo_cancel_registration(desk: Desk, registration_id: UUID, version: int) -> Registration:
    """Let a registration stand again as before it was cancelled: the seat, or the old place in the line.

    A seat that the line has got in the meantime stays theirs. Refuses NOT_FOUND (also: not cancelled by you),
    STALE_VERSION, STEP_NOT_POSSIBLE (also an offer), LEAVING_OVER, ALREADY_REGISTERED, WORKSHOP_FULL.
    """
    async with desk.transaction() as ledger:
        found = await demand_own(desk, registration_id, version)
        if found.state not in LEFT:
            raise Refused([StepNotPossible(state=found.state, possible=", ".join(LEFT))])
        # Who said so, when, and from where: the audit line of the cancelling has it, the row does not.
        line = await last_line(desk, found.id)
        if line is None or desk.person is None or (line.action, line.person) != ("registration.cancelled", desk.person):
            raise Refused([NotFound()])
        before = line.numbers.get("before")
        if before not in STOOD:
            raise Refused([StepNotPossible(state=found.state, possible=", ".join(STOOD))])
        workshop = await queries.workshop(desk, found.workshop_id)
        if workshop.state != "published":
            raise Refused([StepNotPossible(state=workshop.state, possible="published")])
        other = await queries.registration_of(desk, workshop.id, found.person_id)
        late = desk.now > line.at + await time_to_undo(desk)
        refuse(
            [
                *([LeavingOver(ended_at=line.at)] if late else []),
                *([AlreadyRegistered(state=other.state)] if other else []),
            ]
        )
        if before == "confirmed":
            pool = pool_of(await queries.seat_pools(desk, workshop.id), found.pool)
            waiting = Waiting(found.id, found.pool, found.party, found.priority, found.joined_at)
            ahead = await queries.line(desk, workshop.id)
            if not rules.is_seated_at_once(waiting, ahead, pool, fill=workshop.fill):
                raise Refused([WorkshopFull(waiting_place=rules.place_of(waiting, ahead))])
            await take(desk, workshop.id, found.pool, found.party)
        rows = await desk.fetch(_RESTORE, desk.tenant_id, found.id, found.state, found.version, before, desk.now)
        if not rows:
            raise Refused([StaleVersion(seen=found.version)])
        untold = bool(line.numbers.get("untold"))
        await telling.restored(desk, found, str(before), version=rows[0]["version"], untold=untold)
        await promote_waitlist(desk, workshop.id)  # whoever waits again may be next
        ledger.note("registration.restored", found.id, before=found.state, state=before, party=found.party)
        return await queries.registration(desk, found.id)
