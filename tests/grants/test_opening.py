"""Funds and guidelines of a site come from its blueprint, and a difference shows."""

from dataclasses import astuple

import pytest
from grants.neighbours import Grants
from world import NOW

from quartier.grants import opening, queries
from quartier.grants.actions import publish_call
from quartier.grants.ledger.actions import post
from quartier.grants.rules import grant_for
from quartier.grants.words import CallPlan
from quartier.settings import home
from quartier.tenancy.blueprint import read_site

pytestmark = pytest.mark.usefixtures("at_west")


async def test_the_funds_of_west_are_postings_and_its_guidelines_are_in_force(grants: Grants) -> None:
    west = read_site(home("tenants") / "leipzig-west")
    desk = grants.site.desk()
    async with desk.transaction():
        await opening.furnish(desk, west)
    assert await opening.drift(desk, west) == []

    [row] = await grants.site.sql(
        "select sum(amount)::bigint as allocated, count(*) as postings from app.posting "
        "where tenant_id = $1 and kind = 'allocate'",
        grants.site.id,
    )
    assert tuple(row) == (17_200_000, 9)
    found = await queries.guideline_in_force(desk, "kleine-investitionen")
    assert found is not None
    _, _, rules = found
    assert grant_for(2_000_000, rules, purpose="investment", jobs=2) == 700_000
    assert "04229" in rules.area.postcodes
    plan = CallPlan(
        guideline="prototyp-werbung", title_de="Werbung", purposes=("advertising",), opens_at=NOW,
        closes_at=NOW.replace(day=30), budget=500_000,
    )  # fmt: skip
    assert (await publish_call(desk, plan, finance=2)).left == 500_000


async def test_money_moved_by_a_posting_shows_as_drift(grants: Grants) -> None:
    east = read_site(home("tenants") / "leipzig-east")
    desk = grants.site.desk()
    async with desk.transaction():
        await opening.furnish(desk, east)
        [fund] = east.funds
        line = min(east.funds[fund].lines, key=lambda line: (line.year, line.purpose))
        rows = await desk.fetch(
            "select id from app.budget_line where tenant_id = $1 order by year, purpose limit 1", desk.tenant_id
        )
        await post(desk, rows[0]["id"], "withdraw", 1, "test")
    what = f"funds.{fund}.{line.year} {line.purpose}"
    assert [astuple(one) for one in await opening.drift(desk, east)] == [
        (what, line.allocated_cents, line.allocated_cents - 1)
    ]
