"""What a job is: a kind by name, and the work behind it. The names come from above, so jobs knows no room."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from quartier.kit.moments import Clock

Work = Callable[..., Awaitable[None]]  # work(desk, **args): args as they were given to desk.later()


@dataclass(frozen=True, slots=True)
class Kind:
    """Work of one kind, and the power it is done with.

    As `worker` it runs in one transaction with its receipt, so it happens once. As `auth` there is no
    receipt (that power sees no table of `app`): the work has to be harmless when it is done twice, and
    opens its own transactions.
    """

    work: Work
    power: Literal["worker", "auth"] = "worker"


Kinds = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class House:
    """What the loop is handed: the work by name, what the house may do, and the installation's clock."""

    kinds: Kinds
    permissions: frozenset[str]
    clock: Clock = field(default_factory=Clock)
