"""The city's schema: its sites, the indicators, and what the sites published. No person, no row of a site."""

import enum
import functools
import importlib
from datetime import date, datetime

from quartier_graph.build import Graph, build
from quartier_graph.declare import CITY, Filter, Node, Plain, column, key, one, page, published, roots, where
from quartier_graph.insight import FigureState, PeriodKind
from quartier_graph.scalars import Whole, described

MAY = "insight:compare"
ROOMS = ("city", "access", "machines", "logs", "partners", "invitations")


@described
class SiteState(enum.Enum):
    """Whether a site is open to its people."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSING = "closing"


@described
class Subject(enum.Enum):
    """Who stands behind a figure, and so how small a group may be."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    MONEY = "money"
    MINUTES = "minutes"
    HOUSE = "house"


@published(
    "city.tenant", prefix="sit", realm="city", realm_column="city_id", may=MAY, rows={MAY: "{t}.kind = 'site'"},
    orders={"name": key("{t}.name")},
)  # fmt: skip
class Site(Node):
    """A site of the city, by name; nothing that happens there."""

    slug: str = column("Its short name in addresses.")
    name: str = column("Its name.")
    state: SiteState = column("Whether it is open.")


@published(
    "city.catalogue", realm="city", realm_column="city_id", may=MAY, identity=key("{t}.line"),
    orders={"code": key("{t}.code")},
)  # fmt: skip
class Indicator(Plain):
    """What a figure means: one definition for all sites."""

    code: str = column("Its code, such as memberships.")
    version: int = column("Edition of the formula; an older one stays beside the figures counted with it.")
    name_de: str = column("Its name in German.")
    name_en: str = column("Its name in English.")
    unit: str = column("count, permille, cents.")
    subject: Subject = column("Who stands behind it.")
    smallest_cell: int = column("Fewer subjects than this are not shown.", sql="{t}.min_n")
    formula_de: str = column("How it is counted, in German.")
    formula_en: str = column("How it is counted, in English.")


@published(
    "city.comparison", realm="city", realm_column="city_id", may=MAY, identity=key("{t}.line"),
    orders={"indicator": key("{t}.cell"), "period": key("{t}.first_day", "date")},
)  # fmt: skip
class Comparison(Plain):
    """One site's number beside the others'. A site that published nothing has a line too."""

    site: "Site | None" = one("The site.", by="site_id")
    site_name: str = column("The site's name.")
    indicator: str = column("Code of the indicator.", sql="{t}.code")
    version: int = column("Edition of the formula.")
    period: PeriodKind = column("Month, quarter or year.", sql="{t}.kind")
    first_day: date = column("First day of the period.")
    last_day: date = column("Last day of the period, included.")
    slice: str = column("Part of the whole, such as kind:hall; `all` is the whole.")
    state: FigureState = column("Whether there is a number.")
    n: int | None = column("How many stand behind it.")
    num: Whole | None = column("The number, or what is shared by `den`.")
    den: Whole | None = column("What `num` is a part of; null where the figure is no share.")
    tallied_at: datetime | None = column("When the site counted it; before the period's end it is the state of then.")


@published(
    "city.total", realm="city", realm_column="city_id", may=MAY, identity=key("{t}.line"),
    orders={"period": key("{t}.first_day", "date")},
)  # fmt: skip
class Total(Plain):
    """The sum over the sites' shown numbers; `hidden` and `missing` say what is not in it."""

    indicator: str = column("Code of the indicator.", sql="{t}.code")
    version: int = column("Edition of the formula.")
    period: PeriodKind = column("Month, quarter or year.", sql="{t}.kind")
    first_day: date = column("First day of the period.")
    last_day: date = column("Last day of the period, included.")
    slice: str = column("Part of the whole; `all` is the whole.")
    num: Whole | None = column("Sum of what is shown; null when nothing is.")
    den: Whole | None = column("Sum of what it is a part of.")
    shown: int = column("Sites whose number is in the sum.")
    hidden: int = column("Sites whose number is hidden.")
    missing: int = column("Sites that published nothing.")


class ComparisonFilter(Filter):
    """Which cells; name a period and a few indicators."""

    period: PeriodKind | None = where("Of this kind of period.", "{t}.kind = {v}")
    starts: date | None = where("Of the period that begins on this day.", "{t}.first_day = {v}")
    indicators: list[str] | None = where("Of one of these indicators.", "{t}.code = any({v})")
    slices: list[str] | None = where("One of these slices; `all` is the whole.", "{t}.slice = any({v})")


roots(
    "city",
    sites=page(Site, "The city's sites.", orders=("name", "-name")),
    indicators=page(Indicator, "What the figures mean.", orders=("code",)),
    comparison=page(
        Comparison, "The sites beside each other.", filter=ComparisonFilter, orders=("indicator", "-period", "period")
    ),
    totals=page(Total, "Sums over the sites.", filter=ComparisonFilter, orders=("-period", "period")),
)


@functools.cache
def city() -> Graph:
    """Build the schema once per process."""
    for room in ROOMS[1:]:
        importlib.import_module(f"quartier_graph.{room}")
    CITY.arrange(ROOMS)
    return build(CITY)
