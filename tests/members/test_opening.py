"""A site opens with the plans of its blueprint, and drift finds what somebody changed."""

from world import Site

from quartier.members import opening
from quartier.tenancy.blueprint import SiteBlueprint
from quartier.tenancy.drift import Difference


async def test_a_site_opens_with_its_plans_and_does_not_drift(at_west: Site, blueprint: SiteBlueprint) -> None:
    rows = await at_west.sql(
        "select key, price, per, notice_days, lower(valid) as since from app.plan"
        " where tenant_id = $1 order by position",
        at_west.id,
    )
    assert [row["key"] for row in rows] == list(blueprint.plans)
    assert tuple(rows[1]) == ("verein", 1500, "month", 30, blueprint.site.opened_on)
    allowances = sum(len(plan.allowances) for plan in blueprint.plans.values())
    assert await at_west.count("app.plan_allowance") == allowances > 20
    assert await opening.drift(at_west.desk(), blueprint) == []


async def test_drift_names_what_was_changed_by_hand(at_west: Site, blueprint: SiteBlueprint) -> None:
    await at_west.sql("update app.plan set price = 1700 where tenant_id = $1 and key = 'verein'", at_west.id)
    await at_west.sql(
        "delete from app.plan_allowance where tenant_id = $1 and kind = 'advice_minutes' and amount = 240", at_west.id
    )
    found = await opening.drift(at_west.desk(), blueprint)
    assert Difference("plans.verein.price", 1500, 1700) in found
    assert {each.what for each in found} == {
        "plans.initiative.allowances",
        "plans.verein.price",
        "plans.verein.allowances",
    }
