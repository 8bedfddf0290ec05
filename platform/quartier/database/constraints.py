"""From the name of a constraint to the refusal that says it in kind words."""

import re

import asyncpg

from quartier.kit.refusal import REFUSALS, Refusal

_SHARD = re.compile(r"_\d+$")  # on Citus a shard's number follows the constraint's name
_TOLD = re.compile(r"(\w+) (\d+)")


def translate(error: BaseException) -> Refusal | None:
    """Find the refusal whose `constraint` names what the database held; None is a fault of ours.

    Functions of ours refuse with a code QT...; their detail may carry numbers ("headroom_cents 1200").
    The driver's text never reaches a person: it names keys and shards.
    """
    if not isinstance(error, asyncpg.PostgresError):
        return None
    by_name = {kind.constraint: kind for kind in REFUSALS.values() if kind.constraint}
    for name in _names(error):
        if kind := by_name.get(name):
            told = _TOLD.findall(error.detail or "") if name.startswith("QT") else ()
            refusal = kind()
            refusal.numbers |= {key: int(value) for key, value in told}
            return refusal
    return None


def _names(error: asyncpg.PostgresError) -> list[str]:
    """What the error goes by: our own code, the constraint, the constraint without a shard's number."""
    state, constraint = str(error.sqlstate or ""), error.constraint_name
    if state.startswith("QT"):
        return [state]
    return [constraint, _SHARD.sub("", constraint)] if constraint else []
