"""Reads the invented world of a realm. A folder without one stays empty."""

import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar

import msgspec

from quartier_demo.shape import Bookings, Grants, Organisations, People, Programme, Tale

T = TypeVar("T")


class TaleInvalid(ValueError):
    """A file of the demo that cannot be read; the text names file and key."""


def read_tale(folder: Path) -> Tale:
    """Read what stands in a folder `demo`. Raises TaleInvalid."""
    return Tale(
        people=_read(folder / "people.toml", People) or People(people=()),
        organisations=found.organisations if (found := _read(folder / "organisations.toml", Organisations)) else {},
        bookings=_read(folder / "bookings.toml", Bookings) or Bookings(),
        programme=_read(folder / "programme.toml", Programme) or Programme(),
        grants=_read(folder / "grants.toml", Grants) or Grants(),
    )


def _read(file: Path, into: type[T]) -> T | None:
    if not file.exists():
        return None
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        return msgspec.convert(data, into, builtin_types=(datetime, date, time))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise TaleInvalid(f"{file}: {error}") from None
