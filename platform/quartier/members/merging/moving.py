"""Rows change whom they belong to. Every room hands over its own; which they are it alone says."""

from collections.abc import Sequence
from uuid import UUID

from quartier.members.merging.words import Held
from quartier.tenancy.desk import Desk

_COUNT = "select count(*)::int as n from {0} where tenant_id = $1 and {1} = $2"
_MOVE = "update {0} set {1} = $3 where tenant_id = $1 and {1} = $2 returning id"


async def count(desk: Desk, several: Sequence[Held], organisation: UUID) -> dict[str, int]:
    """How many rows of each kind belong to an organisation; kinds without one are left out."""
    found: dict[str, int] = {}
    for held in several:
        [row] = await desk.fetch(_COUNT.format(held.table, held.column), desk.tenant_id, organisation)
        if row["n"]:
            found[held.what] = found.get(held.what, 0) + row["n"]
    return found


async def move(desk: Desk, several: Sequence[Held], other: UUID, kept: UUID) -> dict[str, int]:
    """Give all of them to the organisation that stays, in the open transaction; how many of each kind."""
    found: dict[str, int] = {}
    for held in several:
        rows = await desk.fetch(_MOVE.format(held.table, held.column), desk.tenant_id, other, kept)
        if rows:
            found[held.what] = found.get(held.what, 0) + len(rows)
    return found
