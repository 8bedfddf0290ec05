"""What the facts of all notices have in common: in which states they are true, and how they are said."""

from collections.abc import Callable, Mapping
from typing import Any

from quartier.kit.spoken import Number, shown
from quartier.notices.words import Notice
from quartier.tenancy.desk import Desk

Origin = Callable[[str], str]
"""What stands in front of a path at a host: `https://west.example`."""

# In which states of its subject a notice is still true.
TRUE: Mapping[str, frozenset[str]] = {
    "booking_requested": frozenset({"requested"}),
    "booking_confirmed": frozenset({"confirmed", "checked_in"}),
    "booking_moved": frozenset({"confirmed", "checked_in", "requested"}),
    "booking_reminder": frozenset({"confirmed"}),
    "booking_cancelled": frozenset({"cancelled", "cancelled_late", "cancelled_by_site"}),
    "booking_declined": frozenset({"declined"}),
    "series_booked": frozenset({"confirmed", "checked_in", "requested"}),
    "series_requested": frozenset({"requested"}),
    "series_moved": frozenset({"confirmed", "checked_in", "requested"}),
    "series_cancelled": frozenset({"cancelled", "cancelled_late", "cancelled_by_site", "declined"}),
    "registration_confirmed": frozenset({"confirmed"}),
    "registration_cancelled": frozenset({"cancelled", "cancelled_late", "cancelled_by_site"}),
    "waitlist_offer": frozenset({"offered"}),
    "session_reminder": frozenset({"confirmed"}),
    "membership_approved": frozenset({"active"}),
    "membership_paused": frozenset({"paused"}),
    "membership_resumed": frozenset({"active"}),
    "membership_suspended": frozenset({"suspended"}),
    "membership_lifted": frozenset({"active"}),
    "membership_changed": frozenset({"active"}),
    "membership_declined": frozenset({"declined"}),
    "membership_question": frozenset({"more_info"}),
    "membership_paper": frozenset({"applied", "in_review", "more_info"}),
    "webhook_off": frozenset({"off"}),
}
NO_REASON = {"de": "keiner genannt", "en": "none given"}


def named(row: Any, language: str) -> str:
    return str((row["name_en"] if language == "en" else None) or row["name_de"])


def said(desk: Desk, notice: Notice, **moments: Number) -> dict[str, str]:
    return {name: shown(name, moment, desk.zone, notice.language) for name, moment in moments.items()}
