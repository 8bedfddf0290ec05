"""Two organisations become one: every room hands over its own rows, in one transaction.

One transaction and no jobs: a half of an organisation would be without its leads, its membership or its aid account
for as long as a job waits. Only invitations follow by a job, because they are kept by another power.
"""

from collections import Counter
from uuid import UUID

from quartier.grants import merging as grants
from quartier.kit.refusal import Refusal
from quartier.members.merging import actions as members
from quartier.members.merging import queries, rules
from quartier.members.merging.words import Pair
from quartier.programme import merging as programme
from quartier.spaces import merging as spaces
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

JOB = "access.hand_over"
ROOMS = (spaces, programme, grants)


@action("members:merge")
async def merge_organisations(
    desk: Desk,
    kept: UUID,
    other: UUID,
    *,
    kept_version: int,
    other_version: int,
    end_memberships: bool = False,
    drop_numbers: bool = False,
) -> dict[str, int]:
    """Give `kept` all that belongs to `other`, which lives on in it; how many rows of each kind.

    Refuses what members.merging.hand_over refuses. Whoever writes a row for `other` at the same time either comes
    first, and it moves too, or is refused: ORGANISATION_MERGED.
    """
    async with desk.transaction() as ledger:
        moved = Counter(
            await members.hand_over(
                desk,
                kept,
                other,
                kept_version=kept_version,
                other_version=other_version,
                end_memberships=end_memberships,
                drop_numbers=drop_numbers,
            )
        )
        for room in ROOMS:
            moved.update(await room.hand_over(desk, kept, other))
        await members.close_merged(desk, kept, other)
        await desk.later(JOB, kept=kept, other=other)
        ledger.note("organisation.merged", kept, other=other, ended=end_memberships, **moved)
        return dict(moved)


async def preview(desk: Desk, kept: UUID, other: UUID) -> tuple[Pair, dict[str, int], list[Refusal]]:
    """Both, how many rows would move, and what has to be settled first. Refuses NOT_FOUND."""
    pair = await queries.pair(desk, kept, other)
    moves = Counter(await queries.held(desk, other))
    for room in ROOMS:
        moves.update(await room.held(desk, other))
    objections = rules.objections_to_merge(pair, end_memberships=False, drop_numbers=False, own=desk.own)
    return pair, dict(moves), list(objections)
