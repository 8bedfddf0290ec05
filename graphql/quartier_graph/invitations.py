"""Invitations: into a role of the house, into an organisation, or back in for somebody who lost her way."""

import enum
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import ID

from quartier.access.arrival import HERE
from quartier.access.codes import plain
from quartier.access.events import machine_now
from quartier.access.invitations import actions, claiming, queries, rules
from quartier.access.invitations.letter import invitation_letter
from quartier.access.invitations.words import Invitation as Kept
from quartier.access.invitations.words import MailMissing
from quartier.access.people.actions import demand_here
from quartier.access.people.queries import names
from quartier.database.engine import DB
from quartier.grants.queries import call
from quartier.kit.ids import new_id
from quartier.kit.refusal import FieldInvalid, Refused
from quartier.kit.spoken import Words
from quartier.members.queries import organisation
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import BOTH, Done, asked, asking, roots, verb, wish
from quartier_graph.scalars import described

MAY = ("access:admit", "access:grant", "members:invite", "members:edit")


@described
class Colleague(enum.Enum):
    """What somebody is invited to be in an organisation."""

    ADMIN = "admin"
    MEMBER = "member"


@strawberry.type(description="A letter that somebody was sent and has not answered yet.")
class Invitation:
    id: ID = strawberry.field(description="The invitation.")
    address: str = strawberry.field(description="Where it went.")
    name: str | None = strawberry.field(description="Whom it greets.")
    role: str | None = strawberry.field(description="The role it gives, where it is one of the house.")
    role_until: datetime | None = strawberry.field(description="Until when it gives it.")
    organisation: ID | None = strawberry.field(description="The organisation it leads into.")
    affiliation: Colleague | None = strawberry.field(description="What she will be there.")
    person: ID | None = strawberry.field(description="Who is let back in.")
    invited_by_name: str | None = strawberry.field(description="Who invited; null for the house.")
    came_name: str | None = strawberry.field(description="Who came with it by an institution and waits.")
    came_address: str | None = strawberry.field(description="The address that her institution swears to, if any.")
    came_at: datetime | None = strawberry.field(description="Since when she waits.")
    admitted: bool = strawberry.field(description="Whether she may come in at her next sign-in.")
    created_at: datetime = strawberry.field(description="Since when.")
    expires_at: datetime = strawberry.field(description="Until when.")


OfOrganisation = Annotated[ID | None, strawberry.argument(description="Of this organisation.")]


async def invitations(desk: Desk, *, organisation: OfOrganisation = None) -> list[Invitation]:
    about = ids.seek(organisation, "org") if organisation else None
    found = [
        each
        for each in await queries.invitations(desk, about)
        if rules.may_see(each, permissions=desk.permissions, leads=desk.leads)
    ]
    called = await names(desk, {who for each in found for who in (each.invited_by, each.claimed_by) if who})
    return [
        Invitation(
            id=ID(ids.write("inv", each.id)), address=each.address, name=each.name, role=each.role,
            role_until=each.role_until, created_at=each.created_at, expires_at=each.expires_at,
            organisation=ID(ids.write("org", each.organisation)) if each.organisation else None,
            affiliation=Colleague(each.affiliation) if each.affiliation else None,
            person=ID(ids.write("prs", each.person_id)) if each.person_id else None,
            invited_by_name=called.get(each.invited_by) if each.invited_by else None,
            came_name=called.get(each.claimed_by) if each.claimed_by else None, came_address=each.claimed_address,
            came_at=each.claimed_at, admitted=each.admitted_by is not None,
        )
        for each in found
    ]  # fmt: skip


@wish
class InviteInput:
    """Whom to invite, and to one thing: a role, an organisation, or back in."""

    address: str = asked("Her e-mail address.")
    name: str | None = asked("Her name, up to 120 letters.", default=None)
    english: bool = asked("Whether the letter is in English.", default=False)
    role: str | None = asked("A role of the house.", default=None)
    role_until: datetime | None = asked("Until when she has it, at most a year.", default=None)
    call: ID | None = asked("For a juror: the call.", default=None)
    organisation: ID | None = asked("An organisation.", default=None)
    affiliation: Colleague | None = asked("What she will be there.", default=None)
    person: ID | None = asked("A person who lost her way in: her passkeys end when she accepts.", default=None)


async def _demand_what_it_names(desk: Desk, wish: InviteInput) -> None:
    if wish.person:
        await demand_here(desk, ids.read(wish.person, "prs"))
    with DB.speaking(desk.tenant_id, "app"):
        if wish.organisation:
            await organisation(desk, ids.read(wish.organisation, "org"))
        if wish.call:
            await call(desk, ids.read(wish.call, "cll"))
    to = [wish.role, wish.organisation, wish.person]
    if len([each for each in to if each]) != 1 or bool(wish.organisation) != bool(wish.affiliation):
        one = Words(
            "genau eines: eine Rolle, eine Organisation mit der Art der Mitarbeit, oder eine Person",
            "one of them: a role, an organisation with what she will be there, or a person",
        )
        raise Refused([FieldInvalid(path=("role",), allowed=one)])
    if wish.name is not None and not 1 <= len(wish.name.strip()) <= 120:
        raise Refused([FieldInvalid(path=("name",), allowed=Words("1 bis 120 Zeichen", "1 to 120 letters"))])
    here = HERE.get()
    if here is None or here.post is None:
        raise Refused([MailMissing()])


async def _send(desk: Desk, wish: InviteInput, answer: Done) -> None:
    here = HERE.get()
    token = answer.get("token")
    if here is None or here.post is None or not token:  # a repeated key: the letter is on its way
        return
    kept = await queries.by_token(desk, str(token))
    if kept is not None:
        known = await names(desk, [desk.person] if desk.person else [])
        here.post.take(invitation_letter(here, kept, str(token), known.get(desk.person) if desk.person else None))


@verb(
    *MAY, realms=BOTH, power="auth", before=_demand_what_it_names, after=_send, once_only=("token",),
    values={"invitation": (ID, "The invitation.")},
)  # fmt: skip
async def invite(desk: Desk, wish: InviteInput, found: Any) -> Done:
    """Send somebody a letter whose link lets her in, once, within 14 days."""
    now = machine_now()
    kept = Kept(
        id=new_id(), address=plain(wish.address), name=wish.name.strip() if wish.name else None,
        language="en" if wish.english else "de", role=wish.role, role_until=wish.role_until if wish.role else None,
        bound_to=ids.read(wish.call, "cll") if wish.call and wish.role else None,
        organisation=ids.read(wish.organisation, "org") if wish.organisation else None,
        affiliation=wish.affiliation.value if wish.affiliation else None,
        person_id=ids.read(wish.person, "prs") if wish.person else None,
        invited_by=desk.person, created_at=now, expires_at=now,
    )  # fmt: skip
    token = await actions.invite(desk, kept)
    return {"invitation": ids.write("inv", kept.id), "token": token}


@wish
class WithdrawInvitationInput:
    """An invitation to take back."""

    invitation: ID = asked("The invitation.")


@verb(*MAY, realms=BOTH, power="auth")
async def withdraw_invitation(desk: Desk, wish: WithdrawInvitationInput) -> Done:
    """Take an invitation back: its link leads nowhere from now on."""
    await actions.withdraw_invitation(desk, ids.read(wish.invitation, "inv"))
    return {}


@wish
class AdmitInvitedInput:
    """An invitation that somebody came with."""

    invitation: ID = asked("The invitation.")


@verb(*MAY, realms=BOTH, power="auth")
async def admit_invited(desk: Desk, wish: AdmitInvitedInput) -> Done:
    """Let in who came with another address than the invited one; it holds at her next sign-in there."""
    await claiming.admit_invited(desk, ids.read(wish.invitation, "inv"))
    return {}


for realm in BOTH:
    roots(
        realm,
        invitations=asking(
            invitations,
            list[Invitation],
            "Invitations that are open, as far as one may see them.",
            may=MAY,
            apart=True,
            personal=True,
        ),
    )
