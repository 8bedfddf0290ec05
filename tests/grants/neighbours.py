"""A site that gives money: a fund, a guideline, a call, and those who ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from world import NOW, Site

from quartier.grants.actions import open_fund, publish_call, submit_application
from quartier.grants.award.actions import award_application
from quartier.grants.payout.actions import approve_instalment, check_instalment, request_instalment
from quartier.grants.queries import rules_of
from quartier.grants.words import (
    ApplicationPlan,
    Award,
    Call,
    CallPlan,
    CostItem,
    FinanceItem,
    FundPlan,
    GuidelineRules,
    LinePlan,
    PostingKind,
    Submission,
    Sums,
)
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

# As leipzig-west has it: 35 %, 5,000 EUR, +1,000 EUR for each new job, at most 10,000 EUR.
SMALL = {
    "name_de": "Kleine Investitionen",
    "purposes": ["investment"],
    "funding": "share",
    "rate_permille": 350,
    "cap_cents": 500_000,
    "bonus_per_job_cents": 100_000,
    "max_cents": 1_000_000,
    "min_eligible_cents": 300_000,
    "min_item_cents": 15_000,
    "rounding": "down_to_cent",
    "who": {
        "kinds": ["company", "cooperative", "association", "initiative"],
        "economic": True,
        "seat_in_area": True,
        "max_age_years": 0,
        "informal_needs_carrier": True,
        "nace_excluded": ["01", "47.3"],
    },
    "costs": {"eligible": ["equipment", "fit_out"]},
    "start": {"before_award": "refused"},
    "pay": {
        "instalments": [
            {"no": 1, "permille": 500, "trigger": "call_for_funds"},
            {"no": 2, "permille": 350, "trigger": "call_for_funds"},
            {"no": 3, "permille": 150, "trigger": "final_report"},
        ]
    },
    "rubric": {"quartier": {"weight_permille": 600}, "arbeit": {"weight_permille": 400}},
    "area": {"districts": ["Lindenau", "Plagwitz"], "postcodes": ["04177", "04229"]},
}


def small(**more: Any) -> GuidelineRules:
    return rules_of(msgspec.json.encode({**SMALL, **more}).decode())


def machine(
    call: UUID, organisation: UUID, cost: int = 1_000_000, grant: int = 350_000, **more: Any
) -> ApplicationPlan:
    """An application for a machine: the rest is paid by the applicant."""
    wishes: dict[str, Any] = {
        "call_id": call,
        "organisation_id": organisation,
        "purpose": "investment",
        "title": "Siebdruckmaschine",
        "costs": (CostItem("equipment", "Maschine", cost),),
        "finance": (FinanceItem("grant", "Zuwendung", grant), FinanceItem("own", "Rücklage", cost - grant)),
        **more,
    }
    return ApplicationPlan(**wishes)


@dataclass(frozen=True)
class Grants:
    """A site with its people of the money, and short ways to what they do."""

    site: Site
    people: dict[str, UUID] = field(default_factory=dict)

    def desk(self, role: str) -> Desk:
        return self.site.desk(role, person=self.people.get(role))

    def applicant(self, *own: UUID) -> Desk:
        """Somebody who leads all of them."""
        return self.site.desk("member_admin", person=self.people["member"], own=frozenset(own))

    def colleague(self, *own: UUID) -> Desk:
        return self.site.desk("member", person=self.people["member"], own=frozenset(own))

    async def organisation(self, name: str = "Lichtfang", **facts: Any) -> UUID:
        row = {
            "kind": "company", "economic": True, "postcode": "04229", "district": None, "founded_on": None,
            "nace": None, **facts,
        }  # fmt: skip
        made = new_id()
        await self.site.sql(
            "insert into app.organisation (tenant_id, id, name, sort_key, kind, nonprofit, economic, postcode, "
            "district, founded_on, nace, about_de, partner_roles, tags, state, created_at, changed_at) values "
            "($1, $2, $3, lower($3), $4, false, $5, $6, $7, $8, $9, '', '{}', '{}', 'active', $10, $10)",
            self.site.id, made, name, row["kind"], row["economic"], row["postcode"], row["district"], row["founded_on"],
            row["nace"], NOW,
        )  # fmt: skip
        return made

    async def fund(self, allocated: int = 4_500_000, *, returns: bool = True) -> UUID:
        """A fund with one line for investments of this year, and the guideline that spends it. Gives the line."""
        fund = await open_fund(
            self.desk("finance"),
            FundPlan(
                key="quartiersfonds",
                name_de="Quartiersfonds",
                source="erdf",
                valid_from=date(2025, 9, 1),
                valid_to=date(2028, 12, 31),
                lines=(LinePlan(2026, "investment", allocated),),
                recovered_money_returns=returns,
            ),
        )
        await self.guideline(fund.id)
        [row] = await self.site.sql("select id from app.budget_line where tenant_id = $1", self.site.id)
        line: UUID = row["id"]
        return line

    async def guideline(self, fund: UUID, **more: Any) -> None:
        await self.site.sql(
            "insert into app.guideline (tenant_id, id, key, edition, fund_id, name_de, valid, rules, state, "
            "created_at, changed_at) values "
            "($1, $2, 'klein', 1, $3, 'Kleine Investitionen', '[2025-09-01,)', $4, 'in_force', $5, $5)",
            self.site.id,
            new_id(),
            fund,
            msgspec.json.encode({**SMALL, **more}).decode(),
            NOW,
        )

    async def call(self, budget: int = 2_000_000, **more: Any) -> Call:
        wishes: dict[str, Any] = {
            "guideline": "klein",
            "title_de": "Kleine Investitionen",
            "purposes": ("investment",),
            "opens_at": NOW - timedelta(days=1),
            "closes_at": NOW + timedelta(days=10),
            "budget": budget,
            **more,
        }
        return await publish_call(self.desk("grants_officer"), CallPlan(**wishes), finance=2)

    async def submitted(self, call: Call, organisation: UUID, **more: Any) -> Submission:
        return await submit_application(self.applicant(organisation), machine(call.id, organisation, **more))

    async def awarded(self, call: Call, organisation: UUID, **more: Any) -> Award:
        submission = await self.submitted(call, organisation, **more)
        return await award_application(self.desk("award_authority"), submission.application_id)

    async def instalments(self, award: Award) -> list[UUID]:
        rows = await self.site.sql(
            "select id from app.instalment where tenant_id = $1 and award_id = $2 order by no", self.site.id, award.id
        )
        return [row["id"] for row in rows]

    async def approved(self, instalment: UUID, organisation: UUID) -> None:
        """Three people bring an instalment to the door of the bank."""
        await request_instalment(self.applicant(organisation), instalment)
        await check_instalment(self.desk("grants_officer"), instalment)
        await approve_instalment(self.desk("finance"), instalment)

    async def sums(self, line: UUID) -> Sums:
        [row] = await self.site.sql(
            "select allocated, reserved, committed, paid from app.budget_line where tenant_id = $1 and id = $2",
            self.site.id,
            line,
        )
        return Sums(*row)

    async def postings(self, line: UUID) -> Sequence[tuple[PostingKind, int]]:
        rows = await self.site.sql(
            "select kind, amount from app.posting where tenant_id = $1 and line_id = $2 order by seq",
            self.site.id,
            line,
        )
        return [(row["kind"], row["amount"]) for row in rows]
