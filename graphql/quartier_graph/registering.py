"""What the team writes down: organisations, their register numbers, and who stands for them."""

from datetime import date

import strawberry
from strawberry import ID

from quartier.members import actions, colleagues
from quartier.members.words import Profile
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.members import Affiliation, AffiliationRole, IdentifierKind, Organisation, OrganisationKind


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
