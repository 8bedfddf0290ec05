"""An application as those who decide see it, and why there is none."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartier.kit.refusal import Refusal
from quartier.members.words import MembershipState


@dataclass(frozen=True, slots=True)
class Application:
    """A membership that is asked for; `starts_on` is the wish."""

    id: UUID
    number: str
    person: UUID | None
    organisation: UUID | None
    plan: UUID | None
    starts_on: date | None
    applied_by: UUID | None
    state: MembershipState
    version: int


class ApplicationOpen(Refusal):
    """One application for each holder and family of plans at a time; `number` is the one that waits."""

    code = "APPLICATION_OPEN"
    constraint = "membership_one_application"
    number: str = ""
    de = "Es liegt schon ein Antrag dieser Art bei uns ({number}). Bitte diesen abwarten oder zurückziehen."
    en = "There is already an application of this kind ({number}). Please wait for it, or take it back."
