"""The letter that invites. It carries the link, so it goes out at once and is kept nowhere."""

from quartier.access.arrival import Arrival
from quartier.access.events import machine_now
from quartier.access.invitations.words import Invitation
from quartier.access.post import Letter
from quartier.kit.spoken import shown


def invitation_letter(arrival: Arrival, invitation: Invitation, token: str, by: str | None) -> Letter:
    """In the invited person's language; the link uses nothing up when it is opened."""
    place, language = arrival.realm.name, invitation.language
    link = f"{arrival.origin}/auth/invitation/{token}"
    until = shown("until", invitation.expires_at, arrival.realm.zone, language)
    greeting = invitation.name or ""
    if language == "en":
        subject = f"Invitation to {place}"
        text = (
            f"Hello {greeting},\n\n{by or place} invites you to {place}. Please open this link to accept:\n{link}\n\n"
        )
        text += f"It holds until {until}, once. If you do not know what this is about, you need not do anything.\n"
    else:
        subject = f"Einladung: {place}"
        text = (
            f"Guten Tag {greeting},\n\n{by or place} lädt Sie zu {place} ein. Zum Annehmen bitte diesen Link öffnen:\n"
        )
        text += f"{link}\n\nEr gilt bis {until}, einmal. Wenn Sie nicht wissen, worum es geht, müssen Sie nichts tun.\n"
    return Letter(
        arrival.realm.id, invitation.address, subject.replace("\n", " "), text, machine_now(), invitation.language
    )
