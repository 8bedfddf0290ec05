"""What a form did, said on top of the page it leads to: German, English. A form that ends in silence is sent twice."""

from urllib.parse import parse_qs, urlsplit

DONE: dict[str, tuple[str, str]] = {
    "gespeichert": ("Gespeichert.", "Saved."),
    "entfernt": ("Entfernt.", "Removed."),
    "widerrufen": ("Widerrufen. Der Eintrag ist weg.", "Withdrawn. The entry is gone."),
    "eingetragen": ("Eingetragen. So steht es jetzt im Verzeichnis.", "Entered. So it stands in the directory now."),
    "aufgenommen": (
        "Aufgenommen. Laden Sie jetzt ein, wer für sie spricht.",
        "Entered. Now invite whoever speaks for it.",
    ),
    "rolle-gegeben": ("Die Rolle ist gegeben.", "The role is given."),
    "eingeladen": (
        "Eingeladen. Der Brief mit dem Link ist unterwegs.",
        "Invited. The letter with the link is on its way.",
    ),
    "ausgetragen": ("Ausgetragen.", "Taken out of the team."),
    "geschlossen": ("Geschlossen. Der Kalender zeigt es schon.", "Closed. The calendar shows it already."),
    "freigegeben": ("Wieder offen.", "Open again."),
    "vermietet": ("Vermietet.", "Let."),
    "miete-beendet": ("Der letzte Tag ist eingetragen.", "The last day is entered."),
    "preis": ("Der Preis gilt ab dem genannten Tag.", "The price holds from the day named."),
    "verschlagwortet": ("Die Schlagworte sind geändert.", "The tags are changed."),
    "zusammengefuehrt": ("Zusammengeführt. Alles steht jetzt hier.", "Merged. Everything stands here now."),
    "platz": ("Der Platz ist Ihrer.", "The seat is yours."),
    "beantragt": ("Beantragt. Der Standort antwortet per E-Mail.", "Applied for. The site answers by e-mail."),
    "geschickt": ("Geschickt. Das Ergebnis steht unten.", "Sent. The result is below."),
    "eingereicht": ("Eingereicht. Der Beleg steht unten.", "Handed in. The receipt is below."),
    "bewilligen": ("Bewilligt. Die Raten stehen unten.", "Granted. The instalments are below."),
    "abrufen": ("Abgerufen. Jetzt prüft der Standort.", "Asked for. The site checks it now."),
    "pruefen": ("Geprüft. Freigeben muss jemand anderes.", "Checked. Somebody else has to let it go."),
    "freigeben": (
        "Freigegeben. Nach der Überweisung wird die Rate als gezahlt gebucht.",
        "Let go. After the transfer the instalment is booked as paid.",
    ),
    "zahlen": ("Als gezahlt gebucht.", "Booked as paid."),
    "rolle-bestaetigt": ("Bestätigt. Die Rolle gilt jetzt.", "Confirmed. The role holds now."),
}


def said(path: str, language: str) -> str | None:
    """The sentence for the `getan` of an address; none for a word that nobody here says."""
    word = parse_qs(urlsplit(path).query).get("getan", [""])[0]
    return DONE[word][language == "en"] if word in DONE else None
