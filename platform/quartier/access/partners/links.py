"""Ways in by one's institution: tied to a person from her own fresh session, and untied again. Never by an address.

These actions speak with the power quartier_auth in a transaction of their own: call them outside any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from quartier.access.events import leave_event, machine_now
from quartier.access.notices import rights_changed
from quartier.access.partners.giving import take_given
from quartier.access.partners.words import IdentityTaken, Provider, Told
from quartier.access.passkeys import queries
from quartier.access.passkeys.rules import unproven
from quartier.access.passkeys.words import LastWayIn, Standing
from quartier.access.queries import as_auth
from quartier.access.roles.actions import holding
from quartier.access.sessions import SessionOver
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotFound, Refusal, SignInAgain, refuse
from quartier.kit.spoken import Words
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk

LINK = Words("Einrichtung verbinden", "link an institution")
UNLINK = Words("Einrichtung trennen", "unlink an institution")

_OF = """
select i.id, i.provider, p.slug, p.name_de, p.name_en, p.state = 'active' as offered, i.created_at, i.last_login
from auth.external_identity i join auth.identity_provider p on p.tenant_id = $1 and p.id = i.provider
where i.tenant_id = $1 and i.person_id = $2 order by i.created_at, i.id"""
# Whoever changes a person's ways in holds all her sessions, as for passkeys: two at once take turns.
_HOLD = "select id from auth.session where tenant_id = $1 and person_id = $2 order by id for update"
_TIE = """
insert into auth.external_identity
  (tenant_id, id, issuer, subject, provider, person_id, linked_by, created_at, last_login)
values ($1, $2, $3, $4, $5, $6, 'link', $7, $7) on conflict on constraint identity_once do nothing returning id"""
_WHOSE = "select person_id from auth.external_identity where tenant_id = $1 and issuer = $2 and subject = $3"
_UNTIE = """
delete from auth.external_identity where tenant_id = $1 and person_id = $2 and id = $3 returning provider"""
_END_OTHERS = """
delete from auth.session where tenant_id = $1 and person_id = $2 and id <> $3 and method <> 'demo' returning id"""


@dataclass(frozen=True, slots=True)
class Link:
    """An institution by which the person comes in. `offered`: whether it lets anybody in now."""

    id: UUID
    provider: UUID
    slug: str
    name_de: str
    name_en: str | None
    offered: bool
    created_at: datetime
    last_login: datetime


async def links_of(desk: Desk, person: UUID) -> list[Link]:
    """A person's institutions, the oldest first."""
    with as_auth(desk):
        rows = await desk.fetch(_OF, desk.tenant_id, person)
    return [Link(**row) for row in rows]


async def ask_to_link(desk: Desk) -> None:
    """Object before anybody is sent away. Refuses STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN. Raises SessionOver."""
    standing = await queries.standing(desk)
    if standing is None:
        raise SessionOver
    refuse(_unproven(standing, LINK))


async def link(desk: Desk, provider: Provider, told: Told, session: UUID | None) -> None:
    """Tie what the provider knows to the person at the desk, from the very session that asked for it.

    Refuses IDENTITY_TAKEN, STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN. Raises SessionOver where it is another session.
    """
    if session is None or desk.person is None or session != desk.session:
        raise SessionOver
    await retried(lambda: _link(desk, provider, told))


async def _link(desk: Desk, provider: Provider, told: Told) -> None:
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_HOLD, desk.tenant_id, desk.person)
            standing = await queries.standing(desk)
            if standing is None:
                raise SessionOver
            refuse(_unproven(standing, LINK))
            kept = (provider.issuer, told.subject, provider.id, desk.person, machine_now())
            if await desk.fetch(_TIE, desk.tenant_id, new_id(), *kept):
                await _changed(desk, "identity.linked", provider.slug)
                return
            [row] = await desk.fetch(_WHOSE, desk.tenant_id, provider.issuer, told.subject)
            if row["person_id"] != desk.person:
                refuse([IdentityTaken()])


async def unlink(desk: Desk, identity: UUID) -> None:
    """Untie an institution of the person at the desk; what its groups gave her ends with it.

    Refuses NOT_FOUND, LAST_WAY_IN, STRONG_SIGN_IN_MISSING, SIGN_IN_AGAIN. Raises SessionOver.
    """
    await retried(lambda: _unlink(desk, identity))


async def _unlink(desk: Desk, identity: UUID) -> None:
    person = desk.person
    with as_auth(desk):
        async with DB.work():
            await desk.fetch(_HOLD, desk.tenant_id, person)
            standing = await queries.standing(desk)
            if standing is None or person is None:
                raise SessionOver
            gone: list[Any] = await desk.fetch(_UNTIE, desk.tenant_id, person, identity)
            if not gone:
                refuse([NotFound(path=("identity",))])
            left = await queries.standing(desk)
            refuse(objections_to_unlinking(standing, left.ways if left else 0))  # undoes the statement before
            provider = gone[0]["provider"]
            async with holding(desk, person):
                taken = await take_given(desk, person)
            for role in sorted(taken):
                await leave_event(desk, "role.ended", reason=role, person=person, provider=str(provider))
            await _changed(desk, "identity.unlinked", str(provider))


async def _changed(desk: Desk, kind: str, provider: str) -> None:
    ended = await desk.fetch(_END_OTHERS, desk.tenant_id, desk.person, desk.session)
    await leave_event(desk, kind, provider=provider, sessions_ended=len(ended))
    await rights_changed(desk)


def objections_to_unlinking(standing: Standing, left: int) -> Iterator[Refusal]:
    """Say why an institution stays; all reasons. `left`: how many ways in there are without it."""
    if left < 1:
        yield LastWayIn()
    yield from _unproven(standing, UNLINK)


def _unproven(standing: Standing, wish: Words) -> Iterator[Refusal]:
    """Who has something strong shows it; who has nothing yet shows at least that she is still there."""
    if standing.has_strong:
        yield from unproven(standing, wish)
    elif not standing.fresh:
        yield SignInAgain(permission=wish)
