"""State aid (Reg. (EU) 2023/2831) and what the ERDF counts."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from quartier.tenancy.blueprint.measures import Calendar, Cents, Count, File, Positive, SpaceKind, Text
from quartier.tenancy.blueprint.shape.base import Table

Regulation = Literal["general", "sgei", "agriculture", "fishery"]


class Register(Table, frozen=True, kw_only=True):
    """Where aid is entered, from which day, within how many working days of which calendar."""

    name: Text
    since: date = field(name="from")
    agriculture_from: date
    working_days: Positive
    counted_from: Literal["day_after_award", "day_of_award"] = field(name="first_day")
    holidays: Calendar
    warn_working_days_left: tuple[Count, ...]


class StateAid(Table, frozen=True, kw_only=True):
    """`years` roll back from the day of the award; `in_kind` says whether rooms and advice enter as aid."""

    ceiling_cents: Annotated[dict[Regulation, Cents], Meta(min_length=1)]
    years: Positive
    boundary_day_counts: bool
    discounting: Literal["none", "reference_rate"]
    links_through_natural_persons: bool
    in_kind: Literal["off", "plan", "use"]
    declarations_needed_until: date
    records_years: Positive
    register: Register


class Erdf(Table, frozen=True, kw_only=True):
    programme_from: date
    programme_to: date
    statement_de: Text
    emblem: File
    new_enterprise_years: Positive
    support_threshold_minutes: Count
    incubation_spaces: tuple[SpaceKind, ...]
    plaque_threshold_cents: Cents
