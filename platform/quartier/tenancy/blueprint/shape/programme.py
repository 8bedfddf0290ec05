"""Formats, topics and terms of the programme; advice; network."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from quartier.tenancy.blueprint.measures import (
    Cents,
    Count,
    Key,
    OrganisationKind,
    Permille,
    Positive,
    Text,
    WallHours,
    Weekday,
)
from quartier.tenancy.blueprint.shape.base import Table


class SeatPool(Table, frozen=True, kw_only=True):
    """Seats kept for a group, released so many hours before the start."""

    key: Key
    name_de: Text
    name_en: Text | None = None
    seats: Positive
    release_hours: Count


class Format(Table, frozen=True, kw_only=True):
    """`stakeholder_format`: attendance of organisations counts as involvement (RCO 112)."""

    kind: Literal["think_workshop", "workshop", "training", "talk", "open_house"]
    name_de: Text
    name_en: Text | None = None
    seats: Positive
    min_seats: Count
    pools: tuple[SeatPool, ...] = ()
    stakeholder_format: bool = False
    certificate: bool


class Term(Table, frozen=True, kw_only=True):
    """The last day is included."""

    title_de: Text
    title_en: Text | None = None
    first_day: date = field(name="from")
    last_day: date = field(name="to")


class Programme(Table, frozen=True, kw_only=True):
    reminder_hours: tuple[Positive, ...]
    offer_hours: Positive
    offer_stops_before_hours: Count
    after_expiry: Literal["to_end", "out"]
    fill: Literal["strict", "fill_gaps"]
    cancel_until_hours: Count
    feedback_shown_from: Annotated[int, Meta(ge=5)]
    certificate_permille: Permille
    formats: dict[Key, Format]
    topics: dict[Key, Text]
    skills: dict[Key, Literal["technical", "management", "entrepreneurship", "green", "other"]]
    terms: dict[Key, Term] = {}


class AdviceOffer(Table, frozen=True, kw_only=True):
    """`structured`: counts as structured, documented support (RCO 04). `weekly`: open hours in wall time."""

    name_de: Text
    name_en: Text | None = None
    topic: Key
    minutes: Positive
    channel: Annotated[tuple[Literal["onsite", "online", "phone"], ...], Meta(min_length=1)]
    kinds: tuple[OrganisationKind, ...] = field(name="for")
    walk_in: bool = False
    weekly: dict[Weekday, WallHours] = {}
    space: Key | None = None
    structured: bool


class Advice(Table, frozen=True, kw_only=True):
    """`in_kind_rate_hour_cents` is the list value of an hour, used only where advice counts as aid."""

    slot_minutes: Positive
    cancel_until_hours: Count
    notes_audience: Literal["author", "team", "client"]
    in_kind_rate_hour_cents: Cents
    offers: dict[Key, AdviceOffer] = {}


class Network(Table, frozen=True, kw_only=True):
    follow_up_months: tuple[Positive, ...]
    listing_days: Positive
    topics: tuple[Text, ...]
    strategies: tuple[Text, ...]
