"""A small schema of the tests' own over real tables: every kind of field, order, filter and rule once.

The rooms' schemas change with the rooms; the executors are held to this one.
"""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from strawberry import ID

from quartier.tenancy.desk import Desk
from quartier_graph.build import Graph, build
from quartier_graph.declare import (
    Declarations,
    Done,
    Filter,
    Node,
    Page,
    Plain,
    asked,
    asking,
    by_id,
    column,
    computed,
    key,
    many,
    one,
    own,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import Cents, described

VILLAGE = Declarations("site", "village")


@described
class Kind(enum.Enum):
    """What an organisation is."""

    COMPANY = "company"
    COOPERATIVE = "cooperative"
    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    INITIATIVE = "initiative"
    RESEARCH = "research"
    PUBLIC_BODY = "public_body"


@described
class BookingState(enum.Enum):
    """Where a booking stands."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"


@published("app.site", may="spaces:read", identity=key("{t}.tenant_id", "uuid"), realm=VILLAGE)
class House(Plain):
    """The site itself."""

    slug: str = column("Short name.")
    zone: str = column("Zone of wall times.")
    name_en: str | None = column("Its name in English.")
    languages: list[str] = column("Languages it speaks.")
    prefix: str | None = column("What its numbers begin with.", sql="{t}.number_prefix", masked="site:configure")
    now: datetime = column("The moment of the request.", sql="{now}")


@published(
    "app.person",
    prefix="prs",
    may="members:read",
    orders={"name": key("{t}.sort_key"), "created": key("{t}.created_at", "timestamptz")},
    rows={"members:read": None, "members:own": "{t}.id = {person}"},
    realm=VILLAGE,
)
class Person(Node):
    """Somebody."""

    name: str = column("Full name.")
    email: str | None = column("Where letters go.", may="members:edit")
    language: str | None = column("What they read.", masked="members:edit")
    created_at: datetime = column("Since when they are known.")
    is_me: bool = column("Whether this is who asks.", sql="coalesce({t}.id = {person}, false)")
    affiliations: Page["Affiliation"] = many("Where they belong.", by="person_id", orders=("since", "-since"))


def initials(desk: Desk, organisation: UUID) -> Any:
    async def read() -> str:
        sql = "select left(name, 1) as letter from app.organisation where tenant_id = $1 and id = $2"
        return str((await desk.fetch(sql, desk.tenant_id, organisation))[0]["letter"])

    return read()


class AffiliationFilter(Filter):
    """Which affiliations."""

    role: str | None = where("With this role.", "{t}.role = {v}")
    begins_after: date | None = where("Begun after this day.", "lower({t}.during) > {v}")


class OrganisationFilter(Filter):
    """Which organisations."""

    search: str | None = where("With this in the name.", "position(lower({v}) in lower({t}.name)) > 0")
    kinds: list[Kind] | None = where("Of these kinds.", "{t}.kind = any({v})")
    kind: Kind | None = where("Of this kind.", "{t}.kind = {v}")
    merged_into: ID | None = where("Merged into this one.", "{t}.merged_into = {v}", id="org")
    among: list[ID] | None = where("Among these.", "{t}.id = any({v})", id="org")
    nonprofit: bool | None = where("Nonprofit or not.", "{t}.nonprofit = {v}")
    founded_before: date | None = where("Founded before this day.", "{t}.founded_on < {v}")
    tagged: list[str] | None = where("With one of these tags.", "{t}.tags && {v}")


@published(
    "app.organisation",
    prefix="org",
    may="network:read",
    orders={
        "name": key("{t}.sort_key"),
        "founded": key("coalesce({t}.founded_on, '0001-01-01')", "date"),
        "created": key("{t}.created_at", "timestamptz"),
    },
    realm=VILLAGE,
)
class Organisation(Node):
    """A company, association or initiative."""

    name: str = column("Its name.")
    kind: Kind = column("What it is.")
    nonprofit: bool = column("Whether it is nonprofit.")
    founded_on: date | None = column("When it was founded.")
    about_en: str | None = column("What it does.")
    tags: list[str] = column("Words it is found by.")
    district: str | None = column("Part of town.", masked="members:read")
    website: str | None = column("Where to read more.", may="members:read")
    created_at: datetime = column("Since when it is known.")
    version: int = column("Counts its changes.", may="members:read")
    is_own: bool = column("Whether the asking person belongs to it.", sql="{t}.id = any({own})")
    letter: str = computed("First letter of the name.", initials)
    merged_into: "Organisation | None" = one("What it became part of.", by="merged_into")
    people: Page["Affiliation"] = many(
        "Who belongs to it.", by="organisation_id", orders=("since", "-since"), filter=AffiliationFilter
    )
    bookings: Page["Booking"] = many("What it booked.", by="organisation_id", orders=("starts", "-starts"))


@published(
    "app.affiliation",
    prefix="aff",
    may=("members:read", "members:own"),
    orders={"since": key("lower({t}.during)", "date")},
    rows={"members:read": None, "members:own": "{t}.organisation_id = any({own})"},
    realm=VILLAGE,
)
class Affiliation(Node):
    """Somebody's place in an organisation."""

    role: str = column("What they are there.")
    since: date = column("First day.", sql="lower({t}.during)")
    person: "Person | None" = one("Who.", by="person_id")
    organisation: "Organisation" = one("Where.", by="organisation_id", may="network:read")


@published(
    "app.space",
    prefix="spc",
    may="spaces:read",
    orders={"position": key("{t}.position", "int")},
    realm=VILLAGE,
)
class Space(Node):
    """A room."""

    name: str = column("Its name.", sql="{t}.name_de")
    persons: int = column("For how many.")
    price: Cents = column("An hour.", sql="{t}.list_price_hour")
    rent: Cents | None = column("A month.", sql="{t}.list_rent_month")
    step_free: bool = column("Without steps.")
    equipment: list[str] = column("What is in it.")
    bookings: Page["Booking"] = many("When it is used.", by="space_id", orders=("starts", "-starts"))


class BookingFilter(Filter):
    """Which bookings."""

    space: ID | None = where("In this space.", "{t}.space_id = {v}", id="spc")
    ends_after: datetime | None = where("Ending after this.", "upper({t}.during) > {v}")
    states: list[BookingState] | None = where("In one of these states.", "{t}.state = any({v})")
    persons: int | None = where("For so many.", "{t}.persons = {v}")


@published(
    "app.booking",
    prefix="bkg",
    may=("spaces:read", "spaces:desk"),
    orders={"starts": key("{t}.starts_at", "timestamptz"), "number": key("{t}.number")},
    realm=VILLAGE,
)
class Booking(Node):
    """A span of time in which a space is held."""

    number: str = column("Human number.")
    title: str | None = column("What for.", masked="spaces:desk")
    starts_at: datetime = column("Start, included.", sql="lower({t}.during)")
    ended_at: datetime | None = column("When everybody had left.")
    state: BookingState = column("Where it stands.")
    persons: int | None = column("How many come.")
    late: bool = column("Whether it was late.", may="spaces:approve")
    is_long: bool | None = column(
        "Longer than two hours, where it has ended.", sql="{t}.ended_at - {t}.starts_at > '2 h'"
    )
    space: "Space" = one("The room.", by="space_id")
    organisation: "Organisation | None" = one("For whom.", by="organisation_id")
    person: "Person | None" = one("For which person.", by="for_person", may="spaces:desk")


async def weather(desk: Desk) -> str:
    return f"fair at {desk.realm.name}"


async def trouble(desk: Desk) -> str:
    raise RuntimeError("connection to 10.0.0.5 user=quartier failed")


roots(
    VILLAGE,
    house=own(House, "The site."),
    person=by_id(Person, "One person."),
    people=page(Person, "Everybody.", orders=("name", "-name", "created")),
    organisation=by_id(Organisation, "One organisation."),
    organisations=page(
        Organisation,
        "All organisations.",
        filter=OrganisationFilter,
        orders=("name", "-name", "founded", "-founded", "created", "-created"),
        most=50,
    ),
    space=by_id(Space, "One space."),
    spaces=page(Space, "All spaces."),
    booking=by_id(Booking, "One booking."),
    bookings=page(Booking, "All bookings.", filter=BookingFilter, orders=("starts", "-starts")),
    weather=asking(weather, str, "What it is like outside.", may=["spaces:read"]),
    trouble=asking(trouble, str, "A resolver that breaks.", may=["site:configure"]),
)


@wish
class RenameSpaceInput:
    """What a space is to be called."""

    space: ID = asked("The space.")
    name: str = asked("Its new name.")
    price: Cents | None = asked("Its new price an hour.", default=None)


@verb("spaces:configure", changes={"space": Space}, values={"old": (str | None, "Its name before.")}, realms=(VILLAGE,))
async def rename_space(desk: Desk, wish: RenameSpaceInput) -> Done:
    """Rename a space."""
    from quartier.kit.refusal import NotFound, Refused
    from quartier_graph import ids

    space = ids.read(wish.space, "spc")
    async with desk.transaction() as ledger:
        sql = "select name_de from app.space where tenant_id = $1 and id = $2 for update"
        found = await desk.fetch(sql, desk.tenant_id, space)
        if not found:
            raise Refused([NotFound(path=("input", "space"))])
        change = "update app.space set name_de = $3 where tenant_id = $1 and id = $2 returning id"
        await desk.fetch(change, desk.tenant_id, space, wish.name)
        ledger.note("space.renamed", space)
    return {"space": space, "old": found[0]["name_de"]}


GRAPH: Graph = build(VILLAGE)
