"""Money for others: funds with their lines of a year, and the guidelines that say who may have it."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from quartier.tenancy.blueprint.measures import (
    Cents,
    Count,
    Key,
    Nace,
    OrganisationKind,
    Permille,
    Positive,
    Purpose,
    Text,
    Whole,
    Word,
    Year,
)
from quartier.tenancy.blueprint.shape.base import Table


class BudgetLine(Table, frozen=True, kw_only=True):
    year: Year
    purpose: Literal["investment", "prototype", "advertising", "any"]
    allocated_cents: Cents


class Fund(Table, frozen=True, kw_only=True):
    """`recovered_money_returns` false: what comes back lowers the allocation."""

    name_de: Text
    name_en: Text | None = None
    source: Literal["erdf", "city", "state", "donation"]
    valid_from: date
    valid_to: date
    recovered_money_returns: bool
    lines: tuple[BudgetLine, ...]


class Eligibility(Table, frozen=True, kw_only=True):
    """Who may apply. `max_age_years` 0 = any age; a ceiling that is absent is none."""

    kinds: Annotated[tuple[OrganisationKind, ...], Meta(min_length=1)]
    economic: bool
    max_staff: Positive | None = None
    max_turnover_cents: Cents | None = None
    or_max_balance_cents: Cents | None = None
    seat_in_area: bool
    max_age_years: Count
    informal_needs_carrier: bool
    nace_excluded: tuple[Nace, ...] = ()
    overdue_proof_blocks: bool


class Costs(Table, frozen=True, kw_only=True):
    eligible: Annotated[tuple[Word, ...], Meta(min_length=1)]
    excluded: tuple[Word, ...] = ()
    in_kind_counts: bool
    in_kind_max_permille: Permille | None = None


class Start(Table, frozen=True, kw_only=True):
    before_award: Literal["refused", "with_permit"]
    permit_allowed: bool
    proof_of_start: Word


class Share(Table, frozen=True, kw_only=True):
    """An instalment as a share of the award."""

    no: Positive
    permille: Permille
    trigger: Literal["acceptance", "call_for_funds", "final_report"]


class Payment(Table, frozen=True, kw_only=True):
    instalments: Annotated[tuple[Share, ...], Meta(min_length=1)]
    holdback_permille: Permille
    spend_within_days: Positive


class Proof(Table, frozen=True, kw_only=True):
    """0 months = no such report; `reminders_days` are counted from the day due, negative is before."""

    interim_every_months: Count
    final_due_months: Positive
    jobs_due_months: Count
    shift_permille: Permille
    receipts: Literal["list", "list_and_files", "simple"]
    keep_receipts_years: Positive
    reminders_days: tuple[Whole, ...]


class Recovery(Table, frozen=True, kw_only=True):
    interest: Literal["none", "statutory"]
    due_days: Positive


class Review(Table, frozen=True, kw_only=True):
    """`independent`: scores of others are seen after one's own is handed in."""

    reviews_needed: Positive
    blind: bool
    quorum: Positive
    independent: bool
    scale_max: Annotated[int, Meta(ge=1, le=10)]


class Criterion(Table, frozen=True, kw_only=True):
    """Anchors say in words what a number of points means."""

    name_de: Text
    name_en: Text | None = None
    weight_permille: Permille
    anchors_de: dict[int, Text]


class Guideline(Table, frozen=True, kw_only=True):
    """`base = min(eligible · rate, cap)`, `grant = min(base + jobs · bonus, max, eligible)`."""

    name_de: Text
    name_en: Text | None = None
    fund: Key
    purposes: Annotated[tuple[Purpose, ...], Meta(min_length=1)]
    valid_from: date
    funding: Literal["share", "fixed", "deficit"]
    rate_permille: Permille
    cap_cents: Cents
    cap_by_purpose_cents: dict[Purpose, Cents] = {}
    bonus_per_job_cents: Cents
    bonus_job_kept_months: Positive | None = None
    max_cents: Cents
    min_eligible_cents: Cents
    min_item_cents: Cents
    rounding: Literal["down_to_cent", "down_to_euro"]
    appeal_days: Positive
    meeting_name_de: Text
    who: Eligibility
    costs: Costs
    start: Start
    pay: Payment
    proof: Proof
    recovery: Recovery
    review: Review
    rubric: Annotated[dict[Key, Criterion], Meta(min_length=1)]
