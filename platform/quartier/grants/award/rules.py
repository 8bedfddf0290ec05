"""What stands against an award, and in which parts it is paid."""

from collections.abc import Iterator, Sequence

from quartier.grants.rules import grant_for
from quartier.grants.words import (
    Application,
    AwardTooHigh,
    BudgetLine,
    BudgetSpent,
    Call,
    CallBudgetSpent,
    ConflictOfInterest,
    Share,
    Trigger,
)
from quartier.kit.money import Cents, share
from quartier.kit.refusal import FieldInvalid, Refusal, StepNotPossible
from quartier.kit.spoken import at_least_cents

# Before a decision the way leads over check, review and jury; an award ends all of them.
AWARDABLE = ("submitted", "eligible", "reviewed", "jury", "reserve")


def objections_to_award(
    amount: Cents, application: Application, call: Call, line: BudgetLine, *, own_case: bool
) -> Iterator[Refusal]:
    if own_case:
        yield ConflictOfInterest()
    """`amount` is in cents; what the guideline, the call and the line each have left is told at once."""
    if application.state not in AWARDABLE:
        yield StepNotPossible(state=application.state, possible=", ".join(AWARDABLE))
    if amount < 1:
        yield FieldInvalid(path=("amount",), allowed=at_least_cents(1))
    most = grant_for(application.eligible, call.rules, purpose=application.purpose, jobs=application.jobs)
    if amount > most:
        yield AwardTooHigh(path=("amount",), grant_cents=most)
    if amount > call.left:
        yield CallBudgetSpent(left_cents=call.left, asked_cents=amount)
    if amount > line.sums.left:
        yield BudgetSpent(left_cents=line.sums.left, asked_cents=amount)


def instalments(amount: Cents, shares: Sequence[Share]) -> list[tuple[int, Cents, Trigger]]:
    """Split an award as the guideline's pay table says; the last part takes what rounding left.

    >>> instalments(1001, [Share(1, 500, "call_for_funds"), Share(2, 500, "final_report")])
    [(1, 500, 'call_for_funds'), (2, 501, 'final_report')]
    """
    parts = [(part.no, share(amount, part.permille), part.trigger) for part in sorted(shares, key=lambda s: s.no)]
    no, cents, trigger = parts[-1]
    parts[-1] = (no, cents + amount - sum(part[1] for part in parts), trigger)
    return [part for part in parts if part[1] > 0]
