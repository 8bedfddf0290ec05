"""What somebody is here for: her own roles, until when, and for which call."""

from datetime import datetime

import strawberry
from strawberry import ID

from quartier.access.people.queries import names
from quartier.access.roles.queries import grants_of
from quartier.database.engine import DB
from quartier.grants.queries import calls_named
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import asking, roots


@strawberry.type(description="A role one has been given, with the call it is for.")
class MyRole:
    role: str = strawberry.field(description="The role.")
    source: str = strawberry.field(description="Who or what gave it: house, demo, person, invitation, idp.")
    granted_by_name: str | None = strawberry.field(description="Who gave it; null for the house or a rule.")
    valid_from: datetime = strawberry.field(description="Since when.")
    valid_until: datetime = strawberry.field(description="Until when, excluded.")
    waits: bool = strawberry.field(description="Whether it sleeps until a second person has confirmed it.")
    call: ID | None = strawberry.field(description="The call a juror is here for.")
    call_number: str | None = strawberry.field(description="Its number.")
    call_title_de: str | None = strawberry.field(description="Its title in German.")
    call_title_en: str | None = strawberry.field(description="Its title in English, where there is one.")
    call_closes_at: datetime | None = strawberry.field(description="Last moment it takes applications.")


async def my_roles(desk: Desk) -> list[MyRole]:
    if desk.person is None:
        return []
    found = await grants_of(desk, desk.person)
    givers = await names(desk, {each.granted_by for each in found if each.granted_by})
    with DB.speaking(desk.tenant_id, "app"):
        calls = await calls_named(desk, [each.bound_to for each in found if each.bound_to])
    shown = []
    for each in found:
        call = calls.get(each.bound_to) if each.bound_to else None
        shown.append(
            MyRole(
                role=each.role, source=each.source.partition(":")[0], valid_from=each.valid_from,
                granted_by_name=givers.get(each.granted_by) if each.granted_by else None,
                valid_until=each.valid_until, waits=each.waits,
                call=ID(ids.write("cll", call.id)) if call else None, call_number=call.number if call else None,
                call_title_de=call.title_de if call else None, call_title_en=call.title_en if call else None,
                call_closes_at=call.closes_at if call else None,
            )
        )  # fmt: skip
    return shown


roots(my_roles=asking(my_roles, list[MyRole], "What one is here for: one's own roles that have not ended.", apart=True))
