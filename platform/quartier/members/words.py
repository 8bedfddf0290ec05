"""The nouns of members: organisations, their people, plans, memberships; and why something is refused."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

OrganisationKind = Literal[
    "company", "cooperative", "association", "foundation", "initiative", "research", "public_body"
]
IdentifierKind = Literal["w_id", "vat", "register", "tax_no"]
AffiliationRole = Literal["owner", "admin", "member", "former"]
Holder = Literal["person", "organisation"]
MembershipState = Literal[
    "invited", "expired", "applied", "in_review", "more_info", "declined", "withdrawn",
    "active", "paused", "suspended", "ending", "ended",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What is written down when an organisation comes to the desk; all but the first four may follow later.

    `economic`: it acts on a market, whatever its form. `identifiers` are as people write them.
    """

    name: str
    kind: OrganisationKind
    nonprofit: bool
    economic: bool
    legal_form: str | None = None
    founded_on: date | None = None
    nace: str | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None
    district: str | None = None
    website: str | None = None
    about_de: str = ""
    about_en: str | None = None
    identifiers: dict[IdentifierKind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Organisation:
    id: UUID
    name: str
    kind: OrganisationKind
    nonprofit: bool
    economic: bool
    state: Literal["active", "linked_only", "archived", "merged"]
    version: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules of other rooms ask of an organisation; None is not known."""

    kind: OrganisationKind
    nonprofit: bool
    economic: bool
    founded_on: date | None
    nace: str | None
    postcode: str | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A person stands for an organisation from `since` until the day before `until`."""

    id: UUID
    person: UUID
    organisation: UUID
    role: AffiliationRole
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows for a person from her affiliations and memberships: her organisations, her roles by right.

    `leads`: those of them whose colleagues are hers to invite and to let go.
    """

    own: frozenset[UUID]
    roles: frozenset[Literal["member", "member_admin"]]
    leads: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """`price` in cents for each `per`; `until` is the first day it is not offered any more."""

    id: UUID
    key: str
    name_de: str
    family: str
    holder: Holder
    kinds: tuple[OrganisationKind, ...]
    nonprofit: bool | None
    price: Cents
    notice_days: int
    pause_months: int
    papers: tuple[str, ...]
    public: bool
    since: date
    until: date | None

    def is_offered(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Membership:
    """`ends_on` is the last day."""

    id: UUID
    number: str
    person: UUID | None
    organisation: UUID | None
    family: str
    starts_on: date | None
    ends_on: date | None
    state: MembershipState
    version: int


class IdentifierTaken(Refusal):
    """`kind` and `organisation` (of this site) that has the number already."""

    code = "IDENTIFIER_TAKEN"
    constraint = "identifier_once"
    de = "Diese Nummer hat hier schon eine andere Organisation. Bitte sehen Sie nach, ob es dieselbe ist."
    en = "Another organisation here has this number already. Please check whether it is the same one."


class IdentifierMissing(Refusal):
    """An organisation that acts on a market has no register number yet: it could not be told from another one."""

    code = "IDENTIFIER_MISSING"
    de = (
        "„{organisation}“ ist wirtschaftlich tätig und hat noch keine Kennung. "
        "Bitte erst Wirtschafts-ID, USt-IdNr., Register- oder Steuernummer eintragen."
    )
    en = (
        "“{organisation}” acts on a market and has no register number yet. "
        "Please write down its business id, VAT, register or tax number first."
    )


class AffiliationExists(Refusal):
    """The two are joined already in this time, since `since` as `role`."""

    code = "AFFILIATION_EXISTS"
    constraint = "affiliation_once"
    de = "Die Person gehört schon zu dieser Organisation (seit {since})."
    en = "The person already belongs to this organisation (since {since})."


class MembershipExists(Refusal):
    """One membership for each holder and family of plans at a time; `membership` is the one there is."""

    code = "MEMBERSHIP_EXISTS"
    constraint = "membership_one_per_family"
    de = "Es gibt schon eine Mitgliedschaft dieser Art ({number}, seit {since}). Bitte ändern oder beenden Sie diese."
    en = "There is already a membership of this kind ({number}, since {since}). Please change it, or end it first."


class PlanNotOffered(Refusal):
    """The plan is not offered on the day the membership would begin; `since`, `until` say when it is."""

    code = "PLAN_NOT_OFFERED"
    de = "Der Tarif „{plan}“ wird am {on} nicht angeboten. Bitte wählen Sie einen anderen Tarif oder Beginn."
    en = "The plan “{plan}” is not offered on {on}. Please choose another plan or start."


class PlanDoesNotFit(Refusal):
    """The plan is for other holders: persons or organisations, some kinds, or nonprofit ones only."""

    code = "PLAN_DOES_NOT_FIT"
    de = "Der Tarif „{plan}“ passt hier nicht. Er ist für: {allowed}."
    en = "The plan “{plan}” does not fit here. It is for: {allowed}."


class OwnCase(Refusal):
    """Nobody decides about what is her own, or her organisation's."""

    code = "OWN_CASE"
    de = "Das betrifft Sie selbst oder Ihre Organisation. Darüber entscheidet jemand anders aus dem Team."
    en = "This is about yourself or your organisation. Somebody else in the team decides."


class PauseTooLong(Refusal):
    """The plan lets a membership rest `months` in any twelve; the last day that is possible now is `latest`."""

    code = "PAUSE_TOO_LONG"
    de = "Dieser Tarif darf im Jahr {months} Monate ruhen. Letzter möglicher Tag ist zurzeit: {latest}."
    en = "This plan may rest {months} months in a year. The last possible day at present: {latest}."


class NoticePeriod(Refusal):
    """`first_day` is the earliest last day, `notice_days` the plan's notice."""

    code = "NOTICE_PERIOD"
    de = "Die Kündigungsfrist beträgt {notice_days} Tage. Frühestes Ende ist der {first_day}."
    en = "The notice period is {notice_days} days. The earliest end is {first_day}."


# What stored words are called where people read them.
called(
    person=("Person", "person"),
    organisation=("Organisation", "organisation"),
    company=("Unternehmen", "company"),
    cooperative=("Genossenschaft", "cooperative"),
    association=("Verein", "association"),
    foundation=("Stiftung", "foundation"),
    initiative=("Initiative", "initiative"),
    research=("Forschungseinrichtung", "research institution"),
    public_body=("öffentliche Einrichtung", "public body"),
    nonprofit=("gemeinnützig", "nonprofit"),
    for_profit=("nicht gemeinnützig", "not nonprofit"),
    invited=("eingeladen", "invited"),
    applied=("beantragt", "applied for"),
    paused=("ruht", "paused"),
    suspended=("gesperrt", "suspended"),
    ending=("gekündigt", "ending"),
    ended=("beendet", "ended"),
    owner=("Inhaberin oder Inhaber", "owner"),
    admin=("Verwaltung", "administrator"),
    former=("ehemalig", "former"),
)
