"""Which notices one may do without.

Reminders, and letters about what one has just done oneself. What the house decides, changes or offers until a day is
told in any case: a right or a place hangs on it.
"""

from collections.abc import Mapping
from typing import get_args

from quartier.notices.choices.words import Duty, Kind
from quartier.notices.words import Key

KINDS: tuple[Kind, ...] = get_args(Kind)
DUTIES: tuple[Duty, ...] = get_args(Duty)
REMINDERS: Mapping[Key, Kind] = {"booking_reminder": "booking_reminders", "session_reminder": "session_reminders"}
OF_ONESELF = ("booking_", "series_", "registration_")


def kind_of(key: Key, *, own: bool) -> Kind | None:
    """The kind that one may switch off, or None for a duty.

    >>> kind_of("booking_reminder", own=False), kind_of("booking_cancelled", own=True)
    ('booking_reminders', 'own_acts')
    >>> kind_of("booking_cancelled", own=False), kind_of("membership_declined", own=True)
    (None, None)
    """
    if key in REMINDERS:
        return REMINDERS[key]
    return "own_acts" if own and key.startswith(OF_ONESELF) else None
