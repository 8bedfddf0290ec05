"""How a wish is split between what a plan includes and what is paid for, and why it may be too much: pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spans import Span
from quartier.kit.spoken import Number
from quartier.members.allowances.rules import balance_on, month_of
from quartier.members.allowances.words import Allowance, QuotaSpent, Taking, TooManyOpen
from quartier.spaces.hours import DAY, day_of, days_of, open_spans
from quartier.spaces.quotas.words import Budget, Cover, Own
from quartier.spaces.words import Space, Wish

MINUTE = timedelta(minutes=1)
NAMED = 20


def covered(space: Space, wish: Wish, budget: Budget | None, *, zone: ZoneInfo) -> Cover:
    """Split the minutes of all places; the month is the one the wish begins in.

    Peak minutes go by allowances for peak hours first, then by those for any; so do the others.
    """
    whole = wish.span.length // MINUTE * wish.units
    on = day_of(wish.span.start, zone)
    term = budget.account.term_on(on) if budget else None
    if budget is None or term is None:
        return Cover(paid=whole)
    offered = [
        each
        for each in budget.account.included_on(on, "room_minutes")
        if not each.space_kinds or space.kind in each.space_kinds
    ]
    busy = peak_minutes(space, wish.span, budget, zone) * wish.units if any(a.peak != "any" for a in offered) else 0
    takings: list[Taking] = []
    paid = short = 0
    for hours, minutes in (("peak", busy), ("off_peak", whole - busy)):
        fitting = sorted((each for each in offered if each.peak in {hours, "any"}), key=lambda each: each.peak == "any")
        missing = minutes
        for allowance in fitting:
            missing -= _take(takings, allowance, missing, budget, on)
        paid, short = (paid, short + missing) if fitting else (paid + missing, short)
    discount = max((each.amount for each in budget.account.included_on(on, "discount_permille")), default=0)
    left = sum(max(0, _left(budget, each, on)) for each in offered if _matters(each, busy, whole))
    return Cover(tuple(takings), paid, short, left, discount, term.fee)


def peak_minutes(space: Space, span: Span, budget: Budget, zone: ZoneInfo) -> int:
    """How much of the span is in scarce hours: the space's own where it has any, else the house's."""
    first, last = days_of(span, zone)
    peaks = open_spans(budget.peaks, space.id, first - DAY, last + DAY, zone)
    shared = (min(span.end, each.end) - max(span.start, each.start) for each in peaks if each.overlaps(span))
    return sum(shared, timedelta()) // MINUTE


def _matters(allowance: Allowance, busy: int, whole: int) -> bool:
    return allowance.peak == "any" or (busy if allowance.peak == "peak" else whole - busy) > 0


def _take(takings: list[Taking], allowance: Allowance, wanted: int, budget: Budget, on: date) -> int:
    """Take what is left, at most `wanted`; of one allowance twice is one taking."""
    first, after = month_of(on)
    before = next((each for each in takings if each.allowance == allowance.id), None)
    minutes = min(wanted, _left(budget, allowance, on) - (before.minutes if before else 0))
    if minutes <= 0:
        return 0
    if before:
        takings.remove(before)
    granted = balance_on(budget.account, allowance, on).granted
    takings.append(Taking(allowance.id, first, after, granted, minutes + (before.minutes if before else 0)))
    return minutes


def _left(budget: Budget, allowance: Allowance, on: date) -> int:
    first, _ = month_of(on)
    return balance_on(budget.account, allowance, on).left - budget.spent.get((allowance.id, first), 0)


def spend(budget: Budget, takings: Iterable[Taking | Own], sign: int = 1) -> Budget:
    """The budget after an earlier date of the same act took this; with a sign of -1, after it let go of it."""
    spent = dict(budget.spent)
    for each in takings:
        key = each.allowance, each.since
        spent[key] = spent.get(key, 0) + sign * each.minutes
    return replace(budget, spent=spent)


def with_own(budget: Budget | None, booking: UUID | None = None) -> Budget | None:
    """The budget when a booking that moves, by default all of them, has let go of what it took."""
    if budget is None:
        return None
    return spend(budget, [each for each in budget.own if booking in {None, each.booking}], sign=-1)


def objections_to_quota(
    space: Space, wish: Wish, budget: Budget | None, cover: Cover, *, missing_cents: Cents, zone: ZoneInfo
) -> Iterator[Refusal]:
    """More of what the plan includes is wanted than is left: what there is, when there is more, and the ways out."""
    if not cover.short or budget is None:
        return
    _, after = month_of(day_of(wish.span.start, zone))
    shorter = _shorter(space, wish, budget, zone)
    ways: tuple[dict[str, Number], ...] = (
        ({"space": space.id, "starts_at": shorter.start, "ends_at": shorter.end},) if shorter else ()
    )
    yield QuotaSpent(
        path=("ends_at",),
        alternatives=ways,
        needs=(cover.included + cover.short) * MINUTE,
        left=cover.left * MINUTE,
        until=after - DAY,
        renews_on=after,
        missing=cover.short * MINUTE,
        price_cents=missing_cents,
    )


def _shorter(space: Space, wish: Wish, budget: Budget, zone: ZoneInfo) -> Span | None:
    """The longest beginning of the wish that is covered, on the grid of the space."""
    length = wish.span.length - space.grid
    while length >= space.min:
        span = Span(wish.span.start, wish.span.start + length)
        if not covered(space, replace(wish, span=span), budget, zone=zone).short:
            return span
        length -= space.grid
    return None


def objections_to_open(
    budget: Budget | None, on: date, *, zone: ZoneInfo, series: UUID | None = None
) -> Iterator[Refusal]:
    """One booking more than the plan of the day allows to be open; another date of an open `series` is none."""
    most = budget.account.included_on(on, "open_bookings") if budget else ()
    if budget is None or not most:
        return
    once = {each.counts_as: each for each in sorted(budget.open, key=lambda each: each.starts_at, reverse=True)}
    if len(once) < most[0].amount or series in once:
        return
    first = sorted(once.values(), key=lambda each: each.starts_at)[:NAMED]
    yield TooManyOpen(
        most=most[0].amount,
        open=len(once),
        named=", ".join(f"{each.number} ({each.starts_at.astimezone(zone):%d.%m.})" for each in first),
        alternatives=tuple({"booking": each.id, "starts_at": each.starts_at} for each in first),
    )
