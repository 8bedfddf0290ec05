"""What stands in the rail: every page a visitor may open, in the order of a day's work."""

from dataclasses import dataclass

from quartier.console.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the rail; `may` opens it, nothing in it means everybody."""

    key: str
    label: str
    path: str
    may: tuple[str, ...] = ()


ADMINISTRATION = (
    Link("zugang", "Menschen und Rollen", "/verwaltung/zugang", ("access:admit", "access:grant")),
    Link("partner", "Partner", "/verwaltung/partner", ("access:providers", "access:grant")),
    Link("programme", "Programme und Zugänge", "/verwaltung/clients", ("access:clients",)),
    Link("protokoll", "Prüfprotokoll", "/verwaltung/protokoll", ("access:audit",)),
)
WITH_TASKS = (
    "grants:review", "grants:vote", "grants:decide", "grants:pay_check", "grants:pay_approve", "advice:assigned",
    "access:audit", "insight:read",
)  # fmt: skip
SITE = (
    Link("heute", "Heute", "/heute", ("spaces:desk",)),
    Link("mein", "Mein Bereich", "/mein", ("members:own",)),
    Link("aufgaben", "Meine Aufgaben", "/aufgaben", WITH_TASKS),
    Link("raeume", "Räume", "/raeume", ("spaces:read",)),
    Link("katalog", "Räume", "/raumangebot", ("public:read",)),
    Link("programm", "Programm", "/programm", ("public:read",)),
    Link("netzwerk", "Netzwerk", "/netzwerk", ("public:read",)),
    Link("foerderung", "Förderung", "/foerderung", ("grants:read", "grants:budget")),
    Link("mitglieder", "Mitglieder", "/mitglieder", ("members:read",)),
    Link("aufrufe", "Förderaufrufe", "/foerderaufrufe", ("public:read",)),
    Link("kennzahlen", "Kennzahlen", "/kennzahlen", ("insight:read",)),
    *ADMINISTRATION,
    Link("texte", "Texte der Nachrichten", "/verwaltung/texte", ("notices:configure",)),
    Link("webhooks", "Webhooks", "/verwaltung/webhooks", ("notices:configure",)),
)
CITY = (Link("vergleich", "Stadtvergleich", "/vergleich", ("insight:compare",)), *ADMINISTRATION)
STAFF_HAVE = {"katalog": "raeume"}  # who has the calendar does not need the catalogue beside it


def links(visitor: Visitor) -> list[Link]:
    """The links of this visitor; a public page that a fuller one replaces is left out."""
    shown = [link for link in (CITY if visitor.kind == "city" else SITE) if visitor.may(*link.may)]
    keys = {link.key for link in shown}
    return [link for link in shown if STAFF_HAVE.get(link.key) not in keys]


def first_page(visitor: Visitor) -> str:
    """Where somebody who is signed in begins; whoever has nothing to do here reads whom to ask."""
    own = [link for link in links(visitor) if link.may != ("public:read",)]
    return own[0].path if own else "/aufgaben" if visitor.kind == "site" else "/auth/sessions"
