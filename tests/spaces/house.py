"""A furnished house: rooms, hours and plans of West's blueprint, and a member who may book."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from world import BERLIN, Site

from quartier.kit.spans import Span
from quartier.members import actions as members
from quartier.members import opening as members_opening
from quartier.members.words import Profile
from quartier.spaces import opening
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.desk import Desk


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """A wall time in Leipzig as an instant; by default in November 2026."""
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def span(day: int, start: int, end: int, month: int = 11, year: int = 2026) -> Span:
    """Full hours of one day."""
    return Span(at(day, start, month=month, year=year), at(day, end, month=month, year=year))


@dataclass(frozen=True)
class House:
    """A furnished site, its rooms by key, and Lena of the Löffelweise, whose membership is in force."""

    site: Site
    rooms: dict[str, UUID]
    lena: UUID
    kitchen: UUID

    @property
    def member(self) -> Desk:
        return self.site.desk("member", person=self.lena, own=frozenset({self.kitchen}))

    @property
    def front_desk(self) -> Desk:
        return self.site.desk("front_desk")

    @property
    def manager(self) -> Desk:
        return self.site.desk("manager")

    async def occupied(self) -> list[tuple[str, int, datetime, datetime]]:
        """Room, unit, start and end of everything that is held, in this order."""
        rows = await self.site.sql(
            "select s.key, o.unit_no, lower(o.during) a, upper(o.during) b from app.occupancy o"
            " join app.space s using (tenant_id) where s.id = o.space_id and o.tenant_id = $1 order by 3, 1, 2",
            self.site.id,
        )
        return [tuple(row) for row in rows]

    async def lines(self) -> list[Any]:
        """The audit lines about spaces, the oldest first."""
        rows = await self.site.sql(
            "select action, subject, numbers from app.audit_entry where tenant_id = $1 and action like 'space.%'"
            " order by seq",
            self.site.id,
        )
        return list(rows)


async def furnish(site: Site, blueprint: SiteBlueprint) -> House:
    lena = await site.person("Lena Voss")
    with site.speaking("worker"):
        desk = site.desk()
        async with desk.transaction():
            await members_opening.furnish(desk, blueprint)
            await opening.furnish(desk, blueprint)
        kitchen = await members.register_organisation(desk, Profile("Löffelweise e. V.", "association", True, False))
        await members.add_affiliation(desk, lena, kitchen.id, "owner")
        [plan] = await site.sql("select id from app.plan where tenant_id = $1 and key = 'verein'", site.id)
        await members.open_membership(desk, plan["id"], organisation=kitchen.id)
    rows = await site.sql("select key, id from app.space where tenant_id = $1", site.id)
    return House(site, {row["key"]: row["id"] for row in rows}, lena, kitchen.id)
