"""What the graph shows of access, at sites and at the city: who is signed in, and who may what.

Rows of schema `auth` are read with their own power, so these roots run outside of the request's snapshot.
"""

import enum
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import ID

from quartier.access.people import actions as admitting
from quartier.access.people import queries as known
from quartier.access.roles import actions as roles
from quartier.access.roles import queries as granted
from quartier.access.sessions import sessions_at
from quartier.database.engine import DB
from quartier.grants.queries import call
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import BOTH, Done, asked, asking, roots, verb, wish
from quartier_graph.scalars import described

READS = ("access:read", "access:admit", "access:grant", "access:audit")
First = Annotated[int, strawberry.argument(description="How many at most, up to 100.")]


def at_most(first: int) -> int:
    return max(1, min(first, 100))


@described
class PersonState(enum.Enum):
    """Whether somebody may come in."""

    PENDING = "pending"
    ACTIVE = "active"
    BLOCKED = "blocked"


# -- who is signed in --------------------------------------------------------------------------------------------------
@strawberry.type(description="Who asks, and what she may here and now.")
class Me:
    person: ID | None = strawberry.field(description="The person; null for a machine.")
    name: str | None = strawberry.field(description="Her name.")
    roles: list[str] = strawberry.field(description="Roles that are awake in this session.")
    asleep: list[str] = strawberry.field(description="Roles that want a stronger sign-in than this session's.")
    permissions: list[str] = strawberry.field(description="What she may.")
    asks_again: list[str] = strawberry.field(description="What of it wants a sign-in of the last five minutes.")
    language: str = strawberry.field(description="The language of answers.")


async def me(desk: Desk) -> Me:
    names = await known.names(desk, [desk.person] if desk.person else [])
    return Me(
        person=ID(ids.write("prs", desk.person)) if desk.person else None,
        name=names.get(desk.person) if desk.person else None,
        roles=sorted(desk.roles),
        asleep=sorted(desk.asleep),
        permissions=sorted(desk.permissions),
        asks_again=sorted(desk.asks_again),
        language=desk.language,
    )


@strawberry.type(description="A browser in which one is signed in.")
class SignIn:
    id: ID = strawberry.field(description="Its id.")
    method: str = strawberry.field(description="code, passkey, oidc or first.")
    created_at: datetime = strawberry.field(description="Since when.")
    last_seen: datetime = strawberry.field(description="When it was last used.")
    ends_at: datetime = strawberry.field(description="When it ends by itself.")
    here: bool = strawberry.field(description="Whether it is this one.")


async def my_sign_ins(desk: Desk) -> list[SignIn]:
    if desk.person is None:
        return []
    return [
        SignIn(
            id=ID(ids.write("sgn", each.id)), method=each.method, created_at=each.created_at, last_seen=each.last_seen,
            ends_at=each.ends_at, here=each.here,
        )
        for each in await sessions_at(desk, desk.person)
    ]  # fmt: skip


# -- people and their roles --------------------------------------------------------------------------------------------
@strawberry.type(description="A person as whoever admits people sees her.")
class AccessPerson:
    id: ID = strawberry.field(description="The person.")
    name: str = strawberry.field(description="Her name.")
    email: str | None = strawberry.field(description="Where letters go.")
    state: PersonState = strawberry.field(description="Whether she may come in.")
    version: int = strawberry.field(description="Counts her changes.")
    since: datetime = strawberry.field(description="Since when she is known here.")
    roles: list[str] = strawberry.field(description="Roles that somebody or a rule has given her.")
    same_address: int = strawberry.field(description="How many others who may come in have the same address.")


States = Annotated[list[PersonState], strawberry.argument(description="In one of these states.")]
Search = Annotated[str | None, strawberry.argument(description="With this in the name.")]
Staff = Annotated[bool, strawberry.argument(description="Only who holds a role that somebody gave.")]


async def access_people(
    desk: Desk, *, states: States, search: Search = None, staff: Staff = False, first: First = 100
) -> list[AccessPerson]:
    found = await known.people(
        desk, [each.value for each in states], search=search or None, staff=staff, first=at_most(first)
    )
    return [
        AccessPerson(
            id=ID(ids.write("prs", each.id)), name=each.name, email=each.email, state=PersonState(each.state),
            version=each.version, since=each.since, roles=list(each.roles), same_address=each.same_address,
        )
        for each in found
    ]  # fmt: skip


@strawberry.type(description="A role that somebody has.")
class RoleGrant:
    id: ID = strawberry.field(description="The grant.")
    person: ID = strawberry.field(description="Who has it.")
    person_name: str = strawberry.field(description="Her name.")
    role: str = strawberry.field(description="The role.")
    source: str = strawberry.field(description="Who or what gave it: house, demo, person, invitation, idp.")
    valid_from: datetime = strawberry.field(description="Since when.")
    valid_until: datetime = strawberry.field(description="Until when, excluded.")
    granted_by_name: str | None = strawberry.field(description="Who gave it; null for the house or a rule.")
    confirmed_by_name: str | None = strawberry.field(description="Whose second word woke it.")
    confirmed_at: datetime | None = strawberry.field(description="When somebody last looked at it.")
    waits: bool = strawberry.field(description="Whether it sleeps until a second person has confirmed it.")


OfPerson = Annotated[ID | None, strawberry.argument(description="Of this person.")]
OfRole = Annotated[str | None, strawberry.argument(description="Of this role.")]
Waiting = Annotated[bool, strawberry.argument(description="Only those that wait for a second person.")]
After = Annotated[ID | None, strawberry.argument(description="After this grant, in the order they were made.")]


async def role_grants(
    desk: Desk,
    *,
    person: OfPerson = None,
    role: OfRole = None,
    waiting: Waiting = False,
    after: After = None,
    first: First = 100,
) -> list[RoleGrant]:
    found = await granted.grants(
        desk,
        person=ids.seek(person, "prs") if person else None,
        role=role,
        waiting=waiting,
        after=ids.seek(after, "rgr") if after else None,
        first=at_most(first),
    )
    about = {each for grant in found for each in (grant.person, grant.granted_by, grant.confirmed_by) if each}
    names = await known.names(desk, about)
    return [
        RoleGrant(
            id=ID(ids.write("rgr", each.id)), person=ID(ids.write("prs", each.person)),
            person_name=names.get(each.person, ""), role=each.role, source=each.source.partition(":")[0],
            valid_from=each.valid_from, valid_until=each.valid_until,
            granted_by_name=names.get(each.granted_by) if each.granted_by else None,
            confirmed_by_name=names.get(each.confirmed_by) if each.confirmed_by else None,
            confirmed_at=each.confirmed_at, waits=each.waits,
        )
        for each in found
    ]  # fmt: skip


@wish
class AdmitPersonInput:
    """Somebody who waits."""

    person: ID = asked("The person.")
    version: int = asked("The version that was seen.")


@verb("access:admit", realms=BOTH)
async def admit_person(desk: Desk, wish: AdmitPersonInput) -> Done:
    """Let somebody in who came by a partner and waits."""
    await admitting.admit_person(desk, ids.read(wish.person, "prs"), wish.version)
    return {}


@wish
class BlockPersonInput:
    """Somebody to keep out, and why."""

    person: ID = asked("The person.")
    version: int = asked("The version that was seen.")
    reason: str = asked("Why; it stands in the log.", default="")


async def _end_hers(desk: Desk, wish: Any, answer: Done) -> None:
    await admitting.end_sessions(desk, ids.read(wish.person, "prs"))


@verb("access:admit", realms=BOTH, after=_end_hers)
async def block_person(desk: Desk, wish: BlockPersonInput) -> Done:
    """Keep somebody out: her sessions end at once, everywhere."""
    await admitting.block_person(desk, ids.read(wish.person, "prs"), wish.version, reason=wish.reason)
    return {}


@wish
class UnblockPersonInput:
    """Somebody who is to come in again."""

    person: ID = asked("The person.")
    version: int = asked("The version that was seen.")


async def _demand_her(desk: Desk, wish: Any) -> None:
    await admitting.demand_here(desk, ids.read(wish.person, "prs"))


async def _end_before(desk: Desk, wish: Any) -> None:
    await _demand_her(desk, wish)
    if not wish.dry_run:
        await admitting.end_sessions(desk, ids.read(wish.person, "prs"))


@verb("access:admit", realms=BOTH, before=_end_before)
async def unblock_person(desk: Desk, wish: UnblockPersonInput, found: None) -> Done:
    """Let somebody in again; she signs in anew."""
    await admitting.unblock_person(desk, ids.read(wish.person, "prs"), wish.version)
    return {}


@wish
class EndSessionsInput:
    """Whose sessions are to end."""

    person: ID = asked("The person.")


@verb(
    "access:admit", realms=BOTH, power="auth", before=_demand_her,
    values={"ended": (int, "How many browsers she was signed in with.")},
)  # fmt: skip
async def end_sessions(desk: Desk, wish: EndSessionsInput, found: None) -> Done:
    """Sign a person out everywhere."""
    return {"ended": await admitting.end_sessions(desk, ids.read(wish.person, "prs"))}


@wish
class GrantRoleInput:
    """A role for a person, until a day."""

    person: ID = asked("Who gets it.")
    role: str = asked("Which role.")
    until: datetime = asked("Until when, excluded; at most a year.")
    call: ID | None = asked("For a juror: the call.", default=None)
    reason: str | None = asked("Why.", default=None)


async def _facts(desk: Desk, wish: GrantRoleInput) -> Any:
    if wish.call:  # a juror is bound to a call that there is
        with DB.speaking(desk.tenant_id, "app"):
            await call(desk, ids.read(wish.call, "cll"))
    return await granted.facts(desk, ids.read(wish.person, "prs"))


@verb(
    "access:grant", "access:admit", "grants:assign", realms=BOTH, power="auth", before=_facts,
    values={"grant": (ID, "The grant."), "waits": (bool, "Whether it sleeps until a second person has confirmed it.")},
)  # fmt: skip
async def grant_role(desk: Desk, wish: GrantRoleInput, found: Any) -> Done:
    """Give a role. One of money sleeps until a second person has confirmed it."""
    made = await roles.grant_role(
        desk,
        ids.read(wish.person, "prs"),
        wish.role,
        until=wish.until,
        bound_to=ids.read(wish.call, "cll") if wish.call else None,
        reason=wish.reason,
        known=found,
    )
    return {"grant": ids.write("rgr", made), "waits": (await granted.grant(desk, made)).waits}


@wish
class EndRoleInput:
    """A grant to end."""

    grant: ID = asked("The grant.")


@verb("access:grant", "access:admit", "grants:assign", realms=BOTH, power="auth")
async def end_role(desk: Desk, wish: EndRoleInput) -> Done:
    """Take a role away: it is gone at the next request."""
    await roles.end_role(desk, ids.read(wish.grant, "rgr"))
    return {}


@wish
class ConfirmRoleInput:
    """A grant that waits for a second person."""

    grant: ID = asked("The grant.")


@verb("access:grant", "access:audit", realms=BOTH, power="auth")
async def confirm_role(desk: Desk, wish: ConfirmRoleInput) -> Done:
    """Say the second word to a role of money."""
    await roles.confirm_role(desk, ids.read(wish.grant, "rgr"))
    return {}


@wish
class ConfirmRolesInput:
    """Grants that were looked at."""

    grants: list[ID] = asked("The grants; 1 to 100.")


@verb("access:grant", realms=BOTH, power="auth", values={"confirmed": (int, "How many.")})
async def confirm_roles(desk: Desk, wish: ConfirmRolesInput) -> Done:
    """Note that these roles were looked at: they do not end with January."""
    return {"confirmed": await roles.confirm_roles(desk, [ids.read(each, "rgr") for each in wish.grants[:100]])}


for realm in BOTH:
    roots(
        realm,
        me=asking(me, Me, "Who asks, and what she may.", apart=True),
        my_sign_ins=asking(my_sign_ins, list[SignIn], "Where one is signed in.", apart=True),
        access_people=asking(
            access_people, list[AccessPerson], "People and who may come in.", may=READS, apart=True, personal=True
        ),
        role_grants=asking(role_grants, list[RoleGrant], "Who has which role.", may=READS, apart=True, personal=True),
    )
