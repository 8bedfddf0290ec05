"""A site sees its figures as the city sees them, and no other site's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from conftest import Cluster
from graph.both import Both
from rows import add, number, organisation
from world import NOW, Site

from quartier.database.lanes import Lanes
from quartier.insight.actions import tally
from quartier_graph.site import site as site_graph

ASK = """
{ figures(first: 20, filter: {
    period: MONTH, starts: "2026-11-01", indicators: ["memberships"], slices: ["all", "kind:company"]}) {
  nodes { indicator version period firstDay lastDay slice state n num den } } }"""


@pytest_asyncio.fixture(scope="session")
async def lanes(postgres: Cluster, database: str, engine: object) -> AsyncIterator[Lanes]:
    opened = Lanes(postgres.address(database), "app", size=2)
    await opened.start()
    yield opened
    await opened.stop()


async def members(site: Site, many: int) -> None:
    for at in range(many):
        firm = await organisation(site, f"Firma {at}")
        await add(
            site, "app.membership", number=number(), organisation_id=firm, family="haus",
            starts_on=NOW.date(), state="active", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
    with site.speaking("worker"):
        await tally(site.desk())


async def test_a_site_sees_what_it_published(west: Site, east: Site, lanes: Lanes, postgres: Cluster) -> None:
    await members(west, 7)
    await members(east, 4)
    both = Both(site_graph(), lanes, postgres.keyring.cursor)
    told: dict[str, Any] = {"indicator": "memberships", "version": 1, "period": "MONTH", "den": None}
    told |= {"firstDay": "2026-11-01", "lastDay": "2026-11-30"}
    shown = {"state": "SHOWN", "n": 7, "num": 7}
    hidden = {"state": "HIDDEN", "n": None, "num": None}
    for site, expected in ((west, shown), (east, hidden)):
        answer = await both.answer(site.desk("manager"), ASK)
        nodes = sorted(answer["data"]["figures"]["nodes"], key=lambda node: node["slice"])
        assert nodes == [{**told, "slice": part, **expected} for part in ("all", "kind:company")]


async def test_a_member_does_not_see_figures(west: Site, lanes: Lanes, postgres: Cluster) -> None:
    answer = await Both(site_graph(), lanes, postgres.keyring.cursor).answer(west.desk("member"), ASK)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
