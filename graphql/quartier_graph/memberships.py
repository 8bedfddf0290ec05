"""What the graph shows of memberships: the plans, who holds what, and its stretches."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.members import tables
from quartier_graph.declare import Filter, Node, Page, by_id, column, key, many, one, page, published, roots, where
from quartier_graph.members import Organisation, OrganisationKind, Person
from quartier_graph.scalars import Cents, described

if TYPE_CHECKING:
    from quartier_graph.papers import MembershipPaper


@described
class PlanHolder(enum.Enum):
    """Who can be a member by a plan."""

    PERSON = "person"
    ORGANISATION = "organisation"


@described
class PlanPer(enum.Enum):
    """How often the price of a plan is due."""

    NONE = "none"
    MONTH = "month"
    YEAR = "year"


@described
class AllowanceKind(enum.Enum):
    """What a plan includes, or takes off. ADVICE_MINUTES are agreed in it; nothing counts or shows them yet."""

    ROOM_MINUTES = "room_minutes"
    OPEN_BOOKINGS = "open_bookings"
    DISCOUNT_PERMILLE = "discount_permille"
    ADVICE_MINUTES = "advice_minutes"


@described
class MembershipState(enum.Enum):
    """Where a membership stands. Rights come with ACTIVE and ENDING."""

    INVITED = "invited"
    EXPIRED = "expired"
    APPLIED = "applied"
    IN_REVIEW = "in_review"
    MORE_INFO = "more_info"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    ENDING = "ending"
    ENDED = "ended"


_HELD = "({t}.organisation_id = any({own}) or {t}.person_id = {person})"


@published(
    tables.Plan,
    prefix="pln",
    may=("members:read", "members:own"),
    orders={"position": key("{t}.position", "integer")},
)
class Plan(Node):
    """Terms on which somebody is a member: price, notice, what is included."""

    key: str = column("Its lasting name.")
    name_de: str = column("Name in German.")
    name_en: str | None = column("Name in English, where there is one.")
    family: str = column("Of one family, a holder has one membership at a time.")
    holder: PlanHolder = column("Whether persons or organisations hold it.")
    kinds: list[OrganisationKind] = column("For these kinds of organisations; empty for all.")
    nonprofit: bool | None = column("True or false: only for those who are, or are not; null for both.")
    price: Cents = column("What it costs each time.")
    per: PlanPer = column("How often the price is due.")
    term_months: int = column("The length of a term in months.")
    notice_days: int = column("Days of notice before an end.")
    pause_months: int = column("Months it may rest.")
    papers: list[str] = column("Papers an applicant hands in.")
    public: bool = column("Whether people may apply for it themselves.")
    valid_from: date = column("The first day it is offered.", sql="lower({t}.valid)")
    valid_until: date | None = column(
        "The last day it is offered, included; null while there is none.", sql="upper({t}.valid) - 1"
    )
    allowances: Page["PlanAllowance"] = many("What it includes.", by="plan_id", orders=("kind",))


@published(
    tables.PlanAllowance,
    prefix="pal",
    may=("members:read", "members:own"),
    orders={"kind": key("{t}.kind")},
)
class PlanAllowance(Node):
    """One thing that a plan includes."""

    kind: AllowanceKind = column("What; it gives `amount` its unit.")
    amount: int = column("How much of it.")
    per: str = column("For which stretch it is granted: `month` or `moment`.")
    peak: str = column("For which hours: `peak`, `off_peak` or `any`.")
    space_kinds: list[str] = column("For which kinds of spaces; empty for all.")
    plan: "Plan" = one("Of which plan.", by="plan_id")


class MembershipFilter(Filter):
    """Which memberships."""

    states: list[MembershipState] | None = where("In one of these states.", "{t}.state = any({v})")
    organisation: ID | None = where("Of this organisation.", "{t}.organisation_id = {v}", id="org")
    person: ID | None = where("Of this person.", "{t}.person_id = {v}", id="prs")
    on: date | None = where("That run on this day.", "{t}.during @> {v}")


@published(
    tables.Membership,
    prefix="mbr",
    may=("members:read", "members:own"),
    orders={"opened": key("{t}.created_at", "timestamptz")},
    rows={"members:read": None, "members:own": _HELD},
)
class Membership(Node):
    """An organisation or a person is a member; members see their own."""

    number: str = column("Human number, such as LW-M-2026-0014.")
    family: str = column("The family of its plans.")
    state: MembershipState = column("Where it stands.")
    starts_on: date | None = column("First day.")
    ends_on: date | None = column("Last day, included; null while there is none.")
    reason: str | None = column("Why it was decided so.", masked="members:read")
    declined_because: str | None = column(
        "Why it was declined, for whoever asked.", sql="(case when {t}.state = 'declined' then {t}.reason end)"
    )
    suspended_because: str | None = column(
        "Why it is suspended, for whoever holds it.", sql="(case when {t}.state = 'suspended' then {t}.reason end)"
    )
    applied_at: datetime | None = column("When it was asked for.")
    statement: str | None = column("What was said with the application.")
    question: str | None = column("What those who decide asked.")
    answer: str | None = column("What was answered.")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    plan: "Plan | None" = one("The plan that was asked for; what holds stands in the terms.", by="plan_id")
    applied_by: "Person | None" = one("Who asked.", by="applied_by")
    organisation: "Organisation | None" = one("Who holds it, when it is an organisation.", by="organisation_id")
    person: "Person | None" = one("Who holds it, when it is a person.", by="person_id")
    papers: Page["MembershipPaper"] = many("The papers handed in with it.", by="membership_id", orders=("kind",))
    terms: Page["MembershipTerm"] = many(
        "Its stretches, each under one plan.", by="membership_id", orders=("begins", "-begins")
    )


@published(
    tables.MembershipTerm,
    prefix="mtm",
    may=("members:read", "members:own"),
    orders={"begins": key("lower({t}.during)", "date")},
    rows={
        "members:read": None,
        "members:own": "exists (select 1 from app.membership m where m.tenant_id = {t}.tenant_id"
        " and m.id = {t}.membership_id and (m.organisation_id = any({own}) or m.person_id = {person}))",
    },
)
class MembershipTerm(Node):
    """A stretch of a membership under one plan at one price."""

    paused: bool = column("Whether it rests.", sql="({t}.kind = 'paused')")
    since: date = column("First day.", sql="lower({t}.during)")
    until: date | None = column("Last day, included; null while it goes on.", sql="upper({t}.during) - 1")
    price: Cents = column("What it costs each time.")
    plan: "Plan" = one("Under which plan.", by="plan_id")
    membership: "Membership | None" = one("Of which membership.", by="membership_id")


class PlanFilter(Filter):
    """Which plans."""

    holder: PlanHolder | None = where("Held by these.", "{t}.holder = {v}")
    on: date | None = where("Offered on this day.", "{t}.valid @> {v}")


roots(
    plan=by_id(Plan, "One plan."),
    plans=page(Plan, "Plans, in the order of the site.", filter=PlanFilter, orders=("position",)),
    membership=by_id(Membership, "One membership."),
    memberships=page(Membership, "Memberships.", filter=MembershipFilter, orders=("opened", "-opened")),
)
