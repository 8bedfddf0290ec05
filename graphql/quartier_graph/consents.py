"""The directory, of those alone who agreed to stand in it; and what people agreed to."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from quartier.members import tables
from quartier.members.consents import actions
from quartier.members.consents.words import TEXTS
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    asking,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.members import OrganisationKind
from quartier_graph.scalars import described

if TYPE_CHECKING:
    from quartier_graph.members import Organisation, Person


@described
class ConsentPurpose(enum.Enum):
    """What is agreed to."""

    DIRECTORY = "directory"


@described
class ConsentAudience(enum.Enum):
    """Who sees it: MEMBERS are members and team of the house."""

    MEMBERS = "members"
    PUBLIC = "public"


def _of_organisation(column: str) -> str:
    its = "o.tenant_id = {t}.tenant_id and o.id = {t}.organisation_id"
    return f"(select o.{column} from app.organisation o where {its})"


def _of_person(column: str) -> str:
    return f"(select p.{column} from app.person p where p.tenant_id = {{t}}.tenant_id and p.id = {{t}}.person_id)"


_NAME = f"coalesce({_of_organisation('name')}, {_of_person('name')})"
# A consent to an older text shows nothing, and neither does whoever has left or is kept out.
_CURRENT = f"{{t}}.withdrawn_at is null and {{t}}.text_version = '{TEXTS['directory'].version}'"
_LISTED = f"""({{t}}.purpose = 'directory' and {_CURRENT}
  and coalesce({_of_organisation("state")}, {_of_person("state")}) = 'active'"""


@published(
    tables.Consent,
    prefix="dir",
    may=("network:read", "public:read"),
    orders={"name": key(f"coalesce({_of_organisation('sort_key')}, {_of_person('sort_key')}, '')")},
    rows={
        # A program is no member: it sees what everybody sees.
        "network:read": _LISTED + " and ({t}.audience = 'public' or {person}::uuid is not null))",
        "public:read": _LISTED + " and {t}.audience = 'public')",
    },
)
class DirectoryEntry(Node):
    """Somebody who agreed to stand in the directory; the withdrawal takes it out at once."""

    name: str = column("The name.", sql=_NAME)
    is_person: bool = column("A person, or an organisation.", sql="({t}.person_id is not null)")
    kind: OrganisationKind | None = column("What an organisation is.", sql=_of_organisation("kind"))
    district: str | None = column("District of an organisation.", sql=_of_organisation("district"))
    website: str | None = column("Website of an organisation.", sql=_of_organisation("website"))
    about_de: str | None = column("What an organisation does, in German.", sql=_of_organisation("about_de"))
    about_en: str | None = column("What an organisation does, in English.", sql=_of_organisation("about_en"))
    line: str = column("How they present themselves.")
    audience: ConsentAudience = column("Who sees it.")


class DirectoryFilter(Filter):
    """Which entries."""

    search: str | None = where(
        "With this in the name or the sentence.",
        f"position(lower({{v}}) in lower({_NAME} || ' ' || {{t}}.line)) > 0",
    )
    persons: bool | None = where("People, or organisations.", "({t}.person_id is not null) = {v}")


@published(
    tables.Consent,
    prefix="cns",
    may=("members:read", "members:own"),
    orders={"given": key("{t}.given_at", "timestamptz")},
    rows={"members:read": None, "members:own": "({t}.organisation_id = any({own}) or {t}.person_id = {person})"},
)
class Consent(Node):
    """What was agreed to, also what was withdrawn since; members see their own."""

    purpose: ConsentPurpose = column("To what.")
    text_version: str = column("Which text.")
    audience: ConsentAudience = column("Who sees it.")
    line: str = column("How they present themselves.")
    given_at: datetime = column("When it was given.")
    withdrawn_at: datetime | None = column("When it was withdrawn.")
    is_current: bool = column("Whether it holds: not withdrawn, and to the text of today.", sql=f"({_CURRENT})")
    organisation: "Organisation | None" = one("For which organisation.", by="organisation_id")
    person: "Person | None" = one("Or for whom.", by="person_id")


class ConsentFilter(Filter):
    """Which consents."""

    current: bool | None = where("Those that hold, or not.", f"({_CURRENT}) = {{v}}")
    organisation: ID | None = where("Of this organisation.", "{t}.organisation_id = {v}", id="org")
    person: ID | None = where("Of this person.", "{t}.person_id = {v}", id="prs")


@strawberry.type(description="A text to agree to.")
class ConsentText:
    purpose: ConsentPurpose = strawberry.field(description="What for.")
    version: str = strawberry.field(description="Its version; send it with the consent.")
    text_de: str = strawberry.field(description="The text in German.")
    text_en: str = strawberry.field(description="The text in English.")


Whatfor = Annotated[ConsentPurpose, strawberry.argument(description="What for.")]


async def consent_text(desk: Desk, *, purpose: Whatfor = ConsentPurpose.DIRECTORY) -> ConsentText:
    text = TEXTS[purpose.value]
    return ConsentText(purpose=purpose, version=text.version, text_de=text.de, text_en=text.en)


roots(
    directory=page(DirectoryEntry, "Who agreed to stand in it, by name.", filter=DirectoryFilter, orders=("name",)),
    consents=page(Consent, "What was agreed to.", filter=ConsentFilter, orders=("-given", "given")),
    consent_text=asking(consent_text, ConsentText, "The text that is agreed to.", may=["public:read"]),
)


@wish
class GiveConsentInput:
    """What somebody agrees to."""

    purpose: ConsentPurpose = asked("To what.")
    text_version: str = asked("The version of the text that was read.")
    organisation: ID | None = asked("For which organisation one leads; without one for oneself.", default=None)
    audience: ConsentAudience = asked("Who sees it.")
    line: str = asked("How one wants to be presented, at most 300 letters.", default="")


@verb("members:own", changes={"consent": Consent})
async def give_consent(desk: Desk, wish: GiveConsentInput) -> Done:
    """Agree, for oneself or for an organisation one leads; in place of what was agreed to before."""
    made = await actions.give_consent(
        desk,
        wish.purpose.value,
        wish.text_version,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        audience=wish.audience.value,
        line=wish.line,
    )
    return {"consent": made}


@wish
class WithdrawConsentInput:
    """A consent to withdraw."""

    consent: ID = asked("Which.")


@verb("members:own", "members:edit", changes={"consent": Consent})
async def withdraw_consent(desk: Desk, wish: WithdrawConsentInput) -> Done:
    """Withdraw a consent; what was shown by it is gone at once."""
    key = ids.read(wish.consent, "cns")
    await actions.withdraw_consent(desk, key)
    return {"consent": key}
