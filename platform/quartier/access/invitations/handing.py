"""Open invitations follow an organisation that has become part of another one."""

from uuid import UUID

from quartier.access.events import machine_now
from quartier.database.engine import DB
from quartier.tenancy.desk import Desk

# Somebody whom both have invited keeps one letter: the other one's link would find the same door.
_WITHDRAW = """
update auth.invitation o set withdrawn_at = $4
where o.tenant_id = $1 and o.organisation = $2 and o.used_at is null and o.withdrawn_at is null and exists (
  select 1 from auth.invitation k where k.tenant_id = $1 and k.organisation = $3 and k.address = o.address
    and k.used_at is null and k.withdrawn_at is null)"""
_FOLLOW = "update auth.invitation set organisation = $3 where tenant_id = $1 and organisation = $2"


async def hand_over(desk: Desk, kept: UUID, other: UUID) -> None:
    """Give the invitations of `other` to `kept`; done twice it changes nothing. A job of the power `auth`."""
    async with DB.work():
        await desk.fetch(_WITHDRAW, desk.tenant_id, other, kept, machine_now())
        await desk.fetch(_FOLLOW, desk.tenant_id, other, kept)
