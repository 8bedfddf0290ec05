"""Who somebody is here whom a provider knows: found by issuer and subject, made at the first sign-in, never by address.

Persons are the power app's, identities the power auth's, and no transaction has both. So a person is written first;
a cut before the identity leaves somebody pending whom nobody can be, which staff sees and ends.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from quartier.access.actions import leave_event, machine_now
from quartier.access.notices import rights_changed
from quartier.access.partners import claims
from quartier.access.partners.giving import take_given
from quartier.access.partners.words import IdentityTaken, LoginFailed, Provider, Told
from quartier.access.queries import as_auth
from quartier.access.roles.actions import holding
from quartier.access.roles.queries import facts, grants_of
from quartier.access.roles.rules import excluded
from quartier.access.roles.words import HouseRoles
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import refuse
from quartier.kit.text import sort_key
from quartier.tenancy.desk import Desk

GRANTS_LAST = timedelta(days=30)  # of the world's clock; each sign-in begins them anew

_IDENTITY = """
select person_id from auth.external_identity where tenant_id = $1 and issuer = $2 and subject = $3"""
_KNOWN = """
insert into auth.external_identity
  (tenant_id, id, issuer, subject, provider, person_id, linked_by, created_at, last_login)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict on constraint identity_once do nothing returning person_id"""
_SEEN = """
update auth.external_identity set last_login = $4, provider = $5
where tenant_id = $1 and issuer = $2 and subject = $3 returning id"""
_MAKE = """
insert into app.person (tenant_id, id, name, sort_key, email, language, state, version, created_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)"""
_UNMAKE = "delete from app.person where tenant_id = $1 and id = $2"
_COPY = """
update app.person set name = $3, sort_key = $4, email = coalesce($5, email), version = version + 1, changed_at = $6
where tenant_id = $1 and id = $2 and (name, email) is distinct from ($3, coalesce($5, email)) returning id"""
_GIVE_ROLE = """
insert into auth.role_grant (tenant_id, id, person_id, role, source, valid_from, valid_until, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $6)"""
_LEFT = "select 1 as x from auth.role_grant where tenant_id = $1 and person_id = $2 and valid_until > $3 limit 1"
_END = "delete from auth.session where tenant_id = $1 and person_id = $2 and method <> 'demo' returning id"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of this realm, and whether she may act here already."""

    person: UUID
    active: bool


async def person_of(desk: Desk, provider: Provider, subject: str) -> UUID | None:
    """The person whom the provider knows under this subject."""
    with as_auth(desk):
        rows = await desk.fetch(_IDENTITY, desk.tenant_id, provider.issuer, subject)
    return rows[0]["person_id"] if rows else None


async def knows(desk: Desk, provider: Provider, subject: str, person: UUID) -> None:
    """Let the provider know an invited person, in the open transaction of auth. Refuses IDENTITY_TAKEN."""
    kept = (provider.issuer, subject, provider.id, person, "invitation", machine_now())
    if await desk.fetch(_KNOWN, desk.tenant_id, new_id(), *kept):
        await leave_event(desk, "identity.linked", reason="invitation", person=person, provider=provider.slug)
        return
    [row] = await desk.fetch(_IDENTITY, desk.tenant_id, provider.issuer, subject)
    if row["person_id"] != person:
        refuse([IdentityTaken()])


async def signed_in(desk: Desk, provider: Provider, told: Told) -> Account:
    """Find or make the person, copy her name, and give what her groups give. Raises LoginFailed("blocked")."""
    roles = claims.roles_of(provider, told)
    person = await person_of(desk, provider, told.subject)
    is_new = person is None
    if person is None:
        state = "active" if provider.auto_approve and roles else "pending"
        person = await _made(desk, provider, told, state)
    known = await facts(desk, person)
    state = known.state
    if state not in {"active", "pending"}:
        raise LoginFailed("blocked")
    if not is_new:
        await _copied(desk, person, provider, told)
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_SEEN, desk.tenant_id, provider.issuer, told.subject, machine_now(), provider.id)
            if roles is None:
                await leave_event(desk, "groups.unknown", person=person, provider=provider.slug)
            await _replace_roles(desk, person, provider, roles, known.house, is_new=is_new)
    return Account(person, state == "active")


async def _made(desk: Desk, provider: Provider, told: Told, state: str) -> UUID:
    """Make a person and her identity; of two first sign-ins at once the slower one takes its person back."""
    made = new_id()
    name, address = claims.name_of(provider, told), claims.address_of(provider, told)
    with DB.speaking(desk.tenant_id, "app"):
        async with desk.transaction() as ledger:
            facts = (name, sort_key(name), address, desk.language, state, desk.now)
            await desk.fetch(_MAKE, desk.tenant_id, made, *facts)
            ledger.note("person.entered", made, state=state)
    with as_auth(desk):
        async with DB.work():
            kept = (provider.issuer, told.subject, provider.id, made, "first_login", machine_now())
            first = await desk.fetch(_KNOWN, desk.tenant_id, new_id(), *kept)
            if first:
                await leave_event(desk, "identity.first_login", person=made, provider=provider.slug, state=state)
                return made
            [row] = await desk.fetch(_IDENTITY, desk.tenant_id, provider.issuer, told.subject)
    with DB.speaking(desk.tenant_id, "app"):
        async with desk.transaction() as ledger:
            await desk.fetch(_UNMAKE, desk.tenant_id, made)
            ledger.note("person.taken_back", made)
    other: UUID = row["person_id"]
    return other


async def _copied(desk: Desk, person: UUID, provider: Provider, told: Told) -> None:
    """Her institution says what she is called; an address that it does not swear to is not taken."""
    name = claims.name_of(provider, told)
    if name == told.subject:
        return  # it told no name
    with DB.speaking(desk.tenant_id, "app"):
        async with desk.transaction() as ledger:
            facts = (name, sort_key(name), claims.address_of(provider, told), desk.now)
            if await desk.fetch(_COPY, desk.tenant_id, person, *facts):
                ledger.note("person.copied", person)


async def _replace_roles(
    desk: Desk, person: UUID, provider: Provider, told: frozenset[str] | None, house: HouseRoles, *, is_new: bool
) -> None:
    """What this provider gave begins anew, what staff gave stays. With the last role the other sessions end.

    A role that does not go together with one she has already is left out, and the log says so. Where the groups are
    unknown only that ends which another row of the issuer gave, by which she came before.
    """
    source, roles = f"idp:{provider.id}", told or frozenset()
    async with holding(desk, person):
        before = await take_given(desk, person, None if told is None else provider.id)
        held = {each.role for each in await grants_of(desk, person)}
        for role in sorted(roles):
            if others := excluded(role, held, house):
                await leave_event(desk, "role.refused", reason=role, person=person, others=others)
                roles -= {role}
                continue
            held.add(role)
            given = (person, role, source, desk.now, desk.now + GRANTS_LAST)
            await desk.fetch(_GIVE_ROLE, desk.tenant_id, new_id(), *given)
    for kind, changed in (("role.given", roles - before), ("role.ended", before - roles)):
        for role in sorted(changed):
            await leave_event(desk, kind, reason=role, person=person, provider=provider.slug)
    if before and not roles and not await desk.fetch(_LEFT, desk.tenant_id, person, desk.now):
        await desk.fetch(_END, desk.tenant_id, person)
        await leave_event(desk, "session.ended", reason="no_role_left", person=person)
    if before != set(roles) and not is_new:
        await rights_changed(desk)
