"""Whether a wish can be granted: looked at twice, the second time under the locks that keep it true."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from quartier.kit.refusal import NotAllowed, Refusal, refuse
from quartier.kit.spans import Span
from quartier.spaces import queries, rules
from quartier.spaces.briefing import briefed, objections_to_briefing
from quartier.spaces.holder import account_of, objections_to_holder
from quartier.spaces.hours import day_of
from quartier.spaces.prices import cost, price_of_hour, terms_of
from quartier.spaces.quotas.queries import budgets, first_look
from quartier.spaces.quotas.rules import covered, objections_to_open, objections_to_quota, with_own
from quartier.spaces.quotas.words import Cover
from quartier.spaces.words import Booking, Holder, Situation, Space, Terms, Wish
from quartier.tenancy.desk import Desk


@dataclass(frozen=True, slots=True)
class Agreed:
    """The space, now locked, what is around the wish, the codes that the front desk set aside, and what it costs by.

    `cover` is what the plan includes of the wish; without one nothing is taken from any.
    """

    space: Space
    situation: Situation
    membership: UUID | None
    overrode: list[str]
    terms: Terms = Terms()
    cover: Cover | None = None


async def agree(
    desk: Desk,
    space_id: UUID,
    wish: Wish,
    holder: Holder,
    *,
    more: Iterable[Refusal] = (),
    moving: Booking | None = None,
    override: bool = False,
    beyond: bool = False,
    restoring: bool = False,
) -> Agreed:
    """Refuse the wish with every objection, `more` ones included, or lock what it needs and say what it rests on.

    The first look takes no lock: a thousand who come too late do not stand in line to hear it. A booking that
    moves is not in its own way, and its old space is locked with the new one. With `beyond` more than the plan
    includes is paid for; what is `restoring` takes from its plan what it took before.
    """
    more, left_id = list(more), moving.space if moving else space_id
    await _demand_sane(desk, space_id, wish.span)
    on = day_of(wish.span.start, desk.zone)
    moved, quota = [moving] if moving else [], list[Refusal]()
    account = await account_of(desk, holder, on)
    membership = account.membership if account else None
    space, situation, budget = await first_look(desk, space_id, wish.span, account, moved)
    left = space if left_id == space_id else await queries.space(desk, left_id)
    known = await briefed(desk, space, holder)
    terms: Terms | None = None
    cover: Cover | None = None
    for lock in (False, True):
        if lock:
            terms = terms or await terms_of(desk, space, holder)  # before the lock, and only for who comes so far
            space, left, situation = await _locked_look(desk, space_id, left_id, wish.span)
        objections = [
            *more,
            *(objections_to_moving(desk, moving, left, space, wish) if moving and not restoring else ()),
            *objections_to_holder(desk, space, holder, membership, on=on),
            *objections_to_briefing(known, on),
            *rules.objections_to_booking(space, wish, _around(situation, moving), now=desk.now, zone=desk.zone),
        ]
        if not restoring and (membership or moved) and not (lock and objections):
            if lock:
                found = await budgets(desk, [membership], space, on, moving=moved, lock=True)
                budget = found.get(membership) if membership else None
            own = with_own(budget)
            cover = covered(space, wish, own, zone=desk.zone)
            quota = [] if moving else list(objections_to_open(own, on, zone=desk.zone))
            if cover.short and not beyond:
                terms = terms or await terms_of(desk, space, holder)
                missing = cost(price_of_hour(space, terms, on), cover.short)
                quota += objections_to_quota(space, wish, own, cover, missing_cents=missing, zone=desk.zone)
        overrode = settle(desk, [*objections, *quota], override=override)
    return Agreed(space, _around(situation, moving), membership, overrode, terms or Terms(), cover)


def objections_to_moving(desk: Desk, seen: Booking, left: Space, space: Space, wish: Wish) -> Iterable[Refusal]:
    """What is too late for a member, the front desk decides."""
    return () if desk.may("spaces:desk") else rules.objections_to_moving(seen, left, space, wish, now=desk.now)


async def _demand_sane(desk: Desk, space_id: UUID, span: Span) -> None:
    """A span that is not sane is refused before anybody looks at what is around it."""
    if not rules.is_sane(span, desk.now):
        space = await queries.space(desk, space_id)
        refuse(rules.objections_to_time(space, span, now=desk.now, zone=desk.zone))


async def _locked_look(desk: Desk, space_id: UUID, left: UUID, span: Span) -> tuple[Space, Space, Situation]:
    """Read again what the rules need, with the space that is left, when nobody else can change it any more."""
    there = await queries.spaces(desk, sorted({space_id, left}), lock=True)
    return there[space_id], there[left], await queries.situation(desk, there[space_id], span)


def _around(situation: Situation, moving: Booking | None) -> Situation:
    """A booking that moves is not in its own way."""
    if moving is None:
        return situation
    return replace(situation, held=tuple(held for held in situation.held if held.booking != moving.id))


def settle(desk: Desk, objections: list[Refusal], *, override: bool) -> list[str]:
    """Raise what stays of the objections; give the codes of those that were set aside."""
    if override and not desk.may("spaces:desk"):
        objections.append(NotAllowed(path=("override",), permission="spaces:desk"))
        override = False
    refuse(each for each in objections if not (override and isinstance(each, rules.OVERRIDABLE)))
    return [each.code for each in objections]
