"""Actions: verbs of the domain. One action, one transaction, one audit line."""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable, Collection
from typing import Concatenate, ParamSpec, TypeVar

from quartier.database.constraints import translate
from quartier.database.faults import BROKEN, LOST_RACE
from quartier.kit.refusal import NotAllowed, Refused, SignInAgain
from quartier.tenancy.desk import Desk

P = ParamSpec("P")
T = TypeVar("T")
Verb = Callable[Concatenate[Desk, P], Awaitable[T]]
ATTEMPTS = 3


def action(*permissions: str) -> Callable[[Verb[P, T]], Verb[P, T]]:
    """Declare a verb and the permissions of which the desk needs one.

    The outermost action runs again, at most three times, when it lost a race (40001, 40P01). A broken
    constraint becomes the refusal that names it. Refuses NOT_ALLOWED, and SIGN_IN_AGAIN where what the desk may
    wants a fresh proof of who is there.
    """

    def declare(verb: Verb[P, T]) -> Verb[P, T]:
        @functools.wraps(verb)
        async def perform(desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> T:
            demand(desk, permissions)
            if desk.in_transaction:
                return await verb(desk, *args, **kwargs)
            return await retried(lambda: verb(desk, *args, **kwargs))

        perform.permissions = permissions  # type: ignore[attr-defined]
        return perform

    return declare


def demand(desk: Desk, permissions: Collection[str]) -> None:
    """See to it that the desk may one of them, now. Refuses NOT_ALLOWED, SIGN_IN_AGAIN."""
    held = [permission for permission in permissions if desk.may(permission)]
    if not held:
        raise Refused([NotAllowed(permission=" / ".join(permissions))])
    if desk.asks_again.issuperset(held):
        raise Refused([SignInAgain(permission=" / ".join(held))])


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Run a unit of work that opens its own transaction; again after a lost race."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await work()
        except LOST_RACE:
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
        except BROKEN as error:
            refusal = translate(error)
            if refusal is None:
                raise
            raise Refused([refusal]) from error
    raise AssertionError("unreachable")
