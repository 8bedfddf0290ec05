"""Whether a wish can be granted: looked at twice, the second time under the locks that keep it true."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused, refuse
from quartier.kit.spans import Span
from quartier.spaces import queries, rules
from quartier.spaces.briefing import briefed, objections_to_briefing
from quartier.spaces.holder import membership_of, objections_to_holder
from quartier.spaces.hours import day_of
from quartier.spaces.prices import cost, price_of_hour, terms_of
from quartier.spaces.quotas.queries import budgets
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
    more = list(more)
    space, left, situation = await _look(desk, space_id, wish.span, moving, lock=False)
    on = day_of(wish.span.start, desk.zone)
    membership, known = await membership_of(desk, holder, on), await briefed(desk, space, holder)
    terms: Terms | None = None
    cover: Cover | None = None
    moved, quota = [moving] if moving else [], list[Refusal]()
    for lock in (False, True):
        if lock:
            terms = terms or await terms_of(desk, space, holder)  # before the lock, and only for who comes so far
            space, left, situation = await _look(desk, space_id, wish.span, moving, lock=True)
        objections = [
            *more,
            *(objections_to_moving(desk, moving, left, space, wish) if moving and not restoring else ()),
            *objections_to_holder(desk, space, holder, membership, on=on),
            *objections_to_briefing(known, on),
            *rules.objections_to_booking(space, wish, situation, now=desk.now, zone=desk.zone),
        ]
        if not restoring and (membership or moved) and not (lock and objections):
            found = await budgets(desk, [membership], space, on, moving=moved, lock=lock)
            budget = with_own(found.get(membership) if membership else None)
            cover = covered(space, wish, budget, zone=desk.zone)
            quota = [] if moving else list(objections_to_open(budget, on, zone=desk.zone))
            if cover.short and not beyond:
                terms = terms or await terms_of(desk, space, holder)
                missing = cost(price_of_hour(space, terms, on), cover.short)
                quota += objections_to_quota(space, wish, budget, cover, missing_cents=missing, zone=desk.zone)
        overrode = settle(desk, [*objections, *quota], override=override)
    return Agreed(space, situation, membership, overrode, terms or Terms(), cover)


def objections_to_moving(desk: Desk, seen: Booking, left: Space, space: Space, wish: Wish) -> Iterable[Refusal]:
    """What is too late for a member, the front desk decides."""
    return () if desk.may("spaces:desk") else rules.objections_to_moving(seen, left, space, wish, now=desk.now)


async def _look(
    desk: Desk, space_id: UUID, span: Span, moving: Booking | None, *, lock: bool
) -> tuple[Space, Space, Situation]:
    """Read what the rules need, with the space that a moving booking leaves.

    A span that is not sane is refused before anybody looks at it.
    """
    left = moving.space if moving else space_id
    there = await queries.spaces(desk, sorted({space_id, left}), lock=lock)
    if space_id not in there:
        raise Refused([NotFound(path=("space",))])
    space = there[space_id]
    if not rules.is_sane(span, desk.now):
        refuse(rules.objections_to_time(space, span, now=desk.now, zone=desk.zone))
    found = await queries.situation(desk, space, span)
    others = tuple(held for held in found.held if moving is None or held.booking != moving.id)
    return space, there[left], replace(found, held=others)


def settle(desk: Desk, objections: list[Refusal], *, override: bool) -> list[str]:
    """Raise what stays of the objections; give the codes of those that were set aside."""
    if override and not desk.may("spaces:desk"):
        objections.append(NotAllowed(path=("override",), permission="spaces:desk"))
        override = False
    refuse(each for each in objections if not (override and isinstance(each, rules.OVERRIDABLE)))
    return [each.code for each in objections]
