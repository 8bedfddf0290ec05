"""The letters of the sign-in. They carry a secret, so they are kept nowhere."""

from urllib.parse import urlencode

from quartier.access.actions import machine_now
from quartier.access.arrival import Arrival
from quartier.access.post import Letter
from quartier.access.words import CodeMail


def code_letter(arrival: Arrival, mail: CodeMail, onward_to: str) -> Letter:
    """The code, and a link that fills it in. Opening the link uses nothing up: scanners open links too."""
    name = arrival.realm.name
    link = f"{arrival.origin}/auth/code?{urlencode({'code': mail.code, 'next': onward_to})}"
    if mail.language == "en":
        subject = f"{mail.code} is your code for {name}"
        text = f"Hello {mail.name},\n\nyour code is {mail.code}. It holds for ten minutes, in the browser that asked "
        text += f"for it.\nThis link fills it in there: {link}\n\nIf that was not you, you need not do anything.\n"
    else:
        subject = f"{mail.code} ist Ihr Code für {name}"
        text = f"Guten Tag {mail.name},\n\nIhr Code ist {mail.code}. Er gilt zehn Minuten, in dem Browser, der ihn "
        text += f"angefordert hat.\nDieser Link trägt ihn dort ein: {link}\n\n"
        text += "Wenn Sie das nicht waren, müssen Sie nichts tun.\n"
    return Letter(arrival.realm.id, mail.to, subject, text, machine_now(), mail.language)
