"""What a site sees of its figures: exactly what the city sees of them."""

import enum
from datetime import date, datetime

from quartier_graph.declare import Filter, Plain, column, key, page, published, roots, where
from quartier_graph.scalars import Whole, described

CELL = "({t}.code || '.' || {t}.version || '/' || {t}.first_day || '/' || {t}.last_day || '/' || {t}.slice)"


@described
class PeriodKind(enum.Enum):
    """Figures are counted for fixed periods that do not overlap."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@described
class FigureState(enum.Enum):
    """Whether a number is there: missing where nothing was published, hidden where it would show a small group."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    MISSING = "missing"


@published("city.figure", may="insight:read", orders={"period": key("{t}.first_day", "date")}, identity=key(CELL))
class Figure(Plain):
    """A published number of this site; the city sees the same and nothing more."""

    indicator: str = column("Code of the indicator, such as memberships.", sql="{t}.code")
    version: int = column("Edition of the formula it was counted with.")
    period: PeriodKind = column("Month, quarter or year.", sql="{t}.kind")
    first_day: date = column("First day of the period.")
    last_day: date = column("Last day of the period, included.")
    slice: str = column("Part of the whole, such as kind:hall; `all` is the whole.")
    state: FigureState = column("Shown or hidden.", sql="case when {t}.n is null then 'hidden' else 'shown' end")
    n: int | None = column("How many stand behind it; null when hidden.")
    num: Whole | None = column("The number, or what is shared by `den`; null when hidden.")
    den: Whole | None = column("What `num` is a part of; null where the figure is no share.")
    tallied_at: datetime | None = column("When it was counted; before the end of the period it is the state of then.")


class FigureFilter(Filter):
    """Which figures."""

    period: PeriodKind | None = where("Of this kind of period.", "{t}.kind = {v}")
    starts: date | None = where("Of the period that begins on this day.", "{t}.first_day = {v}")
    indicators: list[str] | None = where("Of one of these indicators.", "{t}.code = any({v})")
    slices: list[str] | None = where("One of these slices; `all` is the whole.", "{t}.slice = any({v})")


roots(
    figures=page(Figure, "The site's published figures.", filter=FigureFilter, orders=("-period", "period")),
)
