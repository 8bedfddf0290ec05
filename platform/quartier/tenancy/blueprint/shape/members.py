"""Plans with their allowances, and what an hour costs beyond them."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from quartier.tenancy.blueprint.measures import (
    Cents,
    Count,
    OrganisationKind,
    Positive,
    SpaceKind,
    Text,
    Word,
)
from quartier.tenancy.blueprint.shape.base import Table

AllowanceKind = Literal["room_minutes", "open_bookings", "discount_permille", "advice_minutes"]
Payer = Literal["company", "nonprofit", "public"]


class Allowance(Table, frozen=True, kw_only=True):
    """`amount` has the unit of its kind; `spaces` and `peak` belong to room_minutes alone."""

    kind: AllowanceKind
    spaces: tuple[SpaceKind, ...] = ()
    peak: Literal["peak", "off_peak", "any"] = "any"
    amount: Count
    per: Literal["month", "moment"]


class Plan(Table, frozen=True, kw_only=True):
    """`[plans.<key>]`. A holder has one membership per family at a time; `nonprofit` None asks for neither."""

    name_de: Text
    name_en: Text | None = None
    family: Word
    holder: Literal["organisation", "person"]
    kinds: tuple[OrganisationKind, ...]
    nonprofit: bool | None = None
    price_cents: Cents
    per: Literal["none", "month", "year"]
    term_months: Positive
    notice_days: Count
    pause_months: Count
    papers: tuple[Word, ...] = ()
    public: bool
    allowances: tuple[Allowance, ...] = ()


class Tariffs(Table, frozen=True, kw_only=True):
    """EUR cents an hour by kind of space; list price minus price is the recorded subsidy."""

    valid_from: date
    company: dict[SpaceKind, Cents]
    nonprofit: dict[SpaceKind, Cents]
    public: dict[SpaceKind, Cents]

    def rows(self) -> Iterator[tuple[SpaceKind, Payer, int]]:
        payers: tuple[Payer, ...] = ("company", "nonprofit", "public")
        for payer in payers:
            prices: dict[SpaceKind, int] = getattr(self, payer)
            for kind, cents in prices.items():
                yield kind, payer, cents
