"""Invented values for a preview: nobody's name, nobody's booking."""

from collections.abc import Mapping

from quartier.notices.texts import Language
from quartier.tenancy.desk import Desk

_GERMAN: Mapping[str, str] = {
    "name": "Kim Beispiel", "workshop": "Fahrräder reparieren", "starts_at": "24.11.2026, 18:00 Uhr",
    "ends_at": "24.11.2026, 20:00 Uhr", "cancel_until": "23.11.2026, 18:00 Uhr", "place": "Werkraum", "seats": "2",
    "offered_until": "20.11.2026, 12:00 Uhr", "number": "B-2026-0042", "space": "Werkraum",
    "reason": "Die Heizung wird repariert", "count": "2 Termine",
    "dates": "- Di, 24.11.2026, 18:00 bis 20:00 Uhr (B-2026-0042)\n- Di, 08.12.2026, 18:00 bis 20:00 Uhr (B-2026-0043)",
    "missed": "Diese Tage gingen nicht:\n- Di, 01.12.2026: In dieser Zeit ist der Raum schon vergeben.",
    "plan": "Verein", "whose": "Beispiel e. V.", "starts_on": "01.12.2026", "until": "28.02.2027",
    "question": "Wer darf für den Verein unterschreiben?", "hook": "Türschild", "host": "schild.example",
}  # fmt: skip
_ENGLISH: Mapping[str, str] = {
    "workshop": "Repairing bicycles", "starts_at": "24 November 2026, 18:00", "ends_at": "24 November 2026, 20:00",
    "cancel_until": "23 November 2026, 18:00", "place": "Workroom", "offered_until": "20 November 2026, 12:00",
    "space": "Workroom", "reason": "The heating is being repaired", "count": "2 dates",
    "dates": "- Tue, 24 November 2026, 18:00 to 20:00 (B-2026-0042)\n"
    "- Tue, 08 December 2026, 18:00 to 20:00 (B-2026-0043)",
    "missed": "These days did not fit:\n- Tue, 01 December 2026: The space is already taken at this time.",
    "plan": "Association", "starts_on": "01 December 2026", "until": "28 February 2027",
    "question": "Who may sign for the association?", "hook": "Door sign",
}  # fmt: skip


def examples(desk: Desk, language: Language) -> dict[str, str]:
    """A value for every placeholder of every text."""
    said = {**_GERMAN, **(_ENGLISH if language == "en" else {})}
    return said | {"site": desk.realm.name, "link": f"https://{desk.realm.host}/mein"}
