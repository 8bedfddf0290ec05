"""The site's own figures, as it publishes them to the city."""

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console.figures import value, written
from quartier.console.formats import Formats
from quartier.console.mounted import visitor_of
from quartier.console.page import page

Asked = Request[Any, Any, Any]


@get("/kennzahlen")
async def figures(request: Asked) -> Response[str]:
    """The figures of this month and of this year."""
    visitor = visitor_of(request)
    visitor.demand("insight:read")
    formats = Formats(visitor.language, visitor.zone)
    months = {"period": "MONTH", "starts": visitor.today.replace(day=1).isoformat()}
    years = {"period": "YEAR", "starts": date(visitor.today.year, 1, 1).isoformat()}
    _, this_month = await visitor.pages("siteFigures", "figures", **months)
    _, this_year = await visitor.pages("siteFigures", "figures", **years)
    at = {each["indicator"]: each for each in this_year}
    codes = sorted({each["indicator"] for each in [*this_month, *this_year]})
    found = {each["indicator"]: each for each in this_month}
    rows = [
        (code, written(found.get(code), "", formats), written(at.get(code), "", formats), value(at.get(code), ""))
        for code in codes
    ]
    return page(visitor, "figures.html", nav="kennzahlen", asked=("siteFigures", months), rows=rows)


PAGES: list[HTTPRouteHandler] = [figures]
