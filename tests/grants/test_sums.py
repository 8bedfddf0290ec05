"""The sums, to the cent, as pure rules."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from grants.neighbours import machine, small
from world import NOW

from quartier.grants import rules
from quartier.grants.award.rules import instalments
from quartier.grants.ledger.rules import effect, replay
from quartier.grants.words import Applicant, Call, CostItem, FinanceItem, Share, Sums

SEAT = Applicant("company", economic=True, postcode="04229")
TODAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("eligible", "jobs", "grant"),
    [
        (1_000_000, 0, 350_000),  # 35 %
        (999_999, 0, 349_999),  # rounded down to the cent
        (300_001, 0, 105_000),
        (2_000_000, 0, 500_000),  # the cap
        (2_000_000, 2, 700_000),  # and two jobs
        (2_000_000, 9, 1_000_000),  # the most there is
        (300_000, 9, 300_000),  # never more than the costs
    ],
)
def test_the_grant_of_small_investments(eligible: int, jobs: int, grant: int) -> None:
    assert rules.grant_for(eligible, small(), purpose="investment", jobs=jobs) == grant


def test_a_purpose_may_have_its_own_cap_and_a_guideline_its_own_rounding() -> None:
    guideline = small(rate_permille=800, cap_by_purpose_cents={"advertising": 150_000}, rounding="down_to_euro")
    assert rules.grant_for(200_000, guideline, purpose="advertising", jobs=0) == 150_000
    assert rules.grant_for(123_456, guideline, purpose="prototype", jobs=0) == 98_700


def test_only_named_kinds_and_large_enough_items_count() -> None:
    costs = [CostItem("equipment", "a", 15_000), CostItem("equipment", "b", 14_999), CostItem("vehicle", "c", 90_000)]
    assert rules.eligible_costs(costs, small()) == 15_000


def test_an_award_is_paid_in_parts_that_add_up() -> None:
    shares = (Share(1, 500, "call_for_funds"), Share(2, 350, "call_for_funds"), Share(3, 150, "final_report"))
    assert [part[1] for part in instalments(999_999, shares)] == [499_999, 349_999, 150_001]
    assert [part[:2] for part in instalments(1, shares)] == [(3, 1)]


def test_postings_add_up_to_the_sums_of_a_line() -> None:
    postings = [
        ("allocate", 1000), ("reserve", 700), ("commit", 600), ("unreserve", 100), ("pay", 250), ("release", 50),
        ("return", 20), ("recover", 30), ("withdraw", 10),
    ]  # fmt: skip
    assert replay(postings) == Sums(allocated=990, reserved=0, committed=520, paid=200)  # type: ignore[arg-type]
    assert effect("recover", 30, money_returns=False) == Sums(-30, 0, -30, -30)


@pytest.mark.parametrize(
    ("applicant", "codes"),
    [
        (SEAT, []),
        (Applicant("public_body", economic=True, postcode="04229"), ["KIND_EXCLUDED"]),
        (Applicant("company", economic=False), ["NOT_ECONOMIC"]),
        (Applicant("company", economic=True), []),  # nobody knows the seat: the formal check asks
        (Applicant("company", economic=True, postcode="04109"), ["SEAT_OUTSIDE_AREA"]),
        (Applicant("company", economic=True, postcode="04109", district="Plagwitz"), []),  # the district is more exact
        (Applicant("company", economic=True, nace="47.30"), ["BRANCH_EXCLUDED"]),
        (Applicant("company", economic=True, nace="47.9"), []),
        (Applicant("initiative", economic=True), ["CARRIER_MISSING"]),
        (Applicant("company", economic=False, nace="01.1", district="Mitte"),
         ["NOT_ECONOMIC", "SEAT_OUTSIDE_AREA", "BRANCH_EXCLUDED"]),
    ],
)  # fmt: skip
def test_who_may_apply(applicant: Applicant, codes: list[str]) -> None:
    found = rules.objections_to_applicant(applicant, small(), has_carrier=False, today=TODAY)
    assert [refusal.code for refusal in found] == codes


def test_the_age_counts_to_the_same_day_years_later() -> None:
    guideline = small(who={**_who(), "max_age_years": 5})

    def codes(founded_on: date, today: date) -> list[str]:
        one = Applicant("company", economic=True, founded_on=founded_on)
        return [r.code for r in rules.objections_to_applicant(one, guideline, has_carrier=False, today=today)]

    assert codes(date(2021, 11, 19), TODAY) == []
    assert codes(date(2021, 11, 18), TODAY) == ["TOO_OLD"]
    assert codes(date(2024, 2, 29), date(2029, 3, 1)) == []


def _who() -> dict[str, object]:
    return {
        "kinds": ["company"], "economic": True, "seat_in_area": False, "max_age_years": 0,
        "informal_needs_carrier": True,
    }  # fmt: skip


def call(**more: object) -> Call:
    facts = {
        "id": UUID(int=1), "number": "LW-A-2026-01", "fund_id": UUID(int=2), "purposes": ("investment",),
        "opens_at": NOW, "closes_at": NOW + timedelta(days=1), "budget": 100, "approved": 0, "state": "published",
        "rules": small(), **more,
    }  # fmt: skip
    return Call(**facts)  # type: ignore[arg-type]


def test_a_deadline_is_an_instant_and_included() -> None:
    open_ = call()
    moment = timedelta(microseconds=1)
    assert rules.is_open(open_, now=NOW)
    assert not rules.is_open(open_, now=NOW - moment)
    assert rules.is_open(open_, now=NOW + timedelta(days=1))
    assert not rules.is_open(open_, now=NOW + timedelta(days=1) + moment)
    assert not rules.is_open(call(state="withdrawn"), now=NOW)


def codes(cost: int, *finance: FinanceItem, **more: Any) -> list[str]:
    plan = machine(UUID(int=1), UUID(int=3), cost, finance=finance, **more)
    return [r.code for r in rules.objections_to_submission(plan, call(), SEAT, leads=True, now=NOW, today=TODAY)]


def test_costs_and_sources_balance_to_the_cent() -> None:
    grant, own = FinanceItem("grant", "", 350_000), FinanceItem("own", "", 650_000)
    assert codes(1_000_000, grant, own) == []
    assert codes(1_000_001, grant, own) == ["PLAN_DOES_NOT_BALANCE"]
    # A cent more than the guideline gives is no source.
    assert codes(1_000_000, FinanceItem("grant", "", 350_001), FinanceItem("own", "", 649_999)) == [
        "PLAN_DOES_NOT_BALANCE"
    ]
    assert codes(299_999, FinanceItem("grant", "", 100_000), FinanceItem("third", "", 199_999)) == ["COSTS_TOO_LOW"]


def test_the_measure_begins_after_the_day_it_is_asked_for() -> None:
    items = (FinanceItem("grant", "", 350_000), FinanceItem("own", "", 650_000))
    assert codes(1_000_000, *items, starts_on=TODAY) == ["MEASURE_STARTED"]
    assert codes(1_000_000, *items, starts_on=TODAY + timedelta(days=1)) == []
