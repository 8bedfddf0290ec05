"""Spaces, hours, closures and prices from the blueprint: written when a site opens, compared ever after."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from quartier.database.columns import days, ranged, span
from quartier.kit.ids import new_id
from quartier.kit.spans import Span
from quartier.spaces import tables
from quartier.spaces.hours import DAY, day_of, days_of, instant
from quartier.tenancy.blueprint.shape.spaces import Qualification, ResolvedSpace
from quartier.tenancy.blueprint.shape.whole import SiteBlueprint
from quartier.tenancy.desk import Desk
from quartier.tenancy.drift import Difference, differences
from quartier.tenancy.setting import put_setting, setting

SAME = (
    "name_de", "name_en", "kind", "persons", "units", "floor", "step_free", "rules_de", "horizon_days", "approval",
    "request_blocks", "checkin", "who", "lease_only", "needs_qualification",
)  # fmt: skip
MINUTES = {
    "grid": "grid_minutes", "min": "min_minutes", "max": "max_minutes", "lead": "lead_minutes",
    "before": "buffer_before_minutes", "after": "buffer_after_minutes", "hold": "hold_minutes",
    "checkin_opens": "checkin_opens_minutes", "grace": "grace_minutes", "cancel_until": "cancel_until_minutes",
    "list_price_hour": "list_price_hour_cents", "list_rent_month": "list_rent_month_cents",
}  # fmt: skip
NAMED = ("name_de", "name_en", "months")
SETTING = "booking"  # what the house says of all bookings, and no space for itself
HOLIDAYS_AHEAD = 2  # years after this one whose holidays are closures already

_OPEN = """
insert into app.opening (tenant_id, id, kind, weekday, minutes, valid, created_at)
values ($1, $2, $3, $4, int4range($5, $6), daterange($7, null), $8)"""
_SPACES = """
select s.*, array(select q.key from app.space_part p join app.space q on q.tenant_id = p.tenant_id and q.id = p.part_id
                  where p.tenant_id = s.tenant_id and p.whole_id = s.id order by q.key) as parts
from app.space s where s.tenant_id = $1 and s.state = 'open' order by s.position"""
_HOURS = """
select kind, weekday, lower(minutes) as first, upper(minutes) as last from app.opening
where tenant_id = $1 and space_id is null and valid @> $2::date order by kind, weekday, lower(minutes)"""
_CLOSURES = """
select c.during, c.kind, c.reason_de, s.key from app.closure c
left join app.space s on s.tenant_id = c.tenant_id and s.id = c.space_id
where c.tenant_id = $1 order by lower(c.during), s.key"""

_BRIEFINGS = "select key, name_de, name_en, months from app.briefing where tenant_id = $1"
_TARIFFS = "select payer, space_kind, price_hour from app.tariff where tenant_id = $1 and valid @> $2::date"


async def furnish(desk: Desk, blueprint: SiteBlueprint) -> None:
    """Write spaces, parts, hours, closures, prices and briefings in the open transaction.

    Holidays are written from the year of opening to two years from now; `drift` names the ones that are missing
    when the years have gone on.
    """
    ids = await _furnish_spaces(desk, blueprint)
    for kind, weekday, hours in blueprint.hours.rows():
        await desk.fetch(
            _OPEN,
            desk.tenant_id,
            new_id(),
            kind,
            weekday,
            hours.start_minute,
            hours.end_minute,
            blueprint.hours.valid_from,
            desk.now,
        )
    for closure in declared_closures(desk, blueprint):
        first, last = closure["first"], closure["last"]
        closed = tables.Closure(
            tenant_id=desk.tenant_id,
            id=new_id(),
            space_id=ids[closure["space"]] if closure["space"] else None,
            during=ranged(Span(instant(first, 0, desk.zone), instant(last + DAY, 0, desk.zone))),
            kind=closure["kind"],
            reason_de=closure["reason_de"],
            created_at=desk.now,
        )
        await tables.Closure.insert(closed)
    for key, named in blueprint.qualifications.items():
        briefing = tables.Briefing(tenant_id=desk.tenant_id, id=new_id(), key=key, **_named(named), created_at=desk.now)
        await tables.Briefing.insert(briefing)
    declared = blueprint.tariffs
    for space_kind, payer, cents in declared.rows():
        priced = tables.Tariff(
            tenant_id=desk.tenant_id,
            id=new_id(),
            space_kind=space_kind,
            payer=payer,
            price_hour=cents,
            valid=days(declared.valid_from, None),
            created_at=desk.now,
        )
        await tables.Tariff.insert(priced)
    since = min(blueprint.site.opened_on, day_of(desk.now, desk.zone))
    await put_setting(desk, SETTING, _house(blueprint), valid_from=since)


def _house(blueprint: SiteBlueprint) -> dict[str, Any]:
    return {"reminder_hours": list(blueprint.booking.reminder_hours)}


async def _furnish_spaces(desk: Desk, blueprint: SiteBlueprint) -> dict[str, UUID]:
    ids = {key: new_id() for key in blueprint.spaces}
    for declared in blueprint.spaces_resolved():
        row = tables.Space(
            **declared_space(declared),
            access=list(declared.access),
            equipment=list(declared.equipment),
            tenant_id=desk.tenant_id,
            id=ids[declared.key],
            key=declared.key,
            state="open",
            version=1,
            created_at=desk.now,
            changed_at=desk.now,
        )
        await tables.Space.insert(row)
    for whole, part in blueprint.space_parts():
        link = tables.SpacePart(
            tenant_id=desk.tenant_id, id=new_id(), whole_id=ids[whole], part_id=ids[part], created_at=desk.now
        )
        await tables.SpacePart.insert(link)
    return ids


async def drift(desk: Desk, blueprint: SiteBlueprint) -> list[Difference]:
    """Where spaces, today's hours and prices, and the closures differ from the blueprint."""
    today = desk.now.astimezone(desk.zone).date()
    return [
        *differences("spaces", *await _spaces(desk, blueprint)),
        *differences("hours", *await _hours(desk, blueprint, today)),
        *differences("closures", *await _closures(desk, blueprint)),
        *differences("tariffs", *await _tariffs(desk, blueprint, today)),
        *differences("qualifications", *await _briefings(desk, blueprint)),
        *differences("settings", {SETTING: _house(blueprint)}, {SETTING: await setting(desk, SETTING) or {}}),
    ]


Facts = dict[str, dict[str, Any]]


async def _spaces(desk: Desk, blueprint: SiteBlueprint) -> tuple[Facts, Facts]:
    lists = ("access", "equipment", "parts")
    declared = {
        each.key: {**declared_space(each), **{name: sorted(getattr(each, name)) for name in lists}}
        for each in blueprint.spaces_resolved()
    }
    rows = await desk.fetch(_SPACES, desk.tenant_id)
    names = ("position", *SAME, *MINUTES)
    stored = {
        row["key"]: {**{name: row[name] for name in names}, **{name: sorted(row[name]) for name in lists}}
        for row in rows
    }
    return declared, stored


async def _hours(desk: Desk, blueprint: SiteBlueprint, today: date) -> tuple[Facts, Facts]:
    declared: Facts = {}
    if blueprint.hours.valid_from <= today:
        for kind, weekday, hours in blueprint.hours.rows():
            declared.setdefault(kind, {}).setdefault(str(weekday), []).append((hours.start_minute, hours.end_minute))
    stored: Facts = {}
    for row in await desk.fetch(_HOURS, desk.tenant_id, today):
        stored.setdefault(row["kind"], {}).setdefault(str(row["weekday"]), []).append((row["first"], row["last"]))
    return {kind: _sorted(week) for kind, week in declared.items()}, {k: _sorted(week) for k, week in stored.items()}


def _sorted(week: dict[str, Any]) -> dict[str, Any]:
    return {weekday: sorted(spans) for weekday, spans in week.items()}


async def _closures(desk: Desk, blueprint: SiteBlueprint) -> tuple[Facts, Facts]:
    declared = {_name(c["first"], c["last"], c["space"]): _said(c) for c in declared_closures(desk, blueprint)}
    stored: Facts = {}
    for row in await desk.fetch(_CLOSURES, desk.tenant_id):
        first, last = days_of(span(row["during"]), desk.zone)
        stored[_name(first, last, row["key"])] = _said(row)
    return declared, stored


async def _tariffs(desk: Desk, blueprint: SiteBlueprint, today: date) -> tuple[Facts, Facts]:
    declared: Facts = {}
    if blueprint.tariffs.valid_from <= today:
        for kind, payer, cents in blueprint.tariffs.rows():
            declared.setdefault(payer, {})[kind] = cents
    stored: Facts = {}
    for row in await desk.fetch(_TARIFFS, desk.tenant_id, today):
        stored.setdefault(row["payer"], {})[row["space_kind"]] = row["price_hour"]
    return declared, stored


async def _briefings(desk: Desk, blueprint: SiteBlueprint) -> tuple[Facts, Facts]:
    rows = await desk.fetch(_BRIEFINGS, desk.tenant_id)
    stored: Facts = {row["key"]: {name: row[name] for name in NAMED} for row in rows}
    return {key: _named(each) for key, each in blueprint.qualifications.items()}, stored


def _named(briefing: Qualification) -> dict[str, Any]:
    return {name: getattr(briefing, name) for name in NAMED}


def _name(first: date, last: date, space: str | None) -> str:
    return f"{first}..{last}" + (f".{space}" if space else "")


def _said(closure: Any) -> dict[str, Any]:
    return {"kind": closure["kind"], "reason_de": closure["reason_de"]}


def declared_space(space: ResolvedSpace) -> dict[str, Any]:
    """A space of the blueprint under the names of its row, but for the lists."""
    same = {name: getattr(space, name) for name in SAME}
    return {"position": space.position, **same, **{name: getattr(space, said) for name, said in MINUTES.items()}}


def declared_closures(desk: Desk, blueprint: SiteBlueprint) -> Iterator[dict[str, Any]]:
    """Closures of the blueprint, first and last day included; a holiday is one day."""
    for closure in blueprint.closures.values():
        yield {
            "first": closure.first_day,
            "last": closure.last_day,
            "space": closure.space,
            "kind": closure.kind,
            "reason_de": closure.reason_de,
        }
    until = date(desk.now.astimezone(desk.zone).year + HOLIDAYS_AHEAD + 1, 1, 1) - timedelta(days=1)
    begins = date(blueprint.site.opened_on.year, 1, 1)
    for day, name in blueprint.holidays.closed_days(begins, until).items():
        yield {"first": day, "last": day, "space": None, "kind": "holiday", "reason_de": name}
