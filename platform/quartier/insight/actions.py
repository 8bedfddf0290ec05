"""The tally: each site counts itself, hides what is small, and publishes the rest for the city."""

from collections.abc import Iterator, Sequence

from quartier.database.columns import days
from quartier.insight import queries, rules
from quartier.insight.figures import DEFINITIONS
from quartier.insight.words import ALL, Cell, Definition, Figure, Period
from quartier.tenancy.action import action
from quartier.tenancy.desk import Desk

_WRITE = """
insert into city.figure (tenant_id, city_id, code, version, min_n, period, slice, n, num, den, tallied_at)
select $1, $2, $3, $4, $5, $6, cell.slice, cell.n, cell.num, cell.den, $11
from unnest($7::text[], $8::int[], $9::bigint[], $10::bigint[]) cell (slice, n, num, den)
on conflict (tenant_id, code, version, period, slice)
do update set n = excluded.n, num = excluded.num, den = excluded.den, tallied_at = excluded.tallied_at"""


@action("platform:run")
async def tally(desk: Desk) -> int:
    """Job: publish the figures of the month, quarter and year that run, and of the ones before.

    Gives how many cells were written. Nothing but `city.figure` is changed, and only this site's rows. The
    number of a running period is the state of now; when the period is over its last number replaces it.
    """
    written = 0
    async with desk.transaction() as ledger:
        for period in periods(desk):
            for definition in DEFINITIONS:
                cells = await _publishable(desk, definition, period)
                if cells:
                    await _write(desk, definition, period, cells)
                    written += len(cells)
        ledger.note("figures.tallied", None, cells=written)
    return written


def periods(desk: Desk) -> Iterator[Period]:
    """What is counted now, parts before the whole that they add up to."""
    for kind in queries.KINDS:
        running = Period.holding(kind, queries.today(desk))
        yield running.before
        yield running


async def _publishable(desk: Desk, definition: Definition, period: Period) -> list[Cell]:
    """What may be published now; nothing where the difference to what is published would tell too much."""
    whole, groups, parts = await queries.measured(desk, definition, period)
    if parts:
        return parts
    if period.kind not in definition.sliced:
        groups = []
    cells = rules.published(whole, groups, least=definition.least, least_slice=definition.least_slice)
    if not definition.guards_persons:
        return cells
    known = await queries.published_within(desk, definition, period)
    if definition.flow and period.kind != "month" and not cells[0].hidden:
        shown, hidden = await _parts(desk, known, period)
        if rules.gives_away(cells[0].den or 0, shown, hidden, least=definition.least):
            cells = [cell.as_hidden for cell in cells]
    before = [figure for figure in known if figure.period == period]
    if _is_its_last_number(desk, before, period):
        return cells
    return [] if rules.has_to_wait([figure.cell for figure in before], cells, least=definition.least) else cells


def _is_its_last_number(desk: Desk, before: Sequence[Figure], period: Period) -> bool:
    """Whether the period is over and what is published of it was counted while it ran."""
    over = queries.ends_at(desk, period)
    return desk.now >= over and all(figure.tallied_at is None or figure.tallied_at < over for figure in before)


async def _parts(desk: Desk, known: Sequence[Figure], period: Period) -> tuple[list[int], int]:
    """The published numbers of the shorter periods inside, the longest first, and how many are not published.

    Months before the site opened and months to come hold nothing, so they are no riddle.
    """
    whole = {figure.period: figure.cell for figure in known if figure.cell.slice == ALL}
    opened = await queries.opened_on(desk)
    today = queries.today(desk)

    def told(part: Period) -> tuple[list[int], int]:
        cell = whole.get(part)
        if cell is not None and cell.den is not None:
            return [cell.den], 0
        if part.kind == "month":
            empty = part.first_day > today or (opened is not None and part.last_day < opened)
            return [], 0 if empty else 1
        return joined([told(month) for month in part.parts("month")])

    def joined(found: Sequence[tuple[list[int], int]]) -> tuple[list[int], int]:
        return [number for shown, _ in found for number in shown], sum(hidden for _, hidden in found)

    return joined([told(part) for part in period.parts("quarter" if period.kind == "year" else "month")])


async def _write(desk: Desk, definition: Definition, period: Period, cells: Sequence[Cell]) -> None:
    await desk.fetch(
        _WRITE,
        desk.tenant_id,
        desk.realm.city_id,
        definition.code,
        definition.version,
        definition.least,
        days(period.first_day, queries.after(period)),
        [cell.slice for cell in cells],
        [cell.n for cell in cells],
        [cell.num for cell in cells],
        [cell.den for cell in cells],
        desk.now,
    )
