"""A form as pages read it: each field once or several times, text of bounded length, nothing else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException

from quartier.console.answers import Turned

FORM = "application/x-www-form-urlencoded"
WITH_FILE = "multipart/form-data"
MB = 1024 * 1024
FILES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "/mitglieder/import": (2 * MB, ("members:import",)),
    "/mein/mitgliedschaft": (32 * MB, ("members:own",)),
    "/mein/unterlagen": (11 * MB, ("members:own",)),
    "/raeume/bilder": (11 * MB, ("spaces:configure",)),
}
"""Pages where files are handed in: at most so many bytes, from whoever has one of the permissions."""
WORD = "_csrf"
_WHOLE = re.compile(r"-?[0-9]{1,9}")
MOST_FIELDS = 200
_KEPT = "quartier_form"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. Missing fields are empty."""

    pairs: tuple[tuple[str, str], ...]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)  # by field: its name and what is in it

    @property
    def file(self) -> tuple[str, bytes] | None:
        """The file of a form with one."""
        return next(iter(self.files.values()), None)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a field, without spaces around it."""
        return next((value.strip() for key, value in reversed(self.pairs) if key == name), default)

    def several(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.pairs if key == name and value.strip()]

    def whole(self, name: str) -> int | None:
        """A whole number, None when it is missing or is none."""
        text = self.one(name)
        return int(text) if _WHOLE.fullmatch(text) else None

    def day(self, name: str) -> date | None:
        """A day, None when it is missing, is none, or lies in a year that the graph takes for none."""
        found = _tried(date.fromisoformat, self.one(name))
        return found if found and 1000 <= found.year < 2200 else None

    def clock(self, name: str) -> time | None:
        """An hour of the house's clock; one that names a zone is none."""
        found = _tried(time.fromisoformat, self.one(name))
        return found if found and found.tzinfo is None else None

    def cents(self, name: str) -> int | None:
        """Euros as people write them, `1.234,50` or `1234.5`, in cents; None when it is no amount."""
        return cents_of(self.one(name))


def cents_of(text: str) -> int | None:
    """Read an amount in euros.

    >>> [cents_of(text) for text in ("1.234,50", "1234,5", "12 000 €", "1.234", "12.5", "abc", "1,²")]
    [123450, 123450, 1200000, 123400, 1250, None, None]
    """
    plain = text.replace("€", "").replace("\u00a0", "").replace(" ", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    elif plain.count(".") > 1 or (plain.count(".") == 1 and len(plain.rpartition(".")[2]) == 3):
        plain = plain.replace(".", "")
    whole, _, rest = plain.partition(".")
    if not (plain.isascii() and whole.isdigit() and len(whole) <= 12 and len(rest) <= 2 and (rest or "0").isdigit()):
        return None
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


async def form_of(request: Request[Any, Any, Any]) -> Form:
    """The form of a request, read once. Raises Turned(422) for anything else."""
    kept = request.scope["state"].get(_KEPT)
    if kept is None:
        if request.content_type[0] == WITH_FILE and request.scope["path"] in FILES:
            kept = await _with_file(request)
        elif request.content_type[0] == FORM:
            kept = Form(_pairs(await request.body()))
        else:
            raise Turned(422)
        request.scope["state"][_KEPT] = kept
    found: Form = kept
    return found


async def _with_file(request: Request[Any, Any, Any]) -> Form:
    """A form in parts, some of them files. The name of a file is text that we show, never a place."""
    try:
        sent = await request.form()
    except (HTTPException, ValueError):
        raise Turned(422) from None
    pairs, files = [], {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            body = await value.read()
            await value.close()
            if value.filename or body:  # a browser sends an empty part where nothing was chosen
                files[name] = (value.filename, body)
        else:
            pairs.append((name, str(value)))
    if len(pairs) > MOST_FIELDS or any("\0" in value for _, value in pairs):
        raise Turned(422)
    return Form(tuple(pairs), files)


def read_before(request: Request[Any, Any, Any]) -> Form | None:
    """The form that was read already: it came from a page of ours, or nobody would have read it."""
    return request.scope["state"].get(_KEPT)


def query_of(request: Request[Any, Any, Any]) -> Form:
    """What stands behind the question mark, read like a form."""
    return Form(_pairs(request.scope["query_string"]))


def _pairs(text: bytes) -> tuple[tuple[str, str], ...]:
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Turned(422) from None
    if any("\0" in value for _, value in pairs):
        raise Turned(422)
    return tuple(pairs)


def _tried(read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text)
    except ValueError:
        return None
