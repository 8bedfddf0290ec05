"""Funds and guidelines from the blueprint: written when a site opens, compared ever after."""

import json
from typing import Any

from quartier.database.columns import days
from quartier.grants.actions import open_fund
from quartier.grants.tables import Guideline
from quartier.grants.words import FundPlan, LinePlan
from quartier.kit.ids import new_id
from quartier.tenancy.blueprint import as_data
from quartier.tenancy.blueprint.shape.grants import Fund as FundDeclared
from quartier.tenancy.blueprint.shape.grants import Guideline as GuidelineDeclared
from quartier.tenancy.blueprint.shape.whole import SiteBlueprint
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences

_FUNDS = """
select key, name_de, name_en, source, lower(valid) as valid_from, upper(valid) - 1 as valid_to, recovered_money_returns
from app.fund where tenant_id = $1 order by created_at, key"""
_LINES = """
select f.key, l.year, l.purpose, l.allocated from app.budget_line l
join app.fund f on f.tenant_id = l.tenant_id and f.id = l.fund_id
where l.tenant_id = $1 order by f.key, l.year, l.purpose"""
_GUIDELINES = "select key, rules from app.guideline where tenant_id = $1 and state = 'in_force' order by key"


async def furnish(desk: Desk, blueprint: SiteBlueprint) -> None:
    """Open the funds, their money as postings, and put the guidelines in force; in the open transaction."""
    funds = {key: await open_fund(desk, planned(key, fund)) for key, fund in blueprint.funds.items()}
    for key, guideline in blueprint.guidelines.items():
        await Guideline.insert(
            Guideline(
                tenant_id=desk.tenant_id,
                id=new_id(),
                key=key,
                edition=1,
                fund_id=funds[guideline.fund].id,
                name_de=guideline.name_de,
                name_en=guideline.name_en,
                valid=days(guideline.valid_from, None),
                rules=json.dumps(rules_with_area(blueprint, guideline), ensure_ascii=False),
                state="in_force",
                version=1,
                created_at=desk.now,
                changed_at=desk.now,
            )
        )


async def drift(desk: Desk, blueprint: SiteBlueprint) -> list[Difference]:
    """Where funds, the money given to their lines, and the guidelines in force differ from the blueprint."""
    funds = [dict(row) for row in await desk.fetch(_FUNDS, desk.tenant_id)]
    in_rows = {row.pop("key"): row for row in funds}
    for row in await desk.fetch(_LINES, desk.tenant_id):
        in_rows[row["key"]][f"{row['year']} {row['purpose']}"] = row["allocated"]
    in_blueprint = {key: _declared(fund) for key, fund in blueprint.funds.items()}
    rules = {row["key"]: json.loads(row["rules"]) for row in await desk.fetch(_GUIDELINES, desk.tenant_id)}
    declared = {key: rules_with_area(blueprint, guideline) for key, guideline in blueprint.guidelines.items()}
    return [*differences("funds", in_blueprint, in_rows), *differences("guidelines", declared, rules)]


def planned(key: str, fund: FundDeclared) -> FundPlan:
    """A fund of the blueprint as it is opened."""
    return FundPlan(
        key=key,
        name_de=fund.name_de,
        name_en=fund.name_en,
        source=fund.source,
        valid_from=fund.valid_from,
        valid_to=fund.valid_to,
        recovered_money_returns=fund.recovered_money_returns,
        lines=tuple(LinePlan(line.year, line.purpose, line.allocated_cents) for line in fund.lines),
    )


def rules_with_area(blueprint: SiteBlueprint, guideline: GuidelineDeclared) -> dict[str, Any]:
    """A guideline as it is frozen: with the area of the day, since whoever was inside stays inside."""
    area = blueprint.site.area
    data = {**as_data(guideline), "area": {"districts": area.districts, "postcodes": area.postcodes}}
    plain: dict[str, Any] = json.loads(json.dumps(data))  # as it comes back from its column: lists, never tuples
    return plain


def _declared(fund: FundDeclared) -> dict[str, object]:
    facts = ("name_de", "name_en", "source", "valid_from", "valid_to", "recovered_money_returns")
    lines = sorted(fund.lines, key=lambda line: (line.year, line.purpose))
    return {
        **{name: getattr(fund, name) for name in facts},
        **{f"{line.year} {line.purpose}": line.allocated_cents for line in lines},
    }
