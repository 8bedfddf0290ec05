"""What a booking costs: the list price, or less for who serves the neighbourhood. The difference is support."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from quartier.database.columns import days
from quartier.kit.ids import new_id
from quartier.kit.money import Cents, euros
from quartier.kit.refusal import FieldInvalid, Refusal, refuse
from quartier.kit.spoken import not_before, spoken_length
from quartier.members import queries as members
from quartier.members.facts import record_support
from quartier.members.words import Facts
from quartier.spaces import rules
from quartier.spaces.hours import day_of
from quartier.spaces.quotas.words import Cover
from quartier.spaces.words import Booking, Charge, Holder, Payer, Space, SpaceKind, Tariff, Terms, Wish
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


def price(space: Space, wish: Wish, terms: Terms, on: date, cover: Cover | None = None) -> Charge:
    """What is charged, what the list says, what the house gives. Where no tariff holds the list price is charged.

    What the plan includes costs nothing more; what it does not include has the plan's discount, what goes beyond it
    has none. What is paid for by the plan's own price is not given: it counts by the tariff.
    """
    listed = rules.list_price(space, wish)
    if terms.payer is None:
        return Charge(0, listed, 0)
    hour = price_of_hour(space, terms, on)
    cover = cover or Cover(paid=minutes_of(wish))
    charged = cost(hour, cover.paid) * (1000 - cover.discount) // 1000 + cost(hour, cover.short)
    by_plan = cost(hour, cover.included) if cover.fee else 0
    return Charge(charged, listed, subsidy(charged + by_plan, listed))


def price_of_hour(space: Space, terms: Terms, on: date) -> Cents:
    """The tariff of who pays, on the day; else the list price."""
    prices = (each.price_hour for each in terms.tariffs if each.payer == terms.payer and each.holds_on(on))
    return next(prices, space.list_price_hour)


def cost(hour: Cents, minutes: int) -> Cents:
    """Cents for the minutes of all units, a part of a cent let go."""
    return hour * minutes // 60


def minutes_of(wish: Wish) -> int:
    return wish.span.length // timedelta(minutes=1) * wish.units


def subsidy(charged: Cents, listed: Cents) -> Cents:
    """What the house gives; never below nothing, where somebody pays more than the list says."""
    return max(0, listed - charged)


def in_words(charged: Cents, listed: Cents, given: Cents, included: int, language: str) -> str:
    """The price for people; `included` are minutes that the plan includes.

    >>> in_words(1600, 4400, 2800, 0, "de")
    '16,00 € (Listenpreis 44,00 €, Förderung durch das Haus 28,00 €)'
    >>> in_words(0, 4400, 2800, 120, "de")
    '0,00 € (Listenpreis 44,00 €, Förderung durch das Haus 28,00 €, aus dem Kontingent 2 h)'
    """
    english = language == "en"
    parts = []
    if given or included:
        parts.append(f"{'list price' if english else 'Listenpreis'} {euros(listed)}")
    if given:
        parts.append(f"{'given by the house' if english else 'Förderung durch das Haus'} {euros(given)}")
    if included:
        parts.append(f"{'from the allowance' if english else 'aus dem Kontingent'} {spoken_length(included)}")
    return euros(charged) + (f" ({', '.join(parts)})" if parts else "")


async def account(desk: Desk, seen: Booking) -> None:
    """Write down what an organisation was given by a booking that took place: the day, the minutes, the worth.

    At the list price nothing was given.
    """
    value = subsidy(seen.price, seen.list_price) if seen.subsidy is None else seen.subsidy
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
