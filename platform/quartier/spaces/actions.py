"""Booking, moving, cancelling: the spaces are locked first, the rules find the words, the constraint decides."""

from collections.abc import Collection
from uuid import UUID

from quartier.kit.refusal import NotFound, Refused, refuse
from quartier.kit.spans import Span
from quartier.spaces import queries, record, rules
from quartier.spaces.agreement import agree
from quartier.spaces.holder import holder_of, is_own
from quartier.spaces.quotas import record as quotas
from quartier.spaces.words import AlreadyStarted, Booking, BookingKind, BookingState, Holder, Space, Visibility, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk


@action("spaces:book")
async def book_space(
    desk: Desk,
    space_id: UUID,
    span: Span,
    *,
    title: str = "",
    units: int = 1,
    persons: int | None = None,
    organisation: UUID | None = None,
    for_person: UUID | None = None,
    kind: BookingKind | None = None,
    visibility: Visibility = "private",
    override: bool = False,
    beyond: bool = False,
) -> Booking:
    """Hold the space, or ask for it (`requested`) where the space wants approval.

    The front desk books for others, and with `override` sets aside hours, buffers, lead and horizon; the audit line
    tells which. With `beyond` the minutes that the plan has no more of are paid for. Refuses all at once: SPACE_TAKEN,
    UNITS_TAKEN, BUFFER_NEEDED, CLOSED, OUT_OF_HOURS, OFF_GRID, SPAN_TOO_SHORT, SPAN_TOO_LONG, SPAN_IN_PAST, TOO_SOON,
    TOO_FAR, TOO_MANY_PERSONS, MEMBERSHIP_NOT_ACTIVE, QUALIFICATION_MISSING, QUOTA_SPENT, TOO_MANY_OPEN,
    SPACE_NOT_OFFERED, FIELD_INVALID, NOT_ALLOWED; and alone NOT_FOUND.
    """
    async with desk.transaction() as ledger:
        holder = await holder_of(desk, kind, organisation, for_person)
        wish = Wish(span, units, persons)
        more = rules.objections_to_title(title)
        agreed = await agree(desk, space_id, wish, holder, more=more, override=override, beyond=beyond)
        state: BookingState = "requested" if asks(desk, agreed.space) else "confirmed"
        made = await record.write_booking(desk, agreed, wish, holder, state, title, visibility)
        if state == "confirmed" or agreed.space.request_blocks:
            await record.hold(desk, made, agreed, wish)
        ledger.note("space.booked", made, space=space_id, state=state, units=units, overrode=agreed.overrode)
        return await queries.booking(desk, made)


@action("spaces:book")
async def book_session(
    desk: Desk,
    space_id: UUID,
    span: Span,
    title: str,
    *,
    visibility: Visibility = "public",
    override: bool = True,
) -> UUID:
    """Hold the space for a session of the programme, confirmed and without a price; give the booking's id.

    At a desk that may (`spaces:desk`) hours, buffers, lead and horizon do not stop it, and the audit line says
    which they were. Refuses as `book_space` does, but for membership and persons.
    """
    async with desk.transaction() as ledger:
        space = await queries.space(desk, space_id)
        holder, wish = Holder("session", None, None), Wish(span, rules.most_units(space))
        override = override and desk.may("spaces:desk")
        agreed = await agree(desk, space_id, wish, holder, more=rules.objections_to_title(title), override=override)
        made = await record.write_booking(desk, agreed, wish, holder, "confirmed", title, visibility)
        await record.hold(desk, made, agreed, wish)
        ledger.note("space.booked", made, space=space_id, state="confirmed", overrode=agreed.overrode)
        return made


@action("spaces:book")
async def move_booking(
    desk: Desk,
    booking_id: UUID,
    version: int,
    span: Span,
    *,
    space_id: UUID | None = None,
    override: bool = False,
    beyond: bool = False,
) -> Booking:
    """Change when, or in which space, by all the rules of booking; a member's wish may need approval again.

    Until such a wish is decided the old time stays held. Refuses NOT_FOUND (also: not yours), STALE_VERSION,
    STEP_NOT_POSSIBLE, ALREADY_STARTED, MOVE_TOO_LATE, BELONGS_ELSEWHERE, and what `book_space` refuses.
    """
    async with desk.transaction() as ledger:
        seen, by_site = await demand_booking(desk, booking_id, version)
        wish = Wish(span, seen.units, seen.persons)
        holder = record.holder_of(seen)
        agreed = await agree(
            desk,
            space_id or seen.space,
            wish,
            holder,
            more=rules.objections_to_change(seen, now=desk.now),
            moving=seen,
            override=override,
            beyond=beyond,
        )
        space = agreed.space
        state: BookingState = "requested" if asks(desk, space) else seen.state if space.approval else "confirmed"
        await record.move(desk, seen, agreed, wish, state)
        if state == "confirmed" or space.request_blocks:
            await record.free(desk, seen.id)
            await record.hold(desk, seen.id, agreed, wish)
        ledger.note(
            "space.moved",
            seen.id,
            space=space.id,
            before=seen.state,
            state=state,
            fields=[*(["time"] if span != seen.span else []), *(["space"] if space.id != seen.space else [])],
            by_site=by_site,
            overrode=agreed.overrode,
        )
        return await queries.booking(desk, seen.id)


@action("spaces:book")
async def cancel_booking(desk: Desk, booking_id: UUID, version: int, *, reason: str | None = None) -> Booking:
    """Give the span back: `cancelled` up to the space's deadline, `cancelled_late` after it, a request `withdrawn`.

    Whose booking it is not, the front desk, takes it away and says why: `cancelled_by_site`, a request `declined`.
    Refuses NOT_FOUND (also: not yours), STALE_VERSION, STEP_NOT_POSSIBLE, ALREADY_STARTED, BELONGS_ELSEWHERE,
    FIELD_INVALID.
    """
    async with desk.transaction() as ledger:
        seen, by_site = await demand_booking(desk, booking_id, version, rules.CANCELLABLE)
        space = await queries.space(desk, seen.space, lock=True)
        refuse([*rules.objections_to_change(seen, now=desk.now), *rules.objections_to_reason(reason, wanted=by_site)])
        state = rules.cancelled_as(seen, space, now=desk.now, by_site=by_site)
        await quotas.lock(desk, [seen])
        await record.cancel(desk, seen, state, reason)
        await quotas.settle(desk, [seen])
        ledger.note("space.cancelled", seen.id, space=space.id, before=seen.state, state=state)
        return await queries.booking(desk, seen.id)


@action("spaces:book")
async def free_booking(desk: Desk, booking_id: UUID, *, reason: str | None = None) -> None:
    """Give back what `book_session` held. Refuses NOT_FOUND, STEP_NOT_POSSIBLE (freed already), ALREADY_STARTED."""
    async with desk.transaction() as ledger:
        seen = await queries.booking(desk, booking_id)
        if seen.kind != "session":
            raise Refused([NotFound()])
        await queries.space(desk, seen.space, lock=True)
        record.demand_step(seen, seen.version)
        if seen.span.start <= desk.now:
            raise Refused([AlreadyStarted(started_at=seen.span.start)])
        await record.cancel(desk, seen, "cancelled_by_site", reason)
        ledger.note("space.freed", seen.id, space=seen.space, before=seen.state, state="cancelled_by_site")


def asks(desk: Desk, space: Space) -> bool:
    """Whether a booking is asked for here, and decided by somebody else."""
    return space.approval and not desk.may("spaces:approve")


async def demand_booking(
    desk: Desk, booking_id: UUID, version: int, possible: Collection[str] = rules.CHANGEABLE
) -> tuple[Booking, bool]:
    """The booking as the page showed it, and whether the front desk deals with somebody else's."""
    seen = await queries.booking(desk, booking_id)
    own = is_own(desk, seen)
    if not own and not desk.may("spaces:desk"):
        raise Refused([NotFound()])
    record.demand_step(seen, version, possible)
    return seen, not own
