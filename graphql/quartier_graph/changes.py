"""Who changed a thing last, for whoever comes too late with an old version of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from quartier.access.people.queries import names
from quartier.database.engine import DB
from quartier.tenancy.audit import last_line
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import asking, roots

# Who may read people beside a thing is told who changed it.
MAY: Mapping[str, str] = {
    "bkg": "spaces:desk", "ser": "spaces:desk", "org": "members:read", "mbr": "members:read", "wsp": "programme:attend",
    "reg": "programme:attend", "apl": "grants:read", "ins": "grants:read", "lse": "spaces:desk", "ocl": "spaces:desk",
}  # fmt: skip


@strawberry.type(description="What was done to a thing last.")
class Change:
    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description="What was done, such as space.moved.")
    fields: list[str] = strawberry.field(description="What of it is another now, where that was written down.")
    person_name: str | None = strawberry.field(description="Who did it; null for a program and for the house itself.")


Of = Annotated[
    ID, strawberry.argument(description="A booking, series, organisation, membership, workshop, seat, file.")
]


async def last_change(desk: Desk, *, of: Of) -> Change | None:
    found = ids.split(of)
    if found is None or found[0] not in MAY or not desk.may(MAY[found[0]]):
        return None
    with DB.speaking(desk.tenant_id, "app"):
        line = await last_line(desk, found[1])
    if line is None:
        return None
    known = await names(desk, [line.person]) if line.person else {}
    return Change(
        at=line.at, action=line.action, fields=line.fields, person_name=known.get(line.person) if line.person else None
    )


roots(
    last_change=asking(
        last_change,
        Change | None,
        "What was done to a thing last, and by whom.",
        may=sorted(set(MAY.values())),
        apart=True,
        personal=True,
    ),
)
