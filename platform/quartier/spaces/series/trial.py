"""Every date of a series goes through every rule of booking, one after the other, under one lock of the space."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from quartier.kit.ids import new_id
from quartier.kit.refusal import Refusal, Refused
from quartier.kit.spans import Span
from quartier.spaces import queries, rules
from quartier.spaces.agreement import Agreed, objections_to_moving, settle
from quartier.spaces.briefing import Briefed, briefed, objections_to_briefing
from quartier.spaces.free import FORTNIGHT, units_free
from quartier.spaces.holder import membership_of, objections_to_holder
from quartier.spaces.hours import DAY, day_of
from quartier.spaces.prices import cost, price_of_hour, terms_of
from quartier.spaces.quotas.queries import budgets
from quartier.spaces.quotas.rules import covered, objections_to_open, objections_to_quota, spend, with_own
from quartier.spaces.quotas.words import Budget
from quartier.spaces.series.rules import span_on
from quartier.spaces.series.words import Times, What
from quartier.spaces.words import Booking, Held, Holder, Situation, Space, Terms, Wish
from quartier.tenancy.desk import Desk


@dataclass(frozen=True, slots=True)
class Try:
    """One date: the wish with what it was granted on, or the reasons against it. `moving` is what it replaces."""

    date: date
    wish: Wish | None
    agreed: Agreed | None
    reasons: tuple[Refusal, ...] = ()
    moving: Booking | None = None


async def tried(
    desk: Desk,
    space: Space,
    holder: Holder,
    days: Sequence[date],
    times: Times,
    what: What,
    *,
    of: UUID | None = None,
    moving: Sequence[Booking] = (),
    override: bool = False,
    beyond: bool = False,
) -> list[Try]:
    """Try each day, in order; what an earlier one was granted is in the way of a later one, and taken from its plan.

    The space is locked, and from here on the memberships are. `of`: a series that is there already. `moving` are the
    bookings that the days replace, one each: none of them is in another's way, until it turns out that it stays.
    """
    spans = [_span(desk, day, times) for day in days]
    real = [span for span in spans if isinstance(span, Span) and rules.is_sane(span, desk.now)]
    around = Situation((), (), ())
    if real:
        around = await queries.situation(desk, space, Span(real[0].start, max(span.end for span in real)))
    going = {booking.id for booking in moving}
    held = [each for each in around.held if each.booking not in going]
    stay = [each for each in around.held if each.booking in going]
    known = await briefed(desk, space, holder)
    asking = _Asking(space, holder, await terms_of(desk, space, holder), known, of, override, beyond)
    memberships = [
        await membership_of(desk, holder, _on(desk, day, span)) for day, span in zip(days, spans, strict=True)
    ]
    budgets_ = await budgets(desk, memberships, space, min(days), moving=moving, lock=True)
    found: list[Try] = []
    for place, (day, span) in enumerate(zip(days, spans, strict=True)):
        replaced = moving[place] if moving else None
        membership = memberships[place]
        budget = budgets_.get(membership) if membership else None
        if isinstance(span, Refusal):
            found.append(Try(day, None, None, (span,), replaced))
        else:
            wish = Wish(span, what.units, what.persons)
            seen = replace(around, held=tuple(_near(held, span)))
            own = with_own(budget, replaced.id) if replaced else budget
            found.append(_try(desk, asking, day, wish, seen, replaced, membership, own))
        last = found[-1]
        if last.agreed is not None and last.wish is not None:
            held += _holding(space, last.wish, last.agreed)
            if membership and own and last.agreed.cover:
                budgets_[membership] = spend(own, last.agreed.cover.takings)
        elif replaced is not None:
            held += [each for each in stay if each.booking == replaced.id]
    return found


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is the same for every date."""

    space: Space
    holder: Holder
    terms: Terms
    known: Briefed | None
    series: UUID | None
    override: bool
    beyond: bool


def _on(desk: Desk, day: date, span: Span | Refusal) -> date:
    return day_of(span.start, desk.zone) if isinstance(span, Span) else day


def _span(desk: Desk, day: date, times: Times) -> Span | Refusal:
    try:
        return span_on(day, times, desk.zone)
    except Refusal as clock_change:
        return clock_change


def _try(
    desk: Desk,
    asking: _Asking,
    day: date,
    wish: Wish,
    seen: Situation,
    replaced: Booking | None,
    membership: UUID | None,
    budget: Budget | None,
) -> Try:
    space, zone, on = asking.space, desk.zone, day_of(wish.span.start, desk.zone)
    cover = covered(space, wish, budget, zone=zone)
    objections = [
        *(objections_to_moving(desk, replaced, space, space, wish) if replaced else ()),
        *objections_to_holder(desk, space, asking.holder, membership, on=on),
        *objections_to_briefing(asking.known, on),
        *rules.objections_to_booking(space, wish, seen, now=desk.now, zone=zone),
    ]
    if not asking.beyond:
        missing = cost(price_of_hour(space, asking.terms, on), cover.short)
        objections += objections_to_quota(space, wish, budget, cover, missing_cents=missing, zone=zone)
    if replaced is None:
        objections += objections_to_open(budget, on, zone=zone, series=asking.series)
    try:
        overrode = settle(desk, objections, override=asking.override)
    except Refused as refused:
        return Try(day, wish, None, refused.refusals, replaced)
    return Try(day, wish, Agreed(space, seen, membership, overrode, asking.terms, cover), (), replaced)


def _near(held: Iterable[Held], span: Span) -> Iterable[Held]:
    """What the rules look at for one date; the whole year would only be walked through again and again."""
    window = Span(span.start - DAY, span.end + FORTNIGHT + DAY)
    return (each for each in held if each.span.overlaps(window))


def _holding(space: Space, wish: Wish, agreed: Agreed) -> list[Held]:
    """What the date will hold, as the next dates find it."""
    units = units_free(space, wish, agreed.situation.held) or units_free(space, wish, agreed.situation.held, tight=True)
    booking: UUID = new_id()
    return [Held(booking, where, number, wish.span, space.before, space.after) for where, number in units]
