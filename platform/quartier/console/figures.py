"""Published figures as people read them: by unit, with a dash where a number is hidden or missing."""

from quartier.console.formats import Formats
from quartier.console.visitor import Data


def value(row: Data | None, unit: str) -> float | None:
    """The number of a cell, a share as a part of 1; None where there is none to show."""
    if row is None or row.get("state", "SHOWN") != "SHOWN" or row["num"] is None:
        return None
    if row["den"] is not None:
        return row["num"] / row["den"] if row["den"] else None
    return float(row["num"])


def written(row: Data | None, unit: str, formats: Formats) -> str:
    """One cell in words. `permille` figures are shares; cents are written as whole euros."""
    number = value(row, unit)
    if number is None:
        return "–"
    if row is not None and row["den"] is not None:
        return formats.share(number)
    if unit == "cents":
        return formats.euro(int(number), 0)
    if unit == "permille":
        return formats.share(number / 1000)
    return formats.number(number)
