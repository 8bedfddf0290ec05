"""What spaces cost and for whom, and what the house gives by asking for less."""

import enum
from datetime import date
from typing import TYPE_CHECKING

from strawberry import ID

from quartier.members import tables as members
from quartier.spaces import prices, tables
from quartier.tenancy.desk import Desk
from quartier_graph.declare import (
    Done,
    Filter,
    Node,
    asked,
    column,
    key,
    one,
    page,
    published,
    roots,
    verb,
    where,
    wish,
)
from quartier_graph.scalars import Cents, described
from quartier_graph.spaces import Payer, SpaceKind

if TYPE_CHECKING:
    from quartier_graph.members import Organisation


@described
class SupportKind(enum.Enum):
    """What was given in kind."""

    ADVICE = "advice"
    COURSE = "course"
    ROOM = "room"
    LEASE = "lease"


@published(
    tables.Tariff,
    prefix="trf",
    may="spaces:read",
    orders={"kind": key("{t}.space_kind || ' ' || {t}.payer || ' ' || lower({t}.valid)", "text")},
)
class Tariff(Node):
    """The price of an hour for who pays, from a day on. Where there is none the list price is charged."""

    space_kind: SpaceKind = column("Of this kind of space.")
    payer: Payer = column("For whom.")
    price_hour: Cents = column("Cents an hour and place.")
    valid_from: date = column("First day it holds.", sql="lower({t}.valid)")
    valid_until: date | None = column(
        "Last day it holds, included; null while there is none.", sql="upper({t}.valid) - 1"
    )


@published(
    members.Support,
    prefix="sup",
    may=("members:read", "members:own"),
    orders={"day": key("{t}.on_day", "date")},
    rows={"members:read": None, "members:own": "{t}.organisation_id = any({own})"},
)
class Support(Node):
    """What the house gave an organisation in kind: a room below its list price, advice, a course."""

    kind: SupportKind = column("What it was.")
    on_day: date = column("When.")
    minutes: int = column("How long.")
    value: Cents = column("Its worth: list price less what was charged.")
    structured: bool = column("Whether it counts as documented support.")
    organisation: "Organisation | None" = one("To whom.", by="organisation_id")


class TariffFilter(Filter):
    """Which prices."""

    kind: SpaceKind | None = where("Of this kind of space.", "{t}.space_kind = {v}")
    payer: Payer | None = where("For whom.", "{t}.payer = {v}")
    on: date | None = where("That hold on this day.", "{t}.valid @> {v}")


class SupportFilter(Filter):
    """Which support."""

    organisation: ID | None = where("Given to this organisation.", "{t}.organisation_id = {v}", id="org")
    from_day: date | None = where("From this day on.", "{t}.on_day >= {v}")
    until_day: date | None = where("Up to this day, included.", "{t}.on_day <= {v}")


roots(
    tariffs=page(Tariff, "Prices of an hour.", filter=TariffFilter, orders=("kind",)),
    support=page(Support, "What the house gave in kind.", filter=SupportFilter, orders=("day", "-day")),
)


@wish
class SetTariffInput:
    """A price from a day on."""

    kind: SpaceKind = asked("Of which kind of space.")
    payer: Payer = asked("For whom.")
    price_hour: Cents = asked("Cents an hour and place.")
    valid_from: date = asked("From this day on; bookings made before keep their price.")


@verb("spaces:configure", changes={"tariff": Tariff})
async def set_tariff(desk: Desk, wish: SetTariffInput) -> Done:
    """Set the price of an hour from a day on; a price that was to come later is taken back."""
    made = await prices.set_tariff(desk, wish.kind.value, wish.payer.value, wish.price_hour, wish.valid_from)
    return {"tariff": made}
