"""A neighbourhood that learns: a workshop with seats, people who want them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from world import NOW, Site

from quartier.kit.ids import new_id
from quartier.kit.spans import Span
from quartier.programme import actions
from quartier.programme.words import OPEN_POOL, PoolPlan, SessionPlan, Workshop, WorkshopPlan
from quartier.tenancy.desk import Desk

STARTS = NOW + timedelta(days=7)
AFTERNOON = SessionPlan(Span(STARTS, STARTS + timedelta(hours=3)), place="Hof")


def plan(seats: int = 12, **more: Any) -> WorkshopPlan:
    """A repair café in a week, open for registration now."""
    wishes: dict[str, Any] = {
        "format": "workshop",
        "topic": "digital",
        "title_de": "Reparaturcafé",
        "opens_at": NOW - timedelta(days=1),
        "closes_at": STARTS,
        "sessions": (AFTERNOON,),
        "pools": (PoolPlan(OPEN_POOL, "Offene Plätze", seats),),
        **more,
    }
    return WorkshopPlan(**wishes)


@dataclass(frozen=True)
class Programme:
    """A site with its manager, and short ways to what people do there."""

    site: Site
    mira: UUID

    @property
    def manager(self) -> Desk:
        return self.site.desk("manager", person=self.mira)

    def member(self, person: UUID) -> Desk:
        return self.site.desk("member", person=person)

    async def planned(self, seats: int = 12, **more: Any) -> Workshop:
        return await actions.plan_workshop(self.manager, plan(seats, **more))

    async def published(self, seats: int = 12, **more: Any) -> Workshop:
        return await actions.publish_workshop(self.manager, (await self.planned(seats, **more)).id)

    async def people(self, number: int) -> list[UUID]:
        """People of this site, written by the administrator: they only have to be there."""
        found = [new_id() for _ in range(number)]
        await self.site.sql(
            "insert into app.person (tenant_id, id, name, sort_key, state, created_at, changed_at) "
            "select $1, p, 'Gast', 'gast', 'active', $3, $3 from unnest($2::uuid[]) p",
            self.site.id,
            found,
            NOW,
        )
        return found

    async def taken(self, workshop: Workshop, pool: str = OPEN_POOL) -> int:
        """Seats as the pool counts them; the recount from the registrations has to agree."""
        [row] = await self.site.sql(
            "select p.taken, coalesce((select sum(r.party) from app.registration r where r.tenant_id = p.tenant_id "
            "and r.workshop_id = p.workshop_id and r.pool = p.key and r.state in ('confirmed', 'offered', 'attended', "
            "'partly_attended', 'no_show', 'certified')), 0) as counted "
            "from app.seat_pool p where p.tenant_id = $1 and p.workshop_id = $2 and p.key = $3",
            self.site.id,
            workshop.id,
            pool,
        )
        assert row["taken"] == row["counted"]
        return int(row["taken"])

    async def states(self, workshop: Workshop) -> dict[UUID, str]:
        rows = await self.site.sql(
            "select person_id, state from app.registration where tenant_id = $1 and workshop_id = $2",
            self.site.id,
            workshop.id,
        )
        return {row["person_id"]: row["state"] for row in rows}
