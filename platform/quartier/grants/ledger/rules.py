"""What a posting does to the sums of its line."""

from collections.abc import Iterable

from quartier.grants.words import PostingKind, Sums
from quartier.kit.money import Cents

# kind: change of allocated, reserved, committed, paid for each cent
_EFFECT: dict[PostingKind, tuple[int, int, int, int]] = {
    "allocate": (1, 0, 0, 0),
    "withdraw": (-1, 0, 0, 0),
    "reserve": (0, 1, 0, 0),
    "unreserve": (0, -1, 0, 0),
    "commit": (0, -1, 1, 0),
    "release": (0, 0, -1, 0),
    "pay": (0, 0, 0, 1),
    "return": (0, 0, 0, -1),
    "recover": (0, 0, -1, -1),
}


def effect(kind: PostingKind, amount: Cents, *, money_returns: bool = True) -> Sums:
    """Give the change of the four sums. `money_returns` false: recovered money leaves the allocation too.

    >>> effect("commit", 500)
    Sums(allocated=0, reserved=-500, committed=500, paid=0)
    """
    allocated, reserved, committed, paid = _EFFECT[kind]
    if kind == "recover" and not money_returns:
        allocated = -1
    return Sums(allocated * amount, reserved * amount, committed * amount, paid * amount)


def replay(postings: Iterable[tuple[PostingKind, Cents]], *, money_returns: bool = True) -> Sums:
    """Add the postings of one line up."""
    changes = [effect(kind, amount, money_returns=money_returns) for kind, amount in postings]
    return Sums(
        sum(change.allocated for change in changes),
        sum(change.reserved for change in changes),
        sum(change.committed for change in changes),
        sum(change.paid for change in changes),
    )
