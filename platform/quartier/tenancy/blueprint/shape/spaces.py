"""Rooms, desks and lockers, and what every booking inherits unless its space says otherwise."""

from typing import Literal

import msgspec

from quartier.tenancy.blueprint.measures import Cents, Count, Key, Positive, SpaceKind, Text
from quartier.tenancy.blueprint.shape.base import Table

CheckIn = Literal["none", "required"]
Who = Literal["staff", "members", "public"]


class BookingRules(Table, frozen=True, kw_only=True):
    """`[booking]`: the house's rules; a space may name each one itself, but the last three.

    `reminder_hours`: how long before its start a booking is told of once more; none for no reminder.
    """

    grid_minutes: Positive
    min_minutes: Positive
    max_minutes: Positive
    lead_minutes: Count
    horizon_days: Positive
    buffer_before_minutes: Count
    buffer_after_minutes: Count
    approval: bool
    request_blocks: bool
    hold_minutes: Count
    checkin: CheckIn
    checkin_opens_minutes: Count
    grace_minutes: Count
    cancel_until_hours: Count
    who: Who
    alternatives: Count
    late_cancels_before_talk: Count
    reminder_hours: tuple[Positive, ...]


class Qualification(Table, frozen=True, kw_only=True):
    """Given by a briefing's certificate for so many months, asked for by a space."""

    name_de: Text
    name_en: Text | None = None
    months: Positive


class Space(Table, frozen=True, kw_only=True):
    """`[spaces.<key>]`. Whether it is step-free must be said; what is None is inherited from `[booking]`."""

    name_de: Text
    name_en: Text | None = None
    kind: SpaceKind
    persons: Positive
    units: Positive = 1
    floor: Text
    step_free: bool
    access: tuple[Text, ...] = ()
    equipment: tuple[Text, ...] = ()
    rules_de: Text | None = None
    parts: tuple[Key, ...] = ()
    lease_only: bool = False
    needs_qualification: Key | None = None
    list_price_hour_cents: Cents | None = None
    list_rent_month_cents: Cents | None = None

    grid_minutes: Positive | None = None
    min_minutes: Positive | None = None
    max_minutes: Positive | None = None
    lead_minutes: Count | None = None
    horizon_days: Positive | None = None
    buffer_before_minutes: Count | None = None
    buffer_after_minutes: Count | None = None
    approval: bool | None = None
    request_blocks: bool | None = None
    hold_minutes: Count | None = None
    checkin: CheckIn | None = None
    checkin_opens_minutes: Count | None = None
    grace_minutes: Count | None = None
    cancel_until_hours: Count | None = None
    who: Who | None = None


class ResolvedSpace(msgspec.Struct, frozen=True, kw_only=True):
    """A space as it is opened: its place on screen (from 1) and every booking rule filled in."""

    key: str
    position: int
    name_de: str
    name_en: str | None
    kind: SpaceKind
    persons: int
    units: int
    floor: str
    step_free: bool
    access: tuple[str, ...]
    equipment: tuple[str, ...]
    rules_de: str | None
    parts: tuple[str, ...]
    lease_only: bool
    needs_qualification: str | None
    list_price_hour_cents: int
    list_rent_month_cents: int | None

    grid_minutes: int
    min_minutes: int
    max_minutes: int
    lead_minutes: int
    horizon_days: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    approval: bool
    request_blocks: bool
    hold_minutes: int
    checkin: CheckIn
    checkin_opens_minutes: int
    grace_minutes: int
    cancel_until_hours: int
    who: Who

    @property
    def cancel_until_minutes(self) -> int:
        return self.cancel_until_hours * 60


def resolved(key: str, position: int, space: Space, house: BookingRules) -> ResolvedSpace:
    """Fill in what the space does not say itself. A space that is only leased has no price of an hour: 0."""
    own = msgspec.structs.asdict(space)
    inherited = msgspec.structs.asdict(house)
    rules = {name: inherited[name] if own[name] is None and name in inherited else own[name] for name in own}
    rules["list_price_hour_cents"] = space.list_price_hour_cents or 0
    return ResolvedSpace(key=key, position=position, **rules)
