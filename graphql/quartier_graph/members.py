"""What the graph shows of members: organisations, their people and for whom they stand."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from quartier.access.tables import Person as PersonTable
from quartier.members import tables
from quartier_graph.declare import Filter, Node, Page, by_id, column, key, many, one, page, published, roots, where
from quartier_graph.grants import ApplicationFilter
from quartier_graph.programme import RegistrationFilter
from quartier_graph.scalars import described
from quartier_graph.spaces import BookingFilter

if TYPE_CHECKING:
    from quartier_graph.consents import Consent
    from quartier_graph.fields import OwnValue
    from quartier_graph.grants import Application
    from quartier_graph.memberships import Membership
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


# A day's end is the site's midnight; {now} is an instant, so the site's zone says which day it is.
_TODAY = "({now}::timestamptz at time zone (select zone from app.site where tenant_id = {t}.tenant_id))::date"
_COLLEAGUE = f"""({{t}}.id = {{person}} or exists (
  select 1 from app.affiliation a
  where a.tenant_id = {{t}}.tenant_id and a.person_id = {{t}}.id and a.organisation_id = any({{own}})
    and a.role <> 'former' and a.during @> {_TODAY}))"""


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
    version: int = column("Counts their changes; send it with a change to be told of others'.")
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
    own_values: Page["OwnValue"] = many(
        "What stands in the site's own fields.", by="organisation_id", orders=("field",)
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


class OrganisationFilter(Filter):
    """Which organisations."""

    search: str | None = where("With this in the name.", "position(lower({v}) in lower({t}.name)) > 0")
    kinds: list[OrganisationKind] | None = where("Of these kinds.", "{t}.kind = any({v})")
    states: list[OrganisationState] | None = where("In one of these states.", "{t}.state = any({v})")
    nonprofit: bool | None = where("Charitable or not.", "{t}.nonprofit = {v}")
    economic: bool | None = where("On a market or not.", "{t}.economic = {v}")
    own: str | None = where(
        "With this answer in one of the site's own fields, written `key=answer`, such as `schwerpunkt=Holz`.",
        "exists (select 1 from app.own_value v join app.own_field f on f.tenant_id = v.tenant_id and f.id = v.field_id"
        " where v.tenant_id = {t}.tenant_id and v.organisation_id = {t}.id and f.key = split_part({v}, '=', 1)"
        " and v.value = substr({v}, strpos({v}, '=') + 1))",
        rows={"members:read": None, "members:own": "false"},
    )
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
)
