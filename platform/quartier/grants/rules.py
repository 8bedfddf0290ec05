"""Who may apply, what counts, how much it can be."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from quartier.grants.words import (
    Applicant,
    ApplicationPlan,
    BranchExcluded,
    BudgetSpent,
    Call,
    CallNotOpen,
    CallPlan,
    CarrierMissing,
    CostItem,
    CostsTooLow,
    FinanceMissing,
    FundPlan,
    GuidelineRules,
    KindExcluded,
    LeadMissing,
    LineTwice,
    MeasureStarted,
    NotEconomic,
    NotEligible,
    PlanDoesNotBalance,
    PurposeNotCalled,
    SeatOutsideArea,
    TooOld,
    WeightsIncomplete,
)
from quartier.kit.money import Cents, share
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import after, at_least, at_least_cents, counts, letters, not_before
from quartier.kit.text import is_line

OPEN = ("published", "open")
YEARS = range(2000, 2200)
KEY, NAME = 80, 200  # characters
PAYERS = 2  # one releases an instalment, another one pays it


# -- the sum -------------------------------------------------------------------------------------------
def eligible_costs(costs: Sequence[CostItem], rules: GuidelineRules) -> Cents:
    """Add up what the guideline recognises: kinds it names, items that are large enough."""
    return sum(
        item.amount for item in costs if item.kind in rules.costs.eligible and item.amount >= rules.min_item_cents
    )


def grant_for(eligible: Cents, rules: GuidelineRules, *, purpose: str, jobs: int) -> Cents:
    """The most the guideline gives.

    base = min(eligible · rate, cap), rounded down; grant = min(base + jobs · bonus, max, eligible).
    """
    rated = share(eligible, rules.rate_permille)
    if rules.rounding == "down_to_euro":
        rated -= rated % 100
    base = min(rated, rules.cap_by_purpose_cents.get(purpose, rules.cap_cents))
    return min(base + jobs * rules.bonus_per_job_cents, rules.max_cents, eligible)


# -- funds and calls -----------------------------------------------------------------------------------
def objections_to_fund(plan: FundPlan) -> Iterator[Refusal]:
    """What stands against a fund and its lines; amounts may be 0, years are those of a budget."""
    lines = (("key", plan.key, KEY), ("nameDe", plan.name_de, NAME), ("nameEn", plan.name_en, NAME))
    for field, text, most in lines:
        if text is not None and not is_line(text, most):
            yield FieldInvalid(path=(field,), allowed=letters(1, most))
    for field, day in (("validFrom", plan.valid_from), ("validTo", plan.valid_to)):
        if day.year not in YEARS:
            yield FieldInvalid(path=(field,), allowed=counts(YEARS.start, YEARS.stop - 1))
    if plan.valid_from > plan.valid_to:
        yield FieldInvalid(path=("validTo",), allowed=not_before(plan.valid_from))
    if any(line.allocated < 0 for line in plan.lines):
        yield FieldInvalid(path=("lines",), allowed=at_least_cents(0))
    if any(line.year not in YEARS for line in plan.lines):
        yield FieldInvalid(path=("lines",), allowed=counts(YEARS.start, YEARS.stop - 1))
    if len({(line.year, line.purpose) for line in plan.lines}) < len(plan.lines):
        yield LineTwice(path=("lines",))


def objections_to_payers(finance: int) -> Iterator[Refusal]:
    """A call promises money, so somebody must be able to pay it: one releases, another one pays."""
    if finance < PAYERS:
        yield FinanceMissing(people=finance, needed=PAYERS)


def objections_to_call(plan: CallPlan) -> Iterator[Refusal]:
    """What is wrong with it under any guideline."""
    for field, text in (("titleDe", plan.title_de), ("titleEn", plan.title_en)):
        if text is not None and not is_line(text, NAME):
            yield FieldInvalid(path=(field,), allowed=letters(1, NAME))
    if plan.opens_at >= plan.closes_at:
        yield FieldInvalid(path=("closesAt",), allowed=after(plan.opens_at))
    if plan.budget < 1:
        yield FieldInvalid(path=("budget",), allowed=at_least_cents(1))


def objections_under_guideline(plan: CallPlan, rules: GuidelineRules, *, free: Cents) -> Iterator[Refusal]:
    """`free` is the money that nobody holds on the lines of the fund that fit the call's purposes."""
    if not plan.purposes or not set(plan.purposes) <= set(rules.purposes):
        yield FieldInvalid(path=("purposes",), allowed=", ".join(rules.purposes))
    if (weights := sum(criterion.weight_permille for criterion in rules.rubric.values())) != 1000:
        yield WeightsIncomplete(permille=weights)
    if plan.budget > free:
        yield BudgetSpent(path=("budget",), left_cents=free, asked_cents=plan.budget)


# -- applications --------------------------------------------------------------------------------------
def is_open(call: Call, *, now: datetime) -> bool:
    """The deadline is an instant and included."""
    return call.state in OPEN and call.opens_at <= now <= call.closes_at


def objections_to_applicant(
    applicant: Applicant, rules: GuidelineRules, *, has_carrier: bool, today: date
) -> Iterator[Refusal]:
    """What is not known speaks against nobody: the formal check asks for it."""
    who = rules.who
    if applicant.kind not in who.kinds:
        yield KindExcluded()
    if who.economic and not applicant.economic:
        yield NotEconomic()
    if who.seat_in_area and _is_outside(applicant, rules):
        yield SeatOutsideArea(seat=applicant.district or applicant.postcode or "–")
    if who.max_age_years and applicant.founded_on and _years_on(applicant.founded_on, who.max_age_years) < today:
        yield TooOld(years=who.max_age_years, founded_on=applicant.founded_on)
    if applicant.nace and any(_is_within(applicant.nace, branch) for branch in who.nace_excluded):
        yield BranchExcluded(nace=applicant.nace)
    if applicant.kind == "initiative" and who.informal_needs_carrier and not has_carrier:
        yield CarrierMissing(path=("carrier",))


def _is_outside(applicant: Applicant, rules: GuidelineRules) -> bool:
    """The district says it more exactly than the postcode, whose area crosses its border."""
    area = rules.area
    if applicant.district and area.districts:
        return applicant.district not in area.districts
    if applicant.postcode and area.postcodes:
        return applicant.postcode not in area.postcodes
    return False


def _is_within(nace: str, branch: str) -> bool:
    """A NACE code lies in a branch when it is the branch or goes on below it: 47.30 in 47.3, 1 in 01 not."""
    return nace.replace(".", "").startswith(branch.replace(".", ""))


def _years_on(day: date, years: int) -> date:
    """The same day some years on; a leap day becomes the first of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def objections_to_submission(
    plan: ApplicationPlan, call: Call, applicant: Applicant, *, leads: bool, now: datetime, today: date
) -> Iterator[Refusal]:
    """Say everything that stands against handing this in, the reasons of NOT_ELIGIBLE after it.

    `leads`: whether it is handed in by somebody who leads the organisation.
    """
    rules = call.rules
    if not leads:
        yield LeadMissing()
    if not is_open(call, now=now):
        yield CallNotOpen(call=call.number, opens_at=call.opens_at, closes_at=call.closes_at)
    reasons = list(objections_to_applicant(applicant, rules, has_carrier=plan.carrier_id is not None, today=today))
    if reasons:
        yield NotEligible(guideline=rules.name_de, reasons=", ".join(reason.code for reason in reasons))
        yield from reasons
    if plan.purpose not in call.purposes:
        yield PurposeNotCalled(path=("purpose",), purposes=", ".join(call.purposes))
    if rules.start.before_award == "refused" and plan.starts_on and plan.starts_on <= today:
        yield MeasureStarted(path=("startsOn",), starts_on=plan.starts_on)
    yield from objections_to_costs(plan, rules)


def objections_to_costs(plan: ApplicationPlan, rules: GuidelineRules) -> Iterator[Refusal]:
    """Costs and sources are equal, and no source is a grant that the guideline does not give."""
    if not is_line(plan.title, NAME):
        yield FieldInvalid(path=("title",), allowed=letters(1, NAME))
    if plan.jobs < 0:
        yield FieldInvalid(path=("jobs",), allowed=at_least(0))
    amounts = [*(cost.amount for cost in plan.costs), *(source.amount for source in plan.finance)]
    if any(amount < 1 for amount in amounts) or plan.requested < 1:
        yield FieldInvalid(path=("finance",), allowed=at_least_cents(1))
        return
    eligible = eligible_costs(plan.costs, rules)
    if eligible < max(rules.min_eligible_cents, 1):
        yield CostsTooLow(path=("costs",), eligible_cents=eligible, least_cents=rules.min_eligible_cents)
    most = grant_for(eligible, rules, purpose=plan.purpose, jobs=max(plan.jobs, 0))
    sources = min(plan.requested, most) + sum(item.amount for item in plan.finance if item.source != "grant")
    if sources != plan.total:
        yield PlanDoesNotBalance(path=("finance",), cost_cents=plan.total, source_cents=sources, grant_cents=most)


# -- the frozen copy -----------------------------------------------------------------------------------
def frozen(payload: dict[str, object]) -> bytes:
    """Write a payload in the one form that is hashed: keys sorted, no spaces, UTF-8.

    Whoever has the stored payload can compute the same bytes again, whatever jsonb did to their order.

    >>> frozen({"b": 1, "a": "ß"}).decode()
    '{"a":"ß","b":1}'
    """
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def receipt_of(number: str, no: int, payload: bytes) -> str:
    """What the applicant keeps: number, edition, and the first 16 digits of the hash.

    >>> receipt_of("LW-F-2026-014", 1, b"{}")
    'LW-F-2026-014/1 44136fa355b3678a'
    """
    return f"{number}/{no} {hashlib.sha256(payload).hexdigest()[:16]}"
