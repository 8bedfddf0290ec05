"""Giving, confirming and ending roles. Each leaves a line in `auth.event`, and every process hears of it at once.

These actions speak with the power auth in a transaction of their own. What they have to know of the side of `app` is
read before (`queries.facts`): inside a transaction of auth it has to be handed to them.
"""

import contextlib
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from uuid import UUID

from quartier.access.actions import leave_event
from quartier.access.notices import rights_changed
from quartier.access.queries import as_auth
from quartier.access.roles import queries, rules
from quartier.access.roles.words import Facts
from quartier.database.engine import DB
from quartier.kit.ids import new_id
from quartier.kit.refusal import NotAllowed, NotFound, Refusal, SignInAgain, refuse
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_HOLD = """
insert into auth.role_holder (tenant_id, person_id, roles, changed_at) values ($1, $2, '{}', $3)
on conflict (tenant_id, person_id) do update set changed_at = excluded.changed_at"""
_COUNT = """
update auth.role_holder h set roles = coalesce((
  select array_agg(distinct g.role order by g.role) from auth.role_grant g
  where g.tenant_id = $1 and g.person_id = h.person_id and g.valid_until > $3), '{}')
where h.tenant_id = $1 and h.person_id = $2"""
# The same grant again moves its end. What was over begins anew, and a role of two people wants its second one again.
_GRANT = """
insert into auth.role_grant as g
  (tenant_id, id, person_id, role, source, bound_to, valid_from, valid_until, reason, created_at, granted_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7, $10)
on conflict on constraint role_grant_once do update set valid_until = excluded.valid_until,
  valid_from = case when g.valid_until <= excluded.valid_from then excluded.valid_from else g.valid_from end,
  created_at = excluded.created_at, granted_by = excluded.granted_by, reason = excluded.reason,
  confirmed_by = null, confirmed_at = null
returning id"""
_CONFIRM = "update auth.role_grant set confirmed_by = $3, confirmed_at = $4 where tenant_id = $1 and id = $2"
_LOOKED_AT = """
update auth.role_grant set confirmed_at = $3 where tenant_id = $1 and id = any($2) and valid_until > $3
returning id, person_id, role"""
_END = """
update auth.role_grant set valid_until = $3
where tenant_id = $1 and id = $2 and valid_from < $3 and valid_until > $3 returning id"""
# A grant that began this very moment was never valid: it goes, for a span cannot be empty.
_DROP = "delete from auth.role_grant where tenant_id = $1 and id = $2 and valid_from >= $3 returning id"
_UNLOOKED = """
update auth.role_grant set valid_until = $2
where tenant_id = $1 and valid_from < $2 and valid_until > $2 and coalesce(confirmed_at, created_at) < $3
  and source <> 'demo' and source not like 'idp:%'
returning person_id, role"""


@contextlib.asynccontextmanager
async def holding(desk: Desk, person: UUID) -> AsyncIterator[None]:
    """Hold a person's roles in the open transaction of auth: others who give or take wait until it is over.

    Whoever writes grants does it inside. At the end the roles are counted anew; what excludes each other breaks the
    constraint `roles_apart`, so ROLE_EXCLUDED is said whoever was faster.
    """
    await desk.fetch(_HOLD, desk.tenant_id, person, desk.now)
    yield
    await desk.fetch(_COUNT, desk.tenant_id, person, desk.now)


@action("access:grant", "access:admit", "grants:assign")
async def grant_role(
    desk: Desk,
    person: UUID,
    role: str,
    *,
    until: datetime,
    bound_to: UUID | None = None,
    source: str = "house",
    reason: str | None = None,
    known: Facts | None = None,
) -> UUID:
    """Give a role until an instant of domain time; the same grant again moves its end. Give the grant's id.

    The house (opening, demo) gives every role, under its own `source`; people give what is theirs to give. A role of
    two people sleeps until somebody else has confirmed it. Refuses ROLE_UNKNOWN, ROLE_NOT_YOURS, ROLE_EXCLUDED,
    ROLE_TOO_LONG, FIELD_INVALID, SIGN_IN_AGAIN, and NOT_FOUND for who is not here.
    """
    known = known or await queries.facts(desk, person)
    objections: list[Refusal] = []
    if desk.person is not None:
        objections += _objections_to_giver(desk, role)
        objections += rules.objections_to_length(role, until=until, bound_to=bound_to, now=desk.now)
        source = f"person:{desk.person}"
    with as_auth(desk):
        async with DB.work(), holding(desk, person):
            held = {each.role for each in await queries.grants_of(desk, person)}
            refuse([*objections, *rules.objections_to_meeting(role, held, known.house)])
            given = (person, role, source, bound_to, desk.now, until, reason, desk.person)
            [row] = await desk.fetch(_GRANT, desk.tenant_id, new_id(), *given)
            made: UUID = row["id"]
            await leave_event(desk, "role.given", reason=role, person=person, grant=made, until=until)
            await rights_changed(desk)
    return made


@action("access:grant", "access:admit", "grants:assign")
async def end_role(desk: Desk, grant_id: UUID) -> None:
    """End a role now, whoever gave it: it is gone at the next request. Refuses NOT_FOUND, ROLE_NOT_YOURS.

    What an institution's rule gave comes back with the next sign-in there, while the rule stands.
    """
    with as_auth(desk):
        async with DB.work():
            found = await queries.grant(desk, grant_id)
            if desk.person is not None:
                refuse(_objections_to_taker(desk, found.role))
            async with holding(desk, found.person):
                which = (desk.tenant_id, grant_id, desk.now)
                if not (await desk.fetch(_END, *which) or await desk.fetch(_DROP, *which)):
                    refuse([NotFound(path=("grant",))])  # somebody was faster
            await leave_event(desk, "role.ended", reason=found.role, person=found.person, grant=grant_id)
            await rights_changed(desk)


@action("access:grant", "access:audit")
async def confirm_role(desk: Desk, grant_id: UUID) -> None:
    """Say the second word to a role of two people: it is awake from now on. `role_grant_four_eyes` holds it.

    Refuses NOT_FOUND, ROLE_CONFIRMED, SAME_PERSON, OWN_ACCESS, SIGN_IN_AGAIN.
    """
    if desk.person is None:
        refuse([NotAllowed(permission="access:grant / access:audit")])  # four eyes are two people's
    assert desk.person is not None
    with as_auth(desk):
        async with DB.work():
            found = await queries.grant(desk, grant_id, lock=True)
            refuse([*_objections_to_stale(desk, "access:grant"), *rules.objections_to_confirming(found, desk.person)])
            await desk.fetch(_CONFIRM, desk.tenant_id, grant_id, desk.person, desk.now)
            await leave_event(desk, "role.confirmed", reason=found.role, person=found.person, grant=grant_id)
            await rights_changed(desk)


@action("access:grant")
async def confirm_roles(desk: Desk, grant_ids: Collection[UUID]) -> int:
    """Note that these were looked at: they do not end with January. It wakes nothing that waits for a second person.

    Refuses NOT_FOUND when one of them is not here, or has ended: then none is noted.
    """
    wanted = set(grant_ids)
    with as_auth(desk):
        async with DB.work():
            rows = await desk.fetch(_LOOKED_AT, desk.tenant_id, sorted(wanted), desk.now)
            if len(rows) < len(wanted):
                refuse([NotFound(path=("grants",))])
            for row in rows:
                await leave_event(desk, "role.looked_at", reason=row["role"], person=row["person_id"], grant=row["id"])
    return len(rows)


@action("access:grant")
async def end_unconfirmed(desk: Desk) -> int:
    """End what nobody has looked at since the year began; the calendar's, when January is over.

    A provider's rule renews its own, and nobody confirms invented people. Done twice it finds nothing more.
    """
    with as_auth(desk):
        async with DB.work():
            since = rules.new_year(desk.now, desk.zone)
            ended = await desk.fetch(_UNLOOKED, desk.tenant_id, desk.now, since)
            for row in ended:
                await leave_event(desk, "role.ended", reason=row["role"], person=row["person_id"], why="unconfirmed")
            if ended:
                await rights_changed(desk)
    return len(ended)


def _objections_to_giver(desk: Desk, role: str) -> list[Refusal]:
    found = [*rules.objections_to_giver(role, permissions=desk.permissions, kind=desk.realm.kind)]
    return found or _objections_to_stale(desk, rules.GIVERS[role])


def _objections_to_taker(desk: Desk, role: str) -> list[Refusal]:
    """As who gives; what nobody gives by hand can still be taken by whoever gives the weighty ones."""
    if role not in rules.GIVERS and desk.may("access:grant"):
        return _objections_to_stale(desk, "access:grant")
    return _objections_to_giver(desk, role)


def _objections_to_stale(desk: Desk, permission: str) -> list[Refusal]:
    """Who may several things may do this one only freshly, whatever the others ask for."""
    return [SignInAgain(permission=permission)] if permission in desk.asks_again else []
