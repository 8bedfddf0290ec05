"""What may be invited to, and by whom: pure, every objection at once."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from quartier.access.invitations.words import Invitation, InvitationOpen, InvitationsFull, NobodyCame, NotByInvitation
from quartier.access.people.words import OwnAdmission
from quartier.access.roles.rules import TWO_PEOPLE
from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import Words

LASTS = timedelta(days=14)
AT_ONCE = timedelta(hours=24)  # of a link that the house itself prints
MOST_OPEN = 20  # of one organisation
_ADDRESS = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f]{3,189}")


def objections_to_address(address: str) -> Iterator[Refusal]:
    # What cannot be printed turns the letters around it: the inviter would read another address than the one written.
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        yield FieldInvalid(path=("address",), allowed=Words("eine E-Mail-Adresse", "an e-mail address"))


def objections_to_role(role: str) -> Iterator[Refusal]:
    """People invite to roles that one person gives; the house's own link makes the first administrator."""
    if role in TWO_PEOPLE:
        yield NotByInvitation(path=("role",), role=role)


def objections_to_another(same: Invitation | None, open_of_organisation: int) -> Iterator[Refusal]:
    if same is not None:
        yield InvitationOpen(path=("address",), expires_at=same.expires_at)
    if open_of_organisation >= MOST_OPEN:
        yield InvitationsFull(most=MOST_OPEN)


def objections_to_admitting(invitation: Invitation, person: UUID) -> Iterator[Refusal]:
    """Somebody has come with it and waits, and it is not who decides."""
    if invitation.claimed_by is None or invitation.admitted_by is not None:
        yield NobodyCame()
    if invitation.claimed_by == person:
        yield OwnAdmission()


def may_see(invitation: Invitation, *, permissions: Collection[str], leads: Collection[UUID]) -> bool:
    """Leads see those of their organisation, who edits members those of every one, and who admits all."""
    if "access:admit" in permissions or "access:grant" in permissions:
        return True
    of = invitation.organisation
    return of is not None and ("members:edit" in permissions or ("members:invite" in permissions and of in leads))


def is_open(invitation: Invitation | None, now: datetime) -> bool:
    return invitation is not None and invitation.expires_at > now
