"""Two rows for one organisation: which they may be, what a merge would move, and the merge."""

import enum
from typing import Annotated

import strawberry
from strawberry import ID

from quartier.acts.merging import merge_organisations as merge
from quartier.acts.merging import preview
from quartier.kit.refusal import Refused
from quartier.members.merging.queries import likely_duplicates as likely
from quartier.members.merging.queries import lookalikes
from quartier.members.merging.words import Likely
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, asking, camel, roots, verb, wish
from quartier_graph.members import Organisation
from quartier_graph.scalars import described


@described
class DuplicateSign(enum.Enum):
    """By what two organisations may be one: PEOPLE is a lead of both at the same seat."""

    NUMBER = "number"
    NAME = "name"
    WEBSITE = "website"
    PEOPLE = "people"


@strawberry.type(description="Two organisations that may be one, the older first.")
class LikelyDuplicate:
    first: ID = strawberry.field(description="The one that was written down first.")
    first_name: str = strawberry.field(description="Its name.")
    second: ID = strawberry.field(description="The other one.")
    second_name: str = strawberry.field(description="Its name.")
    signs: list[DuplicateSign] = strawberry.field(description="What speaks for it.")

    @classmethod
    def of(cls, found: Likely) -> "LikelyDuplicate":
        return cls(
            first=ID(ids.write("org", found.first.id)),
            first_name=found.first.name,
            second=ID(ids.write("org", found.second.id)),
            second_name=found.second.name,
            signs=[DuplicateSign(sign) for sign in found.signs],
        )


@strawberry.type(description="A line of a list that makes an organisation, and one there is that reads the same.")
class ImportLookalike:
    line: int = strawberry.field(description="Where the line begins.")
    name: str = strawberry.field(description="The name in it.")
    organisation: ID = strawberry.field(description="The one there is.")
    organisation_name: str = strawberry.field(description="Its name.")


@strawberry.type(description="Rows of one kind that would change whom they belong to.")
class MergeMove:
    what: str = strawberry.field(description="Of which kind, such as `bookings`.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="What has to be settled before a merge.")
class MergeReason:
    code: str = strawberry.field(description="The code of the refusal.")
    message: str = strawberry.field(description="Why, in words.")
    path: list[str] = strawberry.field(description="The field of the wish that settles it, where one does.")


@strawberry.type(description="What a merge would do.")
class MergePreview:
    moves: list[MergeMove] = strawberry.field(description="What would move.")
    reasons: list[MergeReason] = strawberry.field(description="What has to be settled first, all of it.")


Of = Annotated[ID | None, strawberry.argument(description="Pairs of this organisation alone.")]
Run = Annotated[ID, strawberry.argument(description="The list.")]
Kept = Annotated[ID, strawberry.argument(description="The organisation that stays.")]
Other = Annotated[ID, strawberry.argument(description="The one that becomes part of it.")]


async def likely_duplicates(desk: Desk, *, of: Of = None) -> list[LikelyDuplicate]:
    found = await likely(desk, of=ids.read(of, "org") if of else None)
    return [LikelyDuplicate.of(each) for each in found]


async def import_lookalikes(desk: Desk, *, run: Run) -> list[ImportLookalike]:
    return [
        ImportLookalike(
            line=each.line,
            name=each.name,
            organisation=ID(ids.write("org", each.organisation)),
            organisation_name=each.organisation_name,
        )
        for each in await lookalikes(desk, ids.seek(run, "imp"))
    ]


async def merge_preview(desk: Desk, *, kept: Kept, other: Other) -> MergePreview | None:
    try:
        _, moves, reasons = await preview(desk, ids.read(kept, "org"), ids.read(other, "org"))
    except Refused:
        return None  # one of them is not here
    return MergePreview(
        moves=[MergeMove(what=what, count=n) for what, n in moves.items()],
        reasons=[
            MergeReason(
                code=each.code,
                message=each.message(desk.language, desk.zone),
                path=[camel(part) for part in each.path],
            )
            for each in reasons
        ],
    )


roots(
    likely_duplicates=asking(
        likely_duplicates,
        list[LikelyDuplicate],
        "Organisations that may be one, the likeliest first; at most 100 pairs.",
        may=["members:merge"],
    ),
    import_lookalikes=asking(
        import_lookalikes,
        list[ImportLookalike],
        "Lines of a list that make an organisation although one of that name is there; at most 100.",
        may=["members:merge"],
    ),
    merge_preview=asking(
        merge_preview,
        MergePreview | None,
        "What a merge would move, and what has to be settled first; null where one is not here. Nothing changes.",
        may=["members:merge"],
    ),
)


@wish
class MergeOrganisationsInput:
    """Two organisations that are one."""

    kept: ID = asked("The one that stays.")
    kept_version: int = asked("Its version that was seen.")
    other: ID = asked("The one that becomes part of it.")
    other_version: int = asked("Its version that was seen.")
    end_memberships: bool = asked("Whether the other's membership ends today where both have one.", default=False)
    drop_numbers: bool = asked("Whether register numbers of the other that differ are dropped.", default=False)


@verb("members:merge", changes={"organisation": Organisation})
async def merge_organisations(desk: Desk, wish: MergeOrganisationsInput) -> Done:
    """Let an organisation become part of another one: all that belongs to it moves, and it cannot be undone."""
    kept = ids.read(wish.kept, "org")
    await merge(
        desk,
        kept,
        ids.read(wish.other, "org"),
        kept_version=wish.kept_version,
        other_version=wish.other_version,
        end_memberships=wish.end_memberships,
        drop_numbers=wish.drop_numbers,
    )
    return {"organisation": kept}
