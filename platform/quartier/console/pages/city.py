"""The city's page: its sites side by side, never a person; the same as CSV and as a workbook."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import xlsxwriter
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from quartier.console import charts
from quartier.console.answers import Turned
from quartier.console.figures import value, written
from quartier.console.formats import Formats
from quartier.console.forms import query_of
from quartier.console.mounted import visitor_of
from quartier.console.page import page
from quartier.console.visitor import Data, Visitor

Asked = Request[Any, Any, Any]
PERIODS = ("MONTH", "QUARTER", "YEAR")
STYLES = ("paid", "committed", "pace")
# Programs look past spaces and marks of quotation, and take the wide signs of East Asia for the narrow ones.
RISKY = re.compile(r"[\s\"'\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"-?[0-9][0-9.,]*")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/vergleich")
async def compare(request: Asked) -> Response[str]:
    """Every indicator of a period, a site to a column, and the city as the sum of what is shown."""
    visitor = visitor_of(request)
    asked = _asked(visitor, request)
    table = await _table(visitor, asked)
    chosen = query_of(request).one("kennzahl")
    known = [row["code"] for row in table["rows"]]
    indicator = chosen if chosen in known else known[0] if known else ""
    trend = await _trend(visitor, table, indicator) if indicator else None
    return page(
        visitor,
        "compare.html",
        nav="vergleich",
        asked=("compareSites", asked),
        period=asked["period"],
        periods=PERIODS,
        first=asked["starts"],
        choices=_choices(visitor, asked["period"]),
        indicator=indicator,
        trend=trend,
        **table,
    )


@get("/vergleich.csv")
async def as_csv(request: Asked) -> Response[bytes]:
    """The table for German Excel: BOM, semicolons, decimal comma; what looks like a formula is text."""
    visitor = visitor_of(request)
    asked = _asked(visitor, request)
    table = await _table(visitor, asked)
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in _plain(visitor, table):
        write.writerow([harmless(cell) for cell in row])
    return file_of(out.getvalue().encode("utf-8-sig"), "text/csv", f"vergleich-{asked['starts']}.csv")


@get("/vergleich.xlsx")
async def as_workbook(request: Asked) -> Response[bytes]:
    """The table as a workbook; no cell is read as a formula or a link."""
    visitor = visitor_of(request)
    asked = _asked(visitor, request)
    table = await _table(visitor, asked)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Vergleich" if visitor.language == "de" else "Comparison")
        bold = book.add_format({"bold": True})
        for i, row in enumerate(_plain(visitor, table)):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell, bold if i == 0 else None)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 20, 18)
        sheet.freeze_panes(1, 1)
    return file_of(out.getvalue(), XLSX, f"vergleich-{asked['starts']}.xlsx")


def _asked(visitor: Visitor, request: Asked) -> Data:
    if visitor.kind != "city":
        raise Turned(404)
    visitor.demand("insight:compare")
    query = query_of(request)
    period = query.one("zeitraum", "MONTH")
    period = period if period in PERIODS else "MONTH"
    day = query.day("ab") or visitor.today
    return {"period": period, "starts": _first(day, period).isoformat()}


def _first(day: date, period: str) -> date:
    """The first day of the period that a day is in."""
    if period == "YEAR":
        return day.replace(month=1, day=1)
    if period == "QUARTER":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(day=1)


def _choices(visitor: Visitor, period: str) -> list[tuple[str, str]]:
    """The last periods of this kind, the newest first."""
    formats = Formats(visitor.language, visitor.zone)
    found, day = [], _first(visitor.today, period)
    for _ in range(3 if period == "YEAR" else 8 if period == "QUARTER" else 12):
        named = {
            "YEAR": f"{day.year}",
            "QUARTER": f"{(day.month + 2) // 3}. {'Quartal' if visitor.language == 'de' else 'quarter'} {day.year}",
        }
        found.append((day.isoformat(), named.get(period, formats.month(day))))
        day = _first(date.fromordinal(day.toordinal() - 1), period)
    return found


async def _table(visitor: Visitor, asked: Data) -> Data:
    found, cells = await visitor.pages("compareSites", "comparison", **asked)
    formats = Formats(visitor.language, visitor.zone)
    sites = [site["name"] for site in found["sites"]["nodes"]]
    at = {(cell["indicator"], cell["version"], cell["siteName"]): cell for cell in cells}
    totals = {(total["indicator"], total["version"]): total for total in found["totals"]["nodes"]}
    rows = []
    for each in found["indicators"]["nodes"]:
        key = each["code"], each["version"]
        ours = [at.get((*key, site)) for site in sites]
        if not any(ours):
            continue
        total = totals.get(key)
        rows.append(
            {
                "code": each["code"],
                "name": visitor.t(each["nameDe"], each["nameEn"]),
                "formula": visitor.t(each["formulaDe"], each["formulaEn"]),
                "unit": each["unit"],
                "cells": [written(cell, each["unit"], formats) for cell in ours],
                "numbers": [value(cell, each["unit"]) for cell in ours],
                "city": written(total, each["unit"], formats),
                "incomplete": bool(total and (total["hidden"] or total["missing"])),
            }
        )
    tallied = max((cell["talliedAt"] for cell in cells if cell["talliedAt"]), default=None)
    return {"sites": sites, "rows": rows, "tallied": tallied}


async def _trend(visitor: Visitor, table: Data, indicator: str) -> Data | None:
    """One indicator over the months of this year, a line to a site."""
    _, cells = await visitor.pages("siteTrend", "comparison", indicator=[indicator])
    unit = next(row["unit"] for row in table["rows"] if row["code"] == indicator)
    name = next(row["name"] for row in table["rows"] if row["code"] == indicator)
    formats = Formats(visitor.language, visitor.zone)
    months = sorted({cell["firstDay"] for cell in cells if cell["firstDay"][:4] == str(visitor.today.year)})
    at = {(cell["siteName"], cell["firstDay"]): cell for cell in cells}
    series = [(site, [value(at.get((site, month)), unit) for month in months]) for site in table["sites"]]
    shown = [number for _, numbers in series for number in numbers if number is not None]
    if len(months) < 2 or not shown:
        return None
    most = max(*shown, 1.0) if len(shown) > 1 else max(shown[0], 1.0)
    drawn = [
        charts.Line(style, site.split()[-1], numbers) for style, (site, numbers) in zip(STYLES, series, strict=False)
    ]
    ticks = [
        (most * n / 4, formats.share(most * n / 4) if unit == "permille" else formats.number(most * n / 4))
        for n in range(5)
    ]
    names = [formats.month(month).split()[0][:3] for month in months]
    rows = [
        (formats.month(month), [written(at.get((site, month)), unit, formats) for site in table["sites"]])
        for month in months
    ]
    return {"name": name, "svg": charts.lines(name, name, most, names, drawn, ticks), "rows": rows}


def _plain(visitor: Visitor, table: Data) -> Iterable[list[Any]]:
    """The rows of a file: the numbers as they are shown."""
    yield ["Kennzahl", *table["sites"], "Stadt"] if visitor.language == "de" else ["Indicator", *table["sites"], "City"]
    for row in table["rows"]:
        yield [row["name"], *row["cells"], row["city"]]


def harmless(cell: Any) -> Any:
    """A cell that no program takes for a formula; numbers stay numbers.

    >>> [harmless(cell) for cell in ("=1+1", " =1+1", "＝1+1", "--1", "-1,5", "Ein = Zeichen", 5)]
    ["'=1+1", "' =1+1", "'＝1+1", "'--1", '-1,5', 'Ein = Zeichen', 5]
    """
    is_text = isinstance(cell, str) and RISKY.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_text else cell


def file_of(content: bytes, kind: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


PAGES: list[HTTPRouteHandler] = [compare, as_csv, as_workbook]
