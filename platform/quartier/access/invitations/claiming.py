"""Coming with an invitation by one's institution: with the invited address at once, else after somebody has looked.

The invitation's link and an institution's word are two things. Where they name one address, nobody has to decide.
"""

from uuid import UUID

from quartier.access.events import leave_event, machine_now
from quartier.access.invitations import queries, rules
from quartier.access.invitations.actions import Join, come_true, objections_to_inviter
from quartier.access.invitations.words import Invitation
from quartier.access.partners import accounts
from quartier.access.partners.words import Provider, Told
from quartier.access.passkeys.queries import has_strong
from quartier.access.passkeys.words import StrongSignInMissing
from quartier.access.queries import as_auth
from quartier.access.roles.rules import objections_to_giver
from quartier.database.engine import DB
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused, refuse
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_OWNER = "select person_id from auth.login_address where tenant_id = $1 and address = $2"
# Whoever came first is the one to decide about; the letter's own reader can still take a code.
_CLAIM = """
update auth.invitation set claimed_by = $3, claimed_at = $4, claimed_address = $5
where tenant_id = $1 and id = $2 and used_at is null and withdrawn_at is null and expires_at > $4
  and (claimed_by is null or claimed_by = $3) returning id"""
_ADMIT = """
update auth.invitation set admitted_by = $3, expires_at = greatest(expires_at, $4)
where tenant_id = $1 and id = $2 and used_at is null and withdrawn_at is null and claimed_by is not null returning id"""


async def accept_by_institution(
    desk: Desk, invitation: Invitation, join: Join, provider: Provider, told: Told
) -> UUID | None:
    """Make what was invited to true for who is sworn to have its address; None when somebody else was faster.

    Who is here by that address already is tied to the institution as well, unless she has something stronger than a
    mailbox: then STRONG_SIGN_IN_MISSING. Refuses IDENTITY_TAKEN, NOT_FOUND for who is blocked.
    """
    her = await accounts.person_of(desk, provider, told.subject)
    if her is None:
        with as_auth(desk):
            owner = await desk.fetch(_OWNER, desk.tenant_id, invitation.address)
        if owner and await has_strong(desk, owner[0]["person_id"]):
            refuse([StrongSignInMissing()])

    async def tie(house: Desk, person: UUID) -> UUID:
        await accounts.knows(house, provider, told.subject, person)
        return person

    return await come_true(desk, invitation, join, tie, her=her)


async def claim(desk: Desk, invitation: Invitation, person: UUID, address: str | None) -> bool:
    """Keep who came, and the address that her institution swears to; false when it was somebody else before."""
    with as_auth(desk):
        async with DB.work():
            kept = (invitation.id, person, machine_now(), address)
            done = bool(await desk.fetch(_CLAIM, desk.tenant_id, *kept))
            reason = "somebody_else" if not done else "other_address" if address else "no_address"
            kind = "invitation.claimed" if done else "invitation.refused"
            await leave_event(desk, kind, reason=reason, person=person, invitation=invitation.id)
    return done


@action("access:admit", "access:grant", "members:invite", "members:edit")
async def admit_invited(desk: Desk, invitation: UUID) -> None:
    """Let in who came with another address: at her next sign-in there, within 14 days, she has what it is about.

    Whoever decides could have invited to it. Refuses NOT_FOUND, NOBODY_CAME, OWN_ADMISSION, NOT_ALLOWED,
    ROLE_NOT_YOURS, SIGN_IN_AGAIN.
    """
    with as_auth(desk):
        async with DB.work():
            found = await queries.by_id(desk, invitation)
            if found is None or not rules.may_see(found, permissions=desk.permissions, leads=desk.leads):
                refuse([NotFound(path=("invitation",))])
            assert found is not None
            if desk.person is None:
                refuse([NotAllowed(permission="access:admit")])  # a person decides
            assert desk.person is not None
            objections: list[Refusal] = list(rules.objections_to_admitting(found, desk.person))
            objections += objections_to_inviter(desk, found)
            if found.role is not None:
                objections += objections_to_giver(found.role, permissions=desk.permissions, kind=desk.realm.kind)
            refuse(objections)
            await desk.fetch(_ADMIT, desk.tenant_id, invitation, desk.person, machine_now() + rules.LASTS)
            await leave_event(desk, "invitation.admitted", person=found.claimed_by, invitation=invitation)


async def admitted(desk: Desk, person: UUID, join: Join) -> bool:
    """Make true what somebody was admitted with since she came; whether anything was. What is refused stays open."""
    done = False

    async def nothing_more(house: Desk, her: UUID) -> bool:
        return True

    for each in await queries.admitted(desk, person):
        try:
            done |= bool(await come_true(desk, each, join, nothing_more, her=person, is_hers=False))
        except Refused:
            continue  # the log says so
    return done
