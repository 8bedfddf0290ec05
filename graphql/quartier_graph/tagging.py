"""Words the team finds organisations by."""

import strawberry
from strawberry import ID

from quartier.members.tagging import tag_organisations as tag
from quartier.members.tagging import tags_in_use
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, asking, roots, verb, wish


@strawberry.type(description="A word the team finds organisations by.")
class OrganisationTag:
    name: str = strawberry.field(description="The word.")
    count: int = strawberry.field(description="How many organisations have it.")


async def organisation_tags(desk: Desk) -> list[OrganisationTag]:
    return [OrganisationTag(name=name, count=n) for name, n in await tags_in_use(desk)]


roots(
    organisation_tags=asking(
        organisation_tags, list[OrganisationTag], "The tags in use, by name.", may=["members:read"]
    ),
)


@wish
class TagOrganisationsInput:
    """Organisations, and the tags they get and lose."""

    organisations: list[ID] = asked("Which, at most 100.")
    add: list[str] = asked("Tags they get; one that is in use already keeps its spelling.", default=[])
    remove: list[str] = asked("Tags they lose.", default=[])


@verb("members:edit", values={"changed": (int, "How many of them changed.")})
async def tag_organisations(desk: Desk, wish: TagOrganisationsInput) -> Done:
    """Give organisations tags, or take them away: one or many at once."""
    keys = [ids.read(each, "org") for each in wish.organisations]
    return {"changed": await tag(desk, keys, add=wish.add, remove=wish.remove)}
