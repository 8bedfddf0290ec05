"""Steps of an instalment, and who may not take the next one."""

from collections.abc import Iterator
from uuid import UUID

from quartier.grants.words import (
    AwardOverpaid,
    ConflictOfInterest,
    FourEyesBroken,
    Instalment,
    InstalmentNotDue,
    LeadMissing,
)
from quartier.kit.refusal import Refusal, SamePerson, StepNotPossible

# An award whose money may be called. Calling for it accepts the notice.
CALLABLE = ("noticed", "accepted", "active", "amended", "final_report")

STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "request": (("planned",), "requested"),
    "check": (("requested",), "checked"),
    "approve": (("checked",), "approved"),
    "pay": (("approved", "failed"), "paid"),
}


def objections_to_step(verb: str, instalment: Instalment) -> Iterator[Refusal]:
    """What stands against a step, whoever takes it."""
    sources, _ = STEPS[verb]
    if instalment.state not in sources:
        yield StepNotPossible(state=instalment.state, possible=", ".join(sources))
    if instalment.award.state not in CALLABLE:
        yield StepNotPossible(state=instalment.award.state, possible=", ".join(CALLABLE))


def objections_to_judge(own_case: bool) -> Iterator[Refusal]:
    """Who checks, approves and pays has nothing to do with who receives."""
    if own_case:
        yield ConflictOfInterest()


def objections_to_request(instalment: Instalment, *, leads: bool) -> Iterator[Refusal]:
    """`leads`: whether somebody asks who leads the organisation."""
    if not leads:
        yield LeadMissing()
    yield from objections_to_step("request", instalment)
    if instalment.trigger == "final_report" and instalment.award.state != "final_report":
        yield InstalmentNotDue(trigger=instalment.trigger)


def objections_to_check(instalment: Instalment, person: UUID | None) -> Iterator[Refusal]:
    """Two of the four eyes: a desk without a person has none."""
    yield from objections_to_step("check", instalment)
    if person is None:
        yield FourEyesBroken()


def objections_to_approval(instalment: Instalment, person: UUID | None) -> Iterator[Refusal]:
    """Four eyes: who approves has neither checked it nor asked for it."""
    yield from objections_to_step("approve", instalment)
    if person is None:
        yield FourEyesBroken()
    elif person == instalment.checked_by:
        yield SamePerson(step="check")
    elif person == instalment.requested_by:
        yield SamePerson(step="request")


def objections_to_payment(instalment: Instalment) -> Iterator[Refusal]:
    """Four eyes looked before; here the state counts, and that the award is never paid beyond its sum."""
    yield from objections_to_step("pay", instalment)
    left = instalment.award.planned - instalment.award.paid
    if instalment.amount > left:
        yield AwardOverpaid(left_cents=left, asked_cents=instalment.amount)
