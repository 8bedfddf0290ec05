"""What the team writes down: organisations, their register numbers, and who stands for them."""

from dataclasses import replace
from datetime import date

import strawberry
from strawberry import ID

from quartier.access.people import actions as people
from quartier.members import actions, colleagues, editing
from quartier.members.words import Profile
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, asked, verb, wish
from quartier_graph.members import Affiliation, AffiliationRole, IdentifierKind, Organisation, OrganisationKind, Person


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
    profile = replace(_profile(wish), identifiers={each.kind.value: each.value for each in wish.identifiers})
    return {"organisation": (await actions.register_organisation(desk, profile)).id}


def _profile(wish: "RegisterOrganisationInput | EditOrganisationInput") -> Profile:
    return Profile(
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
    )


@wish
class EditOrganisationInput:
    """An organisation as it should be: what is left out is empty then. Leads change website and texts alone."""

    organisation: ID = asked("Which.")
    version: int = asked("The version that was seen.")
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


@verb("members:edit", "members:invite", changes={"organisation": Organisation})
async def edit_organisation(desk: Desk, wish: EditOrganisationInput) -> Done:
    """Write down anew what an organisation is and where; its register numbers are recorded by themselves."""
    organisation = ids.read(wish.organisation, "org")
    await editing.edit_organisation(desk, organisation, wish.version, _profile(wish))
    return {"organisation": organisation}


@wish
class EditPersonInput:
    """Somebody as she is called. Her address stays: it is where codes go."""

    person: ID = asked("Who.")
    version: int = asked("The version that was seen.")
    name: str = asked("Full name.")
    language: str = asked("The language of letters to her: `de` or `en`.")


@verb("members:edit", "members:own", changes={"person": Person})
async def edit_person(desk: Desk, wish: EditPersonInput) -> Done:
    """Write down anew what somebody is called: the team, and everybody for herself."""
    person = ids.read(wish.person, "prs")
    await people.edit_person(desk, person, wish.version, name=wish.name, language=wish.language)
    return {"person": person}


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
