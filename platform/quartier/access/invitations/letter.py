"""The letters of an invitation: to who is invited, with the link, and to who invited, when somebody waits.

They go out at once and are kept nowhere.
"""

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


def waiting_letter(arrival: Arrival, invitation: Invitation, name: str, to: str, language: str) -> Letter:
    """To who invited: it says that somebody waits, and not who. That is seen by who may see it, behind a sign-in."""
    place, invited = arrival.realm.name, invitation.address
    if language == "en":
        subject = f"Somebody waits to be let in: {place}"
        text = (
            f"Hello {name},\n\nsomebody has come to {place} with your invitation for {invited}, by an institution that "
            f"does not vouch for this address. Please sign in, compare both and decide:\n{arrival.origin}/\n"
        )
    else:
        subject = f"Jemand wartet auf Einlass: {place}"
        text = (
            f"Guten Tag {name},\n\nmit Ihrer Einladung für {invited} ist jemand zu {place} gekommen, über eine "
            f"Einrichtung, die diese Adresse nicht bestätigt. Bitte anmelden, beides vergleichen und entscheiden:\n"
            f"{arrival.origin}/\n"
        )
    return Letter(arrival.realm.id, to, subject.replace("\n", " "), text, machine_now(), language)
