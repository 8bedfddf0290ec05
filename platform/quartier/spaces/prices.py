"""What a booking costs: the list price, or less for who serves the neighbourhood. The difference is support."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.kit.money import Cents, euros
from quartier.kit.refusal import FieldInvalid, Refusal, refuse
from quartier.kit.spoken import not_before
from quartier.members import queries as members
from quartier.members.facts import record_support
from quartier.members.words import Facts
from quartier.spaces import rules
from quartier.spaces.hours import day_of
from quartier.spaces.words import Booking, Holder, Payer, Space, SpaceKind, Tariff, Terms, Wish
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

PAID: frozenset[str] = frozenset({"member", "guest"})  # the house does not charge itself
MOST = 100_000_00  # cents an hour: beyond that somebody slipped with the comma

_TARIFFS = """
select payer, price_hour, lower(valid) as since, upper(valid) as until from app.tariff
where tenant_id = $1 and space_kind = $2 order by payer, lower(valid)"""
_DROP = """
delete from app.tariff where tenant_id = $1 and space_kind = $2 and payer = $3 and lower(valid) >= $4"""
_CLOSE = """
update app.tariff set valid = daterange(lower(valid), $4)
where tenant_id = $1 and space_kind = $2 and payer = $3 and valid @> $4::date"""
_WRITE = """
insert into app.tariff (tenant_id, id, space_kind, payer, price_hour, valid, created_at)
values ($1, $2, $3, $4, $5, $6, $7)"""


def paying(facts: Facts) -> Payer:
    """As whom an organisation pays: public bodies as the public does; who is charitable, or an initiative, less."""
    if facts.kind == "public_body":
        return "public"
    return "nonprofit" if facts.nonprofit or facts.kind == "initiative" else "company"


async def terms_of(desk: Desk, space: Space, holder: Holder) -> Terms:
    """As whom the holder pays, and by which prices: nothing for the house itself, a person alone as the public does."""
    if holder.kind not in PAID:
        return Terms()
    whose: Payer = "public"
    if holder.organisation is not None:
        whose = paying(await members.facts(desk, holder.organisation))
    return Terms(whose, await tariffs(desk, space.kind))


def price(space: Space, wish: Wish, terms: Terms, on: date) -> tuple[Cents, Cents]:
    """What is charged and the list price, in cents. Where no tariff holds on the day the list price is charged."""
    listed = rules.list_price(space, wish)
    if terms.payer is None:
        return 0, listed
    prices = (each.price_hour for each in terms.tariffs if each.payer == terms.payer and each.holds_on(on))
    hour = next(prices, None)
    return listed if hour is None else cost(hour, wish), listed


def cost(hour: Cents, wish: Wish) -> Cents:
    """Cents for the span and all units, a part of a cent let go."""
    return hour * (wish.span.length // timedelta(minutes=1)) * wish.units // 60


def subsidy(charged: Cents, listed: Cents) -> Cents:
    """What the house gives; never below nothing, where somebody pays more than the list says."""
    return max(0, listed - charged)


def in_words(charged: Cents, listed: Cents, language: str) -> str:
    """The price for people.

    >>> in_words(1600, 4400, "de")
    '16,00 € (Listenpreis 44,00 €, Förderung durch das Haus 28,00 €)'
    """
    given = subsidy(charged, listed)
    if language == "en":
        return euros(charged) + (f" (list price {euros(listed)}, given by the house {euros(given)})" if given else "")
    return euros(charged) + (
        f" (Listenpreis {euros(listed)}, Förderung durch das Haus {euros(given)})" if given else ""
    )


async def account(desk: Desk, seen: Booking) -> None:
    """Write down what an organisation was given by a booking that took place: the day, the minutes, the worth.

    At the list price nothing was given.
    """
    value = subsidy(seen.price, seen.list_price)
    if seen.organisation is None or seen.kind not in PAID or not value:
        return
    await record_support(
        desk,
        seen.organisation,
        "room",
        day_of(seen.span.start, desk.zone),
        minutes=seen.span.length // timedelta(minutes=1),
        value=value,
        source=seen.id,
    )


@action("spaces:configure")
async def set_tariff(desk: Desk, kind: SpaceKind, payer: Payer, price_hour: Cents, valid_from: date) -> UUID:
    """Set the price of an hour from a day on; give the tariff's id. Bookings made before keep their price.

    A price that was to come later is taken back. Refuses FIELD_INVALID (a day that is over, an amount that is none)
    and TARIFF_CHANGED.
    """
    async with desk.transaction() as ledger:
        refuse(_objections(desk, price_hour, valid_from))
        made = new_id()
        await desk.fetch(_DROP, desk.tenant_id, kind, payer, valid_from)
        await desk.fetch(_CLOSE, desk.tenant_id, kind, payer, valid_from)
        await desk.fetch(_WRITE, desk.tenant_id, made, kind, payer, price_hour, days(valid_from, None), desk.now)
        ledger.note("space.tariff_set", made, kind=kind, payer=payer, price_cents=price_hour, valid_from=valid_from)
        return made


def _objections(desk: Desk, price_hour: Cents, valid_from: date) -> Iterator[Refusal]:
    today = day_of(desk.now, desk.zone)
    if not 0 <= price_hour <= MOST:
        yield FieldInvalid(path=("price_hour",), allowed="0 – 100.000,00 €")
    if valid_from < today:
        yield FieldInvalid(path=("valid_from",), allowed=not_before(today))


async def tariffs(desk: Desk, kind: SpaceKind) -> tuple[Tariff, ...]:
    """The prices of a kind of space, those of the past and those to come."""
    return tuple(Tariff(**row) for row in await desk.fetch(_TARIFFS, desk.tenant_id, kind))
