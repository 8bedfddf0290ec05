"""Inviting, withdrawing, accepting.

Persons and affiliations are the power app's, invitations, addresses and roles the power auth's. Accepting takes the
invitation first, so that of several at once one goes on; what it made without an end can be invited to again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from quartier.access.events import leave_event, machine_now
from quartier.access.invitations import queries, rules
from quartier.access.invitations.words import Invitation
from quartier.access.marks import INVITATION, mark, minted
from quartier.access.notices import rights_changed
from quartier.access.permissions import EVERY
from quartier.access.queries import as_auth
from quartier.access.roles import queries as granted
from quartier.access.roles.actions import grant_role
from quartier.access.roles.rules import objections_to_giver, objections_to_length
from quartier.access.sessions import Proof, open_session
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, Refused, SignInAgain, refuse
from quartier.kit.text import sort_key
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

T = TypeVar("T")
Join = Callable[[Desk, UUID, UUID, str], Awaitable[None]]
"""Lets a person stand for an organisation; members does that, which lies above. Twice it does no harm."""

_PUT = """
insert into auth.invitation (tenant_id, id, token_hash, address, name, language, role, role_until, bound_to,
  organisation, affiliation, person_id, invited_by, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"""
_WITHDRAW = """
update auth.invitation set withdrawn_at = $3
where tenant_id = $1 and id = $2 and used_at is null and withdrawn_at is null returning id"""
# Whoever accepts takes it off the table; the end it had comes back when the rest does not go through. Its beginning
# as its end is over for whoever waited for this row too, even if her `now` was read a moment earlier than ours.
_TAKE = """
update auth.invitation set expires_at = created_at
where tenant_id = $1 and id = $2 and used_at is null and withdrawn_at is null and expires_at > $3 returning id"""
_GIVE_BACK = "update auth.invitation set expires_at = $3 where tenant_id = $1 and id = $2 and used_at is null"
_USED = "update auth.invitation set used_at = $3, used_by = $4 where tenant_id = $1 and id = $2"
_ADDRESS = "select person_id from auth.login_address where tenant_id = $1 and address = $2"
_ADD = """
insert into auth.login_address (tenant_id, id, person_id, address) values ($1, $2, $3, $4)
on conflict on constraint login_address_once do nothing"""
_MAKE = """
insert into app.person (tenant_id, id, name, sort_key, email, language, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, 'active', 1, $7, $7)"""
_LET_IN = """
update app.person set state = 'active', version = version + 1, changed_at = $3
where tenant_id = $1 and id = $2 and state = 'pending' returning id"""
_STATE = "select state from app.person where tenant_id = $1 and id = $2"
_PASSKEYS = "delete from auth.passkey where tenant_id = $1 and person_id = $2 returning id"
_SESSIONS = "delete from auth.session where tenant_id = $1 and person_id = $2 and method <> 'demo' returning id"


@action("access:admit", "access:grant", "members:invite", "members:edit")
async def invite(desk: Desk, wish: Invitation, *, lasts: timedelta = rules.LASTS) -> str:
    """Keep an invitation and give the secret of its link, this once.

    `wish` says whom and to what. A role is the inviter's to give; an organisation is her own, or any for who edits
    members. Refuses NOT_ALLOWED, FIELD_INVALID, ROLE_NOT_YOURS, NOT_BY_INVITATION, ROLE_TOO_LONG, INVITATION_OPEN,
    INVITATIONS_FULL, OWN_ACCESS, SIGN_IN_AGAIN.
    """
    objections: list[Refusal] = list(rules.objections_to_address(wish.address))
    if desk.client is not None:  # what no person sends counts as the house's own, and opens without a code
        objections.append(NotAllowed(permission="access:admit"))
    if desk.person is not None:
        objections += objections_to_inviter(desk, wish)
        if wish.role is not None:
            objections += objections_to_giver(wish.role, permissions=desk.permissions, kind=desk.realm.kind)
            objections += rules.objections_to_role(wish.role)
            until = wish.role_until or desk.now
            objections += objections_to_length(wish.role, until=until, bound_to=wish.bound_to, now=desk.now)
    token, now = minted(INVITATION), machine_now()
    with as_auth(desk):
        async with DB.work():
            same = await queries.same(desk, wish)
            lost = desk.person is None and same is not None and same.invited_by is None  # the house prints it again
            if same is not None and (lost or not rules.is_open(same, now)):
                await desk.fetch(_WITHDRAW, desk.tenant_id, same.id, now)
                same = None
            refuse([*objections, *rules.objections_to_another(same, await queries.open_of(desk, wish.organisation))])
            about = (wish.role, wish.role_until, wish.bound_to, wish.organisation, wish.affiliation, wish.person_id)
            whom = (wish.address, wish.name, wish.language)
            await desk.fetch(_PUT, desk.tenant_id, wish.id, mark(token), *whom, *about, desk.person, now, now + lasts)
            to = wish.role or ("organisation" if wish.organisation else "way back in")
            await leave_event(desk, "invitation.made", reason=to, invitation=wish.id, organisation=wish.organisation)
    return token


def objections_to_inviter(desk: Desk, wish: Invitation) -> list[NotAllowed | SignInAgain]:
    """Say why whoever is at the desk may not invite to that, whichever role it is."""
    if wish.organisation is not None:
        own = desk.may("members:invite") and wish.organisation in desk.leads
        return [] if own or desk.may("members:edit") else [NotAllowed(permission="members:invite / members:edit")]
    if wish.person_id is not None and (not desk.may("access:admit") or wish.person_id == desk.person):
        return [NotAllowed(permission="access:admit")]  # who lost her way in is let in by somebody else
    if "access:grant" in desk.asks_again and wish.role is not None:
        return [SignInAgain(permission="access:grant")]
    return []


@action("access:admit", "access:grant", "members:invite", "members:edit")
async def withdraw_invitation(desk: Desk, invitation: UUID) -> None:
    """Take an invitation back; its link leads nowhere from now on. Refuses NOT_FOUND, also for who may not see it."""
    with as_auth(desk):
        async with DB.work():
            found = await queries.by_id(desk, invitation)
            if found is None or not rules.may_see(found, permissions=desk.permissions, leads=desk.leads):
                refuse([NotFound(path=("invitation",))])
            await desk.fetch(_WITHDRAW, desk.tenant_id, invitation, machine_now())
            await leave_event(desk, "invitation.withdrawn", invitation=invitation)


async def accept(desk: Desk, invitation: Invitation, join: Join, *, proof: Proof, instead_of: str | None) -> str | None:
    """Make what was invited to true, and give the secret of a session; None when somebody else was faster.

    The caller has seen that the letter reached its address. A refusal (roles that exclude each other) leaves the
    invitation open.
    """

    async def open_it(house: Desk, person: UUID) -> str:
        return await open_session(house, person, proof, instead_of=instead_of)

    return await come_true(desk, invitation, join, open_it)


async def come_true(
    desk: Desk,
    invitation: Invitation,
    join: Join,
    ending: Callable[[Desk, UUID], Awaitable[T]],
    *,
    her: UUID | None = None,
    is_hers: bool = True,
) -> T | None:
    """Make what was invited to true for `her`, else for whoever has its address; None when somebody else was faster.

    `ending` runs in the transaction of auth that uses the invitation up. `is_hers` says that the address was proven.
    A refusal leaves the invitation open.
    """
    if not await _taken(desk, invitation):
        return None
    house = replace(desk, permissions=EVERY, person=None, client=None, session=None, asks_again=frozenset())
    try:
        person = await _person(house, invitation) if her is None else await _let_in(house, invitation, her)
        if invitation.organisation is not None and invitation.affiliation is not None:
            await join(house, person, invitation.organisation, invitation.affiliation)
        known = await granted.facts(house, person) if invitation.role is not None else None
        with as_auth(house):
            async with DB.work():
                if invitation.role is not None:
                    until: datetime = invitation.role_until or house.now
                    source = f"invitation:{invitation.id}"
                    about = {"until": until, "bound_to": invitation.bound_to, "source": source, "known": known}
                    await grant_role(house, person, invitation.role, **about)  # type: ignore[arg-type]
                if invitation.person_id is not None:
                    await desk.fetch(_PASSKEYS, desk.tenant_id, person)
                    await desk.fetch(_SESSIONS, desk.tenant_id, person)
                if is_hers:
                    await desk.fetch(_ADD, desk.tenant_id, new_id(), person, invitation.address)
                await desk.fetch(_USED, desk.tenant_id, invitation.id, machine_now(), person)
                await leave_event(house, "invitation.accepted", person=person, invitation=invitation.id)
                await rights_changed(house)
                return await ending(house, person)
    except Refused:
        with as_auth(desk):
            async with DB.work():
                await desk.fetch(_GIVE_BACK, desk.tenant_id, invitation.id, invitation.expires_at)
                await leave_event(desk, "invitation.refused", reason="refused", invitation=invitation.id)
        raise


async def _taken(desk: Desk, invitation: Invitation) -> bool:
    with as_auth(desk):
        async with DB.work():
            taken = await desk.fetch(_TAKE, desk.tenant_id, invitation.id, machine_now())
            if not taken:
                await leave_event(desk, "invitation.refused", reason="over", invitation=invitation.id)
    return bool(taken)


async def _person(house: Desk, invitation: Invitation) -> UUID:
    """Who has this address already, or somebody new. Refuses NOT_FOUND for who is blocked."""
    with as_auth(house):
        known = await house.fetch(_ADDRESS, house.tenant_id, invitation.address)
    person: UUID | None = invitation.person_id or (known[0]["person_id"] if known else None)
    with DB.speaking(house.tenant_id, "app"):
        if person is not None:
            rows = await house.fetch(_STATE, house.tenant_id, person)
            if not rows or rows[0]["state"] != "active":
                refuse([NotFound(path=("person",))])
            return person
        made = new_id()
        name = invitation.name or invitation.address.partition("@")[0]
        async with house.transaction() as ledger:
            facts = (name, sort_key(name), invitation.address, invitation.language, house.now)
            await house.fetch(_MAKE, house.tenant_id, made, *facts)
            ledger.note("person.entered", made, invitation=invitation.id)
        return made


async def _let_in(house: Desk, invitation: Invitation, person: UUID) -> UUID:
    """Who is known already, and comes in now if she waited. Refuses NOT_FOUND for who is blocked."""
    with DB.speaking(house.tenant_id, "app"):
        async with house.transaction() as ledger:
            if await house.fetch(_LET_IN, house.tenant_id, person, house.now):
                ledger.note("person.admitted", person, invitation=invitation.id)
            rows = await house.fetch(_STATE, house.tenant_id, person)
            if not rows or rows[0]["state"] != "active":
                refuse([NotFound(path=("person",))])
    return person
