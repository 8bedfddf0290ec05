"""The link that the house itself prints: for a realm's first administrator, or when none can come in any more."""

from datetime import timedelta

from quartier.access.codes import plain
from quartier.access.events import machine_now
from quartier.access.invitations.actions import invite
from quartier.access.invitations.rules import AT_ONCE
from quartier.access.invitations.words import Invitation
from quartier.kit.ids import new_id
from quartier.tenancy.desk import Desk

YEAR = timedelta(days=364)
FIRST = {"site": "site_admin", "city": "platform_operator"}


async def first_administrator(desk: Desk, address: str) -> str:
    """Keep the invitation, for 24 hours, and give its secret. Refuses FIELD_INVALID.

    A link that was printed before for the same address ends. Whoever opens it comes in without a code: there may be
    no mail yet. The session is not strong, so she sets up a passkey before she can give roles.
    """
    now, role = machine_now(), FIRST[desk.realm.kind]
    whom = Invitation(
        id=new_id(), address=plain(address), name=None, language=desk.language, role=role,
        role_until=desk.now + YEAR, bound_to=None, organisation=None, affiliation=None, person_id=None,
        invited_by=None, created_at=now, expires_at=now,
    )  # fmt: skip
    return await invite(desk, whom, lasts=AT_ONCE)
