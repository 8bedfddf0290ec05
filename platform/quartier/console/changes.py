"""Who was faster, in words: shown where a form came with an old version of a thing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

FIELDS: Mapping[str, tuple[str, str]] = {
    "time": ("Zeit", "time"),
    "space": ("Raum", "space"),
    "seats": ("Plätze", "seats"),
    "plan": ("Tarif", "plan"),
    "tags": ("Schlagworte", "tags"),
    "identifiers": ("Kennung", "identifier"),
    "name": ("Name", "name"),
    "kind": ("Art", "kind"),
    "legal_form": ("Rechtsform", "legal form"),
    "nonprofit": ("Gemeinnützigkeit", "charitable status"),
    "economic": ("wirtschaftliche Tätigkeit", "acting on a market"),
    "founded_on": ("Gründungstag", "day of founding"),
    "nace": ("NACE", "NACE"),
    "street": ("Straße", "street"),
    "postcode": ("Postleitzahl", "postcode"),
    "town": ("Ort", "town"),
    "district": ("Stadtteil", "district"),
    "website": ("Website", "website"),
    "about_de": ("Beschreibung", "description"),
    "about_en": ("englische Beschreibung", "English description"),
    "language": ("Sprache", "language"),
}
DONE: Mapping[str, tuple[str, str]] = {
    "space.booked": ("gebucht", "booked"),
    "space.moved": ("Zeit oder Raum geändert", "time or space changed"),
    "space.cancelled": ("abgesagt", "cancelled"),
    "space.restored": ("Absage zurückgenommen", "cancellation taken back"),
    "space.approved": ("bestätigt", "approved"),
    "space.declined": ("abgelehnt", "declined"),
    "space.checked_in": ("eingecheckt", "checked in"),
    "space.completed": ("beendet", "ended"),
    "space.no_show": ("als nicht erschienen vermerkt", "marked as a no-show"),
    "space.excused": ("entschuldigt", "excused"),
    "space.hold_confirmed": ("fest gebucht", "booked for good"),
    "space.series_moved": ("Serie verschoben", "series moved"),
    "space.series_cancelled": ("Serie abgesagt", "series cancelled"),
    "membership.asked": ("beim Antrag nachgefragt", "asked the applicant"),
    "membership.answered": ("die Frage beantwortet", "answered the question"),
    "membership.approved": ("angenommen", "approved"),
    "membership.declined": ("abgelehnt", "declined"),
    "membership.withdrawn": ("zurückgezogen", "withdrawn"),
    "organisation.tagged": ("Schlagworte geändert", "tags changed"),
    "organisation.edited": ("Angaben geändert", "details changed"),
    "organisation.identified": ("Kennung eingetragen", "identifier written down"),
    "space.let": ("vermietet", "let"),
    "space.lease_notice": ("gekündigt", "notice given"),
    "membership.closed": ("gekündigt", "ended"),
    "membership.paused": ("ruhen lassen", "let rest"),
    "membership.resumed": ("weitergeführt", "resumed"),
    "membership.suspended": ("gesperrt", "suspended"),
    "membership.lifted": ("entsperrt", "freed again"),
    "membership.plan_changed": ("den Tarif gewechselt", "changed the plan"),
    "workshop.published": ("veröffentlicht", "published"),
    "workshop.seats_changed": ("Plätze geändert", "seats changed"),
    "registration.made": ("angemeldet", "registered"),
    "registration.accepted": ("Platz angenommen", "seat accepted"),
    "registration.cancelled": ("abgemeldet", "cancelled"),
    "registration.restored": ("Abmeldung zurückgenommen", "cancellation taken back"),
    "registration.promoted": ("nachgerückt", "moved up"),
    "application.awarded": ("bewilligt", "awarded"),
    "instalment.requested": ("abgerufen", "called for"),
    "instalment.checked": ("geprüft", "checked"),
    "instalment.approved": ("freigegeben", "approved"),
    "instalment.paid": ("ausgezahlt", "paid"),
}


def changed(found: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    """The sentence: who, when (wall time of the site), what.

    >>> line = {"at": "2026-11-19T08:12:00+00:00", "action": "space.moved", "personName": "Anna Roth"}
    >>> changed(line, "de", ZoneInfo("Europe/Berlin"))
    'Anna Roth war am 19.11. um 09:12 Uhr schneller: Zeit oder Raum geändert. Hier steht jetzt der neue Stand.'
    >>> changed(line | {"fields": ["time", "space"]}, "en", ZoneInfo("Europe/Berlin"))
    'Anna Roth was faster on 19 Nov at 09:12: time, space changed. What you see here now is the new state.'
    """
    at, english = datetime.fromisoformat(found["at"]).astimezone(zone), language == "en"
    what = DONE.get(found["action"], (found["action"], found["action"]))[english]
    if named := [FIELDS[each][english] for each in found.get("fields", []) if each in FIELDS]:
        what = f"{', '.join(named)} {'changed' if english else 'geändert'}"
    if english:
        who = found["personName"] or "The house"
        return f"{who} was faster on {at:%d %b} at {at:%H:%M}: {what}. What you see here now is the new state."
    who = found["personName"] or "Das Haus"
    return f"{who} war am {at:%d.%m.} um {at:%H:%M} Uhr schneller: {what}. Hier steht jetzt der neue Stand."
