"""Hours, closures, and spaces with their parts and booking rules."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from quartier.tenancy.blueprint.findings import Finding, Path, unknown
from quartier.tenancy.blueprint.measures import WEEKDAYS
from quartier.tenancy.blueprint.shape.hours import Closure, Hours
from quartier.tenancy.blueprint.shape.spaces import (
    BookingRules,
    Qualification,
    ResolvedSpace,
    Space,
    resolved,
)


def objections_to_hours(hours: Hours) -> Iterator[Finding]:
    for kind, week in (("open", hours.open), ("staffed", hours.staffed), ("peak", hours.peak)):
        for weekday, day in enumerate(WEEKDAYS, start=1):
            spans = list(enumerate(week.of(weekday)))
            spans.sort(key=lambda each: each[1].start_minute)
            for (_, one), (place, other) in pairwise(spans):
                if one.overlaps(other):
                    yield Finding(
                        ("hours", kind, day, place),
                        f"{other} überschneidet sich mit {one}.",
                        f"{other} overlaps {one}.",
                        f"{one} | {other}",
                    )


def objections_to_closures(closures: Mapping[str, Closure], spaces: Mapping[str, Space]) -> Iterator[Finding]:
    for key, closure in closures.items():
        path = ("closures", key)
        yield from objections_to_days(closure.first_day, closure.last_day, (*path, "to"))
        if closure.space is not None and closure.space not in spaces:
            yield unknown((*path, "space"), closure.space, spaces, de="kein Raum", en="no space")


def objections_to_days(first: date, last: date, path: Path) -> Iterator[Finding]:
    """`path` leads to the last day."""
    if last < first:
        yield Finding(
            path,
            f"Der letzte Tag ({last}) liegt vor dem ersten ({first}).",
            f"The last day ({last}) is before the first ({first}).",
            f"≥ {first}",
        )


def objections_to_house_rules(booking: BookingRules) -> Iterator[Finding]:
    yield from _objections_to_grid(booking, ("booking",), booking)


def objections_to_parts(spaces: Mapping[str, Space]) -> Iterator[Finding]:
    for key, space in spaces.items():
        for place, part in enumerate(space.parts):
            path = ("spaces", key, "parts", place)
            others = [other for other in spaces if other != key]
            if part not in others:
                yield unknown(path, part, others, de="kein anderer Raum", en="no other space")
            elif spaces[part].parts:
                undivided = [other for other in others if not spaces[other].parts]
                yield unknown(path, part, undivided, de="selbst geteilt", en="divided itself")


def objections_to_spaces(
    spaces: Mapping[str, Space], booking: BookingRules, qualifications: Mapping[str, Qualification]
) -> Iterator[Finding]:
    for position, (key, space) in enumerate(spaces.items(), start=1):
        path = ("spaces", key)
        needed = space.needs_qualification
        if needed is not None and needed not in qualifications:
            yield unknown(
                (*path, "needs_qualification"),
                needed,
                qualifications,
                de="keine Einweisung",
                en="no briefing",
            )
        if space.lease_only:
            if space.list_rent_month_cents is None:
                yield _missing(path, "list_rent_month_cents", "Miete", "rent")
            continue
        if space.list_price_hour_cents is None:
            yield _missing(path, "list_price_hour_cents", "Listenpreis", "list price")
        yield from _objections_to_grid(resolved(key, position, space, booking), path, space)


def _missing(path: Path, name: str, de: str, en: str) -> Finding:
    return Finding((*path, name), f"Hier fehlt „{name}“ ({de}).", f"“{name}” is missing here ({en}).", "≥ 0")


def _objections_to_grid(
    rules: BookingRules | ResolvedSpace, path: Path, written: BookingRules | Space
) -> Iterator[Finding]:
    """Shortest and longest booking lie on the grid; told where the space says so itself, else at its head."""
    grid = rules.grid_minutes
    if rules.max_minutes < rules.min_minutes:
        yield Finding(
            _own(path, "max_minutes", written),
            f"Die längste Buchung ({rules.max_minutes}) ist kürzer als die kürzeste ({rules.min_minutes}).",
            f"The longest booking ({rules.max_minutes}) is shorter than the shortest ({rules.min_minutes}).",
            f"≥ {rules.min_minutes}",
        )
    for name, minutes in (("min_minutes", rules.min_minutes), ("max_minutes", rules.max_minutes)):
        if minutes % grid:
            yield Finding(
                _own(path, name, written),
                f"{minutes} Minuten liegen nicht im Raster von {grid} Minuten.",
                f"{minutes} minutes are not on the grid of {grid} minutes.",
                f"{grid} | {2 * grid} | {3 * grid} | …",
            )


def _own(path: Path, name: str, written: BookingRules | Space) -> Path:
    return path if getattr(written, name) is None else (*path, name)
