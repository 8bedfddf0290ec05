"""Plans and allowances from the blueprint: written when a site opens, compared ever after."""

from typing import Any

from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.members import tables
from quartier.tenancy.blueprint.shape.members import Allowance
from quartier.tenancy.blueprint.shape.members import Plan as PlanDeclared
from quartier.tenancy.blueprint.shape.whole import SiteBlueprint
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences

FACTS = (
    "name_de", "name_en", "family", "holder", "kinds", "nonprofit", "price", "per", "term_months", "notice_days",
    "pause_months", "papers", "public",
)  # fmt: skip

# The newest edition of each plan with its allowances.
_PLANS = """
select distinct on (p.key) p.*, (
  select coalesce(array_agg(concat_ws(' ', a.kind, a.amount, a.per, a.peak, array_to_string(a.space_kinds, ','))), '{}')
  from app.plan_allowance a where a.tenant_id = p.tenant_id and a.plan_id = p.id) as allowances
from app.plan p where p.tenant_id = $1 order by p.key, lower(p.valid) desc"""


async def furnish(desk: Desk, blueprint: SiteBlueprint) -> None:
    """Write the site's plans in the open transaction; they are offered from the day the site opens."""
    for position, (key, plan) in enumerate(blueprint.plans.items(), start=1):
        row = tables.Plan(
            **declared(plan),
            tenant_id=desk.tenant_id,
            id=new_id(),
            key=key,
            position=position,
            valid=days(blueprint.site.opened_on, None),
            created_at=desk.now,
        )
        await tables.Plan.insert(row)
        for allowance in plan.allowances:
            granted = tables.PlanAllowance(
                tenant_id=desk.tenant_id,
                id=new_id(),
                plan_id=row.id,
                kind=allowance.kind,
                space_kinds=list(allowance.spaces),
                peak=allowance.peak,
                amount=allowance.amount,
                per=allowance.per,
                created_at=desk.now,
            )
            await tables.PlanAllowance.insert(granted)


async def drift(desk: Desk, blueprint: SiteBlueprint) -> list[Difference]:
    """Where plans and allowances differ from the blueprint."""
    rows = await desk.fetch(_PLANS, desk.tenant_id)
    in_blueprint = {
        key: {**declared(plan), "allowances": sorted(map(_line, plan.allowances))}
        for key, plan in blueprint.plans.items()
    }
    in_rows = {
        row["key"]: {**{name: row[name] for name in FACTS}, "allowances": sorted(row["allowances"])} for row in rows
    }
    return list(differences("plans", in_blueprint, in_rows))


def declared(plan: PlanDeclared) -> dict[str, Any]:
    """A plan of the blueprint under the names of its row."""
    facts = {name: getattr(plan, name) for name in FACTS if name != "price"}
    return {**facts, "kinds": list(plan.kinds), "papers": list(plan.papers), "price": plan.price_cents}


def _line(allowance: Allowance) -> str:
    return f"{allowance.kind} {allowance.amount} {allowance.per} {allowance.peak} {','.join(allowance.spaces)}"
