"""Leipzig West with its plans: Lena leads an association that is no member yet, Mara decides."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from handed import waiting_file
from world import Site

from quartier.members import actions as members
from quartier.members import opening
from quartier.members.applications import actions as applications
from quartier.members.applications.words import Application
from quartier.members.papers import actions as papers
from quartier.members.papers import queries
from quartier.members.papers.words import Handed
from quartier.members.words import Profile
from quartier.settings import home
from quartier.tenancy.blueprint import read_site
from quartier.tenancy.desk import Desk


@dataclass(frozen=True)
class Scene:
    site: Site
    lena: UUID
    garden: UUID
    mara: UUID
    plans: dict[str, UUID]

    @property
    def member(self) -> Desk:
        return self.site.desk("member_admin", person=self.lena, own=frozenset({self.garden}))

    @property
    def manager(self) -> Desk:
        return self.site.desk("manager", person=self.mara)

    async def handed(self, plan: str = "verein") -> list[Handed]:
        """Files for all that the plan asks for, which have come already."""
        [row] = await self.site.sql("select papers from app.plan where id = $1", self.plans[plan])
        return [Handed(kind, await waiting_file(self.site, self.lena)) for kind in row["papers"]]

    async def apply(self, plan: str = "verein", **more: Any) -> Application:
        wish: dict[str, Any] = {"organisation": self.garden, "statement": " Wir gärtnern. "}
        wish["papers"] = await self.handed(plan)
        return await applications.apply_for_membership(self.member, self.plans[plan], **(wish | more))

    async def accept(self, asked: Application) -> None:
        """Accept every paper that was handed in."""
        for paper in await queries.papers(self.manager, asked.id):
            await papers.decide_paper(self.manager, paper.id, paper.version, accepted=True)

    async def told(self) -> list[tuple[str, UUID]]:
        rows = await self.site.sql(
            "select key, person_id from app.notice where tenant_id = $1 order by created_at, id", self.site.id
        )
        return [(row["key"], row["person_id"]) for row in rows]


async def opened(site: Site) -> Scene:
    lena, mara = await site.person("Lena Voss"), await site.person("Mara Manager")
    with site.speaking("worker"):
        desk = site.desk()
        async with desk.transaction():
            await opening.furnish(desk, read_site(home("tenants") / "leipzig-west"))
        garden = await members.register_organisation(desk, Profile("Stadtgarten e. V.", "association", True, False))
        await members.add_affiliation(desk, lena, garden.id, "owner")
    rows = await site.sql("select key, id from app.plan where tenant_id = $1", site.id)
    return Scene(site, lena, garden.id, mara, {row["key"]: row["id"] for row in rows})
