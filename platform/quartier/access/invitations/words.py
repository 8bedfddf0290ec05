"""The nouns of invitations, and why one is refused."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from quartier.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Invitation:
    """One of three kinds: `role`, or `organisation` with `affiliation`, or `person_id` who comes back in.

    `claimed_by`: who came with it by an institution that swore to another address, or to none; she waits until
    somebody who may invite has seen both and is `admitted_by`.
    """

    id: UUID
    address: str = field(repr=False)
    name: str | None = field(repr=False)
    language: str
    role: str | None
    role_until: datetime | None
    bound_to: UUID | None
    organisation: UUID | None
    affiliation: str | None
    person_id: UUID | None
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    claimed_by: UUID | None = None
    claimed_at: datetime | None = None
    claimed_address: str | None = field(default=None, repr=False)
    admitted_by: UUID | None = None


class InvitationOpen(Refusal):
    """One invitation for an address and a purpose at a time; it can be withdrawn."""

    code = "INVITATION_OPEN"
    constraint = "invitation_open"
    de = "Diese Adresse ist dafür schon eingeladen, bis {expires_at}. Sie können die Einladung zurückziehen."
    en = "This address is invited to that already, until {expires_at}. You can withdraw the invitation."


class MailMissing(Refusal):
    """This installation cannot send letters yet."""

    code = "MAIL_MISSING"
    de = "Hier ist noch kein Mailversand eingerichtet. Die Technik kann ihn einrichten, oder einen Link ausgeben."
    en = "No mail server has been set up here yet. Who runs the house can set one up, or print a link."


class InvitationsFull(Refusal):
    """An organisation has at most `most` open invitations."""

    code = "INVITATIONS_FULL"
    de = "Es sind schon {most} Einladungen offen. Bitte erst eine zurückziehen."
    en = "There are {most} open invitations already. Please withdraw one first."


class NobodyCame(Refusal):
    """Nobody waits to be admitted with this invitation."""

    code = "NOBODY_CAME"
    de = "Mit dieser Einladung wartet niemand auf Einlass."
    en = "Nobody waits to be admitted with this invitation."


class NotByInvitation(Refusal):
    """A role that needs a second person is given to somebody who is here, never by a letter."""

    code = "NOT_BY_INVITATION"
    de = "Die Rolle „{role}“ braucht eine zweite Person. Bitte erst einladen, dann die Rolle geben."
    en = "The role “{role}” needs a second person. Please invite first, then give the role."
