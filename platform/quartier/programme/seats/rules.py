"""The order of the line. A seat goes to whose turn it is: priority, then who joined first, then the id."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from quartier.programme.words import Fill, PassedOver, PassedReason, Promotion, SeatPool, Waiting, Workshop


def promotions(line: Iterable[Waiting], free: Mapping[str, int], *, fill: Fill, in_time: bool) -> Promotion:
    """Say who in the line moves up to the free seats of the pools, and why others did not.

    Each pool has its own line. `strict`: a party that does not fit blocks its pool. `fill_gaps`: the
    next one that fits moves. A pool without a free seat passes nobody over, unless somebody behind
    moves up in another pool.
    """
    left, moved, full = dict(free), list[Waiting](), list[Waiting]()
    passed, blocked = list[PassedOver](), set[str]()

    def pass_over(waiting: Waiting, reason: PassedReason) -> None:
        passed.append(PassedOver(waiting.id, reason, waiting.party, left[waiting.pool]))

    for waiting in sorted(line, key=lambda one: one.turn):
        if waiting.pool in blocked:
            continue
        if left[waiting.pool] <= 0:
            full.append(waiting)
        elif not in_time:
            pass_over(waiting, "too_late")
            blocked.add(waiting.pool)
        elif waiting.party > left[waiting.pool]:
            pass_over(waiting, "party_too_large")
            if fill == "strict":
                blocked.add(waiting.pool)
        else:
            left[waiting.pool] -= waiting.party
            moved.append(waiting)
    for waiting in full:
        if any(waiting.turn < other.turn for other in moved if other.pool != waiting.pool):
            pass_over(waiting, "pool_full")
    return Promotion(tuple(moved), tuple(passed))


def is_seated_at_once(newcomer: Waiting, line: Iterable[Waiting], pool: SeatPool, *, fill: Fill) -> bool:
    """Whether somebody who comes now gets a seat without passing anybody whose turn is earlier."""
    if newcomer.party > pool.free:
        return False
    ahead = [one for one in line if one.pool == pool.key and one.turn < newcomer.turn]
    return not ahead if fill == "strict" else all(one.party > pool.free for one in ahead)


def place_of(newcomer: Waiting, line: Iterable[Waiting]) -> int:
    """The place in the line of the pool; 1 is next."""
    return 1 + sum(one.pool == newcomer.pool and one.turn < newcomer.turn for one in line)


def is_in_time(workshop: Workshop, *, now: datetime) -> bool:
    """Whether seats are still handed on; the house stops some time before the first session."""
    return workshop.starts_at is None or (now < workshop.starts_at and now + workshop.offer_stops <= workshop.starts_at)


def offered_until(workshop: Workshop, *, now: datetime) -> datetime | None:
    """Until when an offer made now holds, at most to the first session; None confirms at once."""
    if not workshop.offer:
        return None
    end = now + workshop.offer
    return end if workshop.starts_at is None else min(end, workshop.starts_at)
