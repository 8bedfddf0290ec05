"""What the graph shows of the grants, and what can be done there."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from quartier.access.roles.queries import holders
from quartier.grants import actions as grants
from quartier.grants import tables
from quartier.grants.award import actions as awards
from quartier.grants.payout import actions as payouts
from quartier.grants.words import ApplicationPlan, CallPlan, CostItem, FinanceItem, FundPlan, LinePlan
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    Page,
    asked,
    by_id,
    column,
    key,
    many,
    one,
    one_reverse,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import Cents, described

if TYPE_CHECKING:
    from quartier_graph.members import Organisation, Person


@described
class GrantPurpose(enum.Enum):
    """What money is asked for."""

    INVESTMENT = "investment"
    PROTOTYPE = "prototype"
    ADVERTISING = "advertising"


@described
class LinePurpose(enum.Enum):
    """What a budget line pays for."""

    INVESTMENT = "investment"
    PROTOTYPE = "prototype"
    ADVERTISING = "advertising"
    ANY = "any"


@described
class FundSource(enum.Enum):
    """Where the money comes from."""

    ERDF = "erdf"
    CITY = "city"
    STATE = "state"
    DONATION = "donation"


@described
class CallState(enum.Enum):
    """Where a call stands; whether it takes applications now is `isOpen`."""

    DRAFT = "draft"
    PUBLISHED = "published"
    OPEN = "open"
    CLOSED = "closed"
    IN_REVIEW = "in_review"
    DECIDED = "decided"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


@described
class ApplicationState(enum.Enum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    FORMAL_CHECK = "formal_check"
    MORE_INFO = "more_info"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    JURY = "jury"
    APPROVED = "approved"
    RESERVE = "reserve"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@described
class AwardState(enum.Enum):
    """Where an award stands."""

    RESERVED = "reserved"
    NOTICED = "noticed"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"
    ACTIVE = "active"
    AMENDED = "amended"
    FINAL_REPORT = "final_report"
    CLOSED = "closed"
    REVOKED_PART = "revoked_part"
    REVOKED_FULL = "revoked_full"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    WRITTEN_OFF = "written_off"


@described
class InstalmentState(enum.Enum):
    """Where an instalment stands."""

    PLANNED = "planned"
    REQUESTED = "requested"
    QUERIED = "queried"
    CHECKED = "checked"
    APPROVED = "approved"
    REJECTED = "rejected"
    ORDERED = "ordered"
    PAID = "paid"
    FAILED = "failed"
    RETURNED_PART = "returned_part"
    RETURNED = "returned"


@described
class InstalmentTrigger(enum.Enum):
    """What makes an instalment fall due."""

    ACCEPTANCE = "acceptance"
    CALL_FOR_FUNDS = "call_for_funds"
    FINAL_REPORT = "final_report"


@described
class PostingKind(enum.Enum):
    """What a posting does to the sums of its line."""

    ALLOCATE = "allocate"
    WITHDRAW = "withdraw"
    RESERVE = "reserve"
    UNRESERVE = "unreserve"
    COMMIT = "commit"
    RELEASE = "release"
    PAY = "pay"
    RETURN = "return"
    RECOVER = "recover"


@described
class FinanceSource(enum.Enum):
    """Where the money of a plan comes from."""

    GRANT = "grant"
    OWN = "own"
    THIRD = "third"
    IN_KIND = "in_kind"


MONEY = ("grants:read", "grants:budget", "grants:ledger")
_OWN_AWARD = """exists (select 1 from app.award a
  where a.tenant_id = {t}.tenant_id and a.id = {t}.award_id and a.organisation_id = any({own}))"""
_PAYEE = """(select o.name from app.organisation o
  where o.tenant_id = {t}.tenant_id and o.id = {t}.organisation_id)"""
_RECEIPT = """(select s.receipt from app.submission s
  where s.tenant_id = {t}.tenant_id and s.application_id = {t}.id order by s.no desc limit 1)"""
_COST_KINDS = """array(select jsonb_array_elements_text(g.rules->'costs'->'eligible') from app.guideline g
  where g.tenant_id = {t}.tenant_id and g.id = {t}.guideline_id)"""
_SHA256 = """(select encode(s.sha256, 'hex') from app.submission s
  where s.tenant_id = {t}.tenant_id and s.application_id = {t}.id order by s.no desc limit 1)"""


@published(tables.Fund, prefix="fnd", may=MONEY, orders={"key": key("{t}.key")})
class Fund(Node):
    """A pot of money with its rules of origin."""

    key: str = column("Its lasting name.")
    name_de: str = column("Name in German.")
    name_en: str | None = column("Name in English, where there is one.")
    source: FundSource = column("Where the money comes from.")
    valid_from: date = column("First day.", sql="lower({t}.valid)")
    valid_to: date | None = column("Last day, included.", sql="upper({t}.valid) - 1")
    recovered_money_returns: bool = column("Whether recovered money may be given again.")
    lines: Page["BudgetLine"] = many("Its money by year and purpose.", by="fund_id", orders=("year", "-year"))


@published(tables.BudgetLine, prefix="bgl", may=MONEY, orders={"year": key("({t}.year || ' ' || {t}.purpose)")})
class BudgetLine(Node):
    """The money of one year for one purpose. Its sums are the replay of its postings."""

    year: int = column("The year.")
    purpose: LinePurpose = column("What it pays for.")
    allocated: Cents = column("Cents there are.")
    reserved: Cents = column("Cents promised and not yet committed.")
    committed: Cents = column("Cents awarded.")
    paid: Cents = column("Cents paid out.")
    money_left: Cents = column("Cents nobody has a claim on.", sql="({t}.allocated - {t}.reserved - {t}.committed)")
    fund: "Fund" = one("Of which fund.", by="fund_id")
    postings: Page["Posting"] = many("Everything that changed it.", by="line_id", orders=("seq",))
    awards: Page["Award"] = many("What it pays for.", by="line_id", orders=("number", "-number"))


class ApplicationFilter(Filter):
    """Which applications."""

    call: ID | None = where("To this call.", "{t}.call_id = {v}", id="cll")
    organisation: ID | None = where("Of this organisation.", "{t}.organisation_id = {v}", id="org")
    states: list[ApplicationState] | None = where("In one of these states.", "{t}.state = any({v})")
    purpose: GrantPurpose | None = where("For this purpose.", "{t}.purpose = {v}")


@published(
    tables.Call,
    prefix="cll",
    may=("grants:read", "grants:apply", "grants:budget"),
    orders={"closes": key("{t}.closes_at", "timestamptz"), "number": key("{t}.number")},
    rows={
        "grants:read": None,
        "grants:budget": None,
        "grants:apply": "{t}.state <> 'draft'",
        "public:read": "{t}.state not in ('draft', 'withdrawn')",
    },
)
class Call(Node):
    """A call for applications with its window and its budget."""

    number: str = column("Human number, such as LW-A-2026-03.")
    title_de: str = column("Title in German.")
    title_en: str | None = column("Title in English, where there is one.")
    purposes: list[str] = column("What money may be asked for.")
    opens_at: datetime = column("First moment.")
    closes_at: datetime = column("Last moment, included.")
    state: CallState = column("Where it stands.")
    is_open: bool = column(
        "Whether it takes applications now.",
        sql="({t}.state in ('published', 'open') and {now} between {t}.opens_at and {t}.closes_at)",
    )
    budget: Cents = column("Cents it gives at most.")
    approved: Cents | None = column("Cents awarded.", masked="grants:read")
    money_left: Cents | None = column(
        "Cents still to be awarded.", sql="({t}.budget - {t}.approved)", masked="grants:read"
    )
    cost_kinds: list[str] = column("Kinds of cost that its guideline recognises.", sql=_COST_KINDS)
    version: int = column("Counts its changes.")
    applications: Page["Application"] = many(
        "What was handed in; members see their own.",
        by="call_id",
        orders=("number",),
        filter=ApplicationFilter,
    )


@published(
    tables.Application,
    prefix="apl",
    may=("grants:read", "grants:apply"),
    orders={
        "number": key("{t}.number"),
        "submitted": key("coalesce({t}.submitted_at, {t}.created_at)", "timestamptz"),
    },
    rows={"grants:read": None, "grants:apply": "{t}.organisation_id = any({own})"},
)
class Application(Node):
    """An application of an organisation: the file that everything else belongs to."""

    number: str = column("Number of the file, such as LW-F-2026-014.")
    title: str = column("What is planned.")
    purpose: GrantPurpose = column("What the money is for.")
    state: ApplicationState = column("Where it stands.")
    requested: Cents = column("Cents asked for.")
    total_cost: Cents = column("Cents it costs in all.")
    eligible: Cents = column("Cents of it that the guideline recognises.")
    approved: Cents | None = column("Cents awarded.")
    jobs: int = column("New jobs that are pledged.")
    starts_on: date | None = column("First day of the measure.")
    submitted_at: datetime | None = column("When it was handed in.")
    decided_at: datetime | None = column("When it was decided.")
    reason: str | None = column("Why it was decided so.")
    receipt: str | None = column(
        "Proof of what was handed in last: number, edition, beginning of the hash.", sql=_RECEIPT
    )
    sha256: str | None = column("SHA-256 of what was handed in last, in hexadecimal.", sql=_SHA256)
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    call: "Call | None" = one("To which call.", by="call_id")
    organisation: "Organisation | None" = one("Who asks.", by="organisation_id")
    carrier: "Organisation | None" = one("Who receives the money for an initiative.", by="carrier_id")
    contact: "Person | None" = one("Who handed it in.", by="contact_id")
    award: "Award | None" = one_reverse("What was granted, once it was.", by="application_id")


@published(
    tables.Award,
    prefix="awd",
    may=("grants:read", "grants:ledger", "grants:apply"),
    orders={"number": key("{t}.number")},
    rows={"grants:read": None, "grants:ledger": None, "grants:apply": "{t}.organisation_id = any({own})"},
)
class Award(Node):
    """Money given to an organisation."""

    number: str = column("Number of the file, such as LW-F-2026-014.")
    state: AwardState = column("Where it stands.")
    amount: Cents = column("Cents given.")
    planned: Cents = column("Cents that instalments are planned for.")
    paid: Cents = column("Cents paid out.")
    open: Cents = column("Cents planned and not paid.", sql="({t}.planned - {t}.paid)")
    share_permille: int = column("Share of the accepted costs, in permille.", sql="{t}.share")
    noticed_on: date | None = column("Day of the notice: the right arises with it.")
    accepted_at: datetime | None = column("When the notice was accepted.")
    version: int = column("Counts its changes.")
    application: "Application | None" = one("The file; what was asked is not shown to finance.", by="application_id")
    organisation: "Organisation | None" = one("Who receives it.", by="organisation_id")
    payee: str = column("Name of who receives it.", sql=_PAYEE)
    line: "BudgetLine" = one("Which money pays it.", by="line_id")
    instalments: Page["Instalment"] = many("In which parts.", by="award_id", orders=("no",))
    postings: Page["Posting"] = many("What it did to its line.", by="award_id", orders=("seq",))


@published(
    tables.Instalment,
    prefix="ins",
    may=("grants:read", "grants:ledger", "grants:apply"),
    orders={"no": key("{t}.no", "int"), "changed": key("{t}.changed_at", "timestamptz")},
    rows={"grants:read": None, "grants:ledger": None, "grants:apply": _OWN_AWARD},
)
class Instalment(Node):
    """A part of an award, and who let it go on."""

    no: int = column("Its number, 1 is the first.")
    amount: Cents = column("Cents.")
    trigger: InstalmentTrigger = column("What makes it fall due.")
    state: InstalmentState = column("Where it stands.")
    paid_on: date | None = column("Day it was paid.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    award: "Award | None" = one("Of which award.", by="award_id")
    requested_by: "Person | None" = one("Who called for it.", by="requested_by")
    checked_by: "Person | None" = one("Who found it in order.", by="checked_by")
    approved_by: "Person | None" = one("Who released it: neither of the two before.", by="approved_by")


@published(
    tables.Posting,
    prefix="pst",
    may="grants:ledger",
    orders={"seq": key("{t}.seq", "int"), "at": key("{t}.created_at", "timestamptz")},
)
class Posting(Node):
    """One change of a line's sums. Nobody changes or removes it."""

    seq: int = column("Its number on the line, 1 is the first.")
    kind: PostingKind = column("What it does.")
    amount: Cents = column("Cents.")
    cause: str = column("What led to it; the same kind for the same cause is posted once.")
    at: datetime = column("When.", sql="{t}.created_at")
    line: "BudgetLine" = one("On which line.", by="line_id")
    award: "Award | None" = one("For which award.", by="award_id")
    instalment: "Instalment | None" = one("For which instalment.", by="instalment_id")


class CallFilter(Filter):
    """Which calls."""

    states: list[CallState] | None = where("In one of these states.", "{t}.state = any({v})")
    closes_after: datetime | None = where("Closing at or after this instant.", "{t}.closes_at >= {v}")
    opens_before: datetime | None = where("Opening at or before this instant.", "{t}.opens_at <= {v}")


class AwardFilter(Filter):
    """Which awards."""

    organisation: ID | None = where("To this organisation.", "{t}.organisation_id = {v}", id="org")
    line: ID | None = where("Paid by this line.", "{t}.line_id = {v}", id="bgl")
    states: list[AwardState] | None = where("In one of these states.", "{t}.state = any({v})")


class InstalmentFilter(Filter):
    """Which instalments."""

    award: ID | None = where("Of this award.", "{t}.award_id = {v}", id="awd")
    states: list[InstalmentState] | None = where("In one of these states.", "{t}.state = any({v})")


class LineFilter(Filter):
    """Which budget lines."""

    fund: ID | None = where("Of this fund.", "{t}.fund_id = {v}", id="fnd")
    year: int | None = where("Of this year.", "{t}.year = {v}")
    purpose: LinePurpose | None = where("For this purpose.", "{t}.purpose = {v}")


class PostingFilter(Filter):
    """Which postings."""

    line: ID | None = where("On this line.", "{t}.line_id = {v}", id="bgl")
    award: ID | None = where("For this award.", "{t}.award_id = {v}", id="awd")
    kinds: list[PostingKind] | None = where("Of these kinds.", "{t}.kind = any({v})")


roots(
    fund=by_id(Fund, "One fund."),
    funds=page(Fund, "Pots of money.", orders=("key", "-key")),
    budget_line=by_id(BudgetLine, "One budget line."),
    budget_lines=page(BudgetLine, "Money by year and purpose.", filter=LineFilter, orders=("year", "-year")),
    call=by_id(Call, "One call."),
    calls=page(Call, "Calls for applications.", filter=CallFilter, orders=("closes", "-closes", "number", "-number")),
    application=by_id(Application, "One application."),
    applications=page(
        Application,
        "Applications; members see those of their own organisations.",
        filter=ApplicationFilter,
        orders=("number", "-number", "submitted", "-submitted"),
    ),
    award=by_id(Award, "One award."),
    awards=page(Award, "Money given.", filter=AwardFilter, orders=("number", "-number")),
    instalment=by_id(Instalment, "One instalment."),
    instalments=page(
        Instalment, "Parts of awards.", filter=InstalmentFilter, orders=("changed", "-changed", "no", "-no")
    ),
    posting=by_id(Posting, "One posting."),
    postings=page(Posting, "Everything that changed money.", filter=PostingFilter, orders=("at", "-at", "seq", "-seq")),
)


# -- what can be done ----------------------------------------------------------------------------------
@strawberry.input(description="The money of one year for one purpose.")
class LineWish:
    year: int = strawberry.field(description="The year.")
    purpose: LinePurpose = strawberry.field(description="What it pays for.")
    allocated: Cents = strawberry.field(description="Cents there are.")


@wish
class OpenFundInput:
    """A fund to open."""

    key: str = asked("Its lasting name.")
    name_de: str = asked("Name in German.")
    source: FundSource = asked("Where the money comes from.")
    valid_from: date = asked("First day.")
    valid_to: date = asked("Last day, included.")
    lines: list[LineWish] = asked("Its money by year and purpose.")
    name_en: str | None = asked("Name in English.", default=None)
    recovered_money_returns: bool = asked("Whether recovered money may be given again.", default=True)


@verb("grants:budget", changes={"fund": Fund})
async def open_fund(desk: Desk, wish: OpenFundInput) -> Done:
    """Open a fund with its lines; each line's money is a posting."""
    fund = await grants.open_fund(
        desk,
        FundPlan(
            key=wish.key,
            name_de=wish.name_de,
            name_en=wish.name_en,
            source=wish.source.value,
            valid_from=wish.valid_from,
            valid_to=wish.valid_to,
            recovered_money_returns=wish.recovered_money_returns,
            lines=tuple(LinePlan(line.year, line.purpose.value, line.allocated) for line in wish.lines),
        ),
    )
    return {"fund": fund.id}


@wish
class PublishCallInput:
    """A call to publish."""

    guideline: str = asked("Key of the guideline; its edition in force counts.")
    title_de: str = asked("Title in German.")
    purposes: list[GrantPurpose] = asked("What money may be asked for.")
    opens_at: datetime = asked("First moment.")
    closes_at: datetime = asked("Last moment, included.")
    budget: Cents = asked("Cents it gives at most.")
    title_en: str | None = asked("Title in English.", default=None)


async def _payers(desk: Desk, wish: PublishCallInput) -> int:
    return await holders(desk, "finance")


@verb("grants:configure", changes={"call": Call}, before=_payers)
async def publish_call(desk: Desk, wish: PublishCallInput, found: int) -> Done:
    """Publish a call under the edition of a guideline that is in force."""
    call = await grants.publish_call(
        desk,
        CallPlan(
            guideline=wish.guideline,
            title_de=wish.title_de,
            title_en=wish.title_en,
            purposes=tuple(purpose.value for purpose in wish.purposes),
            opens_at=wish.opens_at,
            closes_at=wish.closes_at,
            budget=wish.budget,
        ),
        finance=found,
    )
    return {"call": call.id}


@strawberry.input(description="A cost of the measure.")
class CostWish:
    kind: str = strawberry.field(description="Kind of cost in the guideline's words, such as equipment.")
    text: str = strawberry.field(description="What it is.")
    amount: Cents = strawberry.field(description="Cents.")


@strawberry.input(description="A source that pays for the measure.")
class FinanceWish:
    source: FinanceSource = strawberry.field(description="Where it comes from; grant is what is asked for.")
    text: str = strawberry.field(description="What it is.")
    amount: Cents = strawberry.field(description="Cents.")


@strawberry.input(description="The answer to a question of the call's form.")
class AnswerWish:
    key: str = strawberry.field(description="Key of the question.")
    text: str = strawberry.field(description="The answer.")


@wish
class SubmitApplicationInput:
    """An application to hand in. Costs and sources add up to the same cent."""

    call: ID = asked("To which call.")
    organisation: ID = asked("Who asks; an organisation of one's own.")
    purpose: GrantPurpose = asked("What the money is for.")
    title: str = asked("What is planned.")
    costs: list[CostWish] = asked("What it costs.")
    finance: list[FinanceWish] = asked("What pays for it.")
    jobs: int = asked("New jobs that are pledged.", default=0)
    starts_on: date | None = asked("First day of the measure.", default=None)
    carrier: ID | None = asked("Who receives the money for an initiative without legal form.", default=None)
    answers: list[AnswerWish] = asked("Answers to the questions of the call's form.", default=[])


@verb(
    "grants:apply",
    changes={"application": Application},
    values={"receipt": (str | None, "Proof of what was handed in: number, edition, beginning of the hash.")},
)
async def submit_application(desk: Desk, wish: SubmitApplicationInput) -> Done:
    """Hand in an application: numbered, frozen, hashed, with a receipt."""
    submission = await grants.submit_application(
        desk,
        ApplicationPlan(
            call_id=ids.read(wish.call, "cll"),
            organisation_id=ids.read(wish.organisation, "org"),
            carrier_id=ids.read(wish.carrier, "org") if wish.carrier else None,
            purpose=wish.purpose.value,
            title=wish.title,
            costs=tuple(CostItem(cost.kind, cost.text, cost.amount) for cost in wish.costs),
            finance=tuple(FinanceItem(item.source.value, item.text, item.amount) for item in wish.finance),
            jobs=wish.jobs,
            starts_on=wish.starts_on,
            answers={answer.key: answer.text for answer in wish.answers},
        ),
    )
    return {"application": submission.application_id, "receipt": submission.receipt}


@wish
class AwardApplicationInput:
    """An application to approve."""

    application: ID = asked("The application.")
    amount: Cents | None = asked(
        "Cents to give; by default what was asked, at most what the guideline gives.", default=None
    )
    reason: str = asked("Why.", default="")
    version: int | None = asked("The version that was seen.", default=None)


@verb("grants:decide", changes={"award": Award, "application": Application})
async def award_application(desk: Desk, wish: AwardApplicationInput) -> Done:
    """Approve an application and commit the money; the instalments are planned with it."""
    award = await awards.award_application(
        desk, ids.read(wish.application, "apl"), amount=wish.amount, reason=wish.reason, version=wish.version
    )
    return {"award": award.id, "application": award.application_id}


@wish
class RequestInstalmentInput:
    """A part of an own award to call for."""

    instalment: ID = asked("The instalment.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("grants:apply", changes={"instalment": Instalment, "award": Award})
async def request_instalment(desk: Desk, wish: RequestInstalmentInput) -> Done:
    """Call for a part of an own award; calling for money accepts the notice."""
    found = await payouts.request_instalment(desk, ids.read(wish.instalment, "ins"), version=wish.version)
    return {"instalment": found.id, "award": found.award.id}


@wish
class CheckInstalmentInput:
    """A requested instalment that is in order."""

    instalment: ID = asked("The instalment.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("grants:pay_check", changes={"instalment": Instalment})
async def check_instalment(desk: Desk, wish: CheckInstalmentInput) -> Done:
    """Find a requested instalment in order."""
    found = await payouts.check_instalment(desk, ids.read(wish.instalment, "ins"), version=wish.version)
    return {"instalment": found.id}


@wish
class ApproveInstalmentInput:
    """A checked instalment to release."""

    instalment: ID = asked("The instalment.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("grants:pay_approve", changes={"instalment": Instalment})
async def approve_instalment(desk: Desk, wish: ApproveInstalmentInput) -> Done:
    """Release a checked instalment for payment: four eyes, so neither who checked nor who called for it."""
    found = await payouts.approve_instalment(desk, ids.read(wish.instalment, "ins"), version=wish.version)
    return {"instalment": found.id}


@wish
class PayInstalmentInput:
    """An approved instalment that was paid."""

    instalment: ID = asked("The instalment.")
    version: int | None = asked("The version that was seen.", default=None)


@verb("grants:pay_release", changes={"instalment": Instalment, "award": Award})
async def pay_instalment(desk: Desk, wish: PayInstalmentInput) -> Done:
    """Write down that an approved instalment was paid today: posting, line and award together."""
    found = await payouts.pay_instalment(desk, ids.read(wish.instalment, "ins"), version=wish.version)
    return {"instalment": found.id, "award": found.award.id}
