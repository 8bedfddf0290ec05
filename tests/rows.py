"""Rows written by hand, where a test needs a state of things and not the way that led there."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Range
from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.kit.text import sort_key

_count = itertools.count(1)
DATED = {"created_at": NOW}
STATEFUL = {"created_at": NOW, "changed_at": NOW}


async def add(site: Site, table: str, row: UUID | None = None, /, **columns: Any) -> UUID:
    """Insert one row of this site as the administrator; give its id."""
    row = row or new_id()
    values = {"tenant_id": site.id, "id": row, **columns}
    names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await site.administrator.execute(f"insert into {table} ({names}) values ({places})", *values.values())
    return row


def number() -> str:
    """A human number that no other row has."""
    return f"N-{next(_count)}"


async def workshop(site: Site, starts: datetime, *, state: str = "published", seats: int = 12, **more: Any) -> UUID:
    """A workshop with one pool of seats and one session of two hours; session and workshop share their id."""
    lead = await site.person("Mira Lindner")
    row = await add(
        site, "app.workshop", number=number(), format="workshop", topic="repair", title_de="Reparatur-Café", text_de="",
        language="de", led_by=lead, min_seats=0, opens_at=starts - timedelta(days=60), closes_at=starts, cancel_until=0,
        fee=0, fill="strict", offer=0, offer_stops=0, after_expiry="out", visibility="public", stakeholder=False,
        state=state, **STATEFUL, **more,
    )  # fmt: skip
    await add(site, "app.seat_pool", workshop_id=row, key="open", name_de="Plätze", seats=seats, **DATED)
    await session(site, row, starts, row)
    return row


async def session(site: Site, of: UUID, starts: datetime, row: UUID | None = None, *, no: int = 1) -> UUID:
    return await add(
        site, "app.session", row, workshop_id=of, no=no, during=Range(starts, starts + timedelta(hours=2)),
        local_start=starts.astimezone(site.realm.zone).replace(tzinfo=None), place="Werkhalle", state="planned",
        **STATEFUL,
    )  # fmt: skip


async def seat(site: Site, of: UUID, person: UUID, state: str = "confirmed") -> UUID:
    return await add(
        site, "app.registration", workshop_id=of, pool="open", person_id=person, party=1, joined_at=NOW, state=state,
        **STATEFUL,
    )  # fmt: skip


async def organisation(site: Site, name: str, kind: str = "company", *, nonprofit: bool = False) -> UUID:
    return await add(
        site, "app.organisation", name=name, sort_key=sort_key(name), kind=kind, nonprofit=nonprofit,
        economic=not nonprofit, about_de="", partner_roles=[], tags=[], state="active", **STATEFUL,
    )  # fmt: skip
