"""A call for applications that can be answered, and somebody who may answer it."""

from datetime import date
from typing import Any

import msgspec
from console.reader import Reader, signed_in
from grants.neighbours import SMALL
from world import NOW, Site

from quartier.app import App
from quartier.kit.ids import new_id


async def open_call(site: Site) -> str:
    """A call that is open now, under a guideline that gives 60 % of a prototype."""
    gives: Any = {**SMALL, "purposes": ["prototype"], "rate_permille": 600, "min_eligible_cents": 50_000}
    gives |= {"who": {"kinds": ["company", "association"], "economic": False, "seat_in_area": False,
        "max_age_years": 0, "informal_needs_carrier": False}}  # fmt: skip
    gives |= {"costs": {"eligible": ["prototype"]}}
    [row] = await site.sql(
        "with g as (insert into app.guideline (tenant_id, id, key, edition, fund_id, name_de, valid, rules, state,"
        " created_at, changed_at) select $1, $2::uuid, $2::uuid::text, 1, f.id, 'Prototyp', '[2025-09-01,)', $3,"
        " 'in_force', $4, $4 from app.fund f where f.tenant_id = $1 limit 1 returning tenant_id, id)"
        " insert into app.call (tenant_id, id, number, guideline_id, title_de, purposes, opens_at, closes_at, budget,"
        " approved, state, created_at, changed_at) select g.tenant_id, $5, right($2::uuid::text, 8), g.id, 'Prototyp',"
        " '{prototype}', $4 - interval '1 d', $4 + interval '9 d', 900000, 0, 'published', $4, $4 from g returning id",
        site.id, new_id(), msgspec.json.encode(gives).decode(), NOW, new_id(),
    )  # fmt: skip
    return str(row["id"])


async def applicant_of(
    app: App, site: Site, organisation: str, *, name: str = "Jana Antrag", role: str = "admin"
) -> Reader:
    """A lead of the organisation, who may apply for it; or a colleague, who may fill in."""
    jana = await site.person(name)
    await site.sql(
        "insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at) "
        "values ($1, $2, $3, $4, $6, daterange($5, null), now())",
        site.id, new_id(), jana, organisation.partition("_")[2], date(2026, 1, 1), role,
    )  # fmt: skip
    return await signed_in(app, site, person=jana)
