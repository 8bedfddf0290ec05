"""What the graph shows of members: organisations, their people, plans and memberships; and what can be done there."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from quartier.access.tables import Person as PersonTable
from quartier.acts import leaving
from quartier.members import actions, colleagues, tables
from quartier.members.applications import actions as applications
from quartier.members.papers.words import Handed
from quartier.members.words import Profile
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
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.grants import ApplicationFilter
from quartier_graph.programme import RegistrationFilter
from quartier_graph.scalars import Cents, described
from quartier_graph.spaces import BookingFilter

if TYPE_CHECKING:
    from quartier_graph.consents import Consent
    from quartier_graph.grants import Application
    from quartier_graph.papers import MembershipPaper
    from quartier_graph.programme import Registration
    from quartier_graph.spaces import Booking


@described
class OrganisationKind(enum.Enum):
    """What an organisation is."""

    COMPANY = "company"
    COOPERATIVE = "cooperative"
    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    INITIATIVE = "initiative"
    RESEARCH = "research"
    PUBLIC_BODY = "public_body"


@described
class OrganisationState(enum.Enum):
    """Whether an organisation is there, or lives on in another one."""

    ACTIVE = "active"
    LINKED_ONLY = "linked_only"
    ARCHIVED = "archived"
    MERGED = "merged"


@described
class IdentifierKind(enum.Enum):
    """Which register a number is from: Wirtschafts-ID, VAT, court register, tax office."""

    W_ID = "w_id"
    VAT = "vat"
    REGISTER = "register"
    TAX_NO = "tax_no"


@described
class AffiliationRole(enum.Enum):
    """As what a person stands for an organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    FORMER = "former"


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
    """What a plan includes, or takes off."""

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


# A day's end is the site's midnight; {now} is an instant, so the site's zone says which day it is.
_TODAY = "({now}::timestamptz at time zone (select zone from app.site where tenant_id = {t}.tenant_id))::date"
_COLLEAGUE = f"""({{t}}.id = {{person}} or exists (
  select 1 from app.affiliation a
  where a.tenant_id = {{t}}.tenant_id and a.person_id = {{t}}.id and a.organisation_id = any({{own}})
    and a.role <> 'former' and a.during @> {_TODAY}))"""
_HELD = "({t}.organisation_id = any({own}) or {t}.person_id = {person})"


@published(
    PersonTable,
    prefix="prs",
    may=("members:read", "members:own"),
    orders={"name": key("{t}.sort_key")},
    rows={"members:read": None, "members:own": _COLLEAGUE},
    personal=True,
)
class Person(Node):
    """Somebody the site knows; members see themselves and their colleagues."""

    name: str = column("Full name.")
    email: str | None = column("Where letters go.", may="members:read")
    language: str = column("The language they read.")
    affiliations: Page["Affiliation"] = many(
        "For whom they stand, or stood.", by="person_id", orders=("since", "-since")
    )
    memberships: Page["Membership"] = many("Their own memberships.", by="person_id", orders=("opened", "-opened"))
    bookings: Page["Booking"] = many(
        "What is booked for them.", by="for_person", orders=("starts", "-starts"), filter=BookingFilter
    )


class AffiliationFilter(Filter):
    """Which affiliations."""

    roles: list[AffiliationRole] | None = where("In one of these roles.", "{t}.role = any({v})")
    on: date | None = where("That hold on this day.", "{t}.during @> {v}")


@published(
    tables.Organisation,
    prefix="org",
    may=("members:read", "grants:read", "members:own"),
    orders={"name": key("{t}.sort_key"), "registered": key("{t}.created_at", "timestamptz")},
    rows={"members:read": None, "grants:read": None, "members:own": "{t}.id = any({own})"},
)
class Organisation(Node):
    """A company, association or initiative; members see their own."""

    name: str = column("Its name.")
    kind: OrganisationKind = column("What it is.")
    legal_form: str | None = column("Its legal form, as people write it.")
    nonprofit: bool = column("Whether it is recognised as charitable.")
    economic: bool = column("Whether it acts on a market, whatever its form.")
    founded_on: date | None = column("The day it was founded.")
    nace: str | None = column("Its branch, NACE Rev. 2.")
    street: str | None = column("Street and number of its seat.")
    postcode: str | None = column("Postcode of its seat.")
    town: str | None = column("Town of its seat.")
    district: str | None = column("District of its seat.")
    website: str | None = column("Its address in the web.")
    about_de: str = column("What it does, in German.")
    about_en: str | None = column("What it does, in English.")
    tags: list[str] = column("Words the team finds it by.")
    state: OrganisationState = column("Whether it is there.")
    registered_at: datetime = column("When it was written down.", sql="{t}.created_at")
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    merged_into: "Organisation | None" = one("Where it lives on.", by="merged_into")
    identifiers: Page["OrganisationIdentifier"] = many("Its register numbers.", by="organisation_id", orders=("kind",))
    people: Page["Affiliation"] = many(
        "Who stands for it, or stood.", by="organisation_id", orders=("since", "-since"), filter=AffiliationFilter
    )
    memberships: Page["Membership"] = many("Its memberships.", by="organisation_id", orders=("opened", "-opened"))
    bookings: Page["Booking"] = many(
        "What it has booked.", by="organisation_id", orders=("starts", "-starts"), filter=BookingFilter
    )
    consents: Page["Consent"] = many("What it agreed to.", by="organisation_id", orders=("-given", "given"))
    registrations: Page["Registration"] = many(
        "Who comes to the programme for it.",
        by="organisation_id",
        orders=("joined", "-joined"),
        filter=RegistrationFilter,
    )
    applications: Page["Application"] = many(
        "What it has applied for.",
        by="organisation_id",
        orders=("number", "-number", "submitted", "-submitted"),
        filter=ApplicationFilter,
    )


@published(
    tables.OrganisationIdentifier,
    prefix="oid",
    may=("members:read", "grants:read", "members:own"),
    orders={"kind": key("{t}.kind")},
    rows={"members:read": None, "grants:read": None, "members:own": "{t}.organisation_id = any({own})"},
)
class OrganisationIdentifier(Node):
    """A register number in its one spelling."""

    kind: IdentifierKind = column("Of which register.")
    value: str = column("The number.")
    organisation: "Organisation | None" = one("Whose it is.", by="organisation_id")


@published(
    tables.Affiliation,
    prefix="aff",
    may=("members:read", "members:own"),
    orders={"since": key("lower({t}.during)", "date")},
    rows={"members:read": None, "members:own": "({t}.organisation_id = any({own}) or {t}.person_id = {person})"},
)
class Affiliation(Node):
    """A person stands for an organisation for a time."""

    role: AffiliationRole = column("As what.")
    since: date = column("First day.", sql="lower({t}.during)")
    until: date | None = column("Last day, included; null while it goes on.", sql="upper({t}.during) - 1")
    person: "Person | None" = one("Who.", by="person_id")
    organisation: "Organisation | None" = one("For whom.", by="organisation_id")


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


class OrganisationFilter(Filter):
    """Which organisations."""

    search: str | None = where("With this in the name.", "position(lower({v}) in lower({t}.name)) > 0")
    kinds: list[OrganisationKind] | None = where("Of these kinds.", "{t}.kind = any({v})")
    states: list[OrganisationState] | None = where("In one of these states.", "{t}.state = any({v})")
    nonprofit: bool | None = where("Charitable or not.", "{t}.nonprofit = {v}")
    economic: bool | None = where("On a market or not.", "{t}.economic = {v}")
    # Coalesced, the planner has no guess about it: it walks the names in their order and stops when a page is full.
    tags: list[str] | None = where("With all of these tags.", "coalesce({t}.tags @> {v}, false)")
    member_on: date | None = where(
        "With a membership on this day.",
        "exists (select 1 from app.membership m where m.tenant_id = {t}.tenant_id and m.organisation_id = {t}.id"
        " and m.during @> {v})",
        rows={"members:read": None, "members:own": "{t}.id = any({own})"},
    )


class PersonFilter(Filter):
    """Which people."""

    search: str | None = where("With this in the name.", "position(lower({v}) in lower({t}.name)) > 0")


class PlanFilter(Filter):
    """Which plans."""

    holder: PlanHolder | None = where("Held by these.", "{t}.holder = {v}")
    on: date | None = where("Offered on this day.", "{t}.valid @> {v}")


roots(
    organisation=by_id(Organisation, "One organisation."),
    organisations=page(
        Organisation,
        "Companies, associations, initiatives.",
        filter=OrganisationFilter,
        orders=("name", "-name", "registered", "-registered"),
    ),
    person=by_id(Person, "One person."),
    persons=page(Person, "People.", filter=PersonFilter, orders=("name", "-name")),
    plan=by_id(Plan, "One plan."),
    plans=page(Plan, "Plans, in the order of the site.", filter=PlanFilter, orders=("position",)),
    membership=by_id(Membership, "One membership."),
    memberships=page(Membership, "Memberships.", filter=MembershipFilter, orders=("opened", "-opened")),
)


@strawberry.input(description="A register number, as people write it.")
class IdentifierWish:
    kind: IdentifierKind = strawberry.field(description="Of which register; each once.")
    value: str = strawberry.field(description="The number, with or without blanks and signs.")


@wish
class RegisterOrganisationInput:
    """An organisation to write down."""

    name: str = asked("Its name.")
    kind: OrganisationKind = asked("What it is.")
    nonprofit: bool = asked("Whether it is recognised as charitable.")
    economic: bool = asked("Whether it acts on a market, whatever its form.")
    legal_form: str | None = asked("Its legal form.", default=None)
    founded_on: date | None = asked("The day it was founded.", default=None)
    nace: str | None = asked("Its branch, such as 47.3.", default=None)
    street: str | None = asked("Street and number.", default=None)
    postcode: str | None = asked("Postcode.", default=None)
    town: str | None = asked("Town.", default=None)
    district: str | None = asked("District.", default=None)
    website: str | None = asked("Its address in the web.", default=None)
    about_de: str = asked("What it does, in German.", default="")
    about_en: str | None = asked("What it does, in English.", default=None)
    identifiers: list[IdentifierWish] = asked("Its register numbers.", default=[])


@verb("members:edit", changes={"organisation": Organisation})
async def register_organisation(desk: Desk, wish: RegisterOrganisationInput) -> Done:
    """Write down an organisation. A register number belongs to one organisation of the site."""
    profile = Profile(
        name=wish.name,
        kind=wish.kind.value,
        nonprofit=wish.nonprofit,
        economic=wish.economic,
        legal_form=wish.legal_form,
        founded_on=wish.founded_on,
        nace=wish.nace,
        street=wish.street,
        postcode=wish.postcode,
        town=wish.town,
        district=wish.district,
        website=wish.website,
        about_de=wish.about_de,
        about_en=wish.about_en,
        identifiers={each.kind.value: each.value for each in wish.identifiers},
    )
    return {"organisation": (await actions.register_organisation(desk, profile)).id}


@wish
class AddAffiliationInput:
    """A person and whom she stands for."""

    person: ID = asked("Who.")
    organisation: ID = asked("For whom.")
    role: AffiliationRole = asked("As what.")
    since: date | None = asked("First day; today by default.", default=None)


@verb("members:edit", changes={"affiliation": Affiliation})
async def add_affiliation(desk: Desk, wish: AddAffiliationInput) -> Done:
    """Let a person stand for an organisation."""
    made = await actions.add_affiliation(
        desk,
        ids.read(wish.person, "prs"),
        ids.read(wish.organisation, "org"),
        wish.role.value,
        since=wish.since,
    )
    return {"affiliation": made.id}


@wish
class EndAffiliationInput:
    """Who is to stand for an organisation no more."""

    affiliation: ID = asked("The affiliation.")


@verb("members:edit", "members:invite", changes={"organisation": Organisation})
async def end_affiliation(desk: Desk, wish: EndAffiliationInput) -> Done:
    """Let somebody stand for an organisation no more, from today; her rights end at the next request."""
    return {"organisation": await colleagues.end_affiliation(desk, ids.read(wish.affiliation, "aff"))}


@wish
class RecordIdentifierInput:
    """A register number of an organisation."""

    organisation: ID = asked("Whose.")
    kind: IdentifierKind = asked("Of which register.")
    value: str = asked("The number, with or without blanks and signs.")


@verb("members:edit", changes={"organisation": Organisation})
async def record_identifier(desk: Desk, wish: RecordIdentifierInput) -> Done:
    """Write a register number down, in place of the one of its kind."""
    organisation = ids.read(wish.organisation, "org")
    await actions.record_identifier(desk, organisation, wish.kind.value, wish.value)
    return {"organisation": organisation}


@wish
class OpenMembershipInput:
    """Who becomes a member, and on what terms. Give the organisation or the person."""

    plan: ID = asked("On which plan's terms.")
    organisation: ID | None = asked("The organisation.", default=None)
    person: ID | None = asked("The person.", default=None)
    starts_on: date | None = asked("First day; today by default.", default=None)
    reason: str | None = asked("Why it was decided so.", default=None)


@verb("members:approve", changes={"membership": Membership})
async def open_membership(desk: Desk, wish: OpenMembershipInput) -> Done:
    """Make an organisation or a person a member at once."""
    made = await actions.open_membership(
        desk,
        ids.read(wish.plan, "pln"),
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        person=ids.read(wish.person, "prs") if wish.person else None,
        starts_on=wish.starts_on,
        reason=wish.reason,
    )
    return {"membership": made.id}


@strawberry.input(description="A paper that comes with an application.")
class PaperWish:
    kind: str = strawberry.field(description="Which of the plan's papers; each once.")
    file: ID = strawberry.field(description="The file, which has come already.")


@wish
class ApplyForMembershipInput:
    """A membership to ask for: one's own, or that of an organisation one stands for."""

    plan: ID = asked("On which plan's terms.")
    organisation: ID | None = asked("For which organisation of one's own; without one for oneself.", default=None)
    starts_on: date | None = asked("First day that is wished for; by default as soon as it is decided.", default=None)
    statement: str = asked("What those who decide should know.", default="")
    papers: list[PaperWish] = asked("The papers that the plan asks for.", default=[])


@verb("members:own", changes={"membership": Membership})
async def apply_for_membership(desk: Desk, wish: ApplyForMembershipInput) -> Done:
    """Ask for a membership; the team decides and writes."""
    made = await applications.apply_for_membership(
        desk,
        ids.read(wish.plan, "pln"),
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        starts_on=wish.starts_on,
        statement=wish.statement,
        papers=[Handed(each.kind, ids.read(each.file, "fil")) for each in wish.papers],
    )
    return {"membership": made.id}


@wish
class ApproveMembershipInput:
    """An applicant to make a member."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    starts_on: date | None = asked("First day; by default the wished one, never before today.", default=None)
    reason: str | None = asked("Why, for the team.", default=None)


@verb("members:approve", changes={"membership": Membership})
async def approve_membership(desk: Desk, wish: ApproveMembershipInput) -> Done:
    """Make an applicant a member; it is told to whoever asked."""
    key = ids.read(wish.membership, "mbr")
    made = await applications.approve_membership(desk, key, wish.version, starts_on=wish.starts_on, reason=wish.reason)
    return {"membership": made.id}


@wish
class DeclineMembershipInput:
    """An application to decline."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why; the applicant reads it.")


@verb("members:approve", changes={"membership": Membership})
async def decline_membership(desk: Desk, wish: DeclineMembershipInput) -> Done:
    """Say no to an application, and why."""
    made = await applications.decline_membership(desk, ids.read(wish.membership, "mbr"), wish.version, wish.reason)
    return {"membership": made.id}


@wish
class AskApplicantInput:
    """A question to an applicant."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    question: str = asked("What is still missing.")


@verb("members:approve", changes={"membership": Membership})
async def ask_applicant(desk: Desk, wish: AskApplicantInput) -> Done:
    """Ask an applicant for more; the application waits for the answer."""
    made = await applications.ask_for_more(desk, ids.read(wish.membership, "mbr"), wish.version, wish.question)
    return {"membership": made.id}


@wish
class AnswerApplicationInput:
    """An answer to what was asked about one's application."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")
    answer: str = asked("The answer.")


@verb("members:own", changes={"membership": Membership})
async def answer_application(desk: Desk, wish: AnswerApplicationInput) -> Done:
    """Answer a question about one's own application."""
    made = await applications.answer_application(desk, ids.read(wish.membership, "mbr"), wish.version, wish.answer)
    return {"membership": made.id}


@wish
class WithdrawApplicationInput:
    """An application of one's own to take back."""

    membership: ID = asked("The application.")
    version: int = asked("The version that was seen.")


@verb("members:own", changes={"membership": Membership})
async def withdraw_application(desk: Desk, wish: WithdrawApplicationInput) -> Done:
    """Take one's own application back."""
    made = await applications.withdraw_application(desk, ids.read(wish.membership, "mbr"), wish.version)
    return {"membership": made.id}


@wish
class CloseMembershipInput:
    """A membership to end."""

    membership: ID = asked("The membership.")
    version: int = asked("The version that was seen.")
    ends_on: date | None = asked("Last day; by default the first that the notice allows.", default=None)
    reason: str | None = asked("Why.", default=None)


@verb("members:approve", "members:own", changes={"membership": Membership})
async def close_membership(desk: Desk, wish: CloseMembershipInput) -> Done:
    """End a membership after its notice; members may end their own, or that of the organisation they lead."""
    closed = await leaving.close_membership(
        desk,
        ids.read(wish.membership, "mbr"),
        wish.version,
        ends_on=wish.ends_on,
        reason=wish.reason,
    )
    return {"membership": closed.id}
