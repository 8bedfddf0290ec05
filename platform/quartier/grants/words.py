"""Nouns and refusals of the grants. Money is EUR cents; a share is in permille."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

Purpose = Literal["investment", "prototype", "advertising"]
LinePurpose = Literal["investment", "prototype", "advertising", "any"]
Source = Literal["erdf", "city", "state", "donation"]
Trigger = Literal["acceptance", "call_for_funds", "final_report"]
FinanceSource = Literal["grant", "own", "third", "in_kind"]
PostingKind = Literal[
    "allocate", "withdraw", "reserve", "unreserve", "commit", "release", "pay", "return", "recover"
]  # fmt: skip


# -- what is asked for -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LinePlan:
    year: int
    purpose: LinePurpose
    allocated: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class FundPlan:
    """A fund with its lines. `valid_to` is the last day."""

    key: str
    name_de: str
    source: Source
    valid_from: date
    valid_to: date
    lines: tuple[LinePlan, ...]
    name_en: str | None = None
    recovered_money_returns: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """A call under the edition of a guideline that is in force; both ends of the window are included."""

    guideline: str
    title_de: str
    purposes: tuple[Purpose, ...]
    opens_at: datetime
    closes_at: datetime
    budget: Cents
    title_en: str | None = None


@dataclass(frozen=True, slots=True)
class CostItem:
    kind: str
    text: str
    amount: Cents


@dataclass(frozen=True, slots=True)
class FinanceItem:
    source: FinanceSource
    text: str
    amount: Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPlan:
    """What an organisation hands in. The item with the source `grant` is what it asks for."""

    call_id: UUID
    organisation_id: UUID
    purpose: Purpose
    title: str
    costs: tuple[CostItem, ...]
    finance: tuple[FinanceItem, ...]
    jobs: int = 0
    starts_on: date | None = None
    carrier_id: UUID | None = None
    answers: dict[str, str | int | bool] | None = None

    @property
    def total(self) -> Cents:
        return sum(item.amount for item in self.costs)

    @property
    def requested(self) -> Cents:
        return sum(item.amount for item in self.finance if item.source == "grant")


# -- the rules of a guideline, as they are stored ------------------------------------------------------
class Who(msgspec.Struct, frozen=True):
    """`max_age_years` 0 = any age."""

    kinds: tuple[str, ...]
    economic: bool
    seat_in_area: bool
    max_age_years: int
    informal_needs_carrier: bool
    nace_excluded: tuple[str, ...] = ()


class Costs(msgspec.Struct, frozen=True):
    eligible: tuple[str, ...]


class Start(msgspec.Struct, frozen=True):
    before_award: Literal["refused", "with_permit"]


class Share(msgspec.Struct, frozen=True):
    no: int
    permille: int
    trigger: Trigger


class Pay(msgspec.Struct, frozen=True):
    instalments: tuple[Share, ...]


class Criterion(msgspec.Struct, frozen=True):
    weight_permille: int


class Area(msgspec.Struct, frozen=True):
    """Where a seat is inside; an empty area is everywhere."""

    districts: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()


class GuidelineRules(msgspec.Struct, frozen=True):
    """`base = min(eligible · rate, cap)`, `grant = min(base + jobs · bonus, max, eligible)`."""

    name_de: str
    purposes: tuple[Purpose, ...]
    funding: Literal["share", "fixed", "deficit"]
    rate_permille: int
    cap_cents: Cents
    bonus_per_job_cents: Cents
    max_cents: Cents
    min_eligible_cents: Cents
    min_item_cents: Cents
    rounding: Literal["down_to_cent", "down_to_euro"]
    who: Who
    costs: Costs
    start: Start
    pay: Pay
    rubric: dict[str, Criterion]
    cap_by_purpose_cents: dict[str, Cents] = {}
    area: Area = Area()


# -- rows ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fund:
    id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class Sums:
    """The four sums of a line; what is left may be asked for."""

    allocated: Cents = 0
    reserved: Cents = 0
    committed: Cents = 0
    paid: Cents = 0

    @property
    def left(self) -> Cents:
        return self.allocated - self.reserved - self.committed


@dataclass(frozen=True, slots=True)
class BudgetLine:
    id: UUID
    fund_id: UUID
    year: int
    purpose: LinePurpose
    sums: Sums


@dataclass(frozen=True, slots=True)
class Posting:
    id: UUID
    line_id: UUID
    seq: int
    kind: PostingKind
    amount: Cents
    after: Sums  # of the line


@dataclass(frozen=True, slots=True)
class Call:
    id: UUID
    number: str
    fund_id: UUID
    purposes: tuple[str, ...]
    opens_at: datetime
    closes_at: datetime
    budget: Cents
    approved: Cents
    state: str
    rules: GuidelineRules

    @property
    def left(self) -> Cents:
        return self.budget - self.approved


@dataclass(frozen=True, slots=True)
class CallNamed:
    """What anybody calls a call, and its last moment."""

    id: UUID
    number: str
    title_de: str
    title_en: str | None
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a guideline asks of an organisation; None is not known."""

    kind: str
    economic: bool
    founded_on: date | None = None
    nace: str | None = None
    district: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    id: UUID
    number: str
    call_id: UUID
    organisation_id: UUID
    purpose: Purpose
    requested: Cents
    eligible: Cents
    jobs: int
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in. `receipt` proves it: number, edition and the beginning of the hash."""

    application_id: UUID
    number: str
    receipt: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Award:
    id: UUID
    number: str
    application_id: UUID
    line_id: UUID
    organisation_id: UUID
    amount: Cents
    planned: Cents
    paid: Cents
    state: str


@dataclass(frozen=True, slots=True)
class Instalment:
    id: UUID
    award: Award
    no: int
    amount: Cents
    trigger: Trigger
    requested_by: UUID | None
    checked_by: UUID | None
    approved_by: UUID | None
    state: str
    version: int


# -- refusals: calls and applications --------------------------------------------------------------------
class GuidelineNotInForce(Refusal):
    code = "GUIDELINE_NOT_IN_FORCE"
    de = "Die Richtlinie „{guideline}“ ist zurzeit nicht in Kraft. Bitte wählen Sie eine andere."
    en = "The guideline “{guideline}” is not in force at present. Please choose another one."


class WeightsIncomplete(Refusal):
    code = "WEIGHTS_INCOMPLETE"
    de = "Die Gewichte des Bewertungsrasters ergeben {permille} ‰ statt 1000 ‰."
    en = "The weights of the rubric add up to {permille} ‰ instead of 1000 ‰."


class FundExists(Refusal):
    code = "FUND_EXISTS"
    constraint = "fund_once"
    de = "Einen Fördertopf mit diesem Schlüssel gibt es schon. Bitte wählen Sie einen anderen."
    en = "There is a fund with this key already. Please choose another one."


class LineTwice(Refusal):
    code = "LINE_TWICE"
    constraint = "budget_line_once"
    de = "Für jedes Jahr und jeden Zweck gibt es nur eine Haushaltslinie. Bitte fassen Sie die Beträge zusammen."
    en = "There is only one budget line for each year and purpose. Please add the amounts up."


class CallNotOpen(Refusal):
    code = "CALL_NOT_OPEN"
    de = "Der Förderaufruf {call} nimmt Anträge an von {opens_at} bis {closes_at}."
    en = "The call {call} takes applications from {opens_at} to {closes_at}."


class NotEligible(Refusal):
    """Comes first; each reason follows as a refusal of its own. `reasons` are their codes."""

    code = "NOT_ELIGIBLE"
    de = "Nach der Richtlinie „{guideline}“ ist dieser Antrag nicht förderfähig. Die Gründe folgen."
    en = "Under the guideline “{guideline}” this application is not eligible. The reasons follow."


class KindExcluded(Refusal):
    code = "KIND_EXCLUDED"
    de = "Die Richtlinie fördert Organisationen dieser Art nicht."
    en = "The guideline does not support organisations of this kind."


class NotEconomic(Refusal):
    code = "NOT_ECONOMIC"
    de = "Die Richtlinie fördert nur, wer wirtschaftlich tätig ist."
    en = "The guideline only supports organisations that are active on a market."


class SeatOutsideArea(Refusal):
    code = "SEAT_OUTSIDE_AREA"
    de = "Der Sitz der Organisation ({seat}) liegt nicht im Fördergebiet."
    en = "The seat of the organisation ({seat}) is outside the funding area."


class TooOld(Refusal):
    code = "TOO_OLD"
    de = "Gefördert wird bis {years} Jahre nach der Gründung. Gegründet wurde am {founded_on}."
    en = "Support ends {years} years after the founding, which was on {founded_on}."


class BranchExcluded(Refusal):
    code = "BRANCH_EXCLUDED"
    de = "Die Richtlinie nimmt die Branche {nace} (NACE) von der Förderung aus."
    en = "The guideline excludes the line of business {nace} (NACE)."


class CarrierMissing(Refusal):
    code = "CARRIER_MISSING"
    de = "Eine Initiative ohne Rechtsform braucht einen Träger, der das Geld annimmt. Bitte geben Sie ihn an."
    en = "An initiative without a legal form needs a carrier that receives the money. Please name it."


class PurposeNotCalled(Refusal):
    code = "PURPOSE_NOT_CALLED"
    de = "Dieser Aufruf fördert nur: {purposes}."
    en = "This call supports only: {purposes}."


class CostsTooLow(Refusal):
    code = "COSTS_TOO_LOW"
    de = "Förderfähig sind {eligible_cents}, nötig sind mindestens {least_cents}."
    en = "{eligible_cents} are eligible, at least {least_cents} are needed."


class PlanDoesNotBalance(Refusal):
    """`grant_cents` is the most the guideline gives; what is asked beyond it does not count as a source."""

    code = "PLAN_DOES_NOT_BALANCE"
    de = "Kosten {cost_cents}, Mittel {source_cents}: Beides muss gleich sein. Zuwendung höchstens {grant_cents}."
    en = "Costs {cost_cents}, sources {source_cents}: both have to be equal. Grant at most {grant_cents}."


class MeasureStarted(Refusal):
    code = "MEASURE_STARTED"
    de = "Vor der Bewilligung darf das Vorhaben nicht beginnen, also nicht am {starts_on}. Bitte später planen."
    en = "The measure must not begin before the award, so not on {starts_on}. Please choose another day."


# -- refusals: awards and payments -------------------------------------------------------------------------
class BudgetSpent(Refusal):
    code = "BUDGET_SPENT"
    constraint = "budget_not_overspent"
    de = "In der Haushaltslinie sind noch {left_cents} frei, gebraucht werden {asked_cents}."
    en = "The budget line has {left_cents} left, {asked_cents} are needed."


class CallBudgetSpent(Refusal):
    code = "CALL_BUDGET_SPENT"
    constraint = "call_not_overspent"
    de = "Im Förderaufruf sind noch {left_cents} frei, gebraucht werden {asked_cents}."
    en = "The call has {left_cents} left, {asked_cents} are needed."


class NoBudgetLine(Refusal):
    code = "NO_BUDGET_LINE"
    de = "Für {year} hat der Fördertopf keine Haushaltslinie für diesen Zweck: {purpose}."
    en = "For {year} the fund has no budget line for this purpose: {purpose}."


class AwardTooHigh(Refusal):
    code = "AWARD_TOO_HIGH"
    de = "Die Richtlinie erlaubt hier höchstens {grant_cents}."
    en = "The guideline allows {grant_cents} at most here."


class AlreadyAwarded(Refusal):
    code = "ALREADY_AWARDED"
    constraint = "award_once"
    de = "Zu diesem Antrag gibt es schon eine Zuwendung."
    en = "This application has an award already."


class AwardOverpaid(Refusal):
    code = "AWARD_OVERPAID"
    constraint = "award_not_overpaid"
    de = "Von der Zuwendung sind noch {left_cents} auszuzahlen, hier wären es {asked_cents}."
    en = "{left_cents} of the award are still to be paid, this would be {asked_cents}."


class AlreadyPosted(Refusal):
    code = "ALREADY_POSTED"
    constraint = "posting_once"
    de = "Diese Zahlung oder Zusage ist schon gebucht. Es ist nichts weiter zu tun."
    en = "This payment or commitment has been posted already. There is nothing left to do."


class InstalmentNotDue(Refusal):
    """`trigger` is what has to happen before."""

    code = "INSTALMENT_NOT_DUE"
    de = "Diese Rate wird erst mit dem Verwendungsnachweis fällig."
    en = "This instalment falls due with the proof of use."


class ConflictOfInterest(Refusal):
    """Nobody awards, checks, approves or pays where an organisation asks for which they stand or stood."""

    code = "CONFLICT_OF_INTEREST"
    de = "Das betrifft eine Organisation, für die Sie stehen oder standen. Jemand anders aus dem Team entscheidet."
    en = "This concerns an organisation that you stand or stood for. Somebody else in the team decides."


class LeadMissing(Refusal):
    """An application binds the organisation, and so does a call for its money: colleagues write, who leads it signs."""

    code = "LEAD_MISSING"
    de = (
        "Einreichen und Geld abrufen können nur die, die Ihre Organisation leiten (Inhaberin, Inhaber oder Leitung). "
        "Bitten Sie eine von ihnen darum; ausfüllen und prüfen können Sie selbst."
    )
    en = (
        "Only those who lead your organisation (as its owner or admin) hand in and call for money. "
        "Please ask one of them; you can fill in and check yourself."
    )


class FourEyesBroken(Refusal):
    """Two persons are needed, and the desk has none; or the constraint spoke before the rule."""

    code = "FOUR_EYES"
    constraint = "instalment_four_eyes"
    de = "Zwei Personen prüfen und geben frei, und keine von beiden hat die Rate abgerufen."
    en = "Two persons check and approve, and neither of them asked for the instalment."


class FinanceMissing(Refusal):
    """Nobody can be paid with fewer than two people of finance: one releases, another one pays."""

    code = "FINANCE_MISSING"
    people: int
    needed: int
    de = (
        "Die Rolle Zahlungen haben hier {people} von {needed} nötigen Menschen. Die Standortverwaltung vergibt sie "
        "unter „Menschen und Rollen“; dann kann der Aufruf hinaus."
    )
    en = (
        "Here {people} of the {needed} people needed have the role finance. The site administration grants it under "
        "“People and roles”; then the call can go out."
    )


# What stored words are called where people read them.
called(
    investment=("Investition", "investment"),
    prototype=("Prototyp", "prototype"),
    advertising=("Werbung", "advertising"),
    submitted=("eingereicht", "submitted"),
    formal_check=("formale Prüfung", "formal check"),
    eligible=("förderfähig", "eligible"),
    ineligible=("nicht förderfähig", "not eligible"),
    reviewed=("begutachtet", "reviewed"),
    jury=("in der Jury", "with the jury"),
    approved=("bewilligt", "approved"),
    reserve=("Nachrücker", "reserve list"),
    noticed=("beschieden", "notice sent"),
    accepted=("angenommen", "accepted"),
    lapsed=("verfallen", "lapsed"),
    amended=("geändert", "amended"),
    final_report=("Verwendungsnachweis", "proof of use"),
    closed=("abgeschlossen", "closed"),
    revoked_part=("teilweise widerrufen", "revoked in part"),
    revoked_full=("widerrufen", "revoked"),
    recovering=("in Rückforderung", "being recovered"),
    recovered=("zurückgezahlt", "recovered"),
    written_off=("abgeschrieben", "written off"),
    planned=("geplant", "planned"),
    queried=("Rückfrage offen", "queried"),
    checked=("geprüft", "checked"),
    ordered=("angewiesen", "ordered"),
    paid=("ausgezahlt", "paid"),
    failed=("fehlgeschlagen", "failed"),
    returned_part=("teilweise zurückgekommen", "returned in part"),
    returned=("zurückgekommen", "returned"),
)
